/** The cryptography that reading the beginning of QUIC connections takes (RFC 9001, section 5), by OpenSSL. */
import type { QuicCrypto } from '../../wire/quic/initial';
import { node } from '../node';

const TAG = 16;

export const quicCrypto: QuicCrypto = {
  hmacSha256: (key, data) => node.crypto.createHmac('sha256', key).update(data).digest(),
  aesBlock(key, block) {
    const cipher = node.crypto.createCipheriv('aes-128-ecb', key, null);
    cipher.setAutoPadding(false);
    return cipher.update(block);
  },
  openGcm(key, nonce, sealed, additional) {
    const decipher = node.crypto.createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: TAG });
    decipher.setAAD(additional);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
    const opened = decipher.update(sealed.subarray(0, sealed.length - TAG));
    try {
      decipher.final();
      return opened;
    } catch {
      // It was sealed with other keys, or changed.
      return null;
    }
  },
};
