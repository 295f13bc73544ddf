/** The names of services by port, from IANA's registry and Debian's list; read from its text when first asked for. */
import { SERVICE_NAMES } from './service-names-data';

type Protocol = 'tcp' | 'udp';

let names: Readonly<Record<Protocol, ReadonlyMap<number, string>>> | null = null;

function read(): Readonly<Record<Protocol, ReadonlyMap<number, string>>> {
  const tcp = new Map<number, string>();
  const udp = new Map<number, string>();
  for (const word of SERVICE_NAMES.trim().split(/\s+/)) {
    const colon = word.indexOf(':');
    const name = word.slice(colon + 1);
    const slash = word.indexOf('/');
    const both = slash < 0 || slash > colon;
    const port = Number(word.slice(0, both ? colon : slash));
    if (both || word[slash + 1] === 't') tcp.set(port, name);
    if (both || word[slash + 1] === 'u') udp.set(port, name);
  }
  return { tcp, udp };
}

/** "ssh" of 22; null for a port without a name. */
export function serviceName(port: number, protocol: Protocol = 'tcp'): string | null {
  names ??= read();
  return names[protocol].get(port) ?? null;
}
