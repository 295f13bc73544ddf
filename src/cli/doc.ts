/** `sentra doc`: the help of a built-in or a group, or a list of all. */
import { createColors } from 'picocolors';
import { describeBuiltin, nearestName } from '../builtins/describe-builtin';
import { findGroup, groupNames } from '../builtins/catalogue';
import { exit, writeErr, writeOut } from '../host/process';
import { errorStyle } from '../program/report';
import { renderFailure } from '../diagnostics/render-terminal';
import { outputStyle } from './output-style';
import { UsageError } from './usage';

/** Columns of a list where the output is no terminal. */
const LIST_WIDTH = 100;

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
  return (
    describeBuiltin(name) ??
    describeBuiltin(name.replace('.', '_')) ??
    describeBuiltin(name.slice(name.indexOf('.') + 1))
  );
}

/** What to say where there is no such built-in. */
export function unknown(name: string): Parameters<typeof renderFailure>[0] {
  const near = nearestName(name);
  return {
    code: '',
    message: `there is no built-in and no group '${name}'`,
    hint: near === null ? `'sentra doc' lists them all` : `did you mean '${near}'?`,
    place: null,
    notes: [],
    stack: [],
    stackCut: false,
    cause: null,
  };
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
  const perLine = Math.max(1, Math.floor((LIST_WIDTH - 2) / width));
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
