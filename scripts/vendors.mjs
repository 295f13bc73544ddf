// Writes data/vendors.gz: to whom IEEE has given which first bytes of hardware addresses, from the list that Debian's
// package nmap-common keeps of IEEE's registry (apt-get install nmap-common). One line for each vendor, sorted:
//   Vendor<TAB>000001 0000A2 ...
//   node scripts/vendors.mjs [/usr/share/nmap/nmap-mac-prefixes]
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const source = process.argv[2] ?? '/usr/share/nmap/nmap-mac-prefixes';
const byVendor = new Map();
for (const line of readFileSync(source, 'utf8').split('\n')) {
  const found = /^([0-9A-F]{6,9}) (.+)$/.exec(line.trim());
  if (found === null) continue;
  const [, prefix, vendor] = found;
  if (!byVendor.has(vendor)) byVendor.set(vendor, []);
  byVendor.get(vendor).push(prefix);
}
const lines = [...byVendor]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([vendor, list]) => `${vendor}\t${list.sort().join(' ')}`);
writeFileSync(new URL('../data/vendors.gz', import.meta.url), gzipSync(lines.join('\n') + '\n', { level: 9 }));
