/**
 * Writes docs/reference: a page for each group of built-ins and a list of them, from the definitions; and the list of
 * functions in docs/cheat-sheet.md. With
 * --check nothing is written: the exit status is 1 when a page is not what the definitions say.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Constant } from '../src/builtins/define-builtin';
import type { Builtin } from '../src/builtins/define-builtin';
import { referencePage } from '../src/builtins/describe-builtin';
import { findGroup, groupNames } from '../src/builtins/registry';

const folder = join(dirname(__dirname), 'docs', 'reference');

const HEAD = `<!-- Written by \`npm run docs\` from the definitions in src/builtins. Change them, not this file. -->\n\n`;

/** File name to text. */
export function referencePages(): Map<string, string> {
  const pages = new Map<string, string>();
  const groups = groupNames();
  for (const group of groups) pages.set(`${group}.md`, HEAD + referencePage(group));
  pages.set('README.md', HEAD + overview(groups));
  return pages;
}

function overview(groups: readonly string[]): string {
  const rows = groups.map((group) => {
    const names = [...findGroup(group)!.values()].map(
      (entry) => `[${entry.name}](${group}.md#${entry.name.toLowerCase()})`,
    );
    return `| [${group}](${group}.md) | ${names.join(' ')} |`;
  });
  const lines = [
    '# Built-in functions',
    '',
    'Every function is at hand without an import. Each group is a module too, where names are shorter: after `import json`,',
    '`json.parse` is `json_parse`, and after `import math`, `math.sqrt` is `sqrt`. `sentra doc NAME` shows the same on the',
    'command line, and `doc("name")` inside a program. `[x]` in a signature may be left out; `...x` is any number of them.',
    '',
    '| group | functions |',
    '| --- | --- |',
    ...rows,
  ];
  return lines.join('\n') + '\n';
}

const cheatSheet = join(dirname(folder), 'cheat-sheet.md');
const LIBRARY = /(?<=<!-- library -->\n)[^]*(?=<!-- \/library -->)/;

/** Of this group first of all, and written today. */
function isOwn({ definition }: Builtin, group: string): boolean {
  return definition.group === group && definition.replacedBy === undefined;
}

/** The cheat sheet with all groups in it. */
function completedSheet(): string {
  const rows = groupNames().map((group) => {
    const names = [...findGroup(group)!.values()]
      .filter((entry) => entry instanceof Constant || isOwn(entry, group))
      .map((entry) => (entry instanceof Constant ? entry.name : entry.signature));
    return `| [${group}](reference/${group}.md) | ${names.map((name) => `\`${name}\``).join(' ')} |`;
  });
  const table = ['', '| group | functions |', '| --- | --- |', ...rows, '', ''].join('\n');
  return readFileSync(cheatSheet, 'utf8').replace(LIBRARY, () => table);
}

/** Pages that are missing, too many, or say something else than the definitions do. */
export function outdatedPages(): string[] {
  const pages = referencePages();
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const wrong = [...pages].filter(
    ([name, text]) => !there.includes(name) || readFileSync(join(folder, name), 'utf8') !== text,
  );
  const sheet = completedSheet() === readFileSync(cheatSheet, 'utf8') ? [] : ['../cheat-sheet.md'];
  return [...wrong.map(([name]) => name), ...there.filter((name) => !pages.has(name)), ...sheet];
}

function write(): void {
  mkdirSync(folder, { recursive: true });
  const pages = referencePages();
  for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
  for (const [name, text] of pages) writeFileSync(join(folder, name), text);
  writeFileSync(cheatSheet, completedSheet());
}

if (require.main === module) {
  if (process.argv.includes('--check')) {
    const outdated = outdatedPages();
    if (outdated.length > 0) {
      process.stderr.write(`docs/reference is not up to date (${outdated.join(', ')}): npm run docs\n`);
      process.exitCode = 1;
    }
  } else {
    write();
  }
}
