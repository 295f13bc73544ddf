/**
 * How messages of operators speak of their operands: by their text in the program where that says more than
 * the value, and what can be done about a value that does not fit.
 */
import { describe } from './describe-value';
import type { Site } from './errors';
import { inspect, MapValue } from './values';
import type { Value } from './values';

/** "'user.name'", or "the value" where its text is not known. */
export function what(site: Site | null, operand: number): string {
  const text = site?.operands[operand];
  return text === undefined || text === '' ? 'the value' : `'${text}'`;
}

/** What to write for an entry or element that is sometimes not there. */
export function nullHint(site: Site | null, index: number, value: Value): string | null {
  const text = value === null ? operandText(site, index, value) : null;
  return text === null || !/^[\w.]+[.[][^()]*$/.test(text) ? null : `where it may be missing: (${text} ?? 0)`;
}

/** A text in the place of a number: most often it came from outside. */
export function textHint(...values: Value[]): { hint?: string } {
  const numeric = values.some(
    (value) => typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)),
  );
  return numeric ? { hint: 'num(text) makes a number of a text' } : {};
}

/** What other languages do with an operator, and what does it here. */
export function operatorHint(op: string, a: Value, b: Value): string | null {
  if (op === '%' && typeof a === 'string') return 'format("{} {}", a, b) puts values into text';
  if (op === '*' && (typeof a === 'string' || typeof b === 'string')) return 'repeat(text, count) repeats a text';
  if (op === '+' && Array.isArray(a)) return 'push(array, value) appends a value; [...a, value] makes a new array';
  if (op === '+' && a instanceof MapValue && b instanceof MapValue) return 'merge(a, b) and {...a, ...b} join maps';
  return null;
}

/** Longer text of an operand says less than its value does. */
const MAX_OPERAND_TEXT = 60;

/** The text of an operand where it says more than the value does. */
function operandText(site: Site | null, index: number, value: Value): string | null {
  const text = site?.operands[index];
  if (text === undefined || text === '' || text === inspect(value)) return null;
  return text.length > MAX_OPERAND_TEXT || text.includes('\n') ? null : text;
}

/** ", but 'total' is null", or ", got null" where its text is not known. */
export function butGot(site: Site | null, index: number, value: Value): string {
  const text = operandText(site, index, value);
  return text === null ? `, got ${describe(value)}` : `, but '${text}' is ${describe(value)}`;
}

/** As `butGot`, for two operands: names the one that does not fit, or both where they do not fit each other. */
export function butGotTwo(site: Site | null, a: Value, b: Value, misfit: (value: Value) => boolean): string {
  const texts = [operandText(site, 0, a), operandText(site, 1, b)];
  const misfits = [a, b].flatMap((value, i) => (misfit(value) ? [{ text: texts[i] ?? null, value }] : []));
  if (misfits.length > 0 && misfits.every(({ text }) => text !== null)) {
    const distinct = misfits.length === 2 && texts[0] === texts[1] ? misfits.slice(1) : misfits;
    return `, but ${distinct.map(({ text, value }) => `'${text}' is ${describe(value)}`).join(' and ')}`;
  }
  return `, got ${[a, b].map((value, i) => describe(value) + (texts[i] === null ? '' : ` ('${texts[i]}')`)).join(' and ')}`;
}
