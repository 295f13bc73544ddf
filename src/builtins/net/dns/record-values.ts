/** What a record holds as a value of the language. */
import { decode } from '../../../host/text';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { hex } from '../../../wire/bytes';
import type { DnsRecord } from '../../../wire/dns/message';
import type { Rdata } from '../../../wire/dns/rdata';

/** The value of a record: a string for the types that hold one thing, a map for the others. */
export function recordValue({ type, data }: DnsRecord): Value {
  switch (data.kind) {
    case 'address':
      return data.address;
    case 'name':
      return data.name;
    case 'text':
      return type === 'HINFO' && data.strings.length === 2
        ? MapValue.from({ cpu: decode(data.strings[0]!), os: decode(data.strings[1]!) })
        : data.strings.length === 1
          ? decode(data.strings[0]!)
          : decode(Buffer.concat(data.strings));
    default:
      return MapValue.from(fieldsOf(data));
  }
}

type Structured = Exclude<Rdata, { readonly kind: 'address' | 'name' | 'text' }>;

function fieldsOf(data: Structured): Record<string, Value> {
  switch (data.kind) {
    case 'mx':
      return { exchange: data.exchange, priority: data.preference };
    case 'srv':
      return { name: data.target, port: data.port, priority: data.priority, weight: data.weight };
    case 'soa': {
      const { primary, mailbox, serial, refresh, retry, expire, minimum } = data;
      return { primary, mailbox, serial, refresh, retry, expire, minimum };
    }
    case 'caa':
      return { critical: (data.flags & 0x80) !== 0, tag: data.tag, value: decode(data.value) };
    case 'naptr': {
      const { order, preference, replacement } = data;
      const [flags, service, regexp] = [data.flags, data.service, data.regexp].map((text) => decode(text)) as [string, string, string]; // prettier-ignore
      return { order, preference, flags, service, regexp, replacement };
    }
    case 'uri':
      return { priority: data.priority, weight: data.weight, target: decode(data.target) };
    case 'svcb':
      return {
        priority: data.priority,
        target: data.target,
        params: MapValue.from(Object.fromEntries(data.params.map(({ key, value }) => [paramName(key), paramValue(key, value)]))), // prettier-ignore
      };
    case 'opt':
      return { options: data.options.map(({ code, data: bytes }) => MapValue.from({ code, data: hex(bytes) })) };
    case 'bytes':
      return { hex: hex(data.bytes) };
    default:
      return securityFields(data);
  }
}

type Security = Extract<Structured, { readonly kind: 'ds' | 'dnskey' | 'rrsig' | 'nsec' | 'nsec3' | 'tlsa' | 'sshfp' }>;

function securityFields(data: Security): Record<string, Value> {
  switch (data.kind) {
    case 'ds':
      return { key_tag: data.keyTag, algorithm: data.algorithm, digest_type: data.digestType, digest: data.digest };
    case 'dnskey':
      return { flags: data.flags, protocol: data.protocol, algorithm: data.algorithm, key: base64(data.key) };
    case 'rrsig':
      return {
        covers: data.covers,
        algorithm: data.algorithm,
        labels: data.labels,
        original_ttl: data.originalTtl,
        expiration: data.expiration * 1000,
        inception: data.inception * 1000,
        key_tag: data.keyTag,
        signer: data.signer,
        signature: base64(data.signature),
      };
    case 'nsec':
      return { next: data.next, types: [...data.types] };
    case 'nsec3': {
      const { algorithm, flags, iterations, salt, nextHash, types } = data;
      return { algorithm, flags, iterations, salt, next_hash: nextHash, types: [...types] };
    }
    case 'tlsa':
      return { usage: data.usage, selector: data.selector, matching: data.matching, data: data.data };
    case 'sshfp':
      return { algorithm: data.algorithm, hash: data.hash, fingerprint: data.fingerprint };
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** RFC 9460, section 14.3.2. */
const PARAMS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath'];
const ALPN = 1;
const PORT = 3;

function paramName(key: number): string {
  return PARAMS[key] ?? `key${key}`;
}

function paramValue(key: number, value: Uint8Array): Value {
  if (key === PORT && value.length === 2) return (value[0]! << 8) | value[1]!;
  if (key !== ALPN) return hex(value);
  const names: string[] = [];
  for (let at = 0; at < value.length; at += value[at]! + 1) names.push(decode(value, at + 1, at + 1 + value[at]!));
  return names;
}
