/**
 * What a TLS server offers: its certificates, the versions and the cipher suite that it takes. Nothing that is wrong
 * with a certificate keeps it from being looked at, and no connection made here carries any data.
 */
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { opening } from '../events';
import { familyOf, formatAddress } from '../net/address';
import { failureOf } from '../failure';
import { networkError } from '../net/failures';
import type { Failure } from '../failure';
import type { Attempt } from '../net/failures';
import { addressesOf } from '../net/lookup';
import { trustedAuthorities } from '../net/tls';
import { node } from '../node';
import { askPermission } from '../permissions';
import { reportSocket } from '../reported';
import { ALL_SUITES, clientHello, readServerHello, WEAK_SUITES } from '../../wire/tls/hello';
import type { OldVersion } from '../../wire/tls/hello';

export const VERSIONS = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type Version = (typeof VERSIONS)[number];
/** Bytes in which a server has to have greeted. */
const MAX_HELLO = 70_000;

export interface TlsLook {
  readonly version: string;
  readonly cipher: string;
  readonly alpn: string | null;
  /** Each version that could be tried, and whether the server takes it. */
  readonly versions: ReadonlyMap<Version, boolean>;
  /** Of the weak suites: those that the server takes. */
  readonly weakCiphers: readonly string[];
  /** The certificates as the server sent them, its own first. */
  readonly chain: readonly Tls.DetailedPeerCertificate[];
  /** Why the chain is not trusted here: OpenSSL's code; null where it is. */
  readonly verifyError: string | null;
  /** The certificate is for this host. */
  readonly hostMatches: boolean;
  /** A stapled OCSP answer came along. */
  readonly ocspStapled: boolean;
  /** The server wants a certificate of the client, and ends the connection without one. */
  readonly clientCertificateWanted: boolean;
}

/** All that the runtime still speaks. */
const EVERYTHING = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

interface Handshake {
  readonly socket: Tls.TLSSocket;
  readonly ocsp: boolean;
  readonly seen: Seen;
  /** The server has shown its certificate, and ended the handshake for want of the client's. */
  readonly refused: boolean;
}

/** What a socket knows after the handshake; read at once, since a socket that is closed forgets it. */
type Seen = Pick<TlsLook, 'version' | 'cipher' | 'alpn' | 'chain' | 'verifyError'>;

interface Hello {
  readonly min: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3';
  readonly max: 'TLSv1.3';
  readonly ciphers: string;
  readonly alpn: readonly string[];
  readonly ocsp: boolean;
}

export interface TlsLookRequest {
  readonly builtin: string;
  readonly host: string;
  readonly port: number;
  /** The name or address to ask for and to find in the certificate. */
  readonly servername: string;
  /** For each handshake. */
  readonly timeoutMs: number;
  readonly alpn: readonly string[];
  /** Authorities in PEM form, in place of the usual ones. */
  readonly ca: string | null;
}

/** Errors: ENOTFOUND, ECONNREFUSED, ETIMEDOUT, EPROTO for what is no TLS. */
export function* lookAtTls(request: TlsLookRequest): Steps<TlsLook> {
  const { builtin, host, port, servername, timeoutMs, alpn } = request;
  const attempt: Attempt = { builtin, doing: 'secure', target: { host, port }, seconds: timeoutMs / 1000 };
  askPermission(builtin, 'connect', formatAddress(host, port));
  const ca = request.ca ?? trustedAuthorities(builtin);
  const [first] = yield* addressesOf({ ...attempt, doing: 'connect' }, host);
  const open = new Set<Net.Socket>();
  const operation = new Operation<TlsLook>(`for the TLS server ${formatAddress(host, port)}`, () => {
    for (const socket of open) socket.destroy();
  });
  const look = new Look(first!.address, port, servername, timeoutMs, ca, open);
  look.run(alpn).then(
    (found) => operation.succeed(found),
    (failure: unknown) => {
      for (const socket of open) socket.destroy();
      const { code, message, doing } = failure as Failure & { doing?: 'connect' };
      operation.fail(() => networkError({ ...attempt, doing: doing ?? 'secure' }, { code, message }));
    },
  );
  return yield* operation.wait();
}

class Look {
  private readonly by = opening();

  constructor(
    private readonly address: string,
    private readonly port: number,
    private readonly name: string,
    private readonly timeoutMs: number,
    private readonly ca: string | null,
    private readonly open: Set<Net.Socket>,
  ) {}

