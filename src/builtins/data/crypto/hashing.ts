/** Hashes and message authentication codes. */
import { hash as hashOf, hashFile, HASHES, hmac as hmacOf } from '../../../host/crypto/hash';
import { defineBuiltin } from '../../define-builtin';
import { data, oneOf } from '../../types';
import { path } from '../../system/parameters';

const algorithm = {
  name: 'algorithm',
  type: oneOf(...HASHES),
  about: 'Which one. md5 and sha1 are broken: only for what asks for them',
} as const;

export const hash = defineBuiltin({
  name: 'hash',
  group: 'crypto',
  summary: 'Gives the hash of data as hexadecimal text',
  details:
    'A string is hashed as its bytes, in UTF-8. For passwords use password_hash: a hash of one is guessed quickly.',
  params: [algorithm, { name: 'data', type: data, about: 'Text or bytes' }],
  gives: { type: 'string', about: 'Small hexadecimal digits, two for each byte' },
  example: `log(hash("md5", "hello"))       // expect: 5d41402abc4b2a76b9719d911017c592
log(hash("sha256", "abc")[0:16])  // expect: ba7816bf8f01cfea
log(hash("sha1", [0, 255]))     // expect: aa3e5dcdd77b153f2e59bd0d8794fde33cb4e486`,
  failing: 'hash("sha-256", "abc")  // expect error: hash: algorithm must be "md5", "sha1"',
  run: (name, bytes) => hashOf(name, bytes),
});

export const hashFileBuiltin = defineBuiltin({
  name: 'hash_file',
  group: 'crypto',
  summary: 'Gives the hash of the content of a file as hexadecimal text',
  details: 'The file may be larger than the memory: it is read in pieces, and other tasks go on meanwhile.',
  permission: 'read',
  params: [algorithm, { name: 'path', type: path, about: 'The file' }],
  gives: { type: 'string', about: 'Small hexadecimal digits, two for each byte' },
  errors: { ENOENT: 'there is no such file', EACCES: 'it may not be read', EISDIR: 'it is a directory' },
  waits: true,
  example: `let file = temp_file()
file_write(file, "abc")
log(hash_file("sha256", file) == hash("sha256", "abc"))  // expect: true`,
  failing: 'hash_file("sha256", "/no/such/file")  // expect error: hash_file: cannot read /no/such/file',
  run: (name, file) => hashFile('hash_file', name, file),
});

export const hmac = defineBuiltin({
  name: 'hmac',
  group: 'crypto',
  summary: 'Gives the keyed hash of data (HMAC, RFC 2104) as hexadecimal text',
  details: 'Compare it with one that came from outside by constant_time_equal, never by ==.',
  params: [
    algorithm,
    { name: 'data', type: data, about: 'Text or bytes' },
    { name: 'key', type: data, about: 'The secret, of any length' },
  ],
  gives: { type: 'string', about: 'Small hexadecimal digits, two for each byte' },
  example: `let signature = hmac("sha256", "amount=10", "secret")
log(constant_time_equal(signature, hmac("sha256", "amount=10", "secret")))  // expect: true
log(constant_time_equal(signature, hmac("sha256", "amount=99", "secret")))  // expect: false`,
  failing: 'hmac("sha256", "data", null)  // expect error: hmac: key must be a string or an array of byte values',
  run: (name, bytes, key) => hmacOf(name, bytes, key),
});

function olderHash(name: 'md5' | 'sha1' | 'sha256', expected: string) {
  return defineBuiltin({
    name,
    group: 'crypto',
    summary: `Gives the ${name} hash of data: the older spelling of hash("${name}", data)`,
    replacedBy: `hash("${name}", data)`,
    params: [{ name: 'data', type: data, about: 'Text or bytes' }],
    gives: { type: 'string', about: 'Small hexadecimal digits, two for each byte' },
    example: `log(${name}("abc") == hash("${name}", "abc"), ${name}("abc")[0:8])  // expect: true ${expected}`,
    failing: `${name}(5)  // expect error: ${name}: data must be a string or an array of byte values`,
    run: (bytes) => hashOf(name, bytes),
  });
}

export const md5 = olderHash('md5', '90015098');
export const sha1 = olderHash('sha1', 'a9993e36');
export const sha256 = olderHash('sha256', 'ba7816bf');
