/** The beginnings of QUIC connections: the vectors of the RFCs, pieces in any order, and anything at all. */
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { quicCrypto } from '../../src/host/crypto/quic';
import { decodePacket } from '../../src/wire/packet/decode';
import { QuicHellos } from '../../src/wire/quic/hellos';
import { initialKeys, longHeader, openInitial, VERSION_2 } from '../../src/wire/quic/initial';
import type { InitialKeys } from '../../src/wire/quic/initial';
import { datagram } from '../traffic/support';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const ID = bytes('8394c8f03e515708');

/** RFC 9001, appendix A.2; RFC 9369, appendix A.2 has the same. */
const FRAME = bytes(`
  060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010
  000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e00050005010000000000330026
  0024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603
  0203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901
  100f088394c8f03e51570806048000ffff`);

/** Appendix A.1 of both. */
const VECTORS = [
  {
    version: 1,
    client: { key: '1f369613dd76d5467730efcbe3b1a22d', iv: 'fa044b2f42a3fd3b46fb255c', hp: '9f50449e04a0e810283a1e9933adedd2' }, // prettier-ignore
    server: { key: 'cf3a5331653c364c88f0f379b6067e37', iv: '0ac1493ca1905853b0bba03e', hp: 'c206b8d9b9f0f37644430b490eeaa314' }, // prettier-ignore
    header: 'c300000001088394c8f03e5157080000449e00000002',
    begins: 'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b',
  },
  {
    version: VERSION_2,
    client: { key: '8b1a0bc121284290a29e0971b5cd045d', iv: '91f73e2351d8fa91660e909f', hp: '45b95e15235d6f45a6b19cbcb0294ba9' }, // prettier-ignore
    server: { key: '82db637861d55e1d011f19ea71d5d2a7', iv: 'dd13c276499c0249d3310652', hp: 'edf6d05c83121201b436e16877593c3a' }, // prettier-ignore
    header: 'd36b3343cf088394c8f03e5157080000449e00000002',
    begins: 'd76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071',
  },
] as const;

/** What a client does: the packet number has four bytes. */
function seal({ key, iv, headerKey }: InitialKeys, header: Uint8Array, frames: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(iv);
  for (let i = 0; i < 4; i++) nonce[8 + i]! ^= header[header.length - 4 + i]!;
  const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 });
  cipher.setAAD(header);
  const sealed = Buffer.concat([cipher.update(frames), cipher.final(), cipher.getAuthTag()]);
  const mask = quicCrypto.aesBlock(headerKey, sealed.subarray(0, 16));
  const shown = new Uint8Array(header);
  shown[0]! ^= mask[0]! & 15;
  for (let i = 0; i < 4; i++) shown[header.length - 4 + i]! ^= mask[1 + i]!;
  return new Uint8Array(Buffer.concat([shown, sealed]));
}

/** An Initial packet of version 1 with these frames. */
function initial(frames: Uint8Array, number: number, keys = initialKeys(quicCrypto, 1, ID)!.client): Uint8Array {
  const length = 0x4000 | (frames.length + 20);
  return seal(keys, bytes(`c30000000108${hex(ID)}0000${length.toString(16)}${number.toString(16).padStart(8, '0')}`), frames); // prettier-ignore
}

function crypto(from: number, to: number): Uint8Array {
  const data = FRAME.subarray(4).subarray(from, to);
  const two = (value: number): number[] => [0x40 | (value >> 8), value & 255];
  return Uint8Array.from([6, ...two(from), ...two(data.length), ...data]);
}

for (const { version, client, server, header, begins } of VECTORS) {
  test(`the vectors of version ${version === 1 ? 1 : 2}`, () => {
    const keys = initialKeys(quicCrypto, version, ID)!;
    const shown = ({ key, iv, headerKey }: InitialKeys): object => ({ key: hex(key), iv: hex(iv), hp: hex(headerKey) });
    assert.deepEqual(shown(keys.client), client);
    assert.deepEqual(shown(keys.server), server);
    const frames = new Uint8Array(1162);
    frames.set(FRAME);
    const packet = seal(keys.client, bytes(header), frames);
    assert.equal(packet.length, 1200);
    assert.equal(hex(packet).slice(0, begins.length), begins);
    if (version === 1) assert.equal(hex(packet).slice(-32), 'e221af44860018ab0856972e194cd934');
    const found = longHeader(packet, 0, packet.length)!;
    assert.deepEqual(openInitial(quicCrypto, keys.client, packet, found.initial!), Buffer.from(frames));
    assert.equal(openInitial(quicCrypto, keys.server, packet, found.initial!), null);
    const [hello] = new QuicHellos(quicCrypto).add(packet, 0, packet.length, 'a', 'b');
    assert.equal(hello!.client!.serverName, 'example.com');
    assert.deepEqual(hello!.client!.alpn, ['alpn']);
    assert.match(hello!.client!.ja4, /^q13d0211an_/);
  });
}

