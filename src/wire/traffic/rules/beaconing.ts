/**
 * Beaconing: connections from one host to one port of another at intervals so regular that no person makes them, as
 * malware does that asks for orders.
 *
 * What is none: NTP and other datagrams, keepalives inside of a connection, a browser (irregular), and anything that
 * was not seen often enough. Monitoring is as regular as a beacon: hence the low severity.
 */
import { ACK, RST, SYN } from '../../packet/protocols';
import type { Finding, Rule, TcpEvent } from '../rule';
import { entry } from '../rule';

/** Connections. */
const MIN_CONNECTIONS = 12;
/** Seconds between two of them, on average: faster ones are no beacon but a loop, or a browser. */
const MIN_INTERVAL = 4;
/** Seconds from the first to the last. */
const MIN_DURATION = 60;
/** Standard deviation of the intervals, as a part of their mean. */
const MAX_VARIATION = 0.12;
const MAX_PAIRS = 50_000;
const MAX_TIMES = 5_000;
/** Name look-ups, time, and what lies on the own machine. */
const LEFT_OUT_PORTS: ReadonlySet<number> = new Set([53, 123, 853]);

interface Pair {
  readonly times: number[];
  latestPort: number;
}

export class Beaconing implements Rule {
  private readonly pairs = new Map<string, Pair>();

  tcp({ time, source, target, sourcePort, targetPort, flags }: TcpEvent): void {
    if ((flags & (SYN | ACK | RST)) !== SYN || LEFT_OUT_PORTS.has(targetPort) || source === target) return;
    if (source.startsWith('127.')) return;
    const pair = entry(this.pairs, `${source} ${target} ${targetPort}`, MAX_PAIRS, () => ({
      times: [],
      latestPort: -1,
    }));
    // A SYN that is sent again belongs to the same attempt.
    if (pair === null || pair.latestPort === sourcePort || pair.times.length >= MAX_TIMES) return;
    pair.latestPort = sourcePort;
    pair.times.push(time);
  }

  finish(): Finding[] {
    const findings: Finding[] = [];
    for (const [key, { times }] of this.pairs) {
      if (times.length < MIN_CONNECTIONS || times.at(-1)! - times[0]! < MIN_DURATION) continue;
      const intervals = times.slice(1).map((time, i) => time - times[i]!);
      const mean = intervals.reduce((sum, each) => sum + each, 0) / intervals.length;
      if (mean < MIN_INTERVAL) continue;
      const deviation = Math.sqrt(intervals.reduce((sum, each) => sum + (each - mean) ** 2, 0) / intervals.length);
      if (deviation > mean * MAX_VARIATION) continue;
      const [source, target, port] = key.split(' ') as [string, string, string];
      findings.push({
        rule: 'beaconing',
        severity: 'low',
        source,
        target,
        description: `${source} connected to ${target} port ${port} ${times.length} times, every ${mean.toFixed(1)} s with hardly any variation`,
        evidence: {
          port: Number(port),
          connections: times.length,
          interval_seconds: Math.round(mean * 1000) / 1000,
          variation: Math.round((deviation / mean) * 1000) / 1000,
          threshold_connections: MIN_CONNECTIONS,
          threshold_variation: MAX_VARIATION,
        },
        packets: times.length,
        first: times[0]!,
        last: times.at(-1)!,
        reference: 'MITRE ATT&CK T1071 Application Layer Protocol',
      });
    }
    return findings;
  }
}
