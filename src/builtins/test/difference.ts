/**
 * Two values that should be the same, shown one above the other, with the lines in which they differ. Worked out
 * only when an assertion has failed. Always bounded: a message is read by a person.
 */
import { diffArrays } from 'diff';
import { MapValue, equal, inspect } from '../../runtime/values';
import type { Value } from '../../runtime/values';

/** Values whose text is shorter stand on one line. */
const MAX_INLINE = 60;
const MAX_TEXT = 200;
/** Values of no more lines are shown whole; of others, so many lines around each difference. */
const MAX_WHOLE = 30;
const CONTEXT = 3;
const MAX_LINES = 60;
/** Values of more lines are compared only so far. */
const MAX_COMPARED = 5000;
const MAX_EDITS = 2000;

/** "\n  got:      1\n  expected: 2", and the lines that differ where there are several. */
export function differenceText(actual: Value, expected: Value): string {
  const [got, wanted] = [inspect(actual), inspect(expected)];
  const both = `\n  got:      ${cut(got)}\n  expected: ${cut(wanted)}`;
  if (typeof actual === 'string' && typeof expected === 'string') return both + textDifference(actual, expected);
  if (!isContainer(actual) || !isContainer(expected)) return both;
  return `${both}\n${linesOfDifference(linesOf(expected, actual), linesOf(actual, expected))}`;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function isContainer(value: Value): value is Value[] | MapValue {
  return Array.isArray(value) || value instanceof MapValue;
}

/** A mark under the place, or the lines that differ. */
function textDifference(actual: string, expected: string): string {
  if (actual.includes('\n') || expected.includes('\n')) {
    return `\n${linesOfDifference(expected.split('\n'), actual.split('\n'))}`;
  }
  const [got, wanted] = [inspect(actual), inspect(expected)];
  let at = 0;
  while (at < got.length && got[at] === wanted[at]) at++;
  return at < MAX_TEXT && /^[\x20-\x7e]*$/.test(got.slice(0, at)) ? `\n            ${' '.repeat(at)}^` : '';
}

/** An element or entry on a line each; those of inner values too, where one line would be long. */
function linesOf(value: Value, other: Value): string[] {
  const lines: string[] = [];
  write(value, other, '', '', []);
  return lines;

  function write(each: Value, beside: Value | undefined, indent: string, label: string, open: readonly Value[]): void {
    const inline = inspect(each);
    const size = Array.isArray(each) ? each.length : each instanceof MapValue ? each.size : 0;
    const short = open.length > 0 && inline.length <= MAX_INLINE && !differsWithin(each, beside);
    if (!isContainer(each) || size === 0 || open.includes(each) || short) {
      lines.push(`${indent}${label}${inline}`);
      return;
    }
    if (lines.length > MAX_COMPARED) return;
    const [left, right] = Array.isArray(each) ? '[]' : '{}';
    const inner = [...open, each];
    lines.push(`${indent}${label}${left}`);
    if (Array.isArray(each)) {
      each.forEach((item, i) => write(item, Array.isArray(beside) ? beside[i] : undefined, `${indent}  `, '', inner));
    } else {
      for (const key of keysBeside(each, beside)) {
        const next = beside instanceof MapValue ? beside.get(key) : undefined;
        write(each.get(key)!, next, `${indent}  `, `${inspect(key)}: `, inner);
      }
    }
    lines.push(`${indent}${right}`);
  }
}

/** Both are arrays, or both maps, and not equal: then it is shown in what. */
function differsWithin(value: Value, beside: Value | undefined): boolean {
  if (beside === undefined || !isContainer(value) || !isContainer(beside)) return false;
  return Array.isArray(value) === Array.isArray(beside) && !equal(value, beside);
}

/** The order of keys makes no difference to ==: those that both have come in the order of one of them. */
function keysBeside(map: MapValue, beside: Value | undefined): string[] {
  if (!(beside instanceof MapValue)) return map.keys();
  const keys = map.keys();
  return [...keys.filter((key) => beside.has(key)).sort(), ...keys.filter((key) => !beside.has(key))];
}

function linesOfDifference(expected: readonly string[], actual: readonly string[]): string {
  const parts = diffArrays([...expected], [...actual], { maxEditLength: MAX_EDITS });
  if (parts === undefined) return '  (they differ in too many places to be shown)';
  const lines: string[] = [];
  const whole = expected.length <= MAX_WHOLE && actual.length <= MAX_WHOLE;
  parts.forEach((part, i) => {
    if (part.added) lines.push(...part.value.map((line) => `  + ${line}`));
    else if (part.removed) lines.push(...part.value.map((line) => `  - ${line}`));
    else lines.push(...around(part.value, i > 0, i < parts.length - 1, whole));
  });
  const shown = lines.slice(0, MAX_LINES);
  if (lines.length > MAX_LINES) shown.push(`    … ${lines.length - MAX_LINES} more lines`);
  return ['  difference (- expected, + got):', ...shown].join('\n');
}

/** Of the lines between two differences those next to one. */
function around(lines: readonly string[], before: boolean, behind: boolean, whole: boolean): string[] {
  const head = before ? CONTEXT : 0;
  const tail = behind ? CONTEXT : 0;
  const shown = (each: readonly string[]): string[] => each.map((line) => `    ${line}`);
  if (whole || lines.length <= head + tail + 1) return shown(lines);
  return [...shown(lines.slice(0, head)), '    …', ...shown(lines.slice(lines.length - tail))];
}
