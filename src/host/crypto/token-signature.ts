/** Signatures of JSON Web Tokens (RFC 7518): which key may be used with which algorithm, and nothing beside. */
import type * as Crypto from 'node:crypto';
import { node } from '../node';
import { bytesOf } from '../text';
import { isPem, keyError, privateKey, publicKey } from './keys';

export const TOKEN_ALGORITHMS = ['HS256', 'HS384', 'HS512', 'RS256', 'EdDSA'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/**
 * A key with the algorithms that it may be used with. A PEM text is never a secret for HMAC: a public key used so
 * would let anybody sign (the confusion of algorithms).
 */
export class TokenKey {
  private constructor(
    /** Null for a secret. */
    private readonly pair: Crypto.KeyObject | null,
    private readonly secret: Buffer | null,
    /** The first one is what it is used with unless another is asked for. */
    readonly algorithms: readonly TokenAlgorithm[],
  ) {}

  /** Errors: EKEY. */
  static of(builtin: string, key: string | readonly number[], use: 'sign' | 'verify'): TokenKey {
    if (typeof key !== 'string' || !isPem(key)) return new TokenKey(null, bytesOf(key), ['HS256', 'HS384', 'HS512']);
    const pair = (use === 'sign' ? privateKey : publicKey)(builtin, 'key', key);
    switch (pair.asymmetricKeyType) {
      case 'ed25519':
        return new TokenKey(pair, null, ['EdDSA']);
      case 'rsa':
        return new TokenKey(pair, null, ['RS256']);
      default:
        throw keyError(
          builtin,
          `key is of the type ${pair.asymmetricKeyType}, which these tokens do not use`,
          'a secret, an Ed25519 key or an RSA key does',
        );
    }
  }

  sign(algorithm: TokenAlgorithm, signed: string): Buffer {
    if (this.secret !== null) return this.mac(this.secret, algorithm, signed);
    return node.crypto.sign(algorithm === 'EdDSA' ? null : 'sha256', Buffer.from(signed), this.pair!);
  }

  verify(algorithm: TokenAlgorithm, signed: string, signature: Buffer): boolean {
    if (this.secret !== null) {
      const expected = this.mac(this.secret, algorithm, signed);
      return expected.length === signature.length && node.crypto.timingSafeEqual(expected, signature);
    }
    return node.crypto.verify(algorithm === 'EdDSA' ? null : 'sha256', Buffer.from(signed), this.pair!, signature);
  }

  private mac(secret: Buffer, algorithm: TokenAlgorithm, signed: string): Buffer {
    return node.crypto
      .createHmac('sha' + algorithm.slice(2), secret)
      .update(signed)
      .digest();
  }
}
