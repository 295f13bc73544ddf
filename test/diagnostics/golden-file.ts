/**
 * A golden file holds a program and what Sentra says about it, together, so that a change of a message is seen
 * in its context:
 *
 *     --- main.sn
 *     log(lenght)
 *     --- check
 *     error[unknown-name]: ...
 *
 * Further files of the program follow the first one, each behind a header with its path. The last header says
 * where the text below it comes from: `check` (found before the run) or `run` (printed by the run). In a
 * program `<<41>>` stands for the character U+0041, for those that an editor would not keep, `<<41*1000>>` for a
 * thousand of them and `<<" + a"*1000>>` for a thousand times that text.
 */

export interface GoldenFile {
  /** By path, the one to run first. */
  readonly sources: readonly { readonly path: string; readonly text: string }[];
  readonly mode: 'check' | 'run';
  readonly expected: string;
}

const HEADER = /^--- (.+)\n/gm;

export function parseGolden(content: string): GoldenFile {
  const headers = [...content.matchAll(HEADER)];
  const parts = headers.map((header, i) => ({
    path: header[1]!,
    text: content.slice(header.index + header[0].length, headers[i + 1]?.index ?? content.length),
  }));
  const last = parts.pop();
  if (headers[0]?.index !== 0 || parts.length === 0 || (last?.path !== 'check' && last?.path !== 'run')) {
    throw new Error("a golden file begins with '--- main.sn' and ends with a part '--- check' or '--- run'");
  }
  return {
    sources: parts.map(({ path, text }) => ({ path, text: filled(text) })),
    mode: last.path,
    expected: last.text,
  };
}

/** The content of the file with another expectation. */
export function withExpected(content: string, expected: string): string {
  const last = [...content.matchAll(HEADER)].at(-1)!;
  return content.slice(0, last.index + last[0].length) + expected;
}

function filled(text: string): string {
  return text.replace(/<<(?:([0-9a-f]+)|"(.*?)")(?:\*(\d+))?>>/g, (_all, code?: string, piece?: string, times = '1') =>
    (piece ?? String.fromCharCode(parseInt(code!, 16))).repeat(Number(times)),
  );
}

/** Line by line, what is missing (`-`) and what is there instead (`+`). */
export function difference(expected: string, actual: string): string {
  const a = expected.split('\n');
  const b = actual.split('\n');
  const common = longestCommon(a, b);
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  for (const [nextI, nextJ] of [...common, [a.length, b.length] as const]) {
    while (i < nextI) lines.push(`- ${a[i++]}`);
    while (j < nextJ) lines.push(`+ ${b[j++]}`);
    if (i < a.length) lines.push(`  ${a[i]}`);
    i++;
    j++;
  }
  return lines.join('\n');
}

/** Pairs of places at which both have the same line, as many as can be. */
function longestCommon(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++;
    else j++;
  }
  return pairs;
}
