/** The source map of a module, for debuggers: line N is line N, so what it adds are columns and the text. */
import type * as Mapping from '@jridgewell/gen-mapping';
import { positionAt } from '../diagnostics/lines';
import type { Source } from '../diagnostics/diagnostic';
import type { Mark } from './writer';

/** The comment to put behind the code; `url` names the source file to the debugger. */
export function sourceMapComment(source: Source, marks: readonly Mark[], url: string): string {
  // Only debuggers ask for maps.
  const { addSegment, GenMapping, setSourceContent, toEncodedMap } =
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
    require('@jridgewell/gen-mapping') as typeof Mapping;
  const map = new GenMapping({ file: url });
  setSourceContent(map, url, source.text);
  let line = -1;
  for (const mark of marks) {
    if (mark.line !== line) {
      line = mark.line;
      addSegment(map, line, 0, url, line, 0);
    }
    const at = positionAt(source, mark.span.start);
    addSegment(map, mark.line, mark.column, url, at.line - 1, at.column - 1, mark.name ?? (undefined as never));
  }
  const json = JSON.stringify(toEncodedMap(map));
  return `//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(json).toString('base64')}`;
}
