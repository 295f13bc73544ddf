/** Whether an address is one of the public internet: what a request with `private: false` may go to. */
import { kindOf, parseIp } from '../../../wire/ip-address';

/** False also for those that carry an IPv4 address in them (mapped, 6to4, Teredo, NAT64): who knows where they lead. */
export function isPublic(address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && kindOf(ip.bytes) === 'global';
}
