/**
 * The report of an analysis as one page that needs nothing else: no script, no address outside; charts are SVG. All
 * that comes from packets is escaped, so whatever they hold shows as text.
 */
import { printable } from '../diagnostics/display';
import type { Analyzed } from '../host/capture/analyze';
import { byteText } from '../host/progress';
import type { HierarchyNode } from '../wire/traffic/hierarchy';
import { bytesOf, packetsOf } from '../wire/traffic/report';
import type { Report } from '../wire/traffic/report';
import type { Finding } from '../wire/traffic/rule';
import { count, headLines, spanText, streamService } from './analyze-report';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or an attribute between quotes. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

const STYLE = `
:root{--ink:#1c2733;--soft:#64748b;--line:#e2e8f0;--paper:#fff;--back:#f5f7fa;--blue:#2563eb;--bar:#dbe6fb}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1100px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:24px;margin:0;overflow-wrap:anywhere}h2{font-size:16px;margin:0 0 12px}
.note{color:#9a5b00;margin:4px 0 0}.soft{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:18px 0}
.tile,section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
section{margin-top:16px;overflow-x:auto}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(460px,1fr));gap:16px}
table{border-collapse:collapse;width:100%;min-width:620px;font-size:14px}th{color:var(--soft);font-weight:500;text-align:left}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.finding{border-left:4px solid var(--blue);padding:6px 0 6px 12px;margin:0 0 12px}
.high{border-color:#dc2626}.medium{border-color:#d97706}.low{border-color:#2563eb}
.badge{font-size:12px;border-radius:99px;padding:1px 8px;background:var(--bar);margin-right:6px}
.finding.high .badge{background:#fee2e2;color:#991b1b}.finding.medium .badge{background:#fef3c7;color:#92400e}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 12px;margin:6px 0 0;font-size:13px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
svg{display:block;width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
@media(prefers-color-scheme:dark){:root{--ink:#e5e9ef;--soft:#94a3b8;--line:#2a3544;--paper:#17202b;--back:#0f161e;--bar:#24344e}.note{color:#fbbf24}}
`;

export function analysisPage(analyzed: Analyzed): string {
  const { report, source, duration } = analyzed;
  const [, , ...notes] = headLines(analyzed);
  const tiles: readonly (readonly [string, string])[] = [
    ['packets', count(report.packets)],
    ['on the wire', byteText(report.bytes)],
    ['duration', spanText(duration)],
    ['conversations', count(report.conversationsTotal)],
    ['addresses', count(report.endpointsTotal)],
    ['findings', count(report.findings.length)],
  ];
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(source)}: traffic</title><style>${STYLE}</style></head><body><main>
<h1>${escapeHtml(source)}</h1><div class="soft">${escapeHtml(analyzed.link)}${report.packets === 0 ? '' : ` · from ${escapeHtml(new Date(report.first * 1000).toISOString())}`}</div>
${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('')}
<div class="tiles">${tiles.map(([name, value]) => `<div class="tile"><b>${escapeHtml(value)}</b><span class="soft">${name}</span></div>`).join('')}</div>
<section><h2>Findings</h2>${report.findings.length === 0 ? '<p class="soft">None.</p>' : report.findings.map(findingHtml).join('')}</section>
${report.packets === 0 ? '' : charts(report)}
</main></body></html>
`;
}

function charts(report: Report): string {
  const parts = [
    section('Packets over time', timelineSvg(report)),
    `<div class="two">${section('Protocols', protocolsSvg(report))}${section('Conversations', graphSvg(report))}</div>`,
    section('Addresses', tableHtml(['address', 'sent', 'bytes', 'received', 'bytes'], report.endpoints.map((each) => [each.address, count(each.packetsSent), byteText(each.bytesSent), count(each.packetsReceived), byteText(each.bytesReceived)]), 1)), // prettier-ignore
    section('Streams', tableHtml(['from', 'to', 'what', 'packets', 'bytes'], report.streams.map((each) => [`${each.a} ${each.portA}`, `${each.b} ${each.portB}`, `${each.transport} ${streamService(each.application)}`, count(packetsOf(each)), byteText(bytesOf(each))]), 3)), // prettier-ignore
    section('Names asked for', tableHtml(['name', 'type', 'asked', 'answered', 'failed'], report.names.map((each) => [each.name, each.type, count(each.queries), count(each.answers), count(each.failures)]), 2)), // prettier-ignore
    section('TLS', tableHtml(['server name', 'address', 'version', 'JA4', 'times'], report.tlsServers.map((each) => [each.name, `${each.address} ${each.port}`, each.version, each.ja4, count(each.connections)]), 4)), // prettier-ignore
    section('HTTP requests', tableHtml(['method', 'host', 'path', 'client', 'times'], report.httpRequests.map((each) => [each.method, each.host, each.path, each.client, count(each.requests)]), 4)), // prettier-ignore
    section(
      'Lengths',
      tableHtml(
        ['bytes', 'packets'],
        report.sizes.classes.map(([name, packets]) => [name, count(packets)]),
        1,
      ),
    ),
  ];
  return parts.join('\n');
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<section><h2>${title}</h2>${content}</section>`;
}

