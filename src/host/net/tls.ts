/**
 * TLS for both sides of a connection: TLS 1.2 or later, the peer verified unless the program says otherwise.
 *
 * Trusted are, in this order: the authorities given as `ca`, alone; those of the file that SSL_CERT_FILE names;
 * those of the system; those that come with the runtime.
 */
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import { readText } from '../files';
import { node } from '../node';
import { begin } from '../permissions';
import { familyOf } from './address';
import { failureOf } from '../failure';
import { networkError } from './failures';
import type { Failure } from '../failure';
import type { Attempt } from './failures';

/** Certificates and keys are PEM text or the path of a file that holds it. */
export interface TlsOptions {
  /** Authorities to trust in place of the usual ones. */
  readonly ca: string | readonly string[] | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Of an encrypted key. */
  readonly passphrase: string | null;
  /** Application protocols (ALPN, RFC 7301), the preferred one first. */
  readonly alpn: readonly string[] | null;
}

export interface ClientTlsOptions extends TlsOptions {
  /** Takes any certificate. */
  readonly insecure: boolean;
  /** The name to ask for (SNI) and to find in the certificate; else the host that was connected to. */
  readonly servername: string | null;
}

export interface ServerTlsOptions extends TlsOptions {
  /** Only clients with a certificate of a trusted authority. */
  readonly request_cert: boolean;
}

const MIN_VERSION = 'TLSv1.2';
/** Where systems keep the authorities they trust. */
const SYSTEM_STORES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const PEM_CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;

const CERTIFICATES = /-----BEGIN (X509 |)CERTIFICATE-----[^-]*-----END \1CERTIFICATE-----/g;

/** The authorities trusted by default as PEM text; null for those that come with the runtime. Error: ENOENT... */
export function trustedAuthorities(builtin: string): string | null {
  const named = process.env.SSL_CERT_FILE;
  if (named !== undefined && named !== '') {
    const text = readText(named);
    if (typeof text === 'string' && PEM_CERTIFICATE.test(text)) return text;
    const code = typeof text === 'string' ? 'ECERT' : text.code;
    const why = typeof text === 'string' ? 'holds no certificate in PEM form' : 'cannot be read';
    throw fault(code, `${builtin}: the file ${named}, which SSL_CERT_FILE names, ${why} (${code})`, {
      function: builtin,
    });
  }
  for (const path of SYSTEM_STORES) {
    const text = readText(path);
    if (typeof text === 'string' && PEM_CERTIFICATE.test(text)) return text;
  }
  return null;
}

/** The context of a client that gives no certificates of its own: parsing a system's authorities takes 10 ms. */
let usual: { readonly file: string | undefined; readonly context: Tls.SecureContext } | null = null;

function usualContext(builtin: string): Tls.SecureContext {
  const file = process.env.SSL_CERT_FILE;
  if (usual === null || usual.file !== file) {
    const ca = trustedAuthorities(builtin);
    usual = {
      file,
      context: node.tls.createSecureContext({ minVersion: MIN_VERSION, ...(ca === null ? {} : { ca }) }),
    };
  }
  return usual.context;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a directory',
  EMFILE: 'too many files and sockets are open',
};

/** The text of a certificate or key. Errors: ECERT for what is none, ENOENT... for a file. */
export function pemOption(builtin: string, option: string, given: string): string {
  const isText = given.includes('-----BEGIN ');
  const isPath = !isText && !given.includes('\n');
  const text = isPath ? readText(given, begin(builtin, 'read', given)) : isText ? given : '';
  if (typeof text !== 'string') {
    const why = UNREADABLE[text.code] ?? 'it is no readable file';
    throw fault(text.code, `${builtin}: option "${option}": cannot read ${given}: ${why} (${text.code})`, {
      function: builtin,
      fields: { path: given },
      hint: 'the option takes the path of a PEM file, or its text',
    });
  }
  const fits = option === 'key' ? /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/ : PEM_CERTIFICATE;
  if (!fits.test(text)) throw badPem(builtin, option, isText ? null : given);
  // OpenSSL would pass over a broken authority, and nobody could be trusted.
  if (option === 'ca' && !(text.match(CERTIFICATES) ?? []).every(isCertificate)) {
    throw badPem(builtin, option, isText ? null : given, 'a broken certificate');
  }
  return text;
}

