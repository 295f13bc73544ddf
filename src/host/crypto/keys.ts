/**
 * Keys as PEM text (RFC 7468): private ones as PKCS #8, public ones as SubjectPublicKeyInfo, as OpenSSL and all
 * others read them. Signatures: Ed25519 (RFC 8032), RSA with PKCS #1 v1.5 and SHA-256, ECDSA with SHA-256 in DER.
 */
import type * as Crypto from 'node:crypto';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import type { Steps } from '../../runtime/task';
import { called } from '../callback';
import { node } from '../node';

export const KEY_TYPES = ['ed25519', 'x25519', 'rsa', 'ec'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

const ENCODINGS = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const;

/** `rsaBits` counts for RSA alone. "ec" is a key on the curve P-256. */
export function* generateKeyPair(builtin: string, type: KeyType, rsaBits: number): Steps<KeyPair> {
  const word = (error: Error): ErrorValue =>
    fault('EKEY', `${builtin}: the key could not be made: ${error.message} (EKEY)`, { function: builtin });
  return yield* called<KeyPair>('for a pair of keys', word, (done) => {
    const finish = (error: Error | null, publicKey: string, privateKey: string): void =>
      done(error, { private: privateKey, public: publicKey });
    const { generateKeyPair: generate } = node.crypto;
    switch (type) {
      case 'rsa':
        return generate('rsa', { modulusLength: rsaBits, ...ENCODINGS }, finish);
      case 'ec':
        return generate('ec', { namedCurve: 'P-256', ...ENCODINGS }, finish);
      case 'ed25519':
        return generate('ed25519', ENCODINGS, finish);
      case 'x25519':
        return generate('x25519', ENCODINGS, finish);
    }
  });
}

export function keyError(builtin: string, message: string, hint?: string): ErrorValue {
  return fault('EKEY', `${builtin}: ${message} (EKEY)`, {
    function: builtin,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Whether a text is a key or certificate in PEM form, and no password. */
export function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

/** Errors: EKEY. `parameter` names it for messages. */
export function privateKey(builtin: string, parameter: string, pem: string): Crypto.KeyObject {
  if (/-----BEGIN (?:[A-Z]+ )*PUBLIC KEY-----/.test(pem)) {
    throw keyError(builtin, `${parameter} is a public key, a private one is needed`);
  }
  try {
    return node.crypto.createPrivateKey(pem);
  } catch {
    throw badKey(builtin, parameter, 'private', pem);
  }
}

/** The public key of a PEM text, which may also be a private key or a certificate. Errors: EKEY. */
export function publicKey(builtin: string, parameter: string, pem: string): Crypto.KeyObject {
  try {
    return node.crypto.createPublicKey(pem);
  } catch {
    throw badKey(builtin, parameter, 'public', pem);
  }
}

function badKey(builtin: string, parameter: string, kind: 'private' | 'public', pem: string): ErrorValue {
  if (/ENCRYPTED/.test(pem)) {
    return keyError(
      builtin,
      `${parameter} is encrypted with a passphrase`,
      'openssl pkey -in FILE gives it without one',
    );
  }
  return keyError(
    builtin,
    isPem(pem) ? `${parameter} is damaged: it holds no ${kind} key` : `${parameter} is no ${kind} key in PEM form`,
    'generate_keypair() makes a pair of them',
  );
}

/** What the kind of key signs with: null where the kind itself says. */
function digestOf(builtin: string, parameter: string, key: Crypto.KeyObject): string | null {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
    case 'ed448':
      return null;
    case 'rsa':
    case 'ec':
      return 'sha256';
    default:
      throw keyError(
        builtin,
        `${parameter} is a key of the type ${key.asymmetricKeyType}, which signs nothing`,
        'keys of the types ed25519, rsa and ec do',
      );
  }
}

export function signBytes(builtin: string, parameter: string, message: Uint8Array, key: Crypto.KeyObject): Buffer {
  return node.crypto.sign(digestOf(builtin, parameter, key), message, key);
}

/** False for any signature that is not right, whatever is wrong with it. */
export function verifyBytes(
  builtin: string,
  parameter: string,
  message: Uint8Array,
  signature: Uint8Array,
  key: Crypto.KeyObject,
): boolean {
  return node.crypto.verify(digestOf(builtin, parameter, key), message, key, signature);
}
