/** What Tab offers at the prompt: names, and behind a dot the keys and functions of the value in front of it. */
import { allBuiltins, findGroup, groupNames } from '../builtins/catalogue';
import { MapValue, typeName } from '../runtime/values';
import type { Value } from '../runtime/values';
import { REPL_COMMANDS } from './repl-commands';

const KEYWORDS = [
  'let', 'const', 'var', 'fn', 'return', 'if', 'else', 'while', 'for', 'in', 'match', 'try', 'catch', 'finally', 'throw', 'break',
  'continue', 'defer', 'spawn', 'select', 'import', 'export', 'true', 'false', 'null',
]; // prettier-ignore

/** What the session knows. */
export interface Names {
  declared(): readonly string[];
  value(name: string): Value | undefined;
}

const NAME = /[\p{L}_][\p{L}\p{N}_]*$/u;

/** The candidates for the end of the line, and that end. */
export function complete(line: string, session: Names): [string[], string] {
  if (/^\.\w*$/.test(line))
    return matching(
      REPL_COMMANDS.map((each) => each.name),
      line,
    );
  const argument = /^\.doc\s+(\w*)$/.exec(line);
  if (argument !== null) return matching([...builtinNames(), ...groupNames()], argument[1]!);
  const imported = /^\s*import\s+(\w*)$/.exec(line);
  if (imported !== null) return matching(groupNames(), imported[1]!);
  const word = NAME.exec(line)?.[0] ?? '';
  const before = line.slice(0, line.length - word.length);
  if (before.endsWith('.') && !before.endsWith('..')) return matching(members(before.slice(0, -1), session), word);
  if (word === '' || /\d$/.test(before)) return [[], word];
  return matching([...session.declared(), ...builtinNames(), ...KEYWORDS], word);
}

function matching(names: readonly string[], start: string): [string[], string] {
  return [[...new Set(names)].filter((name) => name.startsWith(start)).sort(), start];
}

function builtinNames(): string[] {
  return allBuiltins().map((entry) => entry.name);
}

/** `text` ends in what stands before the dot: a path of names, or a literal string or array. */
function members(text: string, session: Names): string[] {
  const path = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u.exec(text);
  if (path === null) {
    if (/["'`]$/.test(text)) return functionsOf('string');
    return text.endsWith(']') ? functionsOf('array') : [];
  }
  const [first, ...rest] = path[0].split('.') as [string, ...string[]];
  let value = session.value(first);
  for (const name of rest) value = value instanceof MapValue ? value.get(name) : undefined;
  if (value === undefined || value === null) return [];
  const keys = value instanceof MapValue ? value.keys().filter((key) => NAME.exec(key)?.[0] === key) : [];
  return [...keys, ...functionsOf(typeName(value))];
}

/** The group of built-ins that is called like the type. */
function functionsOf(type: string): string[] {
  return [...(findGroup(type)?.values() ?? [])].map((entry) => entry.name);
}
