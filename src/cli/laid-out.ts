/** Help texts in the columns that there are. */
import { wrapped } from '../diagnostics/display';

/** Lines of the texts that are longer are broken at spaces: in a column that is set off by two or more in that column. */
export function laidOut(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const before = /^ +(?:\S+ )*\S* {2,}(?=\S)|^ */.exec(line)![0];
      const [first, ...rest] = wrapped(line.slice(before.length), width - before.length);
      return [before + (first ?? ''), ...rest.map((each) => ' '.repeat(before.length) + each)];
    })
    .join('\n');
}
