/** DNS messages: against another implementation, cut at every byte, with loops and lies, and random bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, optRecord } from '../../src/wire/dns/message';
import type { DnsRecord } from '../../src/wire/dns/message';
import { parseName, readName, sameName, writeName } from '../../src/wire/dns/names';
import { rcodeName, typeName, typeNumber } from '../../src/wire/dns/numbers';
import { MAX_QUERY_BYTES, plainAddresses, writeQuery } from '../../src/wire/dns/query';
import { ByteReader, ByteWriter, WireError, ascii } from '../../src/wire/bytes';
import type { Rdata } from '../../src/wire/dns/rdata';

const RUNS = { numRuns: 300 };

function record(type: string, data: Rdata, name = 'example.org'): DnsRecord {
  return { name, type, class: 'IN', ttl: 300, data };
}

const records: readonly DnsRecord[] = [
  record('A', { kind: 'address', address: '192.0.2.1' }),
  record('AAAA', { kind: 'address', address: '2001:db8::1' }),
  record('NS', { kind: 'name', name: 'ns.example.org' }),
  record('CNAME', { kind: 'name', name: 'other.example.org' }),
  record('PTR', { kind: 'name', name: 'host.example.org' }),
  record('MX', { kind: 'mx', preference: 10, exchange: 'mail.example.org' }),
  record('TXT', { kind: 'text', strings: [ascii('v=spf1'), ascii(''), Uint8Array.of(0, 255)] }),
  record('SRV', { kind: 'srv', priority: 1, weight: 2, port: 5060, target: 'sip.example.org' }),
  record('SOA', { kind: 'soa', primary: 'ns.example.org', mailbox: 'root.example.org', serial: 2 ** 32 - 1, refresh: 1, retry: 2, expire: 3, minimum: 4 }),
  record('CAA', { kind: 'caa', flags: 128, tag: 'issue', value: ascii('ca.example.net') }),
  record('NAPTR', { kind: 'naptr', order: 1, preference: 2, flags: ascii('u'), service: ascii('E2U+sip'), regexp: ascii('!^.*$!sip:a@b!'), replacement: '.' }),
  record('URI', { kind: 'uri', priority: 1, weight: 2, target: ascii('https://example.org/') }),
  record('HTTPS', { kind: 'svcb', priority: 1, target: '.', params: [{ key: 1, value: ascii('\x02h2') }] }),
  record('TYPE65280', { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) }),
]; // prettier-ignore

const whole = encodeMessage({
  id: 0xbeef,
  response: true,
  recursionDesired: true,
  rcode: 3,
  questions: [{ name: 'example.org', type: 'ANY', class: 'IN' }],
  answers: records,
  additionals: [optRecord(1232)],
});

test('what is encoded is decoded again', () => {
  const message = decodeMessage(whole)!;
  assert.equal(message.problem, null);
  assert.equal(message.id, 0xbeef);
  assert.equal(message.response, true);
  assert.equal(message.truncated, false);
  assert.equal(rcodeName(message.rcode), 'NXDOMAIN');
  assert.deepEqual(message.questions, [{ name: 'example.org', type: 'ANY', class: 'IN' }]);
  assert.deepEqual(message.answers, records);
  assert.equal(message.additionals[0]!.class, 'CLASS1232');
});

test('another implementation reads what is encoded, and the other way round', () => {
  const theirs = dnsPacket.decode(Buffer.from(whole));
  assert.deepEqual(
    theirs.answers!.slice(0, 6).map((answer) => [answer.type, (answer as { data: unknown }).data]),
    [
      ['A', '192.0.2.1'],
      ['AAAA', '2001:db8::1'],
      ['NS', 'ns.example.org'],
      ['CNAME', 'other.example.org'],
      ['PTR', 'host.example.org'],
      ['MX', { preference: 10, exchange: 'mail.example.org' }],
    ],
  );
  const bytes = dnsPacket.encode({
    type: 'response',
    id: 7,
    questions: [{ type: 'DS', name: 'example.org' }],
    answers: [
      { type: 'DS', name: 'example.org', data: { keyTag: 5, algorithm: 8, digestType: 2, digest: Buffer.from('abcd', 'hex') } },
      { type: 'RRSIG', name: 'example.org', data: { typeCovered: 'A', algorithm: 8, labels: 2, originalTTL: 3600, expiration: 2, inception: 1, keyTag: 5, signersName: 'example.org', signature: Buffer.from([9]) } },
      { type: 'NSEC', name: 'example.org', data: { nextDomain: 'a.example.org', rrtypes: ['A', 'MX', 'CAA'] } },
      { type: 'TLSA', name: 'example.org', data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from('ff00', 'hex') } },
      { type: 'DNSKEY', name: 'example.org', data: { flags: 257, algorithm: 8, key: Buffer.from([1, 2]) } },
      { type: 'SSHFP', name: 'example.org', data: { algorithm: 4, hash: 1, fingerprint: '00'.repeat(20) } },
    ],
  }); // prettier-ignore
  const { answers, problem } = decodeMessage(bytes)!;
  assert.equal(problem, null);
  assert.deepEqual(answers[0]!.data, { kind: 'ds', keyTag: 5, algorithm: 8, digestType: 2, digest: 'abcd' });
  const signed = answers[1]!.data;
  assert.ok(signed.kind === 'rrsig' && signed.covers === 'A' && signed.signer === 'example.org');
  assert.deepEqual(answers[2]!.data, { kind: 'nsec', next: 'a.example.org', types: ['A', 'MX', 'CAA'] });
  assert.deepEqual(answers[3]!.data, { kind: 'tlsa', usage: 3, selector: 1, matching: 1, data: 'ff00' });
  assert.ok(answers[4]!.data.kind === 'dnskey' && answers[4]!.data.flags === 257);
  assert.deepEqual(answers[5]!.data, { kind: 'sshfp', algorithm: 4, hash: 1, fingerprint: '00'.repeat(20) });
});

test('cut at every byte: what was whole is there, the rest is named', () => {
  for (let end = 0; end < whole.length; end++) {
    const message = decodeMessage(whole, 0, end);
    if (end < 12) {
      assert.equal(message, null);
      continue;
    }
    assert.match(message!.problem!, /too early/);
    assert.deepEqual(message!.answers, records.slice(0, message!.answers.length));
  }
});

test('every byte changed to every kind of value is decoded without a loop or an exception', () => {
  for (let i = 0; i < whole.length; i++) {
    for (const value of [0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff]) {
      const broken = Uint8Array.from(whole);
      broken[i] = value;
      decodeMessage(broken);
    }
  }
});

test('random bytes are decoded without a loop or an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeMessage(bytes)),
    RUNS,
  );
});

function nameIn(bytes: readonly number[], at = 0): string {
  return readName(new ByteReader(Uint8Array.from(bytes), at));
}

test('compressed names that loop, point forward or to themselves are refused', () => {
  assert.throws(() => nameIn([0xc0, 0x00]), /does not point back/);
  assert.throws(() => nameIn([1, 97, 0xc0, 0x00], 0), /does not point back/);
  assert.throws(() => nameIn([0xc0, 0x02, 0xc0, 0x00], 2), /does not point back/);
  assert.throws(() => nameIn([0xc0, 0x02, 0], 0), /does not point back/);
  assert.throws(() => nameIn([0xc0], 0), /ends too early/);
  assert.throws(() => nameIn([0x41, 97, 0], 0), /unknown kind/);
  // A chain of a hundred pointers, each one back, is long but ends.
  const chain = [0];
  for (let i = 0; i < 100; i++) chain.push(0xc0, i === 0 ? 0 : 2 * i - 1);
  assert.equal(nameIn(chain, chain.length - 2), '.');
});

test('a name of more than 255 bytes is refused, in a message and as text', () => {
  const long = Array.from({ length: 5 }).flatMap(() => [63, ...new Array<number>(63).fill(97)]);
  assert.throws(() => nameIn([...long, 0]), /longer than 255/);
  assert.equal(parseName('a'.repeat(64)), null);
  assert.equal(parseName(`${'a'.repeat(63)}.`.repeat(4)), null);
  assert.notEqual(parseName(`${'a'.repeat(63)}.`.repeat(3) + 'a'.repeat(61)), null);
  assert.equal(parseName('a..b'), null);
  assert.equal(parseName('.a'), null);
  assert.equal(parseName('\\256'), null);
  assert.equal(parseName('a\\'), null);
  assert.equal(parseName('ä.de'), null);
  assert.deepEqual(parseName('.'), []);
});

test('any labels survive as text and as bytes, alone and compressed', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 8 }), fc.array(label, { maxLength: 3 }), (labels, more) => {
      const writer = new ByteWriter();
      for (const each of labels) writer.u8(each.length).put(each);
      const text = readName(new ByteReader(writer.u8(0).done()));
      assert.match(text, /^[\x21-\x7e]+$/);
      assert.deepEqual(parseName(text), labels);
      const written = new Map<string, number>();
      const both = new ByteWriter();
      writeName(both, text, written);
      const second = both.length;
      const longer = new ByteWriter();
      for (const each of [...more, ...labels]) longer.u8(each.length).put(each);
      const longText = readName(new ByteReader(longer.u8(0).done()));
      writeName(both, longText, written);
      const reader = new ByteReader(both.done());
      assert.equal(readName(reader), text);
      assert.equal(reader.at, second);
      // Labels that differ in the case of letters alone are taken for the same.
      assert.equal(readName(reader).toLowerCase(), longText.toLowerCase());
      assert.equal(reader.left, 0);
    }),
    RUNS,
  );
});

test('data that are not what their type says stay bytes', () => {
  const bytes = encodeMessage({
    response: true,
    answers: [record('A', { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) })],
  });
  assert.deepEqual(decodeMessage(bytes)!.answers[0]!.data, { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) });
  const text = encodeMessage({
    response: true,
    answers: [record('TXT', { kind: 'bytes', bytes: Uint8Array.of(9, 65) })],
  });
  assert.equal(decodeMessage(text)!.answers[0]!.data.kind, 'bytes');
});

test('counts that promise more than there is end the decoding', () => {
  const bytes = Uint8Array.from(whole);
  bytes[6] = 0xff;
  bytes[7] = 0xff;
  const message = decodeMessage(bytes)!;
  assert.equal(message.answers.length, records.length + 1);
  assert.match(message.problem!, /too early/);
});

test('types by name and number', () => {
  assert.equal(typeName(257), 'CAA');
  assert.equal(typeName(4711), 'TYPE4711');
  assert.equal(typeNumber('mx'), 15);
  assert.equal(typeNumber('TYPE65535'), 65535);
  assert.equal(typeNumber('TYPE65536'), null);
  assert.equal(typeNumber('constructor'), null);
  assert.ok(sameName('Example.ORG.', 'example.org'));
  assert.ok(!sameName('a.example.org', 'example.org'));
});

test('names and types that are none are refused where they are written', () => {
  assert.throws(() => encodeMessage({ questions: [{ name: 'a..b', type: 'A', class: 'IN' }] }), /is no name/);
  assert.throws(() => encodeMessage({ questions: [{ name: 'a', type: 'NONSENSE', class: 'IN' }] }), /is no type/);
  assert.throws(
    () => encodeMessage({ answers: [record('A', { kind: 'address', address: '1.2.3' })] }),
    /is no address/,
  );
});

/** A name as text: usual ones, escapes, empty and too long labels, final dots. */
const anyName = fc
  .array(fc.oneof(fc.constantFrom('a', 'www', '_sip', 'A-1', '', 'x'.repeat(63), 'x'.repeat(64), 'a\\.b', '\\000', '\\', ' ', 'ä'), fc.string()), { maxLength: 6 })
  .chain((labels) => fc.constantFrom(labels.join('.'), `${labels.join('.')}.`)); // prettier-ignore

