/**
 * What stands behind an open port: told by what it says, never by its number alone. First the port may speak; then
 * it gets one line of HTTP, to which nearly everything answers somehow; what then looks like TLS is asked again
 * inside of TLS; what still has said nothing gets the beginning of a few protocols that only answer their own.
 *
 * Always: all of it for one port takes `MAX_MS` at most and `MAX_BYTES` are kept; nothing is sent but the probes
 * below, which change nothing on the other side.
 */
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { encodeMessage } from '../../wire/dns/message';
import { identify, isTlsRecord, printable, wantsTls } from '../../wire/services/identify';
import type { Identified } from '../../wire/services/identify';
import type { Opening } from '../events';
import { opening } from '../events';
import { familyOf } from '../net/address';
import { node } from '../node';
import { reportSocket } from '../reported';

export interface Banner {
  readonly service: string | null;
  /** Shown as it was said, with control bytes escaped; null where it said nothing. */
  readonly banner: string | null;
  readonly version: string | null;
}

const MAX_MS = 2000;
const MAX_BYTES = 4096;
/** For a port to speak first. */
const GREETING_MS = 500;
/** For an answer to the first probe. */
const ANSWER_MS = 600;
/** Ports that are looked at at the same time. */
const PARALLEL = 64;

/** Where the other side has to speak first, a probe at once saves the wait for a greeting. */
const CLIENT_SPEAKS_FIRST = new Set([80, 443, 3000, 5000, 5432, 6379, 8000, 8008, 8080, 8081, 8443, 8888, 9090, 11211]);

interface Said {
  readonly bytes: Buffer;
  /** The other side has closed the connection. */
  readonly closed: boolean;
}

/** A connection for one conversation. */
class Talk {
  private bytes: Buffer = Buffer.alloc(0);
  private closed = false;
  private wake: (() => void) | null = null;

  constructor(private readonly socket: Net.Socket) {
    socket.on('data', (piece: Buffer) => {
      if (this.bytes.length < MAX_BYTES) this.bytes = Buffer.concat([this.bytes, piece]).subarray(0, MAX_BYTES);
      this.wake?.();
    });
    for (const event of ['end', 'close', 'error']) {
      socket.on(event, () => {
        this.closed = true;
        this.wake?.();
      });
    }
  }

  say(data: string | Uint8Array): void {
    if (!this.closed) this.socket.write(data);
  }

  /** What was said until something was, the other side has closed, or the time is over. */
  async listen(ms: number): Promise<Said> {
    if (this.bytes.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = null;
    }
    // The rest of what was sent together is here in a moment.
    if (this.bytes.length > 0 && !this.closed) await new Promise((resolve) => setTimeout(resolve, 15));
    const said = { bytes: this.bytes, closed: this.closed };
    this.bytes = Buffer.alloc(0);
    return said;
  }
}

/** Connects anew; null where that fails. */
type Connect = () => Promise<Net.Socket | null>;

interface Answer {
  readonly known: Identified | null;
  readonly said: Buffer;
}

/** Looks at one port. Everything it opens is in `open`, for the one who gives up. */
class Look {
  private readonly deadline = performance.now() + MAX_MS;

  constructor(
    private readonly host: string,
    private readonly address: string,
    private readonly port: number,
    private readonly open: Set<Net.Socket>,
    private readonly by: Opening,
  ) {}

  private left(most: number): number {
    return Math.max(1, Math.min(most, this.deadline - performance.now()));
  }

