/**
 * A WebSocket server and its clients. New clients wait, in order of arrival, until the program accepts them; those
 * that no place is left for are refused. Nothing that one client does or does not do holds up another.
 *
 * Always: a client is listed from its acceptance until it is over and all its messages are taken.
 */
import type * as Http from 'node:http';
import { ready } from '../../runtime/park';
import type { Steps } from '../../runtime/task';
import { WaitQueue } from '../../runtime/wait-queue';
import { GOING_AWAY } from '../../wire/websocket/close-codes';
import type { Address, Opening, Subject } from '../events';
import { opening, reportClosed, reportOpened, tap } from '../events';
import { showAddress } from '../net/address';
import { newHandle } from '../handle-names';
import { closedError, peek, register, unregister } from '../net/handles';
import type { Resource } from '../net/handles';
import { closeAtShutdown } from '../shutdown';
import { textOf, WsConnection } from './connection';
import type { Arrival } from './arrival';
import type { Keeper } from './connection';
import type { Outgoing } from './outgoing';
import type { Sender } from './sender';
import { Heartbeat } from './heartbeat';
import { ClientWait, PollWait } from './waits';

/** A poll without a timeout waits this long at most. */
const POLL_MS = 30_000;
/** A client that was asked something has so long to answer before a poll gives way to the messages of others ... */
const ANSWER_MS = 50;
/** ... and so long before it gives way to new clients: they came at once and will be asked the same. */
const ANSWER_BEFORE_NEW_MS = 250;
/** Clients that are over while messages of theirs wait, at most: then those of the oldest are dropped. */
const MAX_GONE = 256;
/** New clients that wait to be accepted. */
const MAX_PENDING = 511;

export class WsServer implements Resource, Subject, Keeper {
  readonly kind = 'WebSocket server';
  readonly role = 'server';
  readonly remote = null;
  readonly handle: string;
  stopped = false;
  private pending: Arrival[] = [];
  private readonly clients = new Set<WsConnection>();
  /** Of `clients`, those that are over and have left messages. */
  private readonly gone = new Set<WsConnection>();
  /** Clients with broadcasts that are not written yet. */
  private readonly unflushed = new Set<Sender>();
  private flushing = false;
  private readonly acceptors = new WaitQueue<ClientWait<Arrival>>();
  private readonly pollers = new Set<PollWait>();
  /** The program has asked for the list of clients; then it polls them: see `accept`. */
  private listed = false;
  private polls = false;
  private readonly opened: Opening = opening();
  private readonly forget: () => void;
  private readonly heartbeat: Heartbeat;

  constructor(
    private readonly http: Http.Server,
    readonly protocol: 'ws' | 'wss',
    readonly local: Address,
    private readonly maxClients: number,
    heartbeatMs: number,
  ) {
    this.handle = newHandle(`${protocol}-listen`, showAddress(local));
    register(this);
    this.forget = closeAtShutdown(() => this.beginStop());
    this.heartbeat = new Heartbeat(heartbeatMs, () => this.connections());
    if (tap.on !== null) reportOpened(this, null, this.opened);
  }

  // ---------------------------------------------------------------- new clients

  /** Whether another client would be let in. */
  get hasRoom(): boolean {
    const { size } = this.clients;
    const waiting = this.pending.length;
    return !this.stopped && size + waiting < this.maxClients && waiting < MAX_PENDING;
  }

  arrived(arrival: Arrival): void {
    arrival.connection.keeper = this;
    this.pending.push(arrival);
    this.serveAcceptors();
    if (this.pending.length > 0) this.wakePollers('new client');
  }

  private serveAcceptors(): void {
    while (this.acceptors.first !== null) {
      const arrival = this.nextPending();
      if (arrival === null) return;
      this.acceptors.next()!.wake(arrival);
    }
  }

  /** The next of those that wait, now listed. Who has left without a word no longer waits. */
  private nextPending(): Arrival | null {
    const arrival = this.pending.shift();
    if (arrival === undefined) return null;
    const { connection } = arrival;
    this.clients.add(connection);
    if (connection.ending !== null) this.leftMessages(connection);
    return arrival;
  }

  /**
   * The next new client, null at the timeout. Of a program that polls its clients, an accept with a timeout gives
   * null as well when a message waits, so that no message has to wait for the accept. Error: ECLOSED.
   */
  accept(builtin: string, timeoutMs: number | null): Steps<Arrival | null> {
    this.checkRunning(builtin);
    const arrival = this.nextPending();
    if (arrival !== null) return ready(arrival);
    const givesWay = this.polls && timeoutMs !== null;
    this.listed = false;
    if (givesWay && this.messageWaitsElsewhere(null)) return ready(null);
    const wait = new ClientWait<Arrival>(this, givesWay, timeoutMs);
    this.acceptors.join(wait);
    return this.accepted(builtin, wait.steps());
  }

  private *accepted(builtin: string, steps: Steps<Arrival | null>): Steps<Arrival | null> {
    const arrival = yield* steps;
    if (arrival === null) this.checkRunning(builtin);
    return arrival;
  }

