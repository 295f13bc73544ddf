/** The help of a built-in as plain text, laid out for a terminal of 100 columns; nothing in it but what its definition says. */
import { didYouMean } from '../diagnostics/did-you-mean';
import { inspect } from '../runtime/values';
import type { Value } from '../runtime/values';
import { allBuiltins, findBuiltin, findGroup, groupNames } from './catalogue';
import type { Entry } from './catalogue';
import { Constant } from './define-builtin';
import type { Builtin, Param } from './define-builtin';

const WIDTH = 100;

/** The help of a built-in, by its name or an older spelling, or of a group; null for any other name. */
export function describeBuiltin(name: string): string | null {
  const entry = findBuiltin(name);
  if (entry instanceof Constant) return describeConstant(entry);
  const group = findGroup(name);
  const listing = group === undefined ? null : describeGroup(name, group);
  if (entry === undefined) return listing;
  // `time` and `test` are both.
  return listing === null ? describeFunction(entry) : `${describeFunction(entry)}\n${listing}`;
}

/** The built-in or group whose name is near, for a hint. */
export function nearestName(name: string): string | null {
  return didYouMean(name, [...allBuiltins().map((entry) => entry.name), ...groupNames()]);
}

function describeConstant(constant: Constant): string {
  return `${titleLine(`${constant.name} = ${inspect(constant.value)}`, constant.group)}\n${sentence(constant.summary)}\n`;
}

function describeGroup(name: string, members: ReadonlyMap<string, Entry>): string {
  const rows = [...members.values()].map((entry): Row =>
    entry instanceof Constant
      ? [entry.name, sentence(entry.summary)]
      : [entry.signature, sentence(entry.definition.summary)],
  );
  return `The group ${name}; a program may also say: import ${name}\n\n${table(rows, 36)}\n`;
}

function describeFunction(builtin: Builtin): string {
  const { definition } = builtin;
  const parts = [`${titleLine(builtin.signature, definition.group)}\n${wrap(sentence(definition.summary), 0)}`];
  if (definition.details !== undefined) parts.push(paragraphs(definition.details));
  if (definition.params.length > 0) parts.push(table(definition.params.flatMap(parameterRows), 20));
  parts.push(facts(builtin));
  parts.push(`Example\n${indent(definition.example)}`);
  parts.push(`Fails\n${indent(definition.failing)}`);
  if (definition.aliases !== undefined && definition.aliases.length > 0) {
    parts.push(wrap(`Older spellings: ${definition.aliases.join(', ')}`, 2));
  }
  return parts.join('\n\n') + '\n';
}

function titleLine(signature: string, group: string): string {
  const room = WIDTH - signature.length - group.length;
  return room < 2 ? `${signature}\n${group.padStart(WIDTH)}` : signature + ' '.repeat(room) + group;
}

function facts(builtin: Builtin): string {
  const { gives, errors, permission } = builtin.definition;
  const given = givesNothing(gives) ? 'Gives null.' : `Gives ${gives.type}: ${lowerFirst(sentence(gives.about))}`;
  const lines = [wrap(given, 6)];
  if (builtin.waits) lines.push('Waits; other tasks go on meanwhile.');
  if (builtin.waitsWithCallback) lines.push('Waits when a function passed to it does.');
  if (permission !== undefined) lines.push(`Needs the permission: ${permission}`);
  if (errors !== undefined) {
    lines.push('Errors');
    lines.push(
      table(
        Object.entries(errors).map(([code, when]): Row => [code, lowerFirst(sentence(when))]),
        16,
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

function paragraphs(text: string): string {
  return text
    .split('\n')
    .map((line) => wrap(line, 0))
    .join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : '  ' + line))
    .join('\n');
}

/** Two columns: the left one as wide as its longest text, but no wider than `most`. */
function table(rows: readonly Row[], most: number): string {
  const width = Math.min(most, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) => {
      const text = wrap(right, width + 4, width + 4);
      const head = '  ' + left;
      return left.length > width ? `${head}\n${' '.repeat(width + 4)}${text}` : head.padEnd(width + 4) + text;
    })
    .join('\n');
}

/** Breaks at spaces; lines after the first begin with `hanging` spaces, the first one has `used` columns taken. */
function wrap(text: string, hanging: number, used = 0): string {
  let line = '';
  let room = WIDTH - used;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = '';
      room = WIDTH - hanging;
    }
    line += line === '' ? word : ' ' + word;
  }
  lines.push(line);
  return lines.join('\n' + ' '.repeat(hanging));
}
