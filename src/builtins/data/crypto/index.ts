/** The group crypto: hashes, encryption, signatures, passwords and tokens, all computed by Node's library (OpenSSL). */
export * from './certificate';
export * from './encryption';
export * from './hashing';
export * from './random';
export * from './signatures';
export * from './tokens';