test('a single packet shows its hello', () => {
  const packet = initial(FRAME, 0);
  const decoded = decodePacket(datagram(1, '10.0.0.1', '10.0.0.2', [40_000, 443], [...packet]), quicCrypto);
  const quic = decoded['quic'] as { readonly type: string; readonly client_hello: { readonly server_name: string } };
  assert.equal(quic.type, 'initial');
  assert.equal(quic.client_hello.server_name, 'example.com');
  const closed = decodePacket(datagram(1, '10.0.0.1', '10.0.0.2', [40_000, 443], [...packet]));
  assert.equal((closed['quic'] as object as typeof quic).client_hello, undefined);
});

test('a hello in pieces, in any order, more than once, over packets and datagrams; told of once', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: FRAME.length - 6 }), { maxLength: 6 }),
      fc.array(fc.nat(99), { minLength: 7, maxLength: 7 }),
      fc.boolean(),
      (cuts, order, together) => {
        const places = [0, ...cuts.sort((a, b) => a - b), FRAME.length - 4];
        const pieces = places.slice(0, -1).map((from, i) => crypto(from, places[i + 1]!));
        const shuffled = pieces.map((piece, i) => ({ piece, at: order[i]! })).sort((a, b) => a.at - b.at);
        const packets = [...shuffled, ...shuffled].map(({ piece }, i) => initial(Buffer.concat([bytes('01'), piece, bytes('0000')]), i)); // prettier-ignore
        const hellos = new QuicHellos(quicCrypto);
        const datagrams = together ? [Buffer.concat(packets)] : packets;
        const found = datagrams.flatMap((each) => hellos.add(each, 0, each.length, 'a', 'b'));
        assert.deepEqual(found.map(({ client }) => client?.serverName), ['example.com']); // prettier-ignore
      },
    ),
    { numRuns: 200 },
  );
});

test('a piece is missing: no hello', () => {
  const hellos = new QuicHellos(quicCrypto);
  for (const [i, [from, to]] of ([[0, 50], [60, 237]] as const).entries()) {
    const packet = initial(crypto(from, to), i);
    assert.deepEqual(hellos.add(packet, 0, packet.length, 'a', 'b'), []);
  } // prettier-ignore
});

test('changed bytes open nothing, and nothing throws', () => {
  const packet = initial(FRAME, 7);
  const edits = fc.array(fc.tuple(fc.nat(packet.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }); // prettier-ignore
  fc.assert(
    fc.property(edits, fc.nat(packet.length), (changes, length) => {
      const changed = new Uint8Array(packet.subarray(0, packet.length - length));
      for (const [at, change] of changes) if (at < changed.length) changed[at]! ^= change;
      const isSame = Buffer.compare(changed, packet) === 0;
      const found = new QuicHellos(quicCrypto).add(changed, 0, changed.length, 'a', 'b');
      assert.equal(found.length, isSame ? 1 : 0);
      decodePacket(datagram(1, '10.0.0.1', '10.0.0.2', [1, 2], [...changed]), quicCrypto);
    }),
    { numRuns: 500 },
  );
});

test('pieces without an end are given up', () => {
  const hellos = new QuicHellos(quicCrypto);
  let number = 0;
  const add = (frames: Uint8Array): number => {
    const packet = initial(frames, number++);
    return hellos.add(packet, 0, packet.length, 'a', 'b').length;
  };
  // All but the first byte, over and over.
  for (let i = 0; i < 200; i++) assert.equal(add(crypto(1, FRAME.length - 4)), 0);
  assert.equal(add(crypto(0, FRAME.length - 4)), 0);
});

test('a version that nobody knows, and ends that only send rubbish, cost little', () => {
  let opened = 0;
  const counting = { ...quicCrypto, openGcm: (...args: Parameters<typeof quicCrypto.openGcm>) => (opened++, quicCrypto.openGcm(...args)) }; // prettier-ignore
  const hellos = new QuicHellos(counting);
  const packet = initial(FRAME, 1);
  packet[100]! ^= 1;
  for (let i = 0; i < 100; i++) assert.deepEqual(hellos.add(packet, 0, packet.length, 'a', 'b'), []);
  assert.equal(opened, 8);
  assert.equal(initialKeys(quicCrypto, 0x12345678, ID), null);
});