  private hold<S extends Net.Socket>(socket: S): S {
    this.open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.open.delete(socket));
    reportSocket(socket, 'banner', { host: this.address, port: this.port }, this.by);
    return socket;
  }

  private drop(socket: Net.Socket): void {
    this.open.delete(socket);
    socket.destroy();
  }

  private async connect(): Promise<Net.Socket | null> {
    const socket = this.hold(node.net.connect({ host: this.address, port: this.port, noDelay: true }));
    return (await settled(socket, 'connect', this.left(MAX_MS))) ? socket : null;
  }

  private async secure(): Promise<Tls.TLSSocket | null> {
    const raw = await this.connect();
    if (raw === null) return null;
    const options = {
      socket: raw,
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
      ...(familyOf(this.host) === 0 ? { servername: this.host } : {}),
    } as const;
    const socket = this.hold(node.tls.connect(options));
    if (await settled(socket, 'secureConnect', this.left(1200))) return socket;
    this.drop(socket);
    this.drop(raw);
    return null;
  }

  /** Greeting, then one line of HTTP. */
  private async converse(socket: Net.Socket, greetingMs: number): Promise<Buffer> {
    const talk = new Talk(socket);
    const greeting = greetingMs === 0 ? { bytes: Buffer.alloc(0), closed: false } : await talk.listen(this.left(greetingMs)); // prettier-ignore
    if (greeting.bytes.length > 0 || greeting.closed) return greeting.bytes;
    const host = familyOf(this.host) === 6 ? `[${this.host}]` : this.host;
    talk.say(`GET / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: Sentra\r\nAccept: */*\r\nConnection: close\r\n\r\n`);
    const { bytes } = await talk.listen(this.left(ANSWER_MS));
    return bytes;
  }

  async run(): Promise<Banner> {
    const socket = await this.connect();
    if (socket === null) return { service: null, banner: null, version: null };
    const plain = await this.converse(socket, CLIENT_SPEAKS_FIRST.has(this.port) ? 0 : GREETING_MS);
    this.drop(socket);
    let known = identify(plain);
    let said = plain;
    if (plain.length === 0) {
      // Side by side: one after the other, what is silent would leave no time for the last ones.
      const [inside, own] = await Promise.all([this.insideTls(), this.askOwnProtocols(this.inPlain)]);
      if (inside !== null) return inside;
      ({ known, said } = own);
    } else if (isTlsRecord(plain) || wantsTls(plain) || known === null) {
      const inside = await this.insideTls();
      if (inside !== null) return inside;
    }
    return bannerOf(await this.withVersion(known, this.inPlain), said);
  }

  private readonly inPlain: Connect = () => this.connect();
  private readonly inTls: Connect = () => this.secure();

  private async insideTls(): Promise<Banner | null> {
    const socket = await this.secure();
    if (socket === null) return null;
    let said = await this.converse(socket, GREETING_MS);
    this.drop(socket);
    let known = identify(said);
    if (said.length === 0) ({ known, said } = await this.askOwnProtocols(this.inTls));
    known = await this.withVersion(known, this.inTls);
    const service = known === null ? 'tls' : known.service === 'http' ? 'https' : `${known.service}/tls`;
    return bannerOf({ service, version: known?.version ?? null }, said);
  }

  /** Redis tells its version when it is asked for it, if it lets everybody in. */
  private async withVersion(known: Identified | null, connect: Connect): Promise<Identified | null> {
    if (known?.service !== 'redis') return known;
    const { known: better } = await this.ask('INFO server\r\n', connect);
    return better?.version == null ? known : better;
  }

  /** A probe on a connection of its own. */
  private async ask(probe: string | Uint8Array, connect: Connect): Promise<Answer> {
    const socket = await connect();
    if (socket === null) return { known: null, said: Buffer.alloc(0) };
    const talk = new Talk(socket);
    talk.say(probe);
    const { bytes } = await talk.listen(this.left(ANSWER_MS));
    this.drop(socket);
    return { known: identify(bytes), said: bytes };
  }

  private async askOwnProtocols(connect: Connect): Promise<Answer> {
    const answers = await Promise.all(OWN_PROTOCOLS.map((probe) => this.ask(probe, connect)));
    return (
      answers.find(({ known }) => known !== null) ??
      answers.find(({ said }) => said.length > 0) ?? { known: null, said: Buffer.alloc(0) }
    );
  }
}

const dnsQuestion = encodeMessage({ id: 0x5e17, questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }] });

/** The beginnings of protocols that stay silent to what is not theirs. */
const OWN_PROTOCOLS: readonly (string | Uint8Array)[] = [
  // PostgreSQL: SSLRequest.
  Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f),
  // Redis, which ends a connection with HTTP in it without a word.
  'PING\r\n',
  // DNS over TCP.
  Uint8Array.of(0, dnsQuestion.length, ...dnsQuestion),
  // RDP: a connection request.
  Uint8Array.of(3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0),
];

function settled(socket: Net.Socket, event: string, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const end = (good: boolean): void => {
      clearTimeout(timer);
      resolve(good);
    };
    socket.once(event, () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

function bannerOf(known: Identified | null, said: Uint8Array): Banner {
  const shown = printable(said);
  return { service: known?.service ?? null, banner: shown === '' ? null : shown, version: known?.version ?? null };
}

/** What is behind the open ports of a host, in their order. `done` is told after each of them. */
export function readBanners(
  host: string,
  address: string,
  ports: readonly number[],
  done: (count: number) => void,
): Steps<readonly Banner[]> {
  const open = new Set<Net.Socket>();
  const by = opening();
  let over = false;
  const operation = new Operation<readonly Banner[]>(`for what the open ports of ${host} say`, () => {
    over = true;
    for (const socket of open) socket.destroy();
  });
  const found: Banner[] = [];
  let next = 0;
  let finished = 0;
  const worker = async (): Promise<void> => {
    while (next < ports.length && !over) {
      const index = next++;
      found[index] = await new Look(host, address, ports[index]!, open, by).run();
      done(++finished);
    }
  };
  void Promise.all(Array.from({ length: Math.min(PARALLEL, ports.length) }, worker)).then(() => {
    for (const socket of open) socket.destroy();
    operation.succeed(found);
  });
  return operation.wait();
}
