/**
 * What is wrong with a TLS server, and its grade. The table of docs/tls-grades.md is written from these rules: each
 * finding lowers the grade to its own at most.
 */
import type { TlsLook } from '../../../host/look/tls-server';

export type Grade = 'A' | 'B' | 'C' | 'D' | 'F';

export interface Finding {
  /** "expired: the certificate ended on 2024-01-01T00:00:00Z" */
  readonly text: string;
  readonly grade: Grade;
}

/** What the findings need to know of a certificate. */
export interface CertificateFacts {
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly signature: string | null;
  readonly keyType: string;
  readonly keyBits: number | null;
  readonly names: readonly string[];
  readonly isSelfSigned: boolean;
}

const MIN_RSA_BITS = 2048;
const MIN_EC_BITS = 224;
/** Days before the end from which on it is worth a word. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

export function isoTime(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace('.000Z', 'Z');
}

/** `chain`: the server's own certificate and those behind it. */
export function findingsOf(look: TlsLook, chain: readonly CertificateFacts[], name: string, now: number): Finding[] {
  const [own, ...behind] = chain;
  if (own === undefined) return [];
  return [
    ...ofCertificate(look, own, name, now),
    ...behind.flatMap((facts) => ofAuthority(look, facts, now)),
    ...ofTrust(look, own),
    ...ofProtocol(look),
  ];
}

function ofCertificate(look: TlsLook, facts: CertificateFacts, name: string, now: number): Finding[] {
  const found: Finding[] = [];
  const add = (grade: Grade, text: string): void => void found.push({ grade, text });
  const { notBefore, notAfter, signature } = facts;
  if (notAfter.getTime() < now) add('F', `expired: the certificate ended on ${isoTime(notAfter)}`);
  else if (notBefore.getTime() > now) add('F', `not yet valid: the certificate begins on ${isoTime(notBefore)}`);
  else if (notAfter.getTime() - now < SOON_DAYS * DAY_MS) {
    const days = Math.floor((notAfter.getTime() - now) / DAY_MS);
    add('A', `expires soon: the certificate ends in ${days} ${days === 1 ? 'day' : 'days'}, on ${isoTime(notAfter)}`);
  }
  if (!look.hostMatches) {
    const shown = facts.names.slice(0, 5).join(', ');
    add('F', `wrong host: the certificate is not for ${name}${shown === '' ? '' : ` but for ${shown}`}`);
  }
  found.push(...weaknesses(facts, ''));
  if (facts.isSelfSigned && isForgeable(signature)) {
    add('C', `weak signature: ${signature}, though nobody relies on what a certificate says of itself`);
  }
  return found;
}

/**
 * One behind the server's own. Its time counts where the chain fails by it: servers also send old ones that nobody
 * needs any more.
 */
function ofAuthority(look: TlsLook, facts: CertificateFacts, now: number): Finding[] {
  const found = weaknesses(facts, ` (${facts.subject}, behind the certificate)`);
  if (look.verifyError === 'CERT_HAS_EXPIRED' && facts.notAfter.getTime() < now) {
    const text = `expired: ${facts.subject}, behind the certificate, ended on ${isoTime(facts.notAfter)}`;
    found.push({ grade: 'F', text });
  }
  if (look.verifyError === 'CERT_NOT_YET_VALID' && facts.notBefore.getTime() > now) {
    const text = `not yet valid: ${facts.subject}, behind the certificate, begins on ${isoTime(facts.notBefore)}`;
    found.push({ grade: 'F', text });
  }
  return found;
}

/** What makes any certificate of a chain worthless. */
function weaknesses({ keyType, keyBits, signature, isSelfSigned }: CertificateFacts, of: string): Finding[] {
  const found: Finding[] = [];
  const add = (text: string): void => void found.push({ grade: 'F', text });
  if (keyType === 'RSA' && keyBits !== null && keyBits < MIN_RSA_BITS) {
    add(`weak key: RSA with ${keyBits} bits${of}; at least ${MIN_RSA_BITS} are needed`);
  }
  if (keyType === 'EC' && keyBits !== null && keyBits < MIN_EC_BITS) add(`weak key: a curve of ${keyBits} bits${of}`);
  if (!isSelfSigned && isForgeable(signature)) add(`weak signature: ${signature}${of} can be forged`);
  return found;
}

function isForgeable(signature: string | null): signature is string {
  return signature !== null && /sha1|md5|md2/i.test(signature);
}

function ofTrust(look: TlsLook, facts: CertificateFacts): Finding[] {
  const found: Finding[] = [];
  const code = look.verifyError;
  if (code === null || /EXPIRED|NOT_YET_VALID/.test(code)) return found;
  if (facts.isSelfSigned) {
    found.push({ grade: 'F', text: 'self-signed: the certificate is signed by itself, not by an authority' });
  } else if (code === 'SELF_SIGNED_CERT_IN_CHAIN') {
    found.push({
      grade: 'F',
      text: 'unknown issuer: the certificate goes back to an authority that is not trusted here',
    });
  } else if (/UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER/.test(code)) {
    const text =
      look.chain.length === 1
        ? 'unknown issuer: incomplete chain, the server sends no certificate of the issuer, or the authority is not known here'
        : 'unknown issuer: the chain leads to an authority that is not known here';
    found.push({ grade: 'F', text });
  } else if (!/HOSTNAME|ALTNAME/.test(code)) {
    found.push({ grade: 'F', text: `untrusted: ${code.toLowerCase().replaceAll('_', ' ')}` });
  }
  return found;
}

function ofProtocol(look: TlsLook): Finding[] {
  const found: Finding[] = [];
  const add = (grade: Grade, text: string): void => void found.push({ grade, text });
  const takes = (version: Parameters<typeof look.versions.get>[0]): boolean => look.versions.get(version) === true;
  const isModern = takes('TLSv1.2') || takes('TLSv1.3');
  if (takes('SSLv3')) add('F', 'old protocol: SSLv3 is taken (POODLE)');
  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    if (!takes(version)) continue;
    add(isModern ? 'B' : 'D', `old protocol: ${version} is taken${isModern ? '' : ', and nothing newer than 1.1'}`);
  }
  for (const suite of look.weakCiphers) {
    if (/NULL|anon|EXPORT|RC4|_DES_|DES40/.test(suite)) add('F', `weak cipher: ${suite} is taken`);
    else add('C', `weak cipher: ${suite} is taken`);
  }
  if (/^TLS_RSA_/.test(look.cipher)) {
    add('B', `no forward secrecy: ${look.cipher} lets whoever gets the key read what was recorded before`);
  }
  return found;
}

const GRADES: readonly Grade[] = ['A', 'B', 'C', 'D', 'F'];

export function gradeOf(findings: readonly Finding[]): Grade {
  return findings.reduce<Grade>(
    (worst, { grade }) => (GRADES.indexOf(grade) > GRADES.indexOf(worst) ? grade : worst),
    'A',
  );
}
