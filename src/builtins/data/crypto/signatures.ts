/** Pairs of keys, and signatures made with them. */
import { generateKeyPair, KEY_TYPES, privateKey, publicKey, signBytes, verifyBytes } from '../../../host/crypto/keys';
import type { KeyType } from '../../../host/crypto/keys';
import { bytesOf } from '../../../host/text';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { failure } from '../../core/value-types';
import { defineBuiltin } from '../../define-builtin';
import { data, either, number, option, options, refusal, string, whole } from '../../types';
import type { Type } from '../../types';

const keyType: Type<KeyType> & { readonly convert: (value: Value) => KeyType } = {
  name: 'string',
  takes: '"ed25519", "x25519", "rsa" or "ec"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => (KEY_TYPES as readonly string[]).includes((value as string).toLowerCase()),
  convert: (value) => (value === null ? 'ed25519' : ((value as string).toLowerCase() as KeyType)),
};

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;

export const generateKeypair = defineBuiltin({
  name: 'generate_keypair',
  group: 'crypto',
  summary: 'Makes a private key and the public key that belongs to it',
  details:
    'Ed25519, RSA and EC (on the curve P-256) sign; X25519 is for agreeing on a key. The keys are in PEM form, as openssl reads them. An RSA key can take seconds; other tasks go on meanwhile.',
  params: [
    {
      name: 'type',
      type: keyType,
      about: 'The kind of key, in capital or small letters; "ed25519" where it is left out',
      optional: true,
    },
    {
      name: 'options',
      type: options({ bits: option(whole(MIN_RSA_BITS, MAX_RSA_BITS), 'Length of an RSA key', 3072) }),
      about: 'The length',
      optional: true,
    },
  ],
  gives: { type: 'map', about: '{"private", "public"}, both PEM text' },
  waits: true,
  example: `let keys = generate_keypair()
let signature = sign("the order", keys.private)
log(verify("the order", signature, keys.public))  // expect: true
log(verify("another order", signature, keys.public))  // expect: false`,
  failing:
    'generate_keypair("dsa")  // expect error: generate_keypair: type must be "ed25519", "x25519", "rsa" or "ec"',
  run: function* (type, settings): Steps<Value> {
    const pair = yield* generateKeyPair('generate_keypair', type, settings.bits);
    return MapValue.from({ private: pair.private, public: pair.public });
  },
});

/** Two functions have this name, one in math and one here: they differ in what they take. */
export const sign = defineBuiltin({
  name: 'sign',
  group: 'crypto',
  alsoIn: ['math'],
  summary: 'Signs a message with a private key; without a key, tells whether a number is negative, zero or positive',
  details:
    'With an Ed25519 key as RFC 8032 says; with an RSA key by PKCS #1 v1.5 and SHA-256; with an EC key by ECDSA and SHA-256, in DER. openssl pkeyutl and dgst -sha256 verify them.',
  params: [
    { name: 'value', type: either(number, data), about: 'The message, text or bytes; or the number' },
    { name: 'private_key', type: string, about: 'The private key, PEM text', optional: true },
  ],
  gives: { type: 'string or number', about: 'The signature in base64; of a number -1, 0 or 1' },
  errors: { EKEY: 'it is no private key, or of a kind that does not sign' },
  inline: [{ when: "typeof $1 === 'number'", code: 'Math.sign($1)' }],
  example: `let keys = generate_keypair("ed25519")
let signature = sign("hello", keys.private)
log(byte_len(base64_decode(signature)), verify("hello", signature, keys.public))  // expect: 64 true
log(sign(-7), sign(0), sign(0.5))  // expect: -1 0 1`,
  failing: 'sign("hello", "secret")  // expect error: sign: private_key is no private key in PEM form (EKEY)',
  run: (value, pem) => {
    if (typeof value === 'number') {
      if (pem !== null) throw refusal('sign', 'value', data, value);
      return Math.sign(value);
    }
    if (pem === null) throw failure('ETYPE', 'sign', 'private_key is missing: a message is signed with one');
    return signBytes('sign', 'private_key', bytesOf(value), privateKey('sign', 'private_key', pem)).toString('base64');
  },
});

export const verify = defineBuiltin({
  name: 'verify',
  group: 'crypto',
  summary: 'Tells whether a signature of a message is right',
  params: [
    { name: 'message', type: data, about: 'Text or bytes' },
    { name: 'signature', type: string, about: 'What sign gave' },
    { name: 'public_key', type: string, about: 'The public key, or a certificate that holds it, PEM text' },
  ],
  gives: { type: 'boolean', about: 'False for a message or a signature that was changed, and for another key' },
  errors: { EKEY: 'it is no public key, or of a kind that does not sign' },
  example: `let keys = generate_keypair()
let signature = sign("hello", keys.private)
log(verify("hello", signature, keys.public), verify("hello", "AAAA", keys.public))  // expect: true false`,
  failing: 'verify("hello", "AAAA", "secret")  // expect error: verify: public_key is no public key in PEM form (EKEY)',
  run: (message, signature, pem) => {
    const key = publicKey('verify', 'public_key', pem);
    const bytes = Buffer.from(signature, 'base64');
    // Each signature is written in one way only: what is read past would be a change that nobody sees.
    const regular = bytes.toString('base64') === signature.replace(/[ \t\r\n]+/g, '');
    return regular && verifyBytes('verify', 'public_key', bytesOf(message), bytes, key);
  },
});
