/**
 * Who made a network card: the first bytes of its address are given out by IEEE. The list is a file beside the
 * program (data/vendors.gz, made by scripts/vendors.mjs), read when the first address is asked for.
 */
import { node } from '../node';

let vendors: ReadonlyMap<string, string> | null = null;

/** Null where the list is not there. The program runs from its source, or from the folder beside `bin`. */
function listPath(): string | null {
  const { path, fs } = node;
  const folders = [typeof __dirname === 'string' ? path.join(__dirname, '..', '..', '..') : null, besideCommand()];
  for (const folder of folders) {
    if (folder === null) continue;
    const file = path.join(folder, 'data', 'vendors.gz');
    if (fs.existsSync(file)) return file;
  }
  return null;
}

function besideCommand(): string | null {
  try {
    return node.path.dirname(node.path.dirname(node.fs.realpathSync(process.argv[1] ?? '')));
  } catch {
    return null;
  }
}

function read(): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  const path = listPath();
  if (path === null) return known;
  const text = node.zlib.gunzipSync(node.fs.readFileSync(path)).toString('utf8');
  for (const line of text.split('\n')) {
    const [vendor, prefixes] = line.split('\t') as [string, string?];
    for (const prefix of prefixes?.split(' ') ?? []) known.set(prefix, vendor);
  }
  return known;
}

/** "Cisco Systems" for "00:00:0c:..."; null for an address that nobody is known for, as those that are made up. */
export function vendorOf(mac: string): string | null {
  const digits = mac.replace(/[^0-9a-f]/gi, '').toUpperCase();
  // The second bit of the first byte says that the address was not given out but chosen.
  if ((parseInt(digits.slice(0, 2), 16) & 2) !== 0) return null;
  vendors ??= read();
  for (const length of [9, 7, 6]) {
    const found = vendors.get(digits.slice(0, length));
    if (found !== undefined) return found;
  }
  return null;
}
