/** Analyses of a capture file, and of what passes an interface for a time. */
import { FileFilter } from '../../wire/filter';
import { linkName } from '../../wire/packet/protocols';
import { Analysis } from '../../wire/traffic/analysis';
import { reportOf } from '../../wire/traffic/report';
import type { Report } from '../../wire/traffic/report';
import type { Finding } from '../../wire/traffic/rule';
import type { Steps } from '../../runtime/task';
import { quicCrypto } from '../crypto/quic';
import { pause } from './capture';
import { readCapture } from './file';
import { checkFilter, openSource } from './open';
import { BLOCK_MS } from './packet-source';
import type { SourceOptions } from './packet-source';

export interface AnalyzeOptions {
  /** In tcpdump's language; empty takes everything. */
  readonly filter: string;
  /** How many of each list. */
  readonly top: number;
  /** False counts only. */
  readonly decode: boolean;
}

export interface Analyzed {
  readonly report: Report;
  /** The interface, or the path of the file. */
  readonly source: string;
  /** Seconds. */
  readonly duration: number;
  readonly dropped: number;
  readonly link: string;
  /** What was wrong with the file; null for nothing. */
  readonly warning: string | null;
}

/** Errors: those of reading a file; EFILTER. */
export function* analyzeFile(
  builtin: string,
  path: string,
  options: AnalyzeOptions & { readonly progress: boolean },
): Steps<Analyzed> {
  checkFilter(builtin, options.filter);
  const filter = options.filter.trim() === '' ? null : new FileFilter(options.filter);
  const analysis = new Analysis({ decode: options.decode, quic: quicCrypto });
  const { reader, warning } = yield* readCapture(
    builtin,
    path,
    (bytes, start, end, head) => {
      if (filter !== null && !filter.passes(bytes, start, end, head.wireLength, head.linkType)) return;
      analysis.add(bytes, start, end, head.wireLength, head.linkType, head.seconds + head.nanos / 1e9);
    },
    options.progress,
  );
  const report = reportOf(analysis, options.top);
  return {
    report,
    source: path,
    duration: report.last - report.first,
    dropped: 0,
    link: linkName(reader.linkType),
    warning,
  };
}

export interface LiveOptions extends AnalyzeOptions, SourceOptions {
  /** Gets the function that ends the looking before its time. */
  readonly until?: (end: () => void) => void;
}

/** Errors: EPERM, ENODEV, EFILTER, ENOSYS. */
export function* analyzeInterface(
  builtin: string,
  name: string,
  seconds: number,
  options: LiveOptions,
): Steps<Analyzed> {
  const analysis = new Analysis({ decode: options.decode, quic: quicCrypto });
  const started = performance.now();
  const source = openSource(builtin, name, options, (bytes, start, end, wireLength, sec, nanos) =>
    analysis.add(bytes, start, end, wireLength, source.linkType, sec + nanos / 1e9),
  );
  try {
    yield* pause(seconds * 1000, `for packets on ${name}`, options.until);
    const duration = (performance.now() - started) / 1000;
    yield* pause(2 * BLOCK_MS, 'for the last packets');
    source.read();
    source.readStatistics();
    const report = reportOf(analysis, options.top);
    const found = source.wentDown ? withDown(report, name) : report;
    return {
      report: found,
      source: name,
      duration,
      dropped: source.dropped,
      link: linkName(source.linkType),
      warning: null,
    };
  } finally {
    source.close();
  }
}

function withDown(report: Report, name: string): Report {
  const finding: Finding = {
    rule: 'interface down',
    severity: 'low',
    source: '',
    target: name,
    description: `${name} went down while it was captured: nothing after that was seen`,
    evidence: { interface: name },
    packets: 0,
    first: report.last,
    last: report.last,
    reference: '',
  };
  return { ...report, findings: [...report.findings, finding] };
}
