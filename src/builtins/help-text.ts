/** The help of a built-in as plain text, laid out for a terminal; nothing in it but what its definition says. */
import { wrapped } from '../diagnostics/display';
import { inspect } from '../runtime/values';
import type { Value } from '../runtime/values';
import { findBuiltin, findGroup, groupNames, nearBuiltin } from './catalogue';
import type { Entry } from './catalogue';
import { Constant } from './define-builtin';
import type { Builtin, Param } from './define-builtin';

/** Lines are no longer where the terminal is wider. */
export const MAX_WIDTH = 100;
/** Nor shorter where it is narrower. */
const MIN_WIDTH = 30;

/** The help of a built-in, by its name or an older spelling, or of a group; null for any other name. */
export function describeBuiltin(name: string, columns = MAX_WIDTH): string | null {
  const width = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, columns));
  const entry = findBuiltin(name);
  if (entry instanceof Constant) return describeConstant(entry, width);
  const group = findGroup(name);
  const listing = group === undefined ? null : describeGroup(name, group, width);
  if (entry === undefined) return listing;
  // `time` and `test` are both.
  return listing === null ? describeFunction(entry, width) : `${describeFunction(entry, width)}\n${listing}`;
}

/** The built-in or group whose name is near, for a hint. */
export function nearestName(name: string): string | null {
  return nearBuiltin(name, groupNames());
}

function describeConstant(constant: Constant, width: number): string {
  return `${titleLine(`${constant.name} = ${inspect(constant.value)}`, constant.group, width)}\n${sentence(constant.summary)}\n`;
}

function describeGroup(name: string, members: ReadonlyMap<string, Entry>, width: number): string {
  const rows = [...members.values()].map((entry): Row =>
    entry instanceof Constant
      ? [entry.name, sentence(entry.summary)]
      : [entry.signature, sentence(entry.definition.summary)],
  );
  return `The group ${name}; a program may also say: import ${name}\n\n${table(rows, 36, width)}\n`;
}

function describeFunction(builtin: Builtin, width: number): string {
  const { definition } = builtin;
  const parts = [
    `${titleLine(builtin.signature, definition.group, width)}\n${wrap(sentence(definition.summary), 0, width)}`,
  ];
  if (definition.details !== undefined) parts.push(paragraphs(definition.details, width));
  if (definition.params.length > 0) parts.push(table(definition.params.flatMap(parameterRows), 20, width));
  parts.push(facts(builtin, width));
  parts.push(`Example\n${indent(definition.example)}`);
  parts.push(`Fails\n${indent(definition.failing)}`);
  if (definition.aliases !== undefined && definition.aliases.length > 0) {
    parts.push(wrap(`Older spellings: ${definition.aliases.join(', ')}`, 2, width));
  }
  return parts.join('\n\n') + '\n';
}

function titleLine(signature: string, group: string, width: number): string {
  const room = width - signature.length - group.length;
  return room < 2 ? `${wrap(signature, 2, width)}\n${group.padStart(width)}` : signature + ' '.repeat(room) + group;
}

function facts(builtin: Builtin, width: number): string {
  const { gives, errors, permission } = builtin.definition;
  const given = givesNothing(gives) ? 'Gives null.' : `Gives ${gives.type}: ${lowerFirst(sentence(gives.about))}`;
  const lines = [wrap(given, 6, width)];
  if (builtin.waits) lines.push('Waits; other tasks go on meanwhile.');
  if (builtin.waitsWithCallback) lines.push('Waits when a function passed to it does.');
  if (permission !== undefined) lines.push(`Needs the permission: ${permission}`);
  if (errors !== undefined) {
    lines.push('Errors');
    lines.push(
      table(
        Object.entries(errors).map(([code, when]): Row => [code, lowerFirst(sentence(when))]),
        16,
        width,
      ),
    );
  }
  return lines.join('\n');
}

/** What stands left, and the text beside it. */
type Row = readonly [string, string];

function parameterRows(param: Param): Row[] {
  const name = param.rest === true ? `...${param.name}` : param.name;
  const rows: Row[] = [[name, parameterText(param)]];
  for (const [option, entry] of Object.entries(param.type.options ?? {})) {
    const fallback = entry.fallback === null ? '' : ` Default: ${inspect(entry.fallback as Value)}.`;
    rows.push([`  ${option}`, `${entry.type.name}. ${sentence(entry.about)}${fallback}`]);
  }
  return rows;
}

/** "function. What to do. Called with item, [index]." */
export function parameterText(param: Param): string {
  const kind = param.optional === true ? `${param.type.name}, may be left out` : param.type.name;
  const called =
    param.calls === undefined
      ? ''
      : param.calls.with === ''
        ? ' Called without arguments.'
        : ` Called with ${param.calls.with}.`;
  const task = param.calls?.as === 'task' ? ' Runs as a task of its own.' : '';
  return `${kind}. ${sentence(param.about)}${called}${task}`;
}

/** There is nothing to say of a null that stands for no result. */
export function givesNothing({ type, about }: Builtin['definition']['gives']): boolean {
  return type === 'null' && about === 'Nothing';
}

export function sentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : text + '.';
}

export function lowerFirst(text: string): string {
  return /^[A-Z][a-z]*[\s',]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

function paragraphs(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrap(line, 0, width))
    .join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : '  ' + line))
    .join('\n');
}

/** Two columns: the left one as wide as its longest text, but no wider than `most` or a third of the line. */
function table(rows: readonly Row[], most: number, width: number): string {
  const left = Math.min(most, Math.floor(width / 3) + 3, Math.max(...rows.map(([text]) => text.length)));
  const column = left + 4;
  return rows
    .map(([name, about]) => {
      const text = wrapped(about, width - column).join('\n' + ' '.repeat(column));
      if (name.length <= left) return `  ${name}`.padEnd(column) + text;
      return `  ${wrap(name, 4, width - 2)}\n${' '.repeat(column)}${text}`;
    })
    .join('\n');
}

/** Lines after the first begin with `hanging` spaces. */
function wrap(text: string, hanging: number, width: number): string {
  return wrapped(text, width, width - hanging).join('\n' + ' '.repeat(hanging));
}
