/**
 * The programs in the documentation. A block marked `sentra` is a program; a block marked `text` right behind it
 * is all that it prints. A program without such a block prints nothing.
 *
 * - `sentra error`: the program fails, and the text block is what stands on standard error.
 * - A first line `// file: lib/shapes.sn` makes the block a file that stands beside the later programs of the page.
 * - In expected text, `...` stands for anything within a line, and a line of it alone for any lines.
 */
import { readFileSync } from 'node:fs';

export interface Program {
  /** "docs/tutorial.md:120" */
  readonly place: string;
  readonly text: string;
  readonly fails: boolean;
  readonly expected: string;
  /** The files that stand beside it, by path. */
  readonly files: ReadonlyMap<string, string>;
}

interface Block {
  readonly line: number;
  readonly info: string;
  readonly text: string;
  /** Only blank lines stand between it and the block before. */
  readonly follows: boolean;
}

export function programsOf(path: string): Program[] {
  const blocks = blocksOf(readFileSync(path, 'utf8'));
  const files = new Map<string, string>();
  return blocks.flatMap(({ line, info, text }, i) => {
    const [language, mode] = info.split(' ');
    if (language !== 'sentra') return [];
    const file = /^\/\/ file: (\S+)\n/.exec(text);
    if (file !== null) {
      files.set(file[1]!, text);
      return [];
    }
    const next = blocks[i + 1];
    const expected = next?.info === 'text' && next.follows ? next.text : '';
    return [{ place: `${path}:${line}`, text, fails: mode === 'error', expected, files: new Map(files) }];
  });
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const fence = /^(`{3,})([^\n`]*)\n([^]*?)^\1[ \t]*$/gm;
  let end = 0;
  for (const match of markdown.matchAll(fence)) {
    const before = markdown.slice(end, match.index);
    const line = markdown.slice(0, match.index).split('\n').length;
    blocks.push({ line, info: match[2]!.trim(), text: match[3]!, follows: end > 0 && before.trim() === '' });
    end = match.index + match[0].length;
  }
  return blocks;
}

/** A pattern for the expected text with its `...`. */
export function expectedPattern(expected: string): RegExp {
  const lines = expected.split('\n').map((line) => {
    if (line.trim() === '...') return '(?:.*\\n)*?';
    return line.split('...').map(escape).join('.*') + '\\n';
  });
  return new RegExp(`^${lines.join('').replace(/\\n$/, '')}$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
