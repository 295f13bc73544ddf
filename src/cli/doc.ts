/** `sentra doc`: the help of a built-in, a group or a word of the language, or a list of all. */
import { createColors } from 'picocolors';
import { foreignName } from '../analysis/foreign-names';
import { describeBuiltin, nearestName } from '../builtins/describe-builtin';
import { builtinsContaining, findGroup, groupNames, relatedBuiltins } from '../builtins/catalogue';
import { wrapped } from '../diagnostics/display';
import { exit, writeErr, writeOut } from '../host/process';
import { builtinView } from '../program/builtin-view';
import { errorStyle } from '../program/report';
import { renderFailure } from '../diagnostics/render-terminal';
import { helpWidth, outputStyle } from './output-style';
import { UsageError } from './usage';
import { wordHelp } from './word-help';

export function doc(args: readonly string[]): void {
  const option = args.find((each) => each.startsWith('-'));
  if (option !== undefined) throw new UsageError(`sentra doc takes names of built-ins and groups, got '${option}'`);
  if (args.length === 0) {
    writeOut(listOfGroups());
    exit(0);
  }
  const texts = args.map(documentation);
  writeOut(texts.filter((text) => text !== null).join('\n'));
  args.forEach((name, i) => {
    if (texts[i] === null) writeErr(`${renderFailure(unknown(name), errorStyle())}\n`);
  });
  exit(texts.includes(null) ? 1 : 0);
}

/** By name, also as `http.get` for `http_get`; null when there is none. */
export function documentation(name: string): string | null {
  const width = helpWidth();
  return (
    describeBuiltin(name, width) ??
    describeBuiltin(name.replace('.', '_'), width) ??
    describeWord(name, width) ??
    describeBuiltin(name.slice(name.indexOf('.') + 1), width)
  );
}

function describeWord(name: string, width: number): string | null {
  const found = wordHelp.get(name);
  if (found === undefined) return null;
  const title = found.words.join(', ').padEnd(width - WORD_TITLE.length - 1);
  const example = found.help.example.split('\n').map((line) => `  ${line}`);
  return [`${title} ${WORD_TITLE}`, ...wrapped(found.help.about, width), '', 'Example', ...example, ''].join('\n');
}

const WORD_TITLE = 'a word of the language';

/** What to say where there is no such built-in. */
export function unknown(name: string): Parameters<typeof renderFailure>[0] {
  return {
    code: '',
    message: `there is no built-in and no group '${name}'`,
    hint: hintFor(name),
    place: null,
    notes: [],
    stack: [],
    stackCut: false,
    cause: null,
  };
}

function hintFor(name: string): string {
  const found = foreignName(name, builtinView)?.hint ?? builtinsContaining(name);
  if (found !== null) return found;
  const near = nearestName(name);
  return near === null ? (relatedBuiltins(name) ?? `'sentra doc' lists them all`) : `did you mean '${near}'?`;
}

export function listOfGroups(): string {
  const { bold } = createColors(outputStyle().colors);
  const groups = groupNames().map((group) => {
    const names = [...findGroup(group)!.values()].map((entry) => entry.name).sort();
    return `${bold(group)}\n${columns(names)}`;
  });
  return `${groups.join('\n\n')}\n\nMore about one of them: sentra doc NAME\n`;
}

function columns(names: readonly string[]): string {
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const perLine = Math.max(1, Math.floor((helpWidth() - 2) / width));
  const lines: string[] = [];
  for (let i = 0; i < names.length; i += perLine) {
    lines.push(
      `  ${names
        .slice(i, i + perLine)
        .map((name) => name.padEnd(width))
        .join('')
        .trimEnd()}`,
    );
  }
  return lines.join('\n');
}
