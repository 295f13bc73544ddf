/** Comparisons of numbers in a filter: `ip[0] & 0xf > 5`, `len >= 100`. */
import { numberOf } from './cursor';
import type { Cursor } from './cursor';
import { FIELD_VALUES, named } from './names';
import type { Arithmetic, ArithmeticOperator, Comparison, Test } from './tests';
import { and, compare, number } from './tests';
import { FilterError } from './tokens';
import type { Token } from './tokens';

const COMPARISONS: readonly string[] = ['=', '==', '!=', '<', '>', '<=', '>='];
/** How tightly the operators bind. */
const PRECEDENCE: Readonly<Record<string, number>> = { '|': 1, '^': 1, '&': 2, '<<': 3, '>>': 3, '+': 4, '-': 4, '*': 5, '/': 5, '%': 5 }; // prettier-ignore

/** Whether a comparison of numbers comes, and not a bracket around tests. */
export function startsRelation(cursor: Cursor): boolean {
  const next = cursor.tokens[cursor.at + 1];
  if (cursor.token.kind === 'word') {
    if (next?.text === '[') return true;
    if (cursor.token.text === 'len') return true;
    if (/^(?:0x[0-9a-f]+|\d+)$/i.test(cursor.token.text) || named(FIELD_VALUES, cursor.token.text) !== null)
      return (
        next !== undefined &&
        (COMPARISONS.includes(next.text) || (named(PRECEDENCE, next.text) !== null && next.text !== '/'))
      );
    return false;
  }
  if (!cursor.is('(', '-')) return false;
  if (cursor.is('-')) return true;
  // What stands behind the matching bracket tells, or what stands first inside of it where nothing does.
  let depth = 0;
  for (let i = cursor.at; i < cursor.tokens.length; i++) {
    const { text, kind } = cursor.tokens[i]!;
    if (kind !== 'symbol') {
      // Words that only tests have.
      if (depth > 0 && (text === 'and' || text === 'or' || text === 'not')) return false;
      continue;
    }
    if (text === '(') depth++;
    if (COMPARISONS.includes(text) || text === '!' || text === '&&' || text === '||') return false;
    if (text !== ')' || --depth > 0) continue;
    const after = cursor.tokens[i + 1]!;
    return after.kind === 'symbol' && (COMPARISONS.includes(after.text) || named(PRECEDENCE, after.text) !== null);
  }
  return false;
}

export function relation(cursor: Cursor): Test {
  const guards: Test[] = [];
  const left = arithmetic(cursor, 0, guards);
  const { text } = cursor.token;
  if (cursor.token.kind !== 'symbol' || !COMPARISONS.includes(text))
    throw cursor.unexpected('a comparison such as = or >');
  cursor.at++;
  const right = arithmetic(cursor, 0, guards);
  return and(...guards, compare(text === '==' ? '=' : (text as Comparison), left, right));
}

function arithmetic(cursor: Cursor, least: number, guards: Test[]): Arithmetic {
  cursor.enter();
  let left = operand(cursor, guards);
  for (;;) {
    const operator = cursor.token;
    const precedence = operator.kind === 'symbol' ? named(PRECEDENCE, operator.text) : null;
    if (precedence === null || precedence <= least) break;
    cursor.at++;
    const right = arithmetic(cursor, precedence, guards);
    if ((operator.text === '/' || operator.text === '%') && right.kind === 'number' && right.value === 0)
      throw new FilterError('a division by zero', operator.at);
    left = { kind: 'binary', operator: operator.text as ArithmeticOperator, left, right };
  }
  cursor.leave();
  return left;
}

function operand(cursor: Cursor, guards: Test[]): Arithmetic {
  if (cursor.match('-')) return { kind: 'binary', operator: '-', left: number(0), right: operand(cursor, guards) };
  if (cursor.match('(')) {
    const inner = arithmetic(cursor, 0, guards);
    if (!cursor.match(')')) throw cursor.unexpected("')'");
    return inner;
  }
  const { token } = cursor;
  if (token.kind !== 'word') throw cursor.unexpected('a number or a field such as ip[0]');
  cursor.at++;
  if (token.text === 'len' || token.text === 'length') return { kind: 'length' };
  if (cursor.is('[')) return field(cursor, token, guards);
  const value = named(FIELD_VALUES, token.text) ?? numberOf(token.text);
  if (value === null) throw new FilterError(`'${token.text}' is no number`, token.at);
  return number(value);
}

function field(cursor: Cursor, protocol: Token, guards: Test[]): Arithmetic {
  cursor.at++;
  const offset = arithmetic(cursor, 0, guards);
  let size: 1 | 2 | 4 = 1;
  if (cursor.match(':')) {
    const given = cursor.token.text;
    if (given !== '1' && given !== '2' && given !== '4') throw cursor.unexpected('1, 2 or 4 bytes');
    size = Number(given) as 1 | 2 | 4;
    cursor.at++;
  }
  if (!cursor.match(']')) throw cursor.unexpected("']'");
  const found = cursor.layout.field(protocol.text, offset, size);
  if (found === null)
    throw new FilterError(
      `'${protocol.text}' has no bytes to look at: it takes ether, ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6 or igmp`,
      protocol.at,
    );
  guards.push(found.guard);
  return found.value;
}
