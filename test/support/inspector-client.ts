/**
 * A debugger: speaks the inspector protocol with a program, over as much of WebSocket (RFC 6455) as that needs.
 * https://chromedevtools.github.io/devtools-protocol/
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const TIMEOUT_MS = 15_000;
const TEXT = 1;
const CLOSE = 8;
const MASKED = 0x80;

/** The answer to a command, or the parameters of an event. */
export type Reply = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Reply;
  readonly result?: Reply;
  readonly error?: { readonly message: string };
}

export class InspectorClient {
  private received = Buffer.alloc(0);
  private lastId = 0;
  private readonly answers = new Map<number, (message: Message) => void>();
  private readonly events: Message[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly socket: Socket) {
    socket.on('data', (piece) => this.take(piece));
    socket.on('error', () => undefined);
  }

  /** `url` is what Node prints: ws://127.0.0.1:PORT/ID. */
  static async connect(url: string): Promise<InspectorClient> {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let head = '';
    while (!head.includes('\r\n\r\n')) {
      head += String(await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject)));
    }
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(head);
    return new InspectorClient(socket);
  }

  async send(method: string, params: Reply = {}): Promise<Reply> {
    const id = ++this.lastId;
    const answer = new Promise<Message>((resolve) => this.answers.set(id, resolve));
    this.write(JSON.stringify({ id, method, params }));
    const { result, error } = await inTime(answer, method);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** The next event of this name, also one that came before. */
  async event(method: string, fits: (params: Reply) => boolean = () => true): Promise<Reply> {
    const found = new Promise<Reply>((resolve) => {
      const look = (): void => {
        const at = this.events.findIndex((each) => each.method === method && fits(each.params ?? {}));
        if (at < 0) return;
        this.waiting.delete(look);
        resolve(this.events.splice(at, 1)[0]!.params ?? {});
      };
      this.waiting.add(look);
      look();
    });
    return inTime(found, method);
  }

  /** With a closing frame: Node's inspector may crash when a debugger is gone in the midst of its message. */
  close(): void {
    this.write('', CLOSE);
    this.socket.end();
  }

  /** One frame; what a client sends is masked. */
  private write(text: string, opcode = TEXT): void {
    const payload = Buffer.from(text);
    const mask = randomBytes(4);
    const head = Buffer.from(
      payload.length < 126
        ? [MASKED | opcode, MASKED | payload.length]
        : [MASKED | opcode, MASKED | 126, payload.length >> 8, payload.length & 0xff],
    );
    for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i % 4]!;
    this.socket.write(Buffer.concat([head, mask, payload]));
  }

  private take(piece: Buffer): void {
    this.received = Buffer.concat([this.received, piece]);
    for (;;) {
      const buffer = this.received;
      if (buffer.length < 2) return;
      const short = buffer[1]! & 0x7f;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (buffer.length < start) return;
      const length = short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
      if (buffer.length < start + length) return;
      this.received = buffer.subarray(start + length);
      if ((buffer[0]! & 0x0f) === TEXT)
        this.handle(JSON.parse(buffer.toString('utf8', start, start + length)) as Message);
    }
  }

  private handle(message: Message): void {
    if (message.id !== undefined) {
      this.answers.get(message.id)?.(message);
      this.answers.delete(message.id);
      return;
    }
    this.events.push(message);
    for (const look of [...this.waiting]) look();
  }
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} in time`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
