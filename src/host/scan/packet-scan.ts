/**
 * What scans by packets of their own have in common: which port is probed next, which probes wait for an answer,
 * and when one is repeated or given up.
 */
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { Findings, RateLimit, RoundTrip } from './pacing';
import type { ScanPlan, PortState } from './pacing';
import { SlicedWork } from './slices';

export interface Probe {
  readonly index: number;
  /** From 1. */
  readonly tries: number;
  readonly sentAt: number;
}

export abstract class PacketScan<R> extends SlicedWork {
  protected readonly findings: Findings;
  protected readonly roundTrip: RoundTrip;
  protected readonly indexOfPort = new Map<number, number>();
  private readonly rate: RateLimit;
  private fresh = 0;
  private again: { readonly index: number; readonly tries: number }[] = [];
  private sent: Probe[] = [];
  private head = 0;
  /** Probes that wait for an answer. */
  private open = 0;
  private readonly operation: Operation<R>;

  constructor(protected readonly plan: ScanPlan) {
    super();
    this.findings = new Findings(plan.ports.length);
    this.roundTrip = new RoundTrip(plan.timeoutMs);
    this.rate = new RateLimit(plan.rate);
    plan.ports.forEach((port, index) => this.indexOfPort.set(port, index));
    this.operation = new Operation(`for the scan of ${plan.address}`, () => this.end());
  }

  /** Sends up to so many of these probes; gives how many went out. */
  protected abstract transmit(probes: readonly Probe[]): number;
  /** Takes what has come in and decides ports. */
  protected abstract receive(): void;
  /** How many probes to send with one call. */
  protected abstract readonly batch: number;
  protected abstract result(): R;
  protected abstract release(): void;
  /** What is said of a port from which nothing comes. */
  protected abstract readonly silentState: PortState;

  run(): Steps<R> {
    this.start();
    return this.operation.wait();
  }

  protected override work(): number {
    this.receive();
    let now = performance.now();
    this.giveUpLate(now);
    let allowed = this.rate.available(now);
    while (allowed > 0 && this.hasMore && this.open < this.plan.concurrency) {
      const count = Math.min(this.batch, allowed, this.plan.concurrency - this.open);
      const probes = this.next(count, now);
      if (probes.length === 0) break;
      const went = this.transmit(probes);
      for (const probe of probes.slice(went)) this.again.push({ index: probe.index, tries: probe.tries - 1 });
      for (const probe of probes.slice(0, went)) this.sent.push(probe);
      this.open += went;
      this.rate.take(went);
      allowed -= went;
      this.receive();
      now = performance.now();
      if (went < probes.length || this.isTimeUp(now)) break;
    }
    this.plan.progress(this.findings.decided);
    if (this.findings.decided === this.plan.ports.length) {
      this.end();
      this.operation.succeed(this.result());
      return Infinity;
    }
    return this.pauseMs(performance.now());
  }

  private get hasMore(): boolean {
    return this.again.length > 0 || this.fresh < this.plan.ports.length;
  }

  private next(count: number, now: number): Probe[] {
    const probes: Probe[] = [];
    while (probes.length < count && this.hasMore) {
      const { index, tries } = this.again.pop() ?? { index: this.fresh++, tries: 0 };
      if (!this.findings.isDecided(index)) probes.push({ index, tries: tries + 1, sentAt: now });
    }
    return probes;
  }

  private pauseMs(now: number): number {
    let until = Infinity;
    const oldest = this.sent[this.head];
    if (oldest !== undefined) until = oldest.sentAt + this.waitFor(oldest.tries) - now;
    if (this.hasMore && this.open < this.plan.concurrency)
      until = Math.min(until, Math.max(this.rate.waitMs, this.holdMs));
    return Math.max(0, until);
  }

  /** Milliseconds in which nothing may be sent, for reasons of the kind of scan. */
  protected get holdMs(): number {
    return 0;
  }

  /** How long a probe of this number waits for its answer. */
  protected waitFor(_tries: number): number {
    return this.roundTrip.waitMs;
  }

  private giveUpLate(now: number): void {
    for (;;) {
      const oldest = this.sent[this.head];
      if (oldest === undefined) break;
      const decided = this.findings.isDecided(oldest.index);
      if (!decided && oldest.sentAt + this.waitFor(oldest.tries) > now) break;
      this.head++;
      this.open--;
      if (!decided) this.noAnswer(oldest);
    }
    if (this.head > 4096 && this.head * 2 > this.sent.length) {
      this.sent = this.sent.slice(this.head);
      this.head = 0;
    }
  }

  protected noAnswer({ index, tries }: Probe): void {
    if (tries < this.roundTrip.maxTries) this.repeat(index, tries);
    else this.findings.decide(index, this.silentState, 'no answer', NaN);
  }

  protected repeat(index: number, tries: number): void {
    this.again.push({ index, tries });
  }

  protected override failed(error: unknown): void {
    this.plan.seen.failed(error);
    this.end();
    this.operation.fail(() => error as never);
  }

  private end(): void {
    if (this.isStopped) return;
    this.stop();
    this.release();
  }
}
