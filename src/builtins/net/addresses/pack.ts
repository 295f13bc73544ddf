/** Bytes in fixed layouts, for binary protocols; the layouts themselves are src/wire/struct.ts's. */
import { bytesOf, decode } from '../../../host/text';
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import type { Value } from '../../../runtime/values';
import { parseFormat, rangeOf, readField, writeField } from '../../../wire/struct';
import type { Field, Layout, Packed } from '../../../wire/struct';
import { defineBuiltin } from '../../define-builtin';
import { any, data, matches, string, whole } from '../../types';

const layouts = new Map<string, Layout>();
const MAX_LAYOUTS = 256;

function refuse(builtin: string, code: string, message: string): ErrorValue {
  return fault(code, `${builtin}: ${message} (${code})`, { function: builtin });
}

function layoutOf(builtin: string, format: string): Layout {
  const known = layouts.get(format);
  if (known !== undefined) return known;
  const layout = parseFormat(format);
  if ('problem' in layout) {
    throw refuse(
      builtin,
      'EINVAL',
      `the format ${describe(format).replace(/^the string /, '')} is wrong at ${layout.at}: ${layout.problem}`,
    );
  }
  if (layouts.size >= MAX_LAYOUTS) layouts.clear();
  layouts.set(format, layout);
  return layout;
}

const FORMAT_HELP = `A format begins with the order of the bytes: "!" or ">" big-endian, as networks have it; "<" or "=" little-endian; "@" or nothing little-endian with gaps, as a C compiler on a 64-bit machine lays it out. Then comes a letter for each value:

| letter | bytes | value |
| --- | --- | --- |
| b, B | 1 | a whole number, signed and unsigned |
| h, H | 2 | the same |
| i, I, l, L | 4 | the same; l and L take 8 with "@" |
| q, Q | 8 | the same; with "@" also n and N |
| f, d | 4, 8 | a number with fractions |
| ? | 1 | true or false |
| c | 1 | a text of one byte |
| s | as many as the number before it says: "16s" | bytes as a text |
| p | the same, the first one for the length | bytes as a text |
| x | 1 | none: a byte that is skipped |

A number before another letter repeats it: "3H". Spaces between letters mean nothing.
`;

const format = { name: 'format', type: string, about: 'The layout: "!HHI"' } as const;

function misfit(index: number, field: Field, takes: string, value: Value): ErrorValue {
  return fault('ETYPE', `pack: value ${index + 1} must be ${takes} for '${field.code}', got ${describe(value)}`, {
    function: 'pack',
  });
}