test('a query is written as any message is, and what is no name is refused', () => {
  fc.assert(
    fc.property(anyName, fc.nat(0xffff), fc.constantFrom('A', 'MX', 'CAA'), fc.constantFrom(0, 1232), (name, id, type, size) => {
      const into = new Uint8Array(MAX_QUERY_BYTES).fill(0xee);
      const write = (): Uint8Array => into.subarray(0, writeQuery(into, id, name, typeNumber(type)!, size));
      if (parseName(name) === null) return assert.throws(write, WireError);
      const message = { id, recursionDesired: true, questions: [{ name, type, class: 'IN' }], additionals: size === 0 ? [] : [optRecord(size)] };
      assert.deepEqual(write(), encodeMessage(message));
    }),
    { numRuns: 2000 },
  );
}); // prettier-ignore

test('the longest names fit', () => {
  const longest = ['x'.repeat(63), 'x'.repeat(63), 'x'.repeat(63), 'x'.repeat(61)].join('.');
  const into = new Uint8Array(MAX_QUERY_BYTES);
  assert.equal(writeQuery(into, 1, longest, 1, 1232), MAX_QUERY_BYTES);
  assert.equal(writeQuery(into, 1, `${longest}.`, 1, 1232), MAX_QUERY_BYTES);
  assert.throws(() => writeQuery(into, 1, `${longest}x`, 1, 1232), WireError);
});

