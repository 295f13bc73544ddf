/**
 * Hosts and addresses as programs write and read them. An IPv6 address may stand in brackets and is shown in
 * them with a port; an IPv4 address that a dual-stack socket sees in its IPv6 form is shown as the IPv4 address.
 */
import type { Address } from '../events';
import { node } from '../node';

/** A label of a name: letters of any script, digits, `-` and, as service names have it, `_`. */
const LABEL = /^(?!-)[\p{L}\p{N}\p{M}_-]{1,63}(?<!-)$/u;
const MAX_NAME = 253;

/**
 * The address or name in the form in which it is asked for, or null for what is no host: brackets are taken
 * off, names in other scripts become ASCII (RFC 5891). A name whose last label is a number is no name
 * (RFC 3696): "300.1.2.3" is a mistyped address.
 */
export function parseHost(text: string): string | null {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (node.net.isIPv6(bare)) return bare;
  if (bare !== text) return null;
  if (node.net.isIPv4(text)) return text;
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  if (text.length > MAX_NAME || /^(\d+|0x[\da-f]*)$/i.test(labels.at(-1)!)) return null;
  if (!labels.every((label) => LABEL.test(label))) return null;
  // eslint-disable-next-line no-control-regex -- all of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return node.url.domainToASCII(text) || null;
}

/** 4 or 6 for an address, 0 for a name. */
export function familyOf(host: string): 0 | 4 | 6 {
  return node.net.isIP(host) as 0 | 4 | 6;
}

/** The interface that an IPv6 address names, "eth0" of "fe80::1%eth0"; null where it names none. */
export function scopeOf(host: string): string | null {
  const at = host.indexOf('%');
  return at < 0 ? null : host.slice(at + 1);
}

/** Whether this machine has an interface of that name. */
export function hasInterface(name: string): boolean {
  return name in node.os.networkInterfaces() || node.fs.existsSync(`/sys/class/net/${name}`);
}

/** "fe80::1": every interface has such addresses, so the system has to be told which (RFC 4007, section 11). */
export function linkLocalWithoutInterface(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(host) && scopeOf(host) === null;
}

/** As far as it can be told without the masks of the networks. */
export function isBroadcast(host: string): boolean {
  return familyOf(host) === 4 && host.endsWith('.255');
}

/** "127.0.0.1:80", "[::1]:80"; the path of a UNIX socket. */
export function formatAddress(host: string, port: number | null): string {
  if (port === null) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function showAddress(address: Address): string {
  return formatAddress(address.host, address.port);
}

/** An address as the system gives it. */
export function plainAddress(host: string | undefined, port: number | undefined): Address {
  const text = host ?? '';
  const mapped = text.startsWith('::ffff:') && text.includes('.');
  return { host: mapped ? text.slice('::ffff:'.length) : text, port: port ?? 0 };
}

/** The IPv6 form of an address, for a dual-stack socket. */
export function asIPv6(host: string): string {
  return familyOf(host) === 4 ? `::ffff:${host}` : host;
}
