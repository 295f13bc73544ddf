/** The report of an analysis for a terminal. All that comes from packets is made printable. */
import { createColors } from 'picocolors';
import { displayWidth, printable, shownWithin } from '../diagnostics/display';
import type { Style } from '../diagnostics/render-terminal';
import type { Analyzed } from '../host/capture/analyze';
import { byteText } from '../host/progress';
import { protocolName } from '../wire/packet/protocols';
import type { HierarchyNode } from '../wire/traffic/hierarchy';
import { bytesOf, packetsOf } from '../wire/traffic/report';
import { counted } from '../wire/traffic/rule';
import type { Finding } from '../wire/traffic/rule';

type Colors = ReturnType<typeof createColors>;
const SPARKS = '▁▂▃▄▅▆▇█';
const BAR_COLUMNS = 24;
const MAX_CELL = 48;

export function analysisText(analyzed: Analyzed, style: Style): string {
  const colors = createColors(style.colors);
  const { report } = analyzed;
  const title = (text: string): string => `\n${colors.bold(text)}\n`;
  const parts = [headText(analyzed, colors)];
  if (report.packets > 0) {
    parts.push(title('Packets over time'), timelineText(analyzed, Math.min(style.width - 2, 120), colors));
    parts.push(title('Protocols'), hierarchyText(report.hierarchy, report.packets, colors));
    parts.push(title('Addresses'), rows(['address', 'sent', 'bytes', 'received', 'bytes'], report.endpoints.map((each) => [each.address, count(each.packetsSent), byteText(each.bytesSent), count(each.packetsReceived), byteText(each.bytesReceived)]), colors)); // prettier-ignore
    parts.push(title(`Conversations (${count(report.conversationsTotal)})`), rows(['from', 'to', 'packets', 'bytes', 'seconds'], report.conversations.map((each) => [each.a, each.b, count(packetsOf(each)), byteText(bytesOf(each)), (each.last - each.first).toFixed(1)]), colors, 2)); // prettier-ignore
    if (report.ports.length > 0) parts.push(title('Ports'), rows(['port', 'what', 'packets', 'bytes'], report.ports.map((each) => [`${each.port}/${each.protocol}`, each.service ?? '', count(each.packets), byteText(each.bytes)]), colors, 2)); // prettier-ignore
    if (report.names.length > 0) parts.push(title('Names asked for'), rows(['name', 'type', 'asked', 'answered', 'failed'], report.names.map((each) => [each.name, each.type, count(each.queries), count(each.answers), count(each.failures)]), colors, 2)); // prettier-ignore
    if (report.tlsServers.length > 0) parts.push(title('TLS'), rows(['server name', 'address', 'version', 'JA4', 'times'], report.tlsServers.map((each) => [each.name, `${each.address} ${each.port}`, each.version, each.ja4, count(each.connections)]), colors, 4)); // prettier-ignore
    if (report.httpRequests.length > 0) parts.push(title('HTTP requests'), rows(['method', 'host', 'path', 'times'], report.httpRequests.map((each) => [each.method, each.host, each.path, count(each.requests)]), colors, 3)); // prettier-ignore
  }
  parts.push(title('Findings'), findingsText(report.findings, colors));
  return parts.join('');
}

export const count = (value: number): string => Math.round(value).toLocaleString('en');

export function headLines({ report, source, duration, dropped, link, warning }: Analyzed): string[] {
  const rate = duration > 0 ? ` · ${count(report.packets / duration)} packets/s · ${byteText((report.bytes * 8) / duration).replace('B', 'bit')}/s` : ''; // prettier-ignore
  const lines = [
    `${source} (${link})`,
    `${count(report.packets)} packets · ${byteText(report.bytes)} · ${spanText(duration)}${rate}`,
  ];
  if (dropped > 0) lines.push(`${count(dropped)} packets were dropped by the kernel: the figures are too low`);
  if (report.malformed > 0) lines.push(`${count(report.malformed)} packets are malformed`);
  if (report.notKept > 0)
    lines.push(`${count(report.notKept)} flows are counted in the totals only, since there are so many`);
  if (warning !== null) lines.push(`warning: ${warning}`);
  return lines;
}

function headText(analyzed: Analyzed, colors: Colors): string {
  const [first, second, ...notes] = headLines(analyzed).map(printable);
  return `${colors.bold(first)}\n${second!}\n${notes.map((note) => `${colors.yellow(note)}\n`).join('')}`;
}

function timelineText({ report }: Analyzed, columns: number, colors: Colors): string {
  const { parts, seconds } = report.timeline;
  const each = Math.max(1, Math.ceil(parts.length / columns));
  const joined: number[] = [];
  for (let i = 0; i < parts.length; i += each)
    joined.push(parts.slice(i, i + each).reduce((sum, part) => sum + part.packets, 0));
  const most = Math.max(...joined, 1);
  const line = joined
    .map((value) => (value === 0 ? ' ' : SPARKS[Math.min(7, Math.floor((value / most) * 8))]!))
    .join('');
  return `  ${colors.cyan(line)}\n  ${colors.dim(`${count(most)} packets at most in ${spanText(seconds * each)}`)}\n`;
}

function hierarchyText(nodes: readonly HierarchyNode[], total: number, colors: Colors, depth = 0): string {
  return nodes
    .map(({ protocol, packets, bytes, children }) => {
      const part = packets / total;
      const filled = Math.max(1, Math.round(part * BAR_COLUMNS));
      const name = `${'  '.repeat(depth)}${protocol}`.padEnd(22);
      const bar = colors.cyan('█'.repeat(filled)) + colors.dim('░'.repeat(BAR_COLUMNS - filled));
      const line = `  ${name} ${bar} ${`${(part * 100).toFixed(1)} %`.padStart(7)} ${count(packets).padStart(11)} ${byteText(bytes).padStart(9)}\n`;
      return line + hierarchyText(children, total, colors, depth + 1);
    })
    .join('');
}

/** A table; the first `texts` columns to the left, all others to the right. */
function rows(titles: readonly string[], lines: readonly (readonly string[])[], colors: Colors, texts = 1): string {
  const shown = lines.map((line) => line.map((cell) => shownWithin(printable(cell), MAX_CELL).shown));
  const widths = titles.map((title, i) => Math.max(title.length, ...shown.map((line) => displayWidth(line[i]!))));
  const lay = (line: readonly string[]): string =>
    `  ${line
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - displayWidth(cell));
        return i < texts ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd()}\n`;
  return colors.dim(lay(titles)) + shown.map(lay).join('');
}

function findingsText(findings: readonly Finding[], colors: Colors): string {
  if (findings.length === 0) return `  ${colors.green('none')}\n`;
  const paint = { high: colors.red, medium: colors.yellow, low: colors.blue };
  return findings
    .map(({ rule, severity, description, reference, packets }) => {
      const head = `  ${paint[severity](severity.padEnd(6))} ${colors.bold(rule)}: ${printable(description)}\n`;
      return `${head}         ${colors.dim(`${counted(packets, 'packet')} · ${reference}`)}\n`;
    })
    .join('');
}

/** "0.42 s", "35 min 20 s", "40 h 9 min" */
export function spanText(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** Used by the page as well. */
export function streamService(application: number): string {
  return application === 0 ? '' : protocolName(application);
}