const usual = {
  id: 7,
  response: true,
  recursionAvailable: true,
  questions: [{ name: 'www.Example.org', type: 'A', class: 'IN' }],
  answers: [
    record('A', { kind: 'address', address: '192.0.2.1' }, 'www.Example.org'),
    record('A', { kind: 'address', address: '192.0.2.2' }, 'www.Example.org'),
  ],
};

test('a usual answer is read as the decoder reads it', () => {
  const found = ['192.0.2.1', '192.0.2.2'];
  for (const more of [{}, { additionals: [optRecord(512)] }, { authoritative: true, recursionDesired: true }]) {
    const bytes = encodeMessage({ ...usual, ...more });
    // The memory behind the answer holds whatever was there before.
    const memory = new Uint8Array(bytes.length + 40).fill(0xc0);
    memory.set(bytes);
    for (const name of ['www.example.org', 'WWW.EXAMPLE.ORG.']) {
      assert.deepEqual(plainAddresses(memory, bytes.length, name, 1), found);
    }
    for (const name of ['www.example.or', 'www.example.orgs', 'ww.example.org', 'www.example', 'www.example.org.x', '.', '']) {
      assert.equal(plainAddresses(memory, bytes.length, name, 1), null, name);
    }
    assert.equal(plainAddresses(memory, bytes.length, 'www.example.org', 28), null);
    for (let end = 0; end < bytes.length; end++) {
      assert.equal(plainAddresses(memory, end, 'www.example.org', 1), null, `cut at ${end}`);
    }
  }
  const six = encodeMessage({
    ...usual,
    questions: [{ name: 'a', type: 'AAAA', class: 'IN' }],
    answers: [record('AAAA', { kind: 'address', address: '2001:db8::1' }, 'a')],
  });
  assert.deepEqual(plainAddresses(six, six.length, 'a', 28), ['2001:db8::1']);
}); // prettier-ignore

