/**
 * A filter as a JavaScript function over the bytes of a packet. As in the kernel's filters, a look beyond what was
 * captured rejects the packet, whatever else the filter says.
 */
import type { Arithmetic, Test } from './tests';

/** Whether the packet in `bytes[start..end)`, which had `wireLength` bytes, passes. */
export type PacketFilter = (bytes: Uint8Array, start: number, end: number, wireLength: number) => boolean;

/** The text holds numbers and operators alone: nothing of what a person wrote gets into it. */
export function toFunction(test: Test): PacketFilter {
  const body = `let bad = false;
const n = e - s;
const r1 = (o) => o < n ? b[s + o] : (bad = true, 0);
const r2 = (o) => o + 2 <= n ? b[s + o] << 8 | b[s + o + 1] : (bad = true, 0);
const r4 = (o) => o + 4 <= n ? (b[s + o] << 24 | b[s + o + 1] << 16 | b[s + o + 2] << 8 | b[s + o + 3]) >>> 0 : (bad = true, 0);
const div = (x, y) => y === 0 ? (bad = true, 0) : Math.floor(x / y);
const mod = (x, y) => y === 0 ? (bad = true, 0) : x % y;
return ${testText(test)} && !bad;`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- see above: text of our own
  return new Function('b', 's', 'e', 'w', body) as PacketFilter;
}

function testText(test: Test): string {
  switch (test.kind) {
    case 'constant':
      return String(test.value);
    case 'and':
      return `(${testText(test.left)} && ${testText(test.right)})`;
    case 'or':
      return `(${testText(test.left)} || ${testText(test.right)})`;
    case 'not':
      return `!${testText(test.test)}`;
    case 'compare': {
      const operator = test.operator === '=' ? '===' : test.operator === '!=' ? '!==' : test.operator;
      return `(${valueText(test.left)} ${operator} ${valueText(test.right)})`;
    }
  }
}

function valueText(value: Arithmetic): string {
  switch (value.kind) {
    case 'number':
      return String(value.value);
    case 'length':
      return 'w';
    case 'load': {
      const header = value.ipHeader ? ` + (r1(${value.base}) & 15) * 4` : '';
      return `r${value.size}(${value.base} + ${valueText(value.offset)}${header})`;
    }
    case 'binary': {
      const left = valueText(value.left);
      const right = valueText(value.right);
      switch (value.operator) {
        case '*':
          return `(Math.imul(${left}, ${right}) >>> 0)`;
        case '/':
          return `div(${left}, ${right})`;
        case '%':
          return `mod(${left}, ${right})`;
        default:
          return `((${left} ${value.operator === '>>' ? '>>>' : value.operator} ${right}) >>> 0)`;
      }
    }
  }
}
