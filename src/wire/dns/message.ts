/**
 * DNS messages (RFC 1035, section 4; EDNS: RFC 6891). Decoding never throws and never loops: what is broken ends
 * it, `problem` says so, and all that was read before it is there.
 */
import { ByteReader, ByteWriter, WireError } from '../bytes';
import { readName, writeName } from './names';
import type { Written } from './names';
import { className, typeName, typeNumber } from './numbers';
import { readRdata, writeRdata } from './rdata';
import type { Rdata } from './rdata';

export interface Question {
  readonly name: string;
  /** "A", "TYPE1234". */
  readonly type: string;
  /** "IN" */
  readonly class: string;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  /** "IN"; of an OPT record the size of datagrams its sender takes, as "CLASS1232". */
  readonly class: string;
  /** Seconds; of an OPT record more flags. */
  readonly ttl: number;
  readonly data: Rdata;
}

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  /** With the upper bits of EDNS. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** What ended the decoding before its time; null for a whole message. */
  readonly problem: string | null;
}

const HEADER_BYTES = 12;
const OPT = 41;

/** The message in `bytes[start..end)`; null for less than its header. Offsets in names count from `start`. */
export function decodeMessage(bytes: Uint8Array, start = 0, end = bytes.length): DnsMessage | null {
  if (end - start < HEADER_BYTES) return null;
  const reader = new ByteReader(bytes.subarray(start, end));
  const id = reader.u16();
  const flags = reader.u16();
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  const questions: Question[] = [];
  const sections: readonly DnsRecord[][] = [[], [], []];
  let problem: string | null = null;
  let extended = 0;
  try {
    for (let i = 0; i < counts[0]; i++) questions.push(readQuestion(reader));
    sections.forEach((section, index) => {
      for (let i = 0; i < counts[index + 1]!; i++) section.push(readRecord(reader));
    });
    const opt = sections[2]!.find((record) => record.type === 'OPT');
    if (opt !== undefined) extended = (opt.ttl >>> 24) << 4;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    problem = error.message;
  }
  return {
    id,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    rcode: (flags & 0xf) | extended,
    questions,
    answers: sections[0]!,
    authorities: sections[1]!,
    additionals: sections[2]!,
    problem,
  };
}

function readQuestion(reader: ByteReader): Question {
  return { name: readName(reader), type: typeName(reader.u16()), class: className(reader.u16()) };
}

function readRecord(reader: ByteReader): DnsRecord {
  const name = readName(reader);
  const type = reader.u16();
  const recordClass = reader.u16();
  const ttl = reader.u32();
  const length = reader.u16();
  if (length > reader.left) throw new WireError('a record ends too early', reader.at);
  const data = readRdata(type, new ByteReader(reader.bytes, reader.at, reader.at + length));
  reader.take(length);
  return {
    name,
    type: typeName(type),
    class: type === OPT ? `CLASS${recordClass}` : className(recordClass),
    ttl,
    data,
  };
}

/** What `encodeMessage` takes; what is left out is false, 0 or empty. */
export type MessageToSend = Partial<Omit<DnsMessage, 'problem'>>;

/** Throws a `WireError` for a name, type or address that is none. */
export function encodeMessage(message: MessageToSend): Uint8Array {
  const writer = new ByteWriter();
  const written: Written = new Map();
  const { questions = [], answers = [], authorities = [], additionals = [] } = message;
  const flag = (on: boolean | undefined, bit: number): number => (on === true ? bit : 0);
  writer
    .u16(message.id ?? 0)
    .u16(
      flag(message.response, 0x8000) |
        (((message.opcode ?? 0) & 0xf) << 11) |
        flag(message.authoritative, 0x0400) |
        flag(message.truncated, 0x0200) |
        flag(message.recursionDesired, 0x0100) |
        flag(message.recursionAvailable, 0x0080) |
        flag(message.authenticData, 0x0020) |
        flag(message.checkingDisabled, 0x0010) |
        ((message.rcode ?? 0) & 0xf),
    )
    .u16(questions.length)
    .u16(answers.length)
    .u16(authorities.length)
    .u16(additionals.length);
  for (const { name, type, class: questionClass } of questions) {
    writeName(writer, name, written);
    writer.u16(numberOf(type, writer)).u16(classNumber(questionClass, writer));
  }
  for (const record of [...answers, ...authorities, ...additionals]) writeRecord(writer, record, written);
  return writer.done();
}

function writeRecord(writer: ByteWriter, record: DnsRecord, written: Written): void {
  writeName(writer, record.name, written);
  writer.u16(numberOf(record.type, writer)).u16(classNumber(record.class, writer)).u32(record.ttl).u16(0);
  const start = writer.length;
  writeRdata(writer, record.data, written);
  writer.setU16(start - 2, writer.length - start);
}

function numberOf(type: string, writer: ByteWriter): number {
  const number = typeNumber(type);
  if (number === null) throw new WireError(`"${type}" is no type`, writer.length);
  return number;
}

const CLASSES: Readonly<Record<string, number>> = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 };

function classNumber(name: string, writer: ByteWriter): number {
  const number = CLASSES[name] ?? Number(/^CLASS(\d+)$/.exec(name)?.[1] ?? NaN);
  if (Number.isNaN(number)) throw new WireError(`"${name}" is no class`, writer.length);
  return number;
}

/** The OPT record of a query: datagrams of up to `size` bytes are taken (RFC 6891). */
export function optRecord(size: number): DnsRecord {
  return { name: '.', type: 'OPT', class: `CLASS${size}`, ttl: 0, data: { kind: 'opt', options: [] } };
}