function isCertificate(pem: string): boolean {
  try {
    new node.crypto.X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function badPem(
  builtin: string,
  option: string,
  path: string | null,
  what = option === 'key' ? 'no private key in PEM form' : 'no certificate in PEM form',
): ErrorValue {
  const where = path === null ? '' : `the file ${path} `;
  return fault('ECERT', `${builtin}: option "${option}": ${where}holds ${what} (ECERT)`, {
    function: builtin,
  });
}

interface ContextParts {
  ca?: string[];
  cert?: string;
  key?: string;
  passphrase?: string;
}

function partsOf(builtin: string, options: TlsOptions): ContextParts {
  const parts: ContextParts = {};
  const { ca, cert, key, passphrase } = options;
  if ((cert === null) !== (key === null)) {
    const [given, missing] = cert === null ? ['key', 'cert'] : ['cert', 'key'];
    throw fault('EOPTION', `${builtin}: option "${given}" needs option "${missing}" with it`, { function: builtin });
  }
  if (ca !== null) parts.ca = (typeof ca === 'string' ? [ca] : ca).map((each) => pemOption(builtin, 'ca', each));
  if (cert !== null) parts.cert = pemOption(builtin, 'cert', cert);
  if (key !== null) parts.key = pemOption(builtin, 'key', key);
  if (passphrase !== null) parts.passphrase = passphrase;
  return parts;
}

/** Errors: ECERT, with what is wrong with the certificate or key. */
function makeContext(builtin: string, parts: ContextParts): Tls.SecureContext {
  try {
    return node.tls.createSecureContext({ minVersion: MIN_VERSION, ...parts });
  } catch (error) {
    throw contextError(builtin, parts, failureOf(error));
  }
}

function contextError(builtin: string, parts: ContextParts, { code, message }: Failure): ErrorValue {
  const refuse = (words: string): ErrorValue => fault('ECERT', `${builtin}: ${words} (ECERT)`, { function: builtin });
  if (/KEY_VALUES_MISMATCH/.test(code)) return refuse('the key does not belong to the certificate');
  const isEncrypted = parts.key !== undefined && /-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(parts.key);
  if (/MISSING_PASSPHRASE|INTERRUPTED_OR_CANCELLED/.test(code) || (isEncrypted && parts.passphrase === undefined)) {
    return refuse('the key is encrypted: option "passphrase" must be given');
  }
  if (/BAD_DECRYPT/.test(code)) return refuse('the passphrase of the key is wrong');
  for (const option of ['cert', 'key'] as const) {
    const text = parts[option];
    if (text !== undefined && !parses(option, text, parts.passphrase)) return badPem(builtin, option, null);
  }
  return refuse(`the certificate or key cannot be used: ${message}`);
}

function parses(option: 'cert' | 'key', text: string, passphrase: string | undefined): boolean {
  try {
    node.tls.createSecureContext({ [option]: text, ...(passphrase === undefined ? {} : { passphrase }) });
    return true;
  } catch {
    return false;
  }
}

function clientContext(builtin: string, options: ClientTlsOptions): Tls.SecureContext {
  const parts = partsOf(builtin, options);
  if (parts.ca === undefined && !options.insecure) {
    if (parts.cert === undefined) return usualContext(builtin);
    const ca = trustedAuthorities(builtin);
    if (ca !== null) parts.ca = [ca];
  }
  return makeContext(builtin, parts);
}

/** What a TLS client needs, checked before anything is connected. */
export class ClientSetup {
  private readonly context: Tls.SecureContext;

  constructor(
    builtin: string,
    private readonly options: ClientTlsOptions,
  ) {
    this.context = clientContext(builtin, options);
  }

  /** Begins the client's side of the handshake on a connected socket. */
  begin(raw: Net.Socket, target: string): Tls.TLSSocket {
    const { insecure, servername, alpn } = this.options;
    const host = servername ?? target;
    return node.tls.connect({
      socket: raw,
      host,
      servername: familyOf(host) === 0 ? host : '',
      secureContext: this.context,
      rejectUnauthorized: !insecure,
      ...(alpn === null ? {} : { ALPNProtocols: [...alpn] }),
    });
  }

  /** Does the client's side of the handshake on a connected socket. Errors: ECERT, EPROTO, ETIMEDOUT, ECONNRESET. */
  *secure(attempt: Attempt, raw: Net.Socket, deadline: number): Steps<Tls.TLSSocket> {
    const socket = this.begin(raw, attempt.target.host);
    return yield* finishHandshake(attempt, raw, deadline, (done, failed) => {
      socket.once('secureConnect', () => done(socket));
      socket.once('error', failed);
      socket.once('close', () => failed(closedEarly()));
    });
  }
}

/** What a TLS server needs, checked before it listens. */
export class ServerSetup {
  readonly options: Tls.TlsOptions;

  constructor(builtin: string, options: ServerTlsOptions) {
    const parts = partsOf(builtin, options);
    if (parts.cert === undefined) {
      throw fault('EOPTION', `${builtin}: TLS needs the options "cert" and "key"`, {
        function: builtin,
        hint: 'both take the path of a PEM file, or its text',
      });
    }
    if (options.request_cert && parts.ca === undefined) {
      const ca = trustedAuthorities(builtin);
      if (ca !== null) parts.ca = [ca];
    }
    makeContext(builtin, parts);
    this.options = {
      ...parts,
      minVersion: MIN_VERSION,
      requestCert: options.request_cert,
      rejectUnauthorized: options.request_cert,
      allowHalfOpen: true,
      ...(options.alpn === null ? {} : { ALPNProtocols: [...options.alpn] }),
    };
  }

  /** Does the server's side of the handshake on a connected socket. Errors: EPROTO, ETIMEDOUT, ECONNRESET. */
  *secure(attempt: Attempt, raw: Net.Socket, deadline: number): Steps<Tls.TLSSocket> {
    const server = node.tls.createServer(this.options);
    return yield* finishHandshake(attempt, raw, deadline, (done, failed) => {
      server.once('secureConnection', (socket) => {
        afterHandshake(socket);
        done(socket);
      });
      server.once('tlsClientError', failed);
      raw.once('close', () => failed(closedEarly()));
      beforeHandshake(raw);
      server.emit('connection', raw);
    });
  }
}

/** A client that ends in the midst of a handshake has given up: the socket is to end too, which it takes over. */
export function beforeHandshake(raw: Net.Socket): void {
  raw.allowHalfOpen = false;
}

/** From here on each side ends when it likes. */
export function afterHandshake(socket: Tls.TLSSocket): void {
  socket.allowHalfOpen = true;
}

function closedEarly(): Error {
  return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}

/** Waits for a handshake that `start` begins; the connection is given up where it fails. */
function* finishHandshake(
  attempt: Attempt,
  raw: Net.Socket,
  deadline: number,
  start: (done: (socket: Tls.TLSSocket) => void, failed: (error: Error) => void) => void,
): Steps<Tls.TLSSocket> {
  const operation = new Operation<Tls.TLSSocket>('for the TLS handshake', () => stop());
  const giveUp = (failure: Failure): void => {
    stop();
    operation.fail(() => networkError(attempt, failure));
  };
  const limit = new Timeout(() => giveUp({ code: 'ETIMEDOUT', message: '' }));
  const stop = (): void => {
    clearTimer(limit);
    raw.on('error', () => {});
    raw.destroy();
  };
  if (deadline !== Infinity) setTimer(limit, deadline - performance.now());
  start(
    (socket) => {
      clearTimer(limit);
      socket.on('error', () => {});
      operation.succeed(socket);
    },
    (error) => giveUp(failureOf(error)),
  );
  return yield* operation.wait();
}

/** Of a certificate's owner or issuer: its name for people. */
function nameOf(subject: Tls.Certificate | undefined): string | null {
  const name: string | readonly string[] | undefined = subject?.CN ?? subject?.O;
  return typeof name === 'string' ? name : (name?.[0] ?? null);
}

export interface TlsInfo {
  /** "TLSv1.3" */
  readonly version: string | null;
  readonly cipher: string;
  /** The application protocol that was agreed on. */
  readonly alpn: string | null;
  /** The name that the client asked for. */
  readonly servername: string | null;
  /** The peer's certificate was asked for and is good. */
  readonly verified: boolean;
  readonly certificate: {
    readonly subject: string | null;
    readonly issuer: string | null;
    readonly not_before: string;
    readonly not_after: string;
    /** SHA-256 of the certificate, hexadecimal with colons. */
    readonly fingerprint: string;
  } | null;
}

interface NoCertificate {
  readonly fingerprint256?: never;
}

export function tlsInfo(socket: Tls.TLSSocket): TlsInfo {
  // Without a certificate it is an empty object, after the end null.
  const certificate = socket.getPeerCertificate() as Tls.PeerCertificate | NoCertificate | null;
  // After the end there is no session to ask any more.
  const cipher = socket.getCipher() as Tls.CipherNameAndProtocol | undefined;
  return {
    version: socket.getProtocol(),
    cipher: cipher?.name ?? '',
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    servername: typeof socket.servername === 'string' && socket.servername !== '' ? socket.servername : null,
    verified: socket.authorized,
    certificate:
      certificate?.fingerprint256 === undefined
        ? null
        : {
            subject: nameOf(certificate.subject),
            issuer: nameOf(certificate.issuer),
            not_before: certificate.valid_from,
            not_after: certificate.valid_to,
            fingerprint: certificate.fingerprint256,
          },
  };
}
