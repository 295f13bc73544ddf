/** The group crypto: hashes, encryption, signatures, passwords and tokens, all computed by Node's library (OpenSSL). */
export * from './certificate';