function tableHtml(titles: readonly string[], lines: readonly (readonly string[])[], texts: number): string {
  if (lines.length === 0) return '';
  const kind = (i: number): string => (i < texts ? '' : ' class="n"');
  const head = titles.map((title, i) => `<th${kind(i)}>${title}</th>`).join('');
  const body = lines.map(
    (line) => `<tr>${line.map((cell, i) => `<td${kind(i)}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function findingHtml({ rule, severity, description, evidence, packets, first, last, reference }: Finding): string {
  const rows = Object.entries({ ...evidence, packets, seconds: Math.round((last - first) * 1000) / 1000, reference })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<dt>${escapeHtml(name.replaceAll('_', ' '))}</dt><dd>${escapeHtml(Array.isArray(value) ? value.join(', ') : value.toString())}</dd>`); // prettier-ignore
  return `<div class="finding ${severity}"><span class="badge">${severity}</span><b>${escapeHtml(rule)}</b><div>${escapeHtml(description)}</div><dl>${rows.join('')}</dl></div>`;
}

const WIDTH = 1040;
const HEIGHT = 150;

function timelineSvg({ timeline }: Report): string {
  const { parts, seconds } = timeline;
  const most = Math.max(1, ...parts.map((part) => part.packets));
  const width = WIDTH / Math.max(1, parts.length);
  const bars = parts.map(({ packets, bytes, start }, i) => {
    const height = packets === 0 ? 0 : Math.max(1, (packets / most) * (HEIGHT - 40));
    return `<rect x="${(i * width).toFixed(1)}" y="${(HEIGHT - 20 - height).toFixed(1)}" width="${Math.max(0.5, width - 1).toFixed(1)}" height="${height.toFixed(1)}" fill="#2563eb"><title>${start.toFixed(3)} s: ${count(packets)} packets, ${escapeHtml(byteText(bytes))}</title></rect>`;
  });
  const end = parts.length * seconds;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Packets over time">${bars.join('')}<text x="0" y="${HEIGHT - 4}">0 s</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">${spanText(end)}</text><text x="0" y="12">${count(most)} packets in ${spanText(seconds)}</text></svg>`;
}

const ROW = 22;

function protocolsSvg({ hierarchy, packets }: Report): string {
  const lines: { readonly node: HierarchyNode; readonly depth: number }[] = [];
  const walk = (nodes: readonly HierarchyNode[], depth: number): void => {
    for (const node of nodes) {
      if (lines.length >= 40) return;
      lines.push({ node, depth });
      walk(node.children, depth + 1);
    }
  };
  walk(hierarchy, 0);
  const rows = lines.map(({ node, depth }, i) => {
    const y = i * ROW;
    const width = Math.max(2, (node.packets / packets) * 230);
    return `<text x="${depth * 14}" y="${y + 15}">${escapeHtml(node.protocol)}</text><rect x="170" y="${y + 4}" width="${width.toFixed(1)}" height="14" rx="3" fill="#2563eb" opacity="${(0.95 - 0.1 * Math.min(depth, 6)).toFixed(2)}"/><text x="500" y="${y + 15}" text-anchor="end">${count(node.packets)} · ${escapeHtml(byteText(node.bytes))}</text>`;
  });
  return `<svg viewBox="0 0 500 ${Math.max(1, lines.length) * ROW}" role="img" aria-label="Protocols">${rows.join('')}</svg>`;
}

const MAX_NODES = 14;

/** The addresses on a circle, and a line for each conversation, as thick as it has packets. */
function graphSvg({ conversations, suspicious }: Report): string {
  const names: string[] = [];
  for (const { a, b } of conversations) for (const name of [a, b]) if (!names.includes(name) && names.length < MAX_NODES) names.push(name); // prettier-ignore
  const place = new Map(names.map((name, i) => {
    const angle = (i / names.length) * 2 * Math.PI - Math.PI / 2;
    return [name, { x: 260 + 135 * Math.cos(angle), y: 185 + 135 * Math.sin(angle), angle }];
  })); // prettier-ignore
  const most = Math.max(1, ...conversations.map(packetsOf));
  const lines = conversations.flatMap((each) => {
    const [from, to] = [place.get(each.a), place.get(each.b)];
    if (from === undefined || to === undefined) return [];
    const width = 1 + 7 * Math.sqrt(packetsOf(each) / most);
    return [`<line x1="${from.x.toFixed(1)}" y1="${from.y.toFixed(1)}" x2="${to.x.toFixed(1)}" y2="${to.y.toFixed(1)}" stroke="#2563eb" stroke-opacity=".35" stroke-width="${width.toFixed(1)}"><title>${escapeHtml(`${each.a} and ${each.b}: ${count(packetsOf(each))} packets`)}</title></line>`]; // prettier-ignore
  });
  const nodes = [...place].map(([name, { x, y, angle }]) => {
    const side = Math.cos(angle);
    const anchor = Math.abs(side) < 0.12 ? 'middle' : side > 0 ? 'start' : 'end';
    const shift = Math.abs(side) < 0.12 ? 0 : side > 0 ? 10 : -10;
    const below = Math.abs(side) < 0.12 ? (Math.sin(angle) > 0 ? 22 : -12) : 4;
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="6" fill="${suspicious.includes(name) ? '#dc2626' : '#2563eb'}"/><text x="${(x + shift).toFixed(1)}" y="${(y + below).toFixed(1)}" text-anchor="${anchor}" textLength="${Math.min(150, name.length * 6.6).toFixed(0)}" lengthAdjust="spacingAndGlyphs">${escapeHtml(name)}</text>`;
  });
  return `<svg viewBox="-40 0 600 370" role="img" aria-label="Conversations">${lines.join('')}${nodes.join('')}</svg>`;
}