  private checkRunning(builtin: string): void {
    if (this.stopped) throw closedError(builtin, this.handle);
  }

  // ---------------------------------------------------------------- clients

  /** One that was accepted. */
  client(handle: string): WsConnection | undefined {
    const found = peek(handle);
    return found instanceof WsConnection && this.clients.has(found) ? found : undefined;
  }

  private connections(): WsConnection[] {
    return [...this.clients, ...this.pending.map(({ connection }) => connection)];
  }

  /** Whether this is one that waits to be accepted. */
  isPending(handle: string): boolean {
    return this.pending.some(({ connection }) => connection.handle === handle);
  }

  /** Handles in order of arrival. */
  list(): string[] {
    this.listed = true;
    return Array.from(this.clients, ({ handle }) => handle);
  }

  leftMessages(connection: WsConnection): void {
    if (!this.clients.has(connection)) return;
    this.gone.add(connection);
    if (this.gone.size > MAX_GONE) this.gone.values().next().value!.forgetMessages();
  }

  over(connection: WsConnection): void {
    if (!this.clients.delete(connection)) this.pending = this.pending.filter((each) => each.connection !== connection);
    this.gone.delete(connection);
  }

  // ---------------------------------------------------------------- messages

  /**
   * The next message of a client, for which it waits 30 seconds at most; null as soon as there is something else to
   * do: another client has a message waiting, or a new client waits to be accepted. So a loop over all clients
   * neither spins nor stalls. Only a client that was just asked something, once, has a moment to answer.
   */
  *poll(connection: WsConnection): Steps<string | null> {
    if (this.listed) this.polls = true;
    const message = connection.takeMessage();
    if (message !== null || connection.ending !== null) return message?.text ?? null;
    if (connection.takeQuestion()) {
      const answer = yield* this.answerOf(connection);
      if (answer !== null || connection.state === 'closed') return answer;
    }
    if (this.pending.length > 0 || this.messageWaitsElsewhere(connection)) return null;
    return yield* connection.join(new PollWait(connection, textOf, POLL_MS, this.pollers));
  }

  private *answerOf(connection: WsConnection): Steps<string | null> {
    const answer = yield* connection.receive(textOf, ANSWER_MS);
    if (answer !== null || this.pending.length === 0 || this.messageWaitsElsewhere(connection)) return answer;
    if (connection.state === 'closed') return null;
    const rest = ANSWER_BEFORE_NEW_MS - ANSWER_MS;
    return yield* connection.join(new PollWait(connection, textOf, rest, this.pollers, 'messages'));
  }

  private messageWaitsElsewhere(than: WsConnection | null): boolean {
    for (const each of this.clients) if (each !== than && each.waiting > 0) return true;
    return false;
  }

  messageWaits(connection: WsConnection): void {
    if (!this.clients.has(connection)) return;
    this.wakePollers('message');
    if (this.acceptors.first?.givesWay === true) this.acceptors.next()!.wake(null);
  }

  private wakePollers(to: 'message' | 'new client'): void {
    for (const each of [...this.pollers]) if (to === 'message' || each.givesWayTo === 'all') each.giveWay();
  }

  /**
   * To every open client but `except`; those too far behind are dropped. Gives how many it is on its way to. What is
   * broadcast in one turn of the event loop goes to each client in one call of the system: those calls are what a
   * broadcast costs.
   */
  broadcast(message: Outgoing, except: ReadonlySet<string>, maxBuffered: number): number {
    let reached = 0;
    for (const connection of this.clients) {
      if (connection.state !== 'open' || except.has(connection.handle)) continue;
      if (connection.buffered > maxBuffered) {
        connection.dropSlow();
      } else {
        connection.post(message, this.unflushed);
        reached++;
      }
    }
    if (this.unflushed.size > 0 && !this.flushing) {
      this.flushing = true;
      setImmediate(() => this.flush());
    }
    return reached;
  }

  private flush(): void {
    this.flushing = false;
    for (const connection of this.unflushed) connection.endTurn();
    this.unflushed.clear();
  }

  // ---------------------------------------------------------------- the end

  private beginStop(): void {
    if (this.stopped) return;
    this.stopped = true;
    unregister(this);
    this.forget();
    this.heartbeat.stop();
    this.http.close();
    this.http.closeIdleConnections();
    for (const connection of this.connections()) connection.beginClose(GOING_AWAY, 'the server stops');
    for (let wait = this.acceptors.next(); wait !== null; wait = this.acceptors.next()) wait.wake(null);
    if (tap.on !== null) reportClosed(this, this.opened);
  }

  /** Closes every client with 1001 and waits for their answers, 2 seconds at most. */
  *stop(): Steps<null> {
    this.beginStop();
    for (const connection of this.connections()) yield* connection.close(GOING_AWAY, 'the server stops');
    this.http.closeAllConnections();
    return null;
  }

  abandonNow(): void {
    for (const connection of this.connections()) connection.abandonNow();
    this.http.close();
  }
}
