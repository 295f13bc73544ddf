/**
 * How fast a scan goes and how long it waits: the measured round-trip, repetitions where packets get lost, a
 * ceiling for the rate. Shared by all kinds of scans.
 */
import type { Reported } from '../reported';

/** Before this much time no answer is given up, however quick the others were. */
const MIN_WAIT_MS = 100;
/** Tries of a probe that nobody answers, while there is no sign that packets get lost. */
const TRIES = 3;
/** Where repetitions brought answers: at a loss of 5 % both ways one port in ten billion stays without an answer. */
const TRIES_WITH_LOSS = 10;

/** The wait for an answer: as for TCP (RFC 6298), from what was measured, at most what was asked for. */
export class RoundTrip {
  private smoothed = 0;
  private variation = 0;
  private measured = false;
  /** A repetition brought the answer: packets get lost here. */
  private lossSeen = false;

  constructor(private readonly maxMs: number) {}

  /** An answer to try number `tries` (from 1) came after so many milliseconds. */
  sample(ms: number, tries: number): void {
    if (tries > 1) this.lossSeen = true;
    if (!this.measured) {
      this.measured = true;
      this.smoothed = ms;
      this.variation = ms / 2;
      return;
    }
    this.variation += (Math.abs(this.smoothed - ms) - this.variation) / 4;
    this.smoothed += (ms - this.smoothed) / 8;
  }

  get waitMs(): number {
    if (!this.measured) return this.maxMs;
    return Math.min(this.maxMs, Math.max(MIN_WAIT_MS, this.smoothed + 4 * this.variation));
  }

  get maxTries(): number {
    return this.lossSeen ? TRIES_WITH_LOSS : TRIES;
  }

  get hasLoss(): boolean {
    return this.lossSeen;
  }
}

/** At most so many packets in a second, a hundredth of a second's worth of them at once. */
export class RateLimit {
  private allowance: number;
  private readonly most: number;
  private last = performance.now();

  constructor(private readonly perSecond: number) {
    this.most = Math.max(1, perSecond / 100);
    this.allowance = this.most;
  }

  /** How many packets may go out now. */
  available(now: number): number {
    this.allowance = Math.min(this.most, this.allowance + ((now - this.last) * this.perSecond) / 1000);
    this.last = now;
    return Math.floor(this.allowance);
  }

  take(count = 1): void {
    this.allowance -= count;
  }

  /** Milliseconds until the next one may go. */
  get waitMs(): number {
    return Math.max(0, ((1 - this.allowance) / this.perSecond) * 1000);
  }
}

/** What is known of a port. */
export const enum PortState {
  Unknown,
  Open,
  Closed,
  Filtered,
  /** UDP: nothing came back. */
  OpenOrFiltered,
}

/** Why a port is said to be in its state: the evidence. */
export const REASONS = [
  'none',
  'connected',
  'reset',
  'no answer',
  'unreachable (ICMP)',
  'refused here',
  'syn-ack',
  'answer',
  'port unreachable (ICMP)',
] as const;
export type Reason = (typeof REASONS)[number];

/** What a scan finds out, by the index of the port in its list. */
export class Findings {
  readonly states: Uint8Array;
  readonly rttMs: Float64Array;
  private readonly reasons: Uint8Array;
  /** How many ports are decided. */
  decided = 0;

  constructor(count: number) {
    this.states = new Uint8Array(count);
    this.rttMs = new Float64Array(count).fill(NaN);
    this.reasons = new Uint8Array(count);
  }

  /** Says what a port is, once. `rttMs` NaN where nothing came back. */
  decide(index: number, state: PortState, reason: Reason, rttMs: number): void {
    if (this.states[index] !== PortState.Unknown) return;
    this.states[index] = state;
    this.reasons[index] = REASONS.indexOf(reason);
    this.rttMs[index] = rttMs;
    this.decided++;
  }

  isDecided(index: number): boolean {
    return this.states[index] !== PortState.Unknown;
  }

  reason(index: number): Reason {
    return REASONS[this.reasons[index]!]!;
  }
}

/** What a scan of any kind is told. */
export interface ScanPlan {
  /** The built-in, for errors. */
  readonly builtin: string;
  /** The address, not a name. */
  readonly address: string;
  readonly ports: readonly number[];
  /** The longest wait for an answer. */
  readonly timeoutMs: number;
  /** Probes under way at the same time. */
  readonly concurrency: number;
  /** Packets in a second. */
  readonly rate: number;
  /** The scan in the stream of events. */
  readonly seen: Reported;
  /** Told now and then how many ports are decided. */
  readonly progress: (decided: number) => void;
}
