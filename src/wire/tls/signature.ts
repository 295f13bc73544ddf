/** With which algorithm a certificate is signed: its outer SEQUENCE names it behind what is signed (RFC 5280, 4.1). */
import { elements } from '../der';
import { ByteReader } from '../bytes';

const NAMES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.10': 'rsassaPss',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.10040.4.3': 'dsa-with-SHA1',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

/** "sha256WithRSAEncryption"; the number of an algorithm without a name here; null for what is no certificate. */
export function signatureAlgorithm(certificate: Uint8Array): string | null {
  const parts = elements(elements(certificate)?.[0]?.contents ?? new Uint8Array(0));
  const identifier = elements(parts?.[1]?.contents ?? new Uint8Array(0))?.[0];
  if (identifier === undefined) return null;
  const number = dotted(identifier.contents);
  return NAMES[number] ?? number;
}

/** The numbers of an OBJECT IDENTIFIER: seven bits in a byte, the first two in one. */
function dotted(content: Uint8Array): string {
  const reader = new ByteReader(content);
  const numbers: number[] = [];
  while (reader.left > 0) {
    let number = 0;
    for (;;) {
      const byte = reader.u8();
      number = number * 128 + (byte & 0x7f);
      if ((byte & 0x80) === 0 || reader.left === 0) break;
    }
    numbers.push(number);
  }
  const first = numbers.shift() ?? 0;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...numbers].join('.');
}
