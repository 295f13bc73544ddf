/**
 * Connecting to a WebSocket server: the connection as every other one is made (name, Happy Eyeballs, TLS), then the
 * opening handshake (RFC 6455, section 4.1) with one limit of time for all of it.
 */
import type * as Net from 'node:net';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import { opening } from '../events';
import type { Opening } from '../events';
import { showAddress } from '../net/address';
import { dial } from '../net/dial';
import { failureOf } from '../failure';
import { networkError } from '../net/failures';
import type { Attempt } from '../net/failures';
import { ClientSetup } from '../net/tls';
import type { ClientTlsOptions } from '../net/tls';
import { askPermission } from '../permissions';
import { WsConnection } from './connection';
import { clientHandshake } from './library';
import type { ClientHandshake } from './library';

export interface ConnectOptions extends ClientTlsOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  /** Seconds for all of it. */
  readonly timeout: number;
  /** Bytes. */
  readonly max_message: number;
  readonly compress: boolean;
}

/** Errors: those of a connection and of TLS, EHANDSHAKE with `status` where the server refuses, EPROTO. */
export function* connectWs(builtin: string, url: URL, options: ConnectOptions): Steps<WsConnection> {
  const secure = url.protocol === 'wss:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const target = { host, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) };
  askPermission(builtin, 'connect', showAddress(target));
  const setup = secure ? new ClientSetup(builtin, options) : null;
  const by = opening();
  const deadline = performance.now() + options.timeout * 1000;
  const attempt: Attempt = { builtin, doing: 'connect', target, seconds: options.timeout };
  const raw = yield* dial(attempt, { localHost: null, localPort: null }, deadline);
  const stream = setup === null ? raw : yield* setup.secure({ ...attempt, doing: 'secure' }, raw, deadline);
  return yield* new Handshake(attempt, url, options, stream, deadline, by).operation.wait();
}

class Handshake {
  readonly operation: Operation<WsConnection>;
  private readonly limit: Timeout;
  private over = false;

  constructor(
    private readonly attempt: Attempt,
    private readonly url: URL,
    private readonly options: ConnectOptions,
    private readonly stream: Net.Socket,
    deadline: number,
    private readonly by: Opening,
  ) {
    this.operation = new Operation<WsConnection>(`for the WebSocket handshake with ${url.host}`, () => this.stop());
    this.limit = new Timeout(() => this.fail(() => this.timedOut()));
    setTimer(this.limit, Math.max(0, deadline - performance.now()));
    this.listen(clientHandshake(url.href, stream, options));
  }

  private listen(handshake: ClientHandshake): void {
    handshake.on('upgrade', (answer) => {
      const extensions = answer.headers['sec-websocket-extensions'];
      // RFC 7692, section 5: at most one of them may be in force.
      if (extensions?.includes(',') === true) this.fail(() => this.tooMany(extensions));
    });
    handshake.on('unexpected-response', (_request, answer) => {
      const { statusCode: status = 0, statusMessage: text = '' } = answer;
      const location = answer.headers.location;
      this.fail(() => this.refused(status, text, location));
    });
    handshake.on('error', (error) => this.fail(() => this.broken(error)));
    handshake.on('handover', (opened) => {
      if (this.over) return;
      this.over = true;
      clearTimer(this.limit);
      const rules = { masked: false, maxMessage: this.options.max_message, compression: opened.deflate !== null };
      this.operation.succeed(new WsConnection(opened, rules, this.by));
    });
  }

  private fail(makeError: () => ErrorValue): void {
    if (this.over) return;
    this.stop();
    this.operation.fail(makeError);
  }

  private stop(): void {
    this.over = true;
    clearTimer(this.limit);
    this.stream.destroy();
  }

  private error(
    code: string,
    words: string,
    fields: Readonly<Record<string, string | number>> = {},
    hint?: string,
  ): ErrorValue {
    const { builtin, target } = this.attempt;
    return fault(code, `${builtin}: ${words} (${code})`, {
      function: builtin,
      fields: { host: target.host, port: target.port, ...fields },
      ...(hint === undefined ? {} : { hint }),
    });
  }

  private tooMany(extensions: string): ErrorValue {
    const where = showAddress(this.attempt.target);
    return this.error(
      'EHANDSHAKE',
      `the handshake with ${where} failed: it set more than one extension: ${extensions}`,
    );
  }

  private timedOut(): ErrorValue {
    const { seconds } = this.attempt;
    const words = `${showAddress(this.attempt.target)} did not answer the WebSocket handshake within ${seconds} seconds`;
    return this.error('ETIMEDOUT', words, {}, 'is it a WebSocket server that listens there?');
  }

  private refused(status: number, text: string, location: string | undefined): ErrorValue {
    const answered = `${this.url.href} answered ${status} ${text}`.trimEnd();
    const hint =
      location !== undefined
        ? `it is to be found at ${location}`
        : status === 401 || status === 403
          ? 'the server wants credentials or an allowed origin: option "headers"'
          : status === 404
            ? 'is the path right?'
            : status < 400
              ? 'the address is that of an HTTP server, not of a WebSocket'
              : undefined;
    return this.error('EHANDSHAKE', `${answered} in place of opening a WebSocket`, { status }, hint);
  }

  private broken(error: Error): ErrorValue {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const where = showAddress(this.attempt.target);
    if (code.startsWith('HPE_')) {
      return this.error(
        'EPROTO',
        `what ${where} answered is no HTTP`,
        {},
        'is it a WebSocket server that listens there?',
      );
    }
    if (code === 'ECONNRESET') {
      return this.error('ECONNRESET', `${where} closed the connection before it answered the WebSocket handshake`);
    }
    if (code === '') return this.error('EHANDSHAKE', `the handshake with ${where} failed: ${wording(message)}`);
    return networkError(this.attempt, failureOf(error));
  }
}

/** What `ws` says of a bad answer, as a sentence goes on. */
function wording(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
