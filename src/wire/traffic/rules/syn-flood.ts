/**
 * SYN flood: a port gets far more requests to connect than are ever completed.
 *
 * What is none: a busy server (its handshakes complete), one client that repeats its SYN to a host that is down (the
 * same two ports count once), and a scan (many ports, few requests for each).
 */
import { ACK, RST, SYN } from '../../packet/protocols';
import type { Finding, Rule, TcpEvent } from '../rule';
import { entry } from '../rule';

/** Requests in one window that were never completed. */
const MIN_HALF_OPEN = 200;
const WINDOW_SECONDS = 5;
const MIN_PART = 0.8;
const MAX_TARGETS = 10_000;
const MAX_PENDING = 200_000;
const SHOWN = 10;

interface Target {
  readonly address: string;
  readonly port: number;
  readonly first: number;
  last: number;
  requests: number;
  completed: number;
  /** Requests in windows one after the other, and those of them that were completed. */
  readonly windows: Map<number, { requests: number; completed: number }>;
  readonly sources: Map<string, number>;
}

export class SynFlood implements Rule {
  private readonly targets = new Map<string, Target>();
  /** By both ends: the window of a request that waits. */
  private readonly pending = new Map<string, number>();

  tcp({ time, source, target, sourcePort, targetPort, flags }: TcpEvent): void {
    const kind = flags & (SYN | ACK | RST);
    if (kind === SYN) this.request(source, sourcePort, target, targetPort, time);
    // The client goes on, or its end of the connection did at least exist: it resets, or ends.
    else if ((flags & ACK) !== 0 && (flags & SYN) === 0) this.complete(source, sourcePort, target, targetPort);
    // The server refuses: nothing stays half open.
    if ((flags & RST) !== 0) this.complete(target, targetPort, source, sourcePort);
  }

  private request(source: string, sourcePort: number, target: string, targetPort: number, time: number): void {
    const key = `${source} ${sourcePort} ${target} ${targetPort}`;
    if (this.pending.has(key)) return;
    const make = (): Target => ({ address: target, port: targetPort, first: time, last: time, requests: 0, completed: 0, windows: new Map(), sources: new Map() }); // prettier-ignore
    const found = entry(this.targets, `${target} ${targetPort}`, MAX_TARGETS, make);
    if (found === null) return;
    const number = Math.floor(time / WINDOW_SECONDS);
    const window = entry(found.windows, number, 100_000, () => ({ requests: 0, completed: 0 }));
    if (window === null) return;
    found.requests++;
    found.last = time;
    window.requests++;
    if (found.sources.size < MAX_TARGETS || found.sources.has(source))
      found.sources.set(source, (found.sources.get(source) ?? 0) + 1);
    if (this.pending.size >= MAX_PENDING) this.pending.delete(this.pending.keys().next().value!);
    this.pending.set(key, number);
  }

  private complete(source: string, sourcePort: number, target: string, targetPort: number): void {
    const key = `${source} ${sourcePort} ${target} ${targetPort}`;
    const number = this.pending.get(key);
    if (number === undefined) return;
    this.pending.delete(key);
    const found = this.targets.get(`${target} ${targetPort}`)!;
    found.completed++;
    const window = found.windows.get(number);
    if (window !== undefined) window.completed++;
  }

  finish(): Finding[] {
    const findings: Finding[] = [];
    for (const { address, port, first, last, requests, completed, windows, sources } of this.targets.values()) {
      const floods = [...windows.values()].some((window) => window.requests - window.completed >= MIN_HALF_OPEN && window.requests - window.completed >= window.requests * MIN_PART); // prettier-ignore
      if (!floods) continue;
      const top = [...sources].sort((a, b) => b[1] - a[1]);
      // With more sources than that they are made up: nobody is to be named.
      const source = top.length <= 3 ? top[0]![0] : '';
      const from = source === '' ? `${sources.size} addresses` : top.map(([each]) => each).join(', ');
      findings.push({
        rule: 'SYN flood',
        severity: 'high',
        source,
        target: address,
        description: `port ${port} of ${address} got ${requests} requests to connect from ${from}; ${requests - completed} were never completed`,
        evidence: {
          port,
          requests,
          half_open: requests - completed,
          sources: sources.size,
          top_sources: top.slice(0, SHOWN).map(([each]) => each),
          threshold: MIN_HALF_OPEN,
          window_seconds: WINDOW_SECONDS,
        },
        packets: requests,
        first,
        last,
        reference: 'RFC 4987 TCP SYN Flooding Attacks and Common Mitigations',
      });
    }
    return findings;
  }
}
