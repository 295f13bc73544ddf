/** Random values that nobody can foretell, and comparing secrets. */
import { constantTimeEqual as equalInConstantTime, randomBytes, randomUuid } from '../../../host/crypto/random';
import { bytesOf } from '../../../host/text';
import { defineBuiltin } from '../../define-builtin';
import { data, whole } from '../../types';

const MAX_BYTES = 16 * 1024 * 1024;

const count = { name: 'count', type: whole(0, MAX_BYTES), about: 'How many bytes' } as const;

export const randomBytesBuiltin = defineBuiltin({
  name: 'random_bytes',
  group: 'crypto',
  summary: 'Gives random bytes that nobody can foretell, for keys and nonces',
  params: [count],
  gives: { type: 'array', about: 'Byte values; string_of makes a string of them' },
  example: `let bytes = random_bytes(16)
log(len(bytes), all(bytes, fn(b) => b >= 0 && b <= 255))  // expect: 16 true`,
  failing: 'random_bytes(-1)  // expect error: random_bytes: count must be a whole number from 0 to',
  run: (size) => [...randomBytes(size)],
});

export const randomHex = defineBuiltin({
  name: 'random_hex',
  group: 'crypto',
  summary: 'Gives random bytes that nobody can foretell, as hexadecimal text',
  params: [count],
  gives: { type: 'string', about: 'Two digits for each byte' },
  example: 'log(len(random_hex(16)))  // expect: 32',
  failing: 'random_hex("16")  // expect error: random_hex: count must be a whole number from 0 to',
  run: (size) => randomBytes(size).toString('hex'),
});

export const uuid = defineBuiltin({
  name: 'uuid',
  group: 'crypto',
  summary: 'Makes a random identifier (UUID version 4, RFC 9562)',
  params: [],
  gives: { type: 'string', about: 'Such as "6d1e8e0c-9d0b-4f2e-8f0e-0a6f7d1c2b3a"' },
  example: `log(len(uuid()), uuid()[14])  // expect: 36 4`,
  failing: 'uuid(4)  // expect error: uuid',
  run: () => randomUuid(),
});

export const constantTimeEqual = defineBuiltin({
  name: 'constant_time_equal',
  group: 'crypto',
  summary: 'Tells whether two secrets are equal, without telling by its time where they differ',
  details: 'Only their length may show. For signatures, tokens and hashes that came from outside.',
  params: [
    { name: 'a', type: data, about: 'Text or bytes' },
    { name: 'b', type: data, about: 'Text or bytes' },
  ],
  gives: { type: 'boolean', about: 'True where all bytes are equal' },
  example: `log(constant_time_equal("token-1", "token-1"), constant_time_equal("token-1", "token-2"))  // expect: true false`,
  failing: 'constant_time_equal("a", 5)  // expect error: constant_time_equal: b must be a string',
  run: (a, b) => equalInConstantTime(bytesOf(a), bytesOf(b)),
});
