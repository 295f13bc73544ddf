/** Making data smaller, and the other way round. */
import { compress, expand } from '../../host/compression';
import type { Format } from '../../host/compression';
import { bytesOf, decode } from '../../host/text';
import type { Steps } from '../../runtime/task';
import type { Value } from '../../runtime/values';
import { crc32 as checksum } from '../../wire/crc32';
import { defineBuiltin } from '../define-builtin';
import { boolean, data, option, options, whole } from '../types';

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** What a string can hold. */
const MOST_BYTES = 512 * 1024 * 1024;

const input = { name: 'data', type: data, about: 'Text, taken as its bytes in UTF-8, or byte values' } as const;
const packed = { name: 'data', type: data, about: 'The compressed bytes, as a string or as byte values' } as const;
const compressed = { type: 'string', about: 'The compressed bytes as a string; file_write writes them as they are' };
const expanded = { type: 'string', about: 'The bytes as a string' } as const;
const raw = option(boolean, 'Without the head and the checksum of zlib', false);
const level = option(whole(0, 9), 'From 0, which only packs, to 9, the smallest and slowest', 6);
const maxOutput = option(whole(0, MOST_BYTES), 'The most bytes that it may give; more is an error', MAX_OUTPUT_BYTES);
const errors = {
  EDATA: 'it is no such data, or it is damaged',
  ETRUNCATED: 'the data ends too early',
  ETRAILING: 'something stands behind the end of the data',
  EOVERFLOW: 'it would give more than max_output',
} as const;

function* packing(format: Format, bytes: string | number[], quality: number): Steps<Value> {
  return decode(yield* compress(format, bytesOf(bytes), quality));
}

function* unpacking(builtin: string, format: Format, bytes: string | number[], most: number): Steps<Value> {
  return decode(yield* expand(builtin, format, bytesOf(bytes), most));
}

export const gzip = defineBuiltin({
  name: 'gzip',
  group: 'compression',
  summary: 'Compresses data as gzip does',
  params: [input, { name: 'options', type: options({ level }), about: 'How hard it tries', optional: true }],
  gives: compressed,
  waits: true,
  example: `let small = gzip(repeat("ten bytes ", 1000))
log(byte_len(small) < 100, len(gunzip(small)))  // expect: true 10000`,
  failing: 'gzip("text", {"level": 10})  // expect error: gzip: option "level" must be a whole number from 0 to 9',
  run: (bytes, settings) => packing('gzip', bytes, settings.level),
});

export const gunzip = defineBuiltin({
  name: 'gunzip',
  group: 'compression',
  summary: 'Expands what gzip has compressed',
  details: 'Several gzip files one after the other are taken as one, as gzip does.',
  params: [packed, { name: 'options', type: options({ max_output: maxOutput }), about: 'The bound', optional: true }],
  gives: expanded,
  errors,
  waits: true,
  example: 'log(gunzip(gzip("hello")))  // expect: hello',
  failing: 'gunzip("hello")  // expect error: gunzip: this is no gzip data, or it is damaged',
  run: (bytes, settings) => unpacking('gunzip', 'gzip', bytes, settings.max_output),
});

export const deflate = defineBuiltin({
  name: 'deflate',
  group: 'compression',
  summary: 'Compresses data with deflate, in the form of zlib',
  params: [input, { name: 'options', type: options({ level, raw }), about: 'How', optional: true }],
  gives: compressed,
  waits: true,
  example: 'log(inflate(deflate("hello")), byte_len(deflate("", {"raw": true})))  // expect: hello 2',
  failing: 'deflate(5)  // expect error: deflate: data must be a string or an array of byte values',
  run: (bytes, settings) => packing(settings.raw ? 'deflate' : 'zlib', bytes, settings.level),
});

export const inflate = defineBuiltin({
  name: 'inflate',
  group: 'compression',
  summary: 'Expands what deflate has compressed',
  params: [
    packed,
    { name: 'options', type: options({ max_output: maxOutput, raw }), about: 'The bound and the form', optional: true },
  ],
  gives: expanded,
  errors,
  waits: true,
  example: 'log(inflate(deflate("hello", {"raw": true}), {"raw": true}))  // expect: hello',
  failing: `let bomb = deflate(repeat("0", 100000))
inflate(bomb, {"max_output": 1000})  // expect error: inflate: the data expands to more than the allowed 1000 bytes`,
  run: (bytes, settings) => unpacking('inflate', settings.raw ? 'deflate' : 'zlib', bytes, settings.max_output),
});

export const brotli = defineBuiltin({
  name: 'brotli',
  group: 'compression',
  summary: 'Compresses data with brotli',
  params: [
    input,
    {
      name: 'options',
      type: options({ level: option(whole(0, 11), 'From 0, the quickest, to 11, the smallest and slowest', 6) }),
      about: 'How hard it tries',
      optional: true,
    },
  ],
  gives: compressed,
  waits: true,
  example: 'log(unbrotli(brotli("hello", {"level": 11})))  // expect: hello',
  failing: 'brotli("text", {"level": 12})  // expect error: brotli: option "level" must be a whole number from 0 to 11',
  run: (bytes, settings) => packing('brotli', bytes, settings.level),
});

export const unbrotli = defineBuiltin({
  name: 'unbrotli',
  group: 'compression',
  summary: 'Expands what brotli has compressed',
  params: [packed, { name: 'options', type: options({ max_output: maxOutput }), about: 'The bound', optional: true }],
  gives: expanded,
  errors,
  waits: true,
  example: 'log(unbrotli(brotli("hello")))  // expect: hello',
  failing: 'unbrotli(brotli("hello") + "!")  // expect error: unbrotli: 1 byte stands behind the end of the data',
  run: (bytes, settings) => unpacking('unbrotli', 'brotli', bytes, settings.max_output),
});

export const crc32 = defineBuiltin({
  name: 'crc32',
  group: 'compression',
  summary: 'Gives the checksum of data that gzip, zip and PNG use',
  details: 'It finds accidents, not changes made on purpose: for those there is hmac.',
  params: [input],
  gives: { type: 'number', about: 'A whole number from 0 to 2 ** 32 - 1' },
  example: 'log(crc32("123456789"), to_base(crc32("123456789"), 16))  // expect: 3421780262 cbf43926',
  failing: 'crc32([-1])  // expect error: crc32: data must be a string or an array of byte values',
  run: (bytes) => checksum(bytesOf(bytes)),
});
