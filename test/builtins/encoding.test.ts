/** The groups encoding and compression: there and back, as Python does it, and what is damaged. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { bytesOf, decode } from '../../src/host/text';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Value } from '../../src/runtime/values';
import { crc32 } from '../../src/wire/crc32';
import { python, withoutPython } from '../support/python';
import { assertNothingLeft, builtin, fails, join, options, run, spawn } from '../support/run-tasks';
import { call, property, refused } from './call-builtin';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('encoding', () => {
  for (const name of ['base64', 'base64url', 'hex']) {
    test(
      `${name} gives back what went in, bytes or text`,
      property(bytes, (data: Uint8Array) => {
        const encoded = call(`${name}_encode`, [...data]) as string;
        assert.equal(encoded, call(`${name}_encode`, decode(data)));
        assert.match(encoded, /^[A-Za-z0-9+/=_-]*$/);
        assert.deepEqual(bytesOf(call(`${name}_decode`, encoded) as string), Buffer.from(data));
        assert.deepEqual(
          bytesOf(call(`${name}_decode`, encoded.replace(/.{7}/g, '$&\r\n ')) as string),
          Buffer.from(data),
        );
      }),
    );
  }

  test('as Python does it', { skip: withoutPython }, () => {
    const samples = fc.sample(bytes, 100).map((each) => [...each]);
    const answer = python(
      `import base64
answer = [[base64.b64encode(bytes(d)).decode(), base64.urlsafe_b64encode(bytes(d)).decode().rstrip("="), bytes(d).hex()] for d in data]`,
      samples,
    );
    assert.deepEqual(
      samples.map((each) => ['base64_encode', 'base64url_encode', 'hex_encode'].map((name) => call(name, each))),
      answer,
    );
  });

  test(
    'exactly what is base64 is decoded',
    property(
      fc.array(fc.constantFrom('A', 'Zz09', '+', '/', '-', '_', '=', '==', ' ', '\n', '*', '\u0141', '\udc80'), {
        maxLength: 7,
      }),
      fc.boolean(),
      (pieces: string[], url: boolean) => {
        const name = url ? 'base64url_decode' : 'base64_decode';
        const text = pieces.join('');
        const [, body = '', padding = ''] = (url ? /^([\w-]*)(=*)$/ : /^([A-Za-z0-9+/]*)(=*)$/).exec(
          text.replace(/[ \n]/g, ''),
        ) ?? ['', '*', ''];
        const fits = padding === '' || (padding.length <= 2 && (body.length + padding.length) % 4 === 0);
        if (body === '*' || body.length % 4 === 1 || !fits)
          return void refused('EBASE64', /line \d, column \d/, name, text);
        assert.deepEqual(bytesOf(call(name, text) as string), Buffer.from(body, 'base64'));
      },
    ),
  );

  test(
    'exactly hexadecimal digits are decoded',
    property(
      fc.array(fc.constantFrom('0', 'aF', '9', ' ', '\n', 'g', '\u0141', '\udc80'), { maxLength: 6 }),
      (pieces: string[]) => {
        const text = pieces.join('');
        const digits = text.replace(/[ \n]/g, '');
        if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits))
          return void refused('EHEX', /line \d, column \d/, 'hex_decode', text);
        assert.deepEqual(bytesOf(call('hex_decode', text) as string), Buffer.from(digits, 'hex'));
      },
    ),
  );

  test('padding may be there or not', () => {
    for (const text of ['YQ==', 'YQ', ' YQ= =\n']) assert.equal(call('base64_decode', text), 'a');
    for (const text of ['YWI=', 'YWI']) assert.equal(call('base64url_decode', text), 'ab');
  });

  const place = (name: string, text: string, code: string, line: number, column: number): void => {
    const error = refused(code, `line ${line}, column ${column}: `, name, text);
    assert.deepEqual([error.get('text_line'), error.get('text_column')], [line, column]);
  };

  test('mistakes say their place', () => {
    place('base64_decode', 'YWJj\nYW!j', 'EBASE64', 2, 3);
    place('base64_decode', 'YWJjY', 'EBASE64', 1, 6);
    place('base64_decode', 'YQ=YQ', 'EBASE64', 1, 3);
    place('base64_decode', 'YWJj=', 'EBASE64', 1, 5);
    place('base64_decode', 'YQ===', 'EBASE64', 1, 3);
    place('base64_decode', '=', 'EBASE64', 1, 1);
    place('base64_decode', '__4', 'EBASE64', 1, 1);
    place('base64url_decode', 'aa+a', 'EBASE64', 1, 3);
    place('base64_decode', 'é', 'EBASE64', 1, 1);
    place('hex_decode', '0x41', 'EHEX', 1, 2);
    place('hex_decode', '41\n4', 'EHEX', 2, 2);
    place('hex_decode', 'zz', 'EHEX', 1, 1);
    assert.match(String(refused('EBASE64', /./, 'base64_decode', '__4').hint), /base64url/);
  });

  test(
    'any text is decoded or refused',
    property(fc.string(), (text: string) => {
      for (const name of ['base64_decode', 'base64url_decode', 'hex_decode']) {
        try {
          assert.equal(typeof call(name, text), 'string');
        } catch {
          refused(name === 'hex_decode' ? 'EHEX' : 'EBASE64', /line \d+, column \d+/, name, text);
        }
      }
    }),
  );
});

const PAIRS: readonly [string, string, Record<string, Value>][] = [
  ['gzip', 'gunzip', {}],
  ['deflate', 'inflate', {}],
  ['deflate', 'inflate', { raw: true }],
  ['brotli', 'unbrotli', {}],
];

function back(name: string, data: Value, settings: Record<string, Value> = {}): Steps<Value> {
  return builtin(name, data, options(settings));
}

describe('compression', () => {
  test('what was compressed comes back', async () => {
    await run(function* () {
      const samples = [
        ...fc.sample(bytes, 20).map((each) => decode(each)),
        '',
        'x'.repeat(1_000_000),
        decode(Buffer.alloc(9000, 0xff)),
      ];
      for (const [pack, unpack, settings] of PAIRS) {
        for (const text of samples)
          assert.equal(yield* back(unpack, yield* back(pack, text, settings), settings), text);
      }
    });
  });

  test('what is small and what is large take different ways and give the same', async () => {
    await run(function* () {
      for (const size of [4095, 4096, 4097]) {
        const text = 'ab'.repeat(size).slice(0, size);
        assert.equal(zlib.gunzipSync(bytesOf((yield* back('gzip', text)) as string)).toString(), text);
        assert.equal(zlib.brotliDecompressSync(bytesOf((yield* back('brotli', text)) as string)).toString(), text);
      }
    });
  });

  test('levels matter', async () => {
    await run(function* () {
      const text = Array.from({ length: 5000 }, (_, i) => `line ${i * 7919}`).join('\n');
      for (const [pack, high] of [['gzip', 9], ['deflate', 9], ['brotli', 11]] as const) {
        const quick = bytesOf((yield* back(pack, text, { level: 1 })) as string).length;
        const small = bytesOf((yield* back(pack, text, { level: high })) as string).length;
        assert.ok(small < quick, `${pack}: ${small} < ${quick}`);
      }
    });
  }); // prettier-ignore

  test('Python expands it, and the other way round', { skip: withoutPython }, async () => {
    const samples = fc.sample(fc.uint8Array({ maxLength: 2000 }), 30).map((each) => [...each]);
    const made = python(
      `import gzip, zlib, base64
b = lambda x: base64.b64encode(x).decode()
answer = [[b(gzip.compress(bytes(d))), b(zlib.compress(bytes(d))), zlib.crc32(bytes(d))] for d in data]`,
      samples,
    ) as [string, string, number][];
    await run(function* () {
      const packed: string[][] = [];
      for (const [i, sample] of samples.entries()) {
        const [gzipped, deflated, checksum] = made[i]!;
        assert.equal(call('crc32', sample), checksum);
        assert.deepEqual([...bytesOf((yield* back('gunzip', decode(Buffer.from(gzipped, 'base64')))) as string)], sample);
        assert.deepEqual([...bytesOf((yield* back('inflate', [...Buffer.from(deflated, 'base64')])) as string)], sample);
        const own = [yield* back('gzip', sample), yield* back('deflate', sample)];
        packed.push(own.map((each) => bytesOf(each as string).toString('base64')));
      }
      const answer = python(
        `import gzip, zlib, base64
answer = [[list(gzip.decompress(base64.b64decode(g))), list(zlib.decompress(base64.b64decode(z)))] for g, z in data]`,
        packed,
      );
      assert.deepEqual(answer, samples.map((each) => [each, each]));
    });
  }); // prettier-ignore

  test('a bomb costs no more than its bound', async () => {
    await run(function* () {
      for (const [pack, unpack, settings] of PAIRS) {
        const bomb = (yield* back(pack, '\0'.repeat(5_000_000), settings)) as string;
        const error = yield* fails('EOVERFLOW', back(unpack, bomb, { ...settings, max_output: 1_000_000 }));
        assert.match(error.message, new RegExp(`^${unpack}: the data expands to more than the allowed 1000000 bytes`));
        assert.equal(((yield* back(unpack, bomb, { ...settings, max_output: 5_000_000 })) as string).length, 5_000_000);
        yield* fails('EOVERFLOW', back(unpack, yield* back(pack, 'a', settings), { ...settings, max_output: 0 }));
        assert.equal(yield* back(unpack, yield* back(pack, '', settings), { ...settings, max_output: 0 }), '');
      }
    });
  });

  test('cut at every place, it ends too early', async () => {
    await run(function* () {
      for (const [pack, unpack, settings] of PAIRS) {
        const whole = bytesOf((yield* back(pack, 'some text to be cut, some text to be cut', settings)) as string);
        for (let cut = 0; cut < whole.length; cut++) {
          const part = [...whole.subarray(0, cut)];
          yield* fails('ETRUNCATED', back(unpack, part, settings));
        }
      }
    });
  });

  test('something behind the end', async () => {
    await run(function* () {
      const gzipped = (yield* back('gzip', 'one')) as string;
      assert.equal(yield* back('gunzip', gzipped + ((yield* back('gzip', 'two')) as string)), 'onetwo');
      assert.equal(yield* back('gunzip', gzipped + '\0\0\0'), 'one');
      yield* fails('EDATA', back('gunzip', gzipped + 'xx'));
      for (const [pack, unpack, settings] of PAIRS.slice(1)) {
        const error = yield* fails(
          'ETRAILING',
          back(unpack, ((yield* back(pack, 'one', settings)) as string) + 'xyz', settings),
        );
        assert.match(error.message, /3 bytes stand behind the end of the data/);
      }
    });
  });

  test('garbage is refused', async () => {
    await run(function* () {
      for (const [, unpack, settings] of PAIRS) {
        for (const garbage of fc.sample(fc.uint8Array({ minLength: 8, maxLength: 40 }), 60)) {
          try {
            yield* back(unpack, [0xff, 0xff, ...garbage], settings);
          } catch (error) {
            yield* fails((error as { code: string }).code, back(unpack, [0xff, 0xff, ...garbage], settings), /\((EDATA|ETRUNCATED|ETRAILING|EOVERFLOW)\)$/);
          }
        }
      }
      yield* fails('ETYPE', builtin('gunzip', null), /data must be/);
      yield* fails('EOPTION', builtin('gunzip', 'x', options({ max: 5 })), /no option "max"/);
    });
  }); // prettier-ignore

  test('other tasks go on while much is compressed', async () => {
    await run(function* () {
      const text = Array.from({ length: 300_000 }, (_, i) => String(i * 7919)).join();
      let turns = 0;
      const ticking = spawn(function* () {
        for (;;) {
          yield* sleep(1);
          turns++;
        }
      });
      yield* back('gzip', text, { level: 9 });
      const during = turns;
      yield* builtin('cancel', ticking);
      yield* fails('ECANCELED', join(ticking));
      assert.ok(during >= 3, `another task ran ${during} times`);
    });
  });
});

test('crc32 of any length, against a bit at a time', () => {
  assert.equal(crc32(new Uint8Array()), 0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (data) => {
      let crc = 0xffffffff;
      for (const byte of data) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
      }
      assert.equal(crc32(data), ~crc >>> 0);
    }),
  );
});

after(assertNothingLeft);