function packedOf(field: Field, value: Value, index: number): Packed {
  switch (field.kind) {
    case 'integer':
      return integerOf(field, value, index);
    case 'float':
      if (typeof value !== 'number') throw misfit(index, field, 'a number', value);
      if (field.size === 4 && Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
        throw misfit(index, field, 'a number that four bytes can hold', value);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw misfit(index, field, 'true or false', value);
      return value;
    case 'char':
    case 'bytes':
    case 'pascal': {
      if (!matches(data, value)) throw misfit(index, field, data.takes, value);
      const bytes = bytesOf(value as string | number[]);
      if (field.kind === 'char' && bytes.length !== 1) throw misfit(index, field, 'a text of one byte', value);
      return bytes;
    }
  }
}

function integerOf(field: Field, value: Value, index: number): number | bigint {
  const [least, greatest] = rangeOf(field);
  const large = field.size === 8;
  const exact =
    typeof value === 'number' && Number.isInteger(value)
      ? value
      : large && typeof value === 'string' && /^-?\d{1,20}$/.test(value)
        ? BigInt(value)
        : null;
  if (exact === null || exact < least || exact > greatest) {
    const also = large ? ', or such a text of decimal digits' : '';
    throw misfit(index, field, `a whole number from ${least} to ${greatest}${also},`, value);
  }
  return large ? BigInt(exact) : exact;
}

export const pack = defineBuiltin({
  name: 'pack',
  group: 'net',
  summary: 'Puts values into bytes of a fixed layout, as binary protocols need them',
  details: `${FORMAT_HELP}\nThe bytes come as a text that carries them, as all texts of Sentra can: it can be sent, written and added to others as it is; bytes_of shows it as numbers. A text for s and p that is too long is cut, one that is too short filled up with zeros. Whole numbers of 8 bytes may be texts of digits, since a number is exact only up to 2 ** 53.`,
  params: [format, { name: 'values', type: any, about: 'A value for each letter of the format, x aside', rest: true }],
  gives: { type: 'string', about: 'The bytes' },
  errors: {
    EINVAL: 'The format is none, or there are too few or too many values',
    ETYPE: 'A value is of another type than its letter takes, or out of its range',
  },
  example: `let header = pack("!BBH4s", 4, 255, 80, "abcd")
log(bytes_of(header))  // expect: [4, 255, 0, 80, 97, 98, 99, 100]
log(bytes_of(pack("<I", 1)))  // expect: [1, 0, 0, 0]`,
  failing:
    'pack("!B", 256)  // expect error: pack: value 1 must be a whole number from 0 to 255, for \'B\', got the number 256',
  run: (layout, values) => {
    const { fields, size, littleEndian } = layoutOf('pack', layout);
    if (values.length !== fields.length) {
      throw refuse(
        'pack',
        'EINVAL',
        `the format ${JSON.stringify(layout)} takes ${fields.length} values, got ${values.length}`,
      );
    }
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    fields.forEach((field, i) => writeField(view, field, packedOf(field, values[i]!, i), littleEndian));
    return decode(bytes);
  },
});

export const unpack = defineBuiltin({
  name: 'unpack',
  group: 'net',
  summary: 'Takes the values out of bytes of a fixed layout',
  details:
    'The format is that of pack. Whole numbers of 8 bytes beyond 2 ** 53 come as texts of decimal digits, since a number would not be exact.',
  params: [
    format,
    { name: 'bytes', type: data, about: 'The bytes: exactly as many as the format takes, unless an offset is given' },
    {
      name: 'offset',
      type: whole(0),
      about: 'Where in them to begin; what stands before and behind is not looked at',
      optional: true,
    },
  ],
  gives: { type: 'array', about: 'A value for each letter of the format, x aside' },
  errors: { EINVAL: 'The format is none, or there are too few or too many bytes' },
  example: `let [version, ttl, port, name] = unpack("!BBH4s", [4, 255, 0, 80, 97, 98, 99, 100])
log(version, ttl, port, name)  // expect: 4 255 80 abcd
log(unpack("!H", "abcdef", 2))  // expect: [25444]`,
  failing: 'unpack("!I", "abc")  // expect error: unpack: the format "!I" takes 4 bytes, got 3 (EINVAL)',
  run: (layout, given, offset) => {
    const { fields, size, littleEndian } = layoutOf('unpack', layout);
    const bytes = bytesOf(given);
    const room = bytes.length - (offset ?? 0);
    if (offset === null ? room !== size : room < size) {
      const where = offset === null ? '' : ` from ${offset} on`;
      throw refuse(
        'unpack',
        'EINVAL',
        `the format ${JSON.stringify(layout)} takes ${size} bytes, got ${Math.max(0, room)}${where}`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + (offset ?? 0), size);
    return fields.map((field) => valueOf(readField(view, field, littleEndian)));
  },
});

function valueOf(packed: Packed): Value {
  if (packed instanceof Uint8Array) return decode(packed);
  if (typeof packed !== 'bigint') return packed;
  const number = Number(packed);
  return Number.isSafeInteger(number) ? number : String(packed);
}

export const packSize = defineBuiltin({
  name: 'pack_size',
  group: 'net',
  summary: 'Tells how many bytes a layout takes',
  details: 'The format is that of pack.',
  params: [format],
  gives: { type: 'number', about: 'How many bytes pack gives and unpack takes' },
  errors: { EINVAL: 'The format is none' },
  example: 'log(pack_size("!BBH4s"), pack_size("@BI"))  // expect: 8 8',
  failing:
    'pack_size("!z")  // expect error: pack_size: the format "!z" is wrong at 1: there is no field \'z\' (EINVAL)',
  run: (layout) => layoutOf('pack_size', layout).size,
});