  async run(alpn: readonly string[]): Promise<TlsLook> {
    // First as a client of today; a server that has only what is old is asked again with all there is.
    const today: Hello = { min: 'TLSv1.2', max: 'TLSv1.3', ciphers: 'DEFAULT:@SECLEVEL=0', alpn, ocsp: true };
    const { socket, ocsp, seen, refused } = await this.handshake(today).catch((failure: unknown) => {
      if (isOver(failure as Failure)) throw failure;
      return this.handshake({ ...today, min: 'TLSv1', ciphers: EVERYTHING });
    });
    // A server of TLS 1.3 asks for the client's certificate after the client's side is done.
    const wanted = refused || (await this.refusedAfterwards(socket));
    const own = seen.chain[0];
    const result = {
      ...seen,
      hostMatches: own !== undefined && node.tls.checkServerIdentity(this.name, own) === undefined,
      ocspStapled: ocsp,
    };
    this.drop(socket);
    const versions = await this.versionsTaken(result.version);
    const weakCiphers = await this.weakSuitesTaken();
    return { ...result, versions, weakCiphers, clientCertificateWanted: wanted || this.clientCertificateAsked };
  }

  /** A server has ended a handshake for want of a client's certificate. */
  private clientCertificateAsked = false;

  private report(socket: Net.Socket): void {
    reportSocket(socket, 'look', { host: this.address, port: this.port }, this.by);
  }

  private drop(socket: Net.Socket): void {
    this.open.delete(socket);
    socket.destroy();
  }

  /** Old versions are tried with a greeting of our own, since the runtime no longer speaks all of them. */
  private async versionsTaken(known: string): Promise<ReadonlyMap<Version, boolean>> {
    const versions = new Map<Version, boolean>();
    for (const version of VERSIONS) {
      if (version === 'TLSv1.3') versions.set(version, known === version || (await this.speaksNewest()));
      else versions.set(version, (await this.greet(version, ALL_SUITES)) !== null);
    }
    return versions;
  }

  private async speaksNewest(): Promise<boolean> {
    try {
      const hello: Hello = { min: 'TLSv1.3', max: 'TLSv1.3', ciphers: 'DEFAULT', alpn: [], ocsp: false };
      this.drop((await this.handshake(hello)).socket);
      return true;
    } catch (failure) {
      return this.noteClientCertificate(failure as Failure);
    }
  }

  /** Offers all weak suites, then those that are left without the one that was taken, until none is. */
  private async weakSuitesTaken(): Promise<string[]> {
    const taken: string[] = [];
    for (const version of ['TLSv1.2', 'TLSv1'] as const) {
      let offered = [...WEAK_SUITES.keys()].filter((suite) => !taken.includes(WEAK_SUITES.get(suite)!));
      while (offered.length > 0) {
        const chosen = await this.greet(version, offered);
        if (chosen === null || !offered.includes(chosen)) break;
        taken.push(WEAK_SUITES.get(chosen)!);
        offered = offered.filter((suite) => suite !== chosen);
      }
    }
    return taken;
  }

  /** Greets with this version and these suites: the suite that the server takes, null where it takes none. */
  private greet(version: OldVersion, suites: readonly number[]): Promise<number | null> {
    return new Promise((resolve) => {
      const socket = node.net.connect({ host: this.address, port: this.port, noDelay: true });
      this.report(socket);
      this.open.add(socket);
      let received: Buffer = Buffer.alloc(0);
      const end = (suite: number | null): void => {
        clearTimeout(timer);
        this.drop(socket);
        resolve(suite);
      };
      const timer = setTimeout(() => end(null), this.timeoutMs);
      socket.on('connect', () => {
        const name = familyOf(this.name) === 0 ? this.name : null;
        socket.write(clientHello(version, suites, name, node.crypto.randomBytes(32)));
      });
      socket.on('data', (piece: Buffer) => {
        received = Buffer.concat([received, piece]);
        const answer = readServerHello(received);
        if (answer === 'more' && received.length < MAX_HELLO) return;
        end(typeof answer === 'object' && answer.version === version ? answer.suite : null);
      });
      socket.on('error', () => end(null));
      socket.on('close', () => end(null));
    });
  }

  private noteClientCertificate({ code, message }: Failure): boolean {
    const isIt = /CERTIFICATE_REQUIRED|alert (?:number 116|certificate required)/i.test(`${code} ${message}`);
    if (isIt) this.clientCertificateAsked = true;
    return isIt;
  }

