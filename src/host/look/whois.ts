/** Who a name, an address or a number of the internet belongs to, as the registries tell (RFC 3912). */
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import { opening } from '../events';
import { formatAddress } from '../net/address';
import { failureOf } from '../failure';
import { networkError } from '../net/failures';
import type { Failure } from '../failure';
import { addressesOf } from '../net/lookup';
import { node } from '../node';
import { askPermission } from '../permissions';
import { reportSocket } from '../reported';
import { decode, encode } from '../text';

export interface WhoisPlan {
  readonly builtin: string;
  readonly name: string;
  /** Where to begin. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** How many other servers an answer may lead to. */
  readonly referrals: number;
}

export interface WhoisAnswer {
  readonly server: string;
  readonly text: string;
}

const MAX_BYTES = 1024 * 1024;
export const WHOIS_PORT = 43;

/** The answers, each of the server that the one before has named. Errors: ENOTFOUND, ECONNREFUSED, ETIMEDOUT. */
export function* whoisAnswers(plan: WhoisPlan): Steps<readonly WhoisAnswer[]> {
  const answers: WhoisAnswer[] = [];
  const asked = new Set<string>();
  let { host, port } = plan;
  for (let i = 0; i <= plan.referrals; i++) {
    asked.add(`${host}:${port}`.toLowerCase());
    const text = yield* ask(plan, host, port);
    answers.push({ server: host, text });
    const next = referral(text);
    if (next === null || asked.has(`${next.host}:${next.port}`.toLowerCase())) break;
    ({ host, port } = next);
  }
  return answers;
}

/** "refer: whois.example", "Registrar WHOIS Server: ...", "ReferralServer: whois://host:port". */
function referral(text: string): { host: string; port: number } | null {
  const found = /^[ \t]*(?:refer|whois|Registrar WHOIS Server|ReferralServer|Whois Server):[ \t]*(?:r?whois:\/\/)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?\/?[ \t]*\r?$/im.exec(text); // prettier-ignore
  if (found === null) return null;
  const port = found[2] === undefined ? WHOIS_PORT : Number(found[2]);
  return port > 0 && port < 65536 ? { host: found[1]!.replace(/[[\]]/g, ''), port } : null;
}

function* ask(plan: WhoisPlan, host: string, port: number): Steps<string> {
  const { builtin, timeoutMs } = plan;
  askPermission(builtin, 'connect', formatAddress(host, port));
  const attempt = { builtin, doing: 'connect', target: { host, port }, seconds: timeoutMs / 1000 } as const;
  const [first] = yield* addressesOf(attempt, host);
  const socket = node.net.connect({ host: first!.address, port });
  reportSocket(socket, 'whois', { host: first!.address, port }, opening());
  const operation = new Operation<string>(`for ${formatAddress(host, port)} to answer`, () => stop());
  const limit = new Timeout(() => fail({ code: 'ETIMEDOUT', message: '' }));
  const stop = (): void => {
    clearTimer(limit);
    socket.on('error', () => {});
    socket.destroy();
  };
  const fail = (failure: Failure): void => {
    stop();
    operation.fail(() => networkError(attempt, failure));
  };
  setTimer(limit, timeoutMs);
  const pieces: Buffer[] = [];
  let bytes = 0;
  const done = (): void => {
    stop();
    operation.succeed(decode(Buffer.concat(pieces)));
  };
  socket.on('connect', () => socket.write(encode(`${plan.name}\r\n`)));
  socket.on('data', (piece: Buffer) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_BYTES) done();
  });
  socket.on('end', done);
  socket.on('error', (error) => fail(failureOf(error)));
  return yield* operation.wait();
}