test('whatever is not usual is left to the decoder', () => {
  const alias = record('CNAME', { kind: 'name', name: 'example.org' }, 'www.Example.org');
  for (const more of [
    { response: false },
    { opcode: 4 },
    { truncated: true },
    { rcode: 3 },
    { questions: [] },
    { questions: [...usual.questions, ...usual.questions] },
    { questions: [{ name: 'www.Example.org', type: 'A', class: 'CH' }] },
    { questions: [{ name: 'other.org', type: 'A', class: 'IN' }] },
    { answers: [] },
    { answers: [alias, ...usual.answers] },
    { answers: [record('A', { kind: 'address', address: '192.0.2.1' }, 'other.org')] },
    { answers: [{ ...usual.answers[0]!, class: 'CH' }] },
    { authorities: [record('NS', { kind: 'name', name: 'ns' })] },
    { additionals: [record('A', { kind: 'address', address: '192.0.2.1' }, 'ns')] },
    { additionals: [optRecord(512), optRecord(512)] },
    { additionals: [{ ...optRecord(512), ttl: 0x01000000 }] },
    { additionals: [{ ...optRecord(512), data: { kind: 'opt' as const, options: [{ code: 10, data: ascii('x') }] } }] },
  ]) {
    const bytes = encodeMessage({ ...usual, ...more });
    assert.equal(plainAddresses(bytes, bytes.length, 'www.example.org', 1), null, JSON.stringify(more));
  }
});

test('changed bytes: what is read of an answer is what the decoder reads, or nothing', () => {
  const whole_ = encodeMessage({ ...usual, additionals: [optRecord(512)] });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole_.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = Uint8Array.from(whole_);
      for (const [at, value] of changes) bytes[at] = value;
      const found = plainAddresses(bytes, bytes.length, 'www.example.org', 1);
      if (found === null) return;
      const message = decodeMessage(bytes)!;
      assert.equal(message.problem, null);
      assert.deepEqual([message.response, message.opcode, message.truncated, message.rcode], [true, 0, false, 0]);
      assert.ok(sameName(message.questions[0]!.name, 'www.example.org'));
      assert.deepEqual(found, message.answers.map(({ data }) => (data as { address: string }).address));
      for (const { name, type, class: kind } of message.answers) assert.ok(sameName(name, 'www.example.org') && type === 'A' && kind === 'IN');
    }),
    { numRuns: 3000 },
  );
}); // prettier-ignore