  /** Waits a moment for what the server says after the handshake. */
  private refusedAfterwards(socket: Tls.TLSSocket): Promise<boolean> {
    if (socket.getProtocol() !== 'TLSv1.3') return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), 60);
      socket.on('error', (error) => {
        clearTimeout(timer);
        resolve(this.noteClientCertificate(failureOf(error)));
      });
      // Session tickets show that the server is content.
      socket.once('session', () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }

  private handshake({ min, max, ciphers, alpn, ocsp }: Hello): Promise<Handshake> {
    return new Promise((resolve, reject) => {
      const raw = node.net.connect({ host: this.address, port: this.port, noDelay: true });
      this.open.add(raw);
      let connected = false;
      let stapled = false;
      let shown = false;
      const fail = (failure: Failure): void => {
        clearTimeout(timer);
        this.drop(raw);
        reject(Object.assign(new Error(failure.message), failure, connected ? {} : { doing: 'connect' }));
      };
      const timer = setTimeout(() => fail({ code: 'ETIMEDOUT', message: '' }), this.timeoutMs);
      raw.once('connect', () => (connected = true));
      raw.once('error', (error) => fail(failureOf(error)));
      const options: Tls.ConnectionOptions & { readonly requestOCSP: boolean } = {
        socket: raw,
        host: this.name,
        servername: familyOf(this.name) === 0 ? this.name : '',
        rejectUnauthorized: false,
        minVersion: min,
        maxVersion: max,
        ciphers,
        requestOCSP: ocsp,
        ...(this.ca === null ? {} : { ca: this.ca }),
        ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
        checkServerIdentity: () => undefined,
      };
      const socket = node.tls.connect(options);
      this.report(socket);
      socket.on('OCSPResponse', (response: Buffer | null) => (stapled ||= response !== null && response.length > 0));
      const done = (refused: boolean): void => {
        shown = true;
        clearTimeout(timer);
        resolve({ socket, ocsp: stapled, seen: seenOf(socket), refused });
      };
      socket.on('error', (error) => {
        if (shown) return;
        if (isForWantOfCertificate(socket, failureOf(error))) done(true);
        else fail(failureOf(error));
      });
      socket.once('close', () => {
        if (!shown) fail({ code: 'ECONNRESET', message: '' });
      });
      socket.once('secureConnect', () => {
        this.open.add(socket);
        done(false);
      });
    });
  }
}

/** There is no server, or none of TLS: asking again in another way changes nothing. */
function isOver({ code, message }: Failure): boolean {
  if (/^(?:ETIMEDOUT|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$/.test(code)) return true;
  return /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(`${code} ${message}`);
}

/**
 * Up to TLS 1.2 a server that demands a certificate ends the handshake when none comes (RFC 5246, section 7.4.6), with
 * one of these alerts. It has shown its own by then.
 */
function isForWantOfCertificate(socket: Tls.TLSSocket, { code, message }: Failure): boolean {
  if (!/ALERT_(?:HANDSHAKE_FAILURE|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)|alert number (?:40|42|46)\b/i.test(`${code} ${message}`)) return false; // prettier-ignore
  return chainOf(socket).length > 0;
}

function seenOf(socket: Tls.TLSSocket): Seen {
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    chain: chainOf(socket),
    verifyError: socket.authorized ? null : verifyCode(socket),
  };
}

/** What Node sets at the end of a handshake, and before that only its socket below knows. */
function verifyCode(socket: Tls.TLSSocket): string | null {
  const error = socket.authorizationError as unknown;
  if (typeof error === 'string') return error;
  const known = error ?? (socket as { ssl?: { verifyError?(): unknown } | null }).ssl?.verifyError?.() ?? null;
  if (known === null) return error === undefined || error === null ? null : 'UNSPECIFIED';
  return (known as NodeJS.ErrnoException).code ?? 'UNSPECIFIED';
}

/** The certificates as they hang together; a self-signed one is its own issuer. */
function chainOf(socket: Tls.TLSSocket): Tls.DetailedPeerCertificate[] {
  const chain: Tls.DetailedPeerCertificate[] = [];
  const seen = new Set<string>();
  // Without a certificate it is an object without any of its fields.
  let at = socket.getPeerCertificate(true) as Partial<Tls.DetailedPeerCertificate> | undefined | null;
  while (at?.fingerprint256 !== undefined && !seen.has(at.fingerprint256)) {
    seen.add(at.fingerprint256);
    chain.push(at as Tls.DetailedPeerCertificate);
    at = at.issuerCertificate;
  }
  return chain;
}
