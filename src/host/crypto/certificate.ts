/**
 * Makes certificates for tests: self-signed ones, authorities, and what those sign. Node's library has keys and
 * signatures but writes no certificates; what stands in one is in src/wire/certificate.ts.
 */
import type * as Crypto from 'node:crypto';
import type { Steps } from '../../runtime/task';
import { readSigner, signedCertificate, subjectName, toBeSigned } from '../../wire/certificate';
import type { AlternativeName, SignatureAlgorithm } from '../../wire/certificate';
import { node } from '../node';
import { encode } from '../text';
import { generateKeyPair, keyError, privateKey, signBytes } from './keys';

export type CertificateKeyType = 'ec' | 'rsa' | 'ed25519';

export interface CertificateRequest {
  readonly names: readonly AlternativeName[];
  /** What people see as its owner. */
  readonly commonName: string;
  readonly type: CertificateKeyType;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isAuthority: boolean;
  /** Who signs it, both as PEM; null for itself. */
  readonly issuer: { readonly cert: string; readonly key: string } | null;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const RSA_BITS = 2048;
const SERIAL_BYTES = 16;

/** Errors: EKEY for an issuer that is none. */
export function* createCertificate(builtin: string, request: CertificateRequest): Steps<Certificate> {
  // Refused before a key is made for nothing.
  const given = request.issuer === null ? null : signerOf(builtin, request.issuer);
  const pair = yield* generateKeyPair(builtin, request.type, RSA_BITS);
  const own = node.crypto.createPublicKey(pair.public);
  const spki = own.export({ type: 'spki', format: 'der' });
  const subject = subjectName(encode(request.commonName));
  const keyId = sha1(spki);
  const signer = given ?? { subject, keyId, key: node.crypto.createPrivateKey(pair.private) };
  const algorithm = algorithmOf(builtin, signer.key);
  const serial = node.crypto.randomBytes(SERIAL_BYTES);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const tbs = toBeSigned({
    serial,
    issuer: signer.subject,
    subject,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey: spki,
    names: request.names,
    isAuthority: request.isAuthority,
    subjectKeyId: keyId,
    issuerKeyId: signer.keyId,
    algorithm,
  });
  const signature = signBytes(builtin, 'option "issuer"', tbs, signer.key);
  return { cert: pem(signedCertificate(tbs, algorithm, signature)), key: pair.private };
}

interface SignerKey {
  readonly subject: Uint8Array;
  readonly keyId: Uint8Array | null;
  readonly key: Crypto.KeyObject;
}

function signerOf(builtin: string, issuer: { readonly cert: string; readonly key: string }): SignerKey {
  const key = privateKey(builtin, 'the key of option "issuer"', issuer.key);
  let certificate: Crypto.X509Certificate;
  try {
    certificate = new node.crypto.X509Certificate(issuer.cert);
  } catch {
    throw keyError(builtin, 'the cert of option "issuer" is no certificate in PEM form');
  }
  if (!certificate.checkPrivateKey(key)) {
    throw keyError(builtin, 'the key of option "issuer" does not belong to its certificate');
  }
  const signer = readSigner(certificate.raw);
  if (signer === null) throw keyError(builtin, 'the certificate of option "issuer" cannot be read');
  return { ...signer, key };
}

function algorithmOf(builtin: string, key: Crypto.KeyObject): SignatureAlgorithm {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return 'ecdsa-with-SHA256';
    case 'rsa':
      return 'sha256WithRSAEncryption';
    case 'ed25519':
      return 'Ed25519';
    default:
      throw keyError(builtin, `a key of the type ${key.asymmetricKeyType} signs no certificates`);
  }
}

/** A name for a key, as RFC 5280 (4.2.1.2) proposes; nothing rests on its strength. */
function sha1(bytes: Uint8Array): Uint8Array {
  return node.crypto.createHash('sha1').update(bytes).digest();
}

function pem(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
