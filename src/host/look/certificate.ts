/** A certificate in words. All its texts come from the other side and are as they were sent. */
import type { X509Certificate } from 'node:crypto';
import type * as Tls from 'node:tls';
import { formatIPv6, parseIPv6 } from '../../wire/address';
import { signatureAlgorithm } from '../../wire/tls/signature';
import { node } from '../node';

export interface CertificateDescription {
  /** "CN=example.org, O=Example" */
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hexadecimal. */
  readonly serialNumber: string;
  /** Host names and addresses it is for. */
  readonly names: readonly string[];
  /** "RSA 2048", "EC prime256v1", "Ed25519" */
  readonly key: string;
  readonly keyType: string;
  readonly keyBits: number | null;
  readonly signature: string | null;
  /** SHA-256, hexadecimal with colons. */
  readonly fingerprint: string;
  readonly isSelfSigned: boolean;
}

export function describeCertificate(certificate: Tls.DetailedPeerCertificate): CertificateDescription {
  const parsed = new node.crypto.X509Certificate(certificate.raw);
  const { type, text, bits } = keyOf(certificate, parsed);
  return {
    subject: oneLine(parsed.subject),
    issuer: oneLine(parsed.issuer),
    notBefore: new Date(parsed.validFrom),
    notAfter: new Date(parsed.validTo),
    serialNumber: parsed.serialNumber,
    names: namesOf(parsed.subjectAltName),
    key: text,
    keyType: type,
    keyBits: bits,
    signature: signatureAlgorithm(certificate.raw),
    fingerprint: parsed.fingerprint256,
    isSelfSigned: parsed.subject === parsed.issuer && signsItself(parsed),
  };
}

function signsItself(certificate: X509Certificate): boolean {
  try {
    return certificate.verify(certificate.publicKey);
  } catch {
    // A kind of key that the runtime does not know.
    return false;
  }
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}

/** `DNS:a.example, DNS:"with, comma", IP Address:192.0.2.1`: quoted as JSON where it has to be. */
function namesOf(text: string | undefined): string[] {
  const names: string[] = [];
  for (const [, kind, quoted, bare] of (text ?? '').matchAll(/(DNS|IP Address):(?:("(?:[^"\\]|\\.)*")|([^,]*))/g)) {
    const name = quoted === undefined ? bare!.trim() : (JSON.parse(quoted) as string);
    // Node writes "0:0:0:0:0:0:0:1".
    const address = kind === 'DNS' ? null : parseIPv6(name);
    names.push(address === null ? name : formatIPv6(address));
  }
  return names;
}

function keyOf(
  certificate: Tls.DetailedPeerCertificate,
  parsed: X509Certificate,
): { type: string; text: string; bits: number | null } {
  let kind: string | undefined;
  let bits: number | undefined = certificate.bits;
  try {
    const key = parsed.publicKey;
    kind = key.asymmetricKeyType;
    bits = key.asymmetricKeyDetails?.modulusLength ?? bits;
  } catch {
    // A kind of key that the runtime does not know.
  }
  switch (kind) {
    case 'rsa':
    case 'rsa-pss':
      return { type: 'RSA', text: `RSA ${bits ?? '?'}`, bits: bits ?? null };
    case 'ec':
      return { type: 'EC', text: `EC ${certificate.asn1Curve ?? '?'}`, bits: bits ?? null };
    case 'ed25519':
      return { type: 'Ed25519', text: 'Ed25519', bits: null };
    case 'ed448':
      return { type: 'Ed448', text: 'Ed448', bits: null };
    case 'dsa':
      return { type: 'DSA', text: `DSA ${bits ?? '?'}`, bits: bits ?? null };
    default:
      return { type: 'unknown', text: 'unknown', bits: bits ?? null };
  }
}
