/**
 * What records hold, by type. A type that is not known, or whose data are not what the type says, stays bytes:
 * `{kind: 'bytes'}`. Texts of records are bytes here, since they may be in any encoding; names are printable text.
 */
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../address';
import { hex, WireError } from '../bytes';
import type { ByteWriter, ByteReader } from '../bytes';
import { readName, writeName } from './names';
import type { Written } from './names';
import { typeName } from './numbers';

export type Rdata =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'mx'; readonly preference: number; readonly exchange: string }
  | { readonly kind: 'text'; readonly strings: readonly Uint8Array[] }
  | {
      readonly kind: 'srv';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | {
      readonly kind: 'soa';
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minimum: number;
    }
  | { readonly kind: 'caa'; readonly flags: number; readonly tag: string; readonly value: Uint8Array }
  | {
      readonly kind: 'naptr';
      readonly order: number;
      readonly preference: number;
      readonly flags: Uint8Array;
      readonly service: Uint8Array;
      readonly regexp: Uint8Array;
      readonly replacement: string;
    }
  | { readonly kind: 'uri'; readonly priority: number; readonly weight: number; readonly target: Uint8Array }
  | {
      readonly kind: 'svcb';
      readonly priority: number;
      readonly target: string;
      readonly params: readonly ServiceParam[];
    }
  | {
      readonly kind: 'ds';
      readonly keyTag: number;
      readonly algorithm: number;
      readonly digestType: number;
      readonly digest: string;
    }
  | {
      readonly kind: 'dnskey';
      readonly flags: number;
      readonly protocol: number;
      readonly algorithm: number;
      readonly key: Uint8Array;
    }
  | {
      readonly kind: 'rrsig';
      readonly covers: string;
      readonly algorithm: number;
      readonly labels: number;
      readonly originalTtl: number;
      /** Seconds since 1970. */
      readonly expiration: number;
      readonly inception: number;
      readonly keyTag: number;
      readonly signer: string;
      readonly signature: Uint8Array;
    }
  | { readonly kind: 'nsec'; readonly next: string; readonly types: readonly string[] }
  | {
      readonly kind: 'nsec3';
      readonly algorithm: number;
      readonly flags: number;
      readonly iterations: number;
      readonly salt: string;
      readonly nextHash: string;
      readonly types: readonly string[];
    }
  | {
      readonly kind: 'tlsa';
      readonly usage: number;
      readonly selector: number;
      readonly matching: number;
      readonly data: string;
    }
  | { readonly kind: 'sshfp'; readonly algorithm: number; readonly hash: number; readonly fingerprint: string }
  | { readonly kind: 'opt'; readonly options: readonly { readonly code: number; readonly data: Uint8Array }[] }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A parameter of SVCB and HTTPS records (RFC 9460). */
export interface ServiceParam {
  readonly key: number;
  readonly value: Uint8Array;
}

const T = {
  A: 1, NS: 2, MD: 3, MF: 4, CNAME: 5, SOA: 6, MB: 7, MG: 8, MR: 9, PTR: 12, HINFO: 13, MX: 15, TXT: 16, RP: 17, AFSDB: 18,
  RT: 21, AAAA: 28, SRV: 33, NAPTR: 35, KX: 36, DNAME: 39, OPT: 41, DS: 43, SSHFP: 44, RRSIG: 46, NSEC: 47, DNSKEY: 48, NSEC3: 50,
  TLSA: 52, SMIMEA: 53, CDS: 59, CDNSKEY: 60, SVCB: 64, HTTPS: 65, SPF: 99, URI: 256, CAA: 257,
} as const; // prettier-ignore

/** Reads the data of a record up to the reader's end. Names inside may point to any earlier place of the message. */
export function readRdata(type: number, reader: ByteReader): Rdata {
  const start = reader.at;
  try {
    const data = readKnown(type, reader);
    if (data !== null && reader.at === reader.end) return data;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  reader.at = start;
  return { kind: 'bytes', bytes: reader.rest() };
}

function readKnown(type: number, reader: ByteReader): Rdata | null {
  switch (type) {
    case T.A:
      return { kind: 'address', address: formatIPv4(reader.take(4)) };
    case T.AAAA:
      return { kind: 'address', address: formatIPv6(reader.take(16)) };
    case T.NS:
    case T.CNAME:
    case T.PTR:
    case T.DNAME:
    case T.MD:
    case T.MF:
    case T.MB:
    case T.MG:
    case T.MR:
      return { kind: 'name', name: readName(reader) };
    case T.MX:
    case T.AFSDB:
    case T.RT:
    case T.KX:
      return { kind: 'mx', preference: reader.u16(), exchange: readName(reader) };
    case T.TXT:
    case T.SPF:
    case T.HINFO:
      return { kind: 'text', strings: readStrings(reader) };
    case T.SRV:
      return {
        kind: 'srv',
        priority: reader.u16(),
        weight: reader.u16(),
        port: reader.u16(),
        target: readName(reader),
      };
    case T.SOA:
      return readSoa(reader);
    case T.CAA: {
      const flags = reader.u8();
      const tag = reader.take(reader.u8());
      if (!tag.every(isAlphanumeric)) return null;
      return { kind: 'caa', flags, tag: String.fromCharCode(...tag), value: reader.rest() };
    }
    case T.NAPTR:
      return {
        kind: 'naptr',
        order: reader.u16(),
        preference: reader.u16(),
        flags: readString(reader),
        service: readString(reader),
        regexp: readString(reader),
        replacement: readName(reader),
      };
    case T.URI:
      return { kind: 'uri', priority: reader.u16(), weight: reader.u16(), target: reader.rest() };
    case T.SVCB:
    case T.HTTPS:
      return { kind: 'svcb', priority: reader.u16(), target: readName(reader), params: readParams(reader) };
    case T.OPT:
      return { kind: 'opt', options: readOptions(reader) };
    case T.TLSA:
    case T.SMIMEA:
      return {
        kind: 'tlsa',
        usage: reader.u8(),
        selector: reader.u8(),
        matching: reader.u8(),
        data: hex(reader.rest()),
      };
    case T.SSHFP:
      return { kind: 'sshfp', algorithm: reader.u8(), hash: reader.u8(), fingerprint: hex(reader.rest()) };
    default:
      return readSecurity(type, reader);
  }
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

function readSoa(reader: ByteReader): Rdata {
  return {
    kind: 'soa',
    primary: readName(reader),
    mailbox: readName(reader),
    serial: reader.u32(),
    refresh: reader.u32(),
    retry: reader.u32(),
    expire: reader.u32(),
    minimum: reader.u32(),
  };
}

/** Records of DNSSEC (RFC 4034, RFC 5155). */
function readSecurity(type: number, reader: ByteReader): Rdata | null {
  switch (type) {
    case T.DS:
    case T.CDS:
      return {
        kind: 'ds',
        keyTag: reader.u16(),
        algorithm: reader.u8(),
        digestType: reader.u8(),
        digest: hex(reader.rest()),
      };
    case T.DNSKEY:
    case T.CDNSKEY:
      return { kind: 'dnskey', flags: reader.u16(), protocol: reader.u8(), algorithm: reader.u8(), key: reader.rest() };
    case T.RRSIG:
      return {
        kind: 'rrsig',
        covers: typeName(reader.u16()),
        algorithm: reader.u8(),
        labels: reader.u8(),
        originalTtl: reader.u32(),
        expiration: reader.u32(),
        inception: reader.u32(),
        keyTag: reader.u16(),
        signer: readName(reader),
        signature: reader.rest(),
      };
    case T.NSEC:
      return { kind: 'nsec', next: readName(reader), types: readTypeBits(reader) };
    case T.NSEC3:
      return {
        kind: 'nsec3',
        algorithm: reader.u8(),
        flags: reader.u8(),
        iterations: reader.u16(),
        salt: hex(reader.take(reader.u8())),
        nextHash: hex(reader.take(reader.u8())),
        types: readTypeBits(reader),
      };
    default:
      return null;
  }
}

/** A character-string: a length and that many bytes. */
function readString(reader: ByteReader): Uint8Array {
  return reader.take(reader.u8());
}

function readStrings(reader: ByteReader): Uint8Array[] {
  const strings: Uint8Array[] = [];
  while (reader.left > 0) strings.push(readString(reader));
  return strings;
}

function readParams(reader: ByteReader): ServiceParam[] {
  const params: ServiceParam[] = [];
  while (reader.left > 0) params.push({ key: reader.u16(), value: reader.take(reader.u16()) });
  return params;
}

function readOptions(reader: ByteReader): { code: number; data: Uint8Array }[] {
  const options: { code: number; data: Uint8Array }[] = [];
  while (reader.left > 0) options.push({ code: reader.u16(), data: reader.take(reader.u16()) });
  return options;
}

/** The types that exist at a name: windows of 256 bits (RFC 4034, section 4.1.2). */
function readTypeBits(reader: ByteReader): string[] {
  const types: string[] = [];
  while (reader.left > 0) {
    const window = reader.u8();
    const bits = reader.take(reader.u8());
    bits.forEach((byte, i) => {
      for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >> bit)) types.push(typeName(window * 256 + i * 8 + bit));
    });
  }
  return types;
}

/** Writes the data of a record, without its length. Names of the types of RFC 1035 are compressed. Throws for what is no address or name. */
export function writeRdata(writer: ByteWriter, data: Rdata, written: Written | null): void {
  switch (data.kind) {
    case 'address': {
      const bytes = parseIPv4(data.address) ?? parseIPv6(data.address);
      if (bytes === null) throw new WireError(`"${data.address}" is no address`, writer.length);
      writer.put(bytes);
      break;
    }
    case 'name':
      writeName(writer, data.name, written);
      break;
    case 'mx':
      writeName(writer.u16(data.preference), data.exchange, written);
      break;
    case 'text':
      for (const text of data.strings) writer.u8(text.length).put(text);
      break;
    case 'srv':
      writeName(writer.u16(data.priority).u16(data.weight).u16(data.port), data.target);
      break;
    case 'soa':
      writeName(writer, data.primary, written);
      writeName(writer, data.mailbox, written);
      writer.u32(data.serial).u32(data.refresh).u32(data.retry).u32(data.expire).u32(data.minimum);
      break;
    case 'caa':
      writer
        .u8(data.flags)
        .u8(data.tag.length)
        .put(Uint8Array.from(data.tag, (char) => char.charCodeAt(0)))
        .put(data.value);
      break;
    case 'naptr':
      writer.u16(data.order).u16(data.preference);
      for (const text of [data.flags, data.service, data.regexp]) writer.u8(text.length).put(text);
      writeName(writer, data.replacement);
      break;
    case 'uri':
      writer.u16(data.priority).u16(data.weight).put(data.target);
      break;
    case 'svcb':
      writeName(writer.u16(data.priority), data.target);
      for (const { key, value } of data.params) writer.u16(key).u16(value.length).put(value);
      break;
    case 'opt':
      for (const { code, data: bytes } of data.options) writer.u16(code).u16(bytes.length).put(bytes);
      break;
    case 'bytes':
      writer.put(data.bytes);
      break;
    case 'ds':
    case 'dnskey':
    case 'rrsig':
    case 'nsec':
    case 'nsec3':
    case 'tlsa':
    case 'sshfp':
      throw new WireError(`records of the kind ${data.kind} are only read`, writer.length);
  }
}
