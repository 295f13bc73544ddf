/**
 * X.509 certificates (RFC 5280, version 3), as tests of TLS need them: the names a server goes by, whether it is
 * an authority, and who has signed it. Keys are made and signatures are computed by the caller.
 */
import * as der from './der';

/** How the certificate is signed; belongs to the kind of the signer's key. */
export type SignatureAlgorithm = 'ecdsa-with-SHA256' | 'sha256WithRSAEncryption' | 'Ed25519';

const ALGORITHMS: Readonly<Record<SignatureAlgorithm, () => Uint8Array>> = {
  'ecdsa-with-SHA256': () => der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2')),
  sha256WithRSAEncryption: () => der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), der.nothing()),
  Ed25519: () => der.sequence(der.objectIdentifier('1.3.101.112')),
};

const COMMON_NAME = '2.5.4.3';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
/** Numbers of the kinds of names in RFC 5280, 4.2.1.6. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** A name of the owner: one of the two is set. */
export interface AlternativeName {
  /** ASCII. */
  readonly dns?: string;
  /** 4 or 16 bytes. */
  readonly ip?: Uint8Array;
}

export interface CertificateFields {
  /** A positive number of at most 20 bytes, the highest first. */
  readonly serial: Uint8Array;
  /** The name of who signs it; see `subjectName`. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The owner's public key as SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly names: readonly AlternativeName[];
  /** It may sign other certificates. */
  readonly isAuthority: boolean;
  /** Any bytes that tell the keys of owner and signer from others: hashes of them. */
  readonly subjectKeyId: Uint8Array;
  readonly issuerKeyId: Uint8Array | null;
  readonly algorithm: SignatureAlgorithm;
}

/** A name that has a common name (CN) alone. */
export function subjectName(commonName: Uint8Array): Uint8Array {
  return der.sequence(der.setOf(der.sequence(der.objectIdentifier(COMMON_NAME), der.utf8String(commonName))));
}

/** What is signed: TBSCertificate, RFC 5280, 4.1. */
export function toBeSigned(fields: CertificateFields): Uint8Array {
  return der.sequence(
    der.context(0, der.integer(Uint8Array.of(2))),
    der.integer(fields.serial),
    ALGORITHMS[fields.algorithm](),
    fields.issuer,
    der.sequence(der.time(fields.notBefore), der.time(fields.notAfter)),
    fields.subject,
    fields.publicKey,
    der.context(3, der.sequence(...extensions(fields))),
  );
}

/** The certificate, from what was signed and its signature. */
export function signedCertificate(tbs: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  return der.sequence(tbs, ALGORITHMS[algorithm](), der.bitString(signature));
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return der.sequence(der.objectIdentifier(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

/** Bits of KeyUsage, counted from the highest (4.2.1.3), and how many bits of the byte are not used. */
const SIGNS_CERTIFICATES_AND_LISTS = der.bitString(Uint8Array.of(0b1000_0110), 1);
const SIGNS_AND_ENCIPHERS_KEYS = der.bitString(Uint8Array.of(0b1010_0000), 5);

function extensions(fields: CertificateFields): Uint8Array[] {
  const { isAuthority, names, issuerKeyId } = fields;
  const list = [
    extension(BASIC_CONSTRAINTS, true, der.sequence(...(isAuthority ? [der.boolean(true)] : []))),
    extension(KEY_USAGE, true, isAuthority ? SIGNS_CERTIFICATES_AND_LISTS : SIGNS_AND_ENCIPHERS_KEYS),
    extension(SUBJECT_KEY_IDENTIFIER, false, der.octetString(fields.subjectKeyId)),
  ];
  if (issuerKeyId !== null) {
    list.push(extension(AUTHORITY_KEY_IDENTIFIER, false, der.sequence(der.contextString(0, issuerKeyId))));
  }
  if (!isAuthority) {
    const purposes = [SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION].map((id) => der.objectIdentifier(id));
    list.push(extension(EXTENDED_KEY_USAGE, false, der.sequence(...purposes)));
  }
  if (names.length > 0) {
    list.push(extension(SUBJECT_ALTERNATIVE_NAME, false, der.sequence(...names.map(alternativeName))));
  }
  return list;
}

function alternativeName({ dns, ip }: AlternativeName): Uint8Array {
  return ip === undefined ? der.contextString(DNS_NAME, der.ascii(dns ?? '')) : der.contextString(IP_ADDRESS, ip);
}

/** What a certificate that signs another one has to do with it. */
export interface Signer {
  /** Its subject, as it stands there. */
  readonly subject: Uint8Array;
  /** Null where it names none. */
  readonly keyId: Uint8Array | null;
}

/** Null for bytes that are no certificate. */
export function readSigner(certificate: Uint8Array): Signer | null {
  const outer = der.elements(certificate)?.[0];
  const tbs = outer === undefined ? undefined : der.elements(outer.contents)?.[0];
  const parts = tbs === undefined ? null : der.elements(tbs.contents);
  if (parts === null) return null;
  // The version, which the oldest ones leave out, stands before serial, algorithm, issuer, validity, subject.
  const subject = parts[parts[0]?.tag === 0xa0 ? 5 : 4];
  if (subject === undefined) return null;
  const list = parts.find((part) => part.tag === 0xa3);
  return { subject: subject.whole, keyId: list === undefined ? null : keyIdIn(list.contents) };
}

function keyIdIn(extensionList: Uint8Array): Uint8Array | null {
  const list = der.elements(extensionList)?.[0];
  const id = der.objectIdentifier(SUBJECT_KEY_IDENTIFIER);
  for (const each of (list && der.elements(list.contents)) ?? []) {
    const parts = der.elements(each.contents);
    const value = parts?.at(-1);
    if (parts?.[0] === undefined || value === undefined) continue;
    if (!parts[0].whole.every((byte, i) => byte === id[i])) continue;
    return der.elements(value.contents)?.[0]?.contents ?? null;
  }
  return null;
}
