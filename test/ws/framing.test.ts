/** The rules of RFC 6455 on frames and messages, for both roles over raw TCP; each test names its section. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { nothingLeft } from '../support/network';
import { closePayload, echoing, frame, OP } from './raw-peer';
import type { FrameParts, Pair, Role } from './raw-peer';
import type { Value } from '../../src/runtime/values';

after(nothingLeft);

const LENGTHS = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 65534, 65535, 65536, 65537];

/** Bytes that repeat nowhere near, so that a wrong offset shows. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  return bytes;
}

const ascii = (length: number): Buffer => Buffer.from(pattern(length).map((byte) => 32 + (byte % 94)));

type WithPair = (body: (pair: Pair) => Promise<void>, settings?: Record<string, Value>) => () => Promise<void>;
type Refused = (title: string, code: number, ...frames: FrameParts[]) => void;

function framing(role: Role, withPair: WithPair): void {
  test(
    '5.2: text and binary messages of every length at the borders of the forms of the length',
    withPair(async ({ peer }) => {
      for (const length of LENGTHS) {
        peer.send({ opcode: OP.text, payload: ascii(length) });
        assert.deepEqual(await peer.message(OP.text), ascii(length));
        peer.send({ opcode: OP.binary, payload: pattern(length) });
        assert.deepEqual(await peer.message(OP.binary), pattern(length));
      }
    }),
  );

  test(
    '5.2: a length in a longer form than it needs is understood',
    withPair(async ({ peer }) => {
      for (const lengthBytes of [2, 8] as const) {
        peer.send({ opcode: OP.text, payload: 'short', lengthBytes });
        assert.equal((await peer.message(OP.text)).toString(), 'short');
      }
    }),
  );

  test(
    '5.2: frames cut at every byte, and many frames in one piece',
    withPair(async ({ peer }) => {
      const bytes = Buffer.concat([
        frame(peer.role, { opcode: OP.text, payload: 'naïve €' }),
        frame(peer.role, { opcode: OP.binary, payload: pattern(130) }),
      ]);
      for (let at = 1; at < bytes.length; at++) {
        peer.raw(bytes.subarray(0, at));
        await new Promise((resolve) => setImmediate(resolve));
        peer.raw(bytes.subarray(at));
        assert.equal((await peer.message(OP.text)).toString(), 'naïve €');
        assert.deepEqual(await peer.message(OP.binary), pattern(130));
      }
      peer.raw(Buffer.concat(Array.from({ length: 500 }, () => frame(peer.role, { opcode: OP.text, payload: 'x' }))));
      for (let i = 0; i < 500; i++) assert.equal((await peer.message(OP.text)).toString(), 'x');
    }),
  );

  test(
    '5.3: a mask of zeros, and a message with its own bytes as the mask',
    withPair(async ({ peer }) => {
      if (role === 'client') return;
      peer.raw(Buffer.from([0x81, 0x83, 0, 0, 0, 0, 0x61, 0x62, 0x63]));
      assert.equal((await peer.message(OP.text)).toString(), 'abc');
      peer.raw(Buffer.from([0x82, 0x84, 1, 2, 3, 4, 1, 2, 3, 4]));
      assert.deepEqual(await peer.message(OP.binary), Buffer.alloc(4));
    }),
  );
}

function malformed(role: Role, refused: Refused): void {
  refused('5.1: a frame that is masked by a server, or not masked by a client', 1002, {
    opcode: OP.text,
    payload: 'x',
    masked: role !== 'server',
  });
  for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
    refused(`5.2: reserved bits ${rsv} that nothing was agreed on`, 1002, { opcode: OP.text, payload: 'x', rsv });
  }
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    refused(`5.2: opcode ${opcode}, which is reserved`, 1002, { opcode, payload: 'x' });
  }
  refused('5.2: a length with its highest bit set', 1009, {
    opcode: OP.binary,
    payload: 'x',
    lengthBytes: 8,
    claims: 2 ** 63,
  });
}

function fragmentation(withPair: WithPair, refused: Refused): void {
  test(
    '5.4: a message in fragments, empty ones among them, with control frames between',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.text, payload: 'one ', fin: false });
      peer.send({ opcode: OP.ping, payload: 'between' });
      assert.equal((await peer.message(OP.pong)).toString(), 'between');
      peer.send({ opcode: OP.continuation, payload: '', fin: false });
      peer.send({ opcode: OP.pong, payload: 'unasked' });
      peer.send({ opcode: OP.continuation, payload: 'two', fin: true });
      assert.equal((await peer.message(OP.text)).toString(), 'one two');
    }),
  );

  test(
    '5.4: a message in 100,000 fragments',
    withPair(async ({ peer }) => {
      const pieces = [frame(peer.role, { opcode: OP.binary, payload: 'a', fin: false })];
      const middle = frame(peer.role, { opcode: OP.continuation, payload: 'b', fin: false });
      for (let i = 0; i < 99_998; i++) pieces.push(middle);
      pieces.push(frame(peer.role, { opcode: OP.continuation, payload: 'c' }));
      peer.raw(Buffer.concat(pieces));
      assert.equal((await peer.message(OP.binary)).toString('latin1'), `a${'b'.repeat(99_998)}c`);
    }),
  );

  test(
    '5.4: a message of 4 MiB in 65,536 fragments',
    withPair(async ({ peer }) => {
      const whole = pattern(4 * 1024 * 1024);
      const pieces: Buffer[] = [];
      for (let at = 0; at < whole.length; at += 64) {
        const opcode = at === 0 ? OP.binary : OP.continuation;
        pieces.push(frame(peer.role, { opcode, payload: whole.subarray(at, at + 64), fin: at + 64 === whole.length }));
      }
      peer.raw(Buffer.concat(pieces));
      assert.ok((await peer.message(OP.binary)).equals(whole));
    }),
  );

  test(
    '10.4: 131,000 fragments of a byte without an end are refused, long before 16 MiB have come',
    withPair(async ({ peer }) => {
      const pieces = [frame(peer.role, { opcode: OP.text, payload: 'a', fin: false })];
      const middle = frame(peer.role, { opcode: OP.continuation, payload: 'b', fin: false });
      for (let i = 1; i < 131_000; i++) pieces.push(middle);
      peer.raw(Buffer.concat(pieces));
      await peer.closes(1009);
    }),
  );

  refused('5.4: a continuation of nothing', 1002, { opcode: OP.continuation, payload: 'x' });
  refused(
    '5.4: a new message inside of another',
    1002,
    { opcode: OP.text, payload: 'x', fin: false },
    { opcode: OP.text, payload: 'y' },
  );
}

function control(withPair: WithPair, refused: Refused): void {
  test(
    '5.5.2: pings of 0 to 125 bytes are answered with their data, in order',
    withPair(async ({ peer }) => {
      for (const length of [0, 1, 124, 125]) peer.send({ opcode: OP.ping, payload: pattern(length) });
      for (const length of [0, 1, 124, 125]) assert.deepEqual(await peer.message(OP.pong), pattern(length));
    }),
  );

  test(
    '5.5.3: a pong that nobody asked for means nothing',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.pong, payload: 'hello?' });
      peer.send({ opcode: OP.text, payload: 'after' });
      assert.equal((await peer.message(OP.text)).toString(), 'after');
    }),
  );

  for (const opcode of [OP.ping, OP.pong, OP.close]) {
    refused(`5.5: control frame ${opcode} over 125 bytes`, 1002, { opcode, payload: pattern(126) });
    refused(`5.5: control frame ${opcode} in fragments`, 1002, { opcode, payload: 'x', fin: false });
  }
}

/** Writes bytes in pieces of `size`, each in a segment of its own as far as that can be had. */
async function inPieces(peer: Pair['peer'], bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    peer.raw(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function controlInPieces(withPair: WithPair): void {
  test(
    '5.5.2: ten pings in a row, whole and byte by byte, are answered in order; pongs between them are not',
    withPair(async ({ peer }) => {
      const names = Array.from({ length: 10 }, (_, i) => `ping ${i}`);
      const frames = names.flatMap((payload) => [
        frame(peer.role, { opcode: OP.ping, payload }),
        frame(peer.role, { opcode: OP.pong, payload: 'unasked' }),
      ]);
      for (const size of [1000, 1]) {
        await inPieces(peer, Buffer.concat(frames), size);
        for (const name of names) assert.equal((await peer.message(OP.pong)).toString(), name);
      }
    }),
  );

  test(
    '10.4: who sends pings and does not read the answers is not read from',
    withPair(async ({ peer }) => {
      const thousand = Buffer.concat(
        Array.from({ length: 1000 }, () => frame(peer.role, { opcode: OP.ping, payload: pattern(125) })),
      );
      peer.socket.pause();
      // More than the system's buffers of both directions hold, a piece when the one before it is taken.
      const all = 400;
      let taken = 0;
      const more = (): void => {
        if (++taken < all) peer.socket.write(thousand, more);
      };
      peer.socket.write(thousand, more);
      let before = -1;
      while (taken > before) {
        before = taken;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      assert.ok(taken < all, `all ${all} pieces were taken`);
      peer.socket.destroy();
    }),
  );

  test(
    '5.4: many fragments with a ping behind each, byte by byte',
    withPair(async ({ peer }) => {
      const pieces = ['f', 'r', 'a', 'g', 's'].map((payload, i) =>
        Buffer.concat([
          frame(peer.role, { opcode: i === 0 ? OP.text : OP.continuation, payload, fin: false }),
          frame(peer.role, { opcode: OP.ping, payload }),
        ]),
      );
      await inPieces(peer, Buffer.concat([...pieces, frame(peer.role, { opcode: OP.continuation, payload: '!' })]), 1);
      for (const payload of 'frags') assert.equal((await peer.message(OP.pong)).toString(), payload);
      assert.equal((await peer.message(OP.text)).toString(), 'frags!');
    }),
  );
}

const VALID_TEXTS = ['κόσμε', '\0', '\x7f\u0080\u07ff\u0800\uffff', '\u{10000}\u{10ffff}', '\ud7ff\ue000\ufffd', '￾￿'];
const INVALID_TEXTS = [
  '80',
  'bf',
  'c0af',
  'c1bf',
  'c2',
  'e08080',
  'e282',
  'eda080',
  'edbfbf',
  'f0808080',
  'f09080',
  'f4908080',
  'f888808080',
  'fe',
  'ff',
  'cebae1bdb9cf83cebceda080656469746564',
];

function utf8(withPair: WithPair): void {
  test(
    '8.1: valid UTF-8, whole and with a fragment at every byte',
    withPair(async ({ peer }) => {
      for (const text of VALID_TEXTS) {
        const bytes = Buffer.from(text);
        peer.send({ opcode: OP.text, payload: bytes });
        assert.equal((await peer.message(OP.text)).toString(), text);
        for (let at = 0; at <= bytes.length; at++) {
          peer.send({ opcode: OP.text, payload: bytes.subarray(0, at), fin: false });
          peer.send({ opcode: OP.continuation, payload: bytes.subarray(at) });
          assert.equal((await peer.message(OP.text)).toString(), text);
        }
      }
    }),
  );

  for (const hex of INVALID_TEXTS) {
    test(
      `8.1: ${hex} is no UTF-8: 1007`,
      withPair(async ({ peer }) => {
        peer.send({ opcode: OP.text, payload: Buffer.from(hex, 'hex') });
        await peer.closes(1007);
      }),
    );
    test(
      `5.6: ${hex} is what a binary message may hold`,
      withPair(async ({ peer }) => {
        peer.send({ opcode: OP.binary, payload: Buffer.from(hex, 'hex') });
        assert.equal((await peer.message(OP.binary)).toString('hex'), hex);
      }),
    );
  }

  test(
    '8.1: bad text is refused at the fragment in which it shows, though the message goes on',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.text, payload: 'κόσμε', fin: false });
      peer.send({ opcode: OP.continuation, payload: Buffer.from('f4908080', 'hex'), fin: false });
      await peer.closes(1007);
    }),
  );

  test(
    '8.1: bad text is refused within its frame, at the first byte that is wrong',
    withPair(async ({ peer }) => {
      const payload = Buffer.concat([Buffer.from('κόσμε'), Buffer.from('f490', 'hex'), Buffer.alloc(50, 'x')]);
      const whole = frame(peer.role, { opcode: OP.text, payload });
      await inPieces(peer, whole.subarray(0, whole.length - 50), 1);
      await peer.closes(1007);
    }),
  );

  test(
    '5.5.1: a reason that is no UTF-8: 1007',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.close, payload: Buffer.concat([closePayload(1000), Buffer.from('c3', 'hex')]) });
      await peer.closes(1007);
    }),
  );
}

const GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const BAD_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535];

function closing(withPair: WithPair): void {
  test(
    '5.5.1: a close without a code is answered with one without a code',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.close });
      await peer.closes(null);
    }),
  );

  for (const code of GOOD_CODES) {
    test(
      `7.4: close code ${code} is answered with the same`,
      withPair(async ({ peer }) => {
        peer.send({ opcode: OP.close, payload: closePayload(code, 'bye') });
        await peer.closes(code);
      }),
    );
  }

  for (const code of BAD_CODES) {
    test(
      `7.4: close code ${code} may not be sent: 1002`,
      withPair(async ({ peer }) => {
        peer.send({ opcode: OP.close, payload: closePayload(code) });
        await peer.closes(1002);
      }),
    );
  }

  test(
    '5.5.1: a close frame with one byte: 1002',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.close, payload: 'x' });
      await peer.closes(1002);
    }),
  );

  test(
    '5.5.1: a second close frame, and a close in the middle of a message',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.text, payload: 'begun', fin: false });
      peer.raw(
        Buffer.concat([
          frame(peer.role, { opcode: OP.close, payload: closePayload(1000, 'first') }),
          frame(peer.role, { opcode: OP.close, payload: closePayload(1001, 'second') }),
          frame(peer.role, { opcode: OP.continuation, payload: 'and ended' }),
        ]),
      );
      await peer.closes(1000, 'first');
    }),
  );

  test(
    '5.5.1: a reason of 123 bytes is taken, messages before the close are answered, what follows is not',
    withPair(async ({ peer }) => {
      peer.raw(
        Buffer.concat([
          frame(peer.role, { opcode: OP.close, payload: closePayload(1000, 'x'.repeat(123)) }),
          frame(peer.role, { opcode: OP.text, payload: 'too late' }),
          frame(peer.role, { opcode: OP.ping, payload: 'too late' }),
        ]),
      );
      await peer.closes(1000);
    }),
  );

  for (const [what, wrong, code] of [
    ['a close frame', { opcode: OP.close, payload: closePayload(1000) }, 1000],
    ['a reserved opcode', { opcode: 5 }, 1002],
    ['text that is no UTF-8', { opcode: OP.text, payload: Buffer.from([0xff]) }, 1007],
  ] as const) {
    test(
      `7.1.7: messages are answered that came in one piece with ${what}`,
      withPair(async ({ peer }) => {
        const first = [1, 2, 3].map((i) => frame(peer.role, { opcode: OP.text, payload: `answer ${i}` }));
        peer.raw(Buffer.concat([...first, frame(peer.role, wrong), frame(peer.role, { opcode: OP.ping })]));
        for (const i of [1, 2, 3]) assert.equal((await peer.message(OP.text)).toString(), `answer ${i}`);
        await peer.closes(code);
      }),
    );
  }

  test(
    '7.1.5: a connection that breaks off inside of a frame, and inside of a message, harms nobody',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.text, payload: 'fine' });
      assert.equal((await peer.message(OP.text)).toString(), 'fine');
      peer.send({ opcode: OP.text, payload: 'begun', fin: false });
      peer.raw(frame(peer.role, { opcode: OP.continuation, payload: 'cut off' }).subarray(0, 5));
      peer.socket.destroy();
    }),
  );
}

function limits(withPair: WithPair): void {
  const small = { max_message: 1000 };
  test(
    '10.4: a message of the limit is taken, one byte more is refused with 1009',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.binary, payload: pattern(1000) });
      assert.deepEqual(await peer.message(OP.binary), pattern(1000));
      peer.send({ opcode: OP.binary, payload: pattern(1001) });
      await peer.closes(1009);
    }, small),
  );

  test(
    '10.4: the limit holds for the sum of the fragments, and before their bytes have come',
    withPair(async ({ peer }) => {
      peer.send({ opcode: OP.binary, payload: pattern(600), fin: false });
      peer.raw(frame(peer.role, { opcode: OP.continuation, payload: pattern(10), claims: 600 }));
      await peer.closes(1009);
    }, small),
  );

  test(
    '5.6: 16 MiB in one message',
    withPair(async ({ peer }) => {
      const whole = pattern(16 * 1024 * 1024);
      peer.send({ opcode: OP.binary, payload: whole });
      assert.ok((await peer.message(OP.binary)).equals(whole));
    }),
  );
}

for (const role of ['server', 'client'] as const) {
  describe(`as a ${role}`, () => {
    const withPair =
      (body: (pair: Pair) => Promise<void>, settings: Record<string, Value> = {}) =>
      async (): Promise<void> => {
        const pair = await echoing(role, settings);
        try {
          await body(pair);
        } finally {
          await pair.done();
        }
      };
    const refused = (title: string, code: number, ...frames: FrameParts[]): void => {
      test(
        title,
        withPair(async ({ peer }) => {
          for (const each of frames) peer.send(each);
          await peer.closes(code);
        }),
      );
    };
    framing(role, withPair);
    malformed(role, refused);
    fragmentation(withPair, refused);
    control(withPair, refused);
    controlInPieces(withPair);
    utf8(withPair);
    closing(withPair);
    limits(withPair);
  });
}
