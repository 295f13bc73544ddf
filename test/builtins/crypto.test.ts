/** The group crypto, against Python and OpenSSL, and against everything that was changed by one bit. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { HASHES } from '../../src/host/crypto/hash';
import { bytesOf, decode } from '../../src/host/text';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Value } from '../../src/runtime/values';
import { directoryWith } from '../support/command';
import { python, pythonHas, withoutPython } from '../support/python';
import { assertNothingLeft, builtin, fails, field, join, options, run, spawn } from '../support/run-tasks';
import { call, mapOf, refused } from './call-builtin';

const CHEAP = options({ cost: 10 });

function* seal(text: Value, key: Value = 'key'): Steps<string> {
  return (yield* builtin('encrypt', 'aes256', text, key, CHEAP)) as string;
}

function open(text: Value, key: Value = 'key'): Steps<Value> {
  return builtin('decrypt', 'aes256', text, key);
}

describe('hashes', () => {
  test('known answers', () => {
    assert.equal(call('hash', 'md5', ''), 'd41d8cd98f00b204e9800998ecf8427e');
    assert.equal(call('hash', 'sha3-256', ''), 'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a');
    assert.match(String(call('hash', 'blake2b512', 'abc')), /^ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b7/);
    for (const name of ['md5', 'sha1', 'sha256']) assert.equal(call(name, 'é\udcff'), call('hash', name, 'é\udcff'));
    // RFC 4231, test case 2.
    assert.match(
      String(call('hmac', 'sha256', 'what do ya want for nothing?', 'Jefe')),
      /^5bdcc146bf60754e6a042426089575c7/,
    );
  });

  test('as Python has them, of random bytes', { skip: withoutPython }, () => {
    const samples = fc.sample(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 200 })), 60);
    const answer = python(
      `import hashlib, hmac
names = {"sha3-256": "sha3_256", "blake2b512": "blake2b"}
answer = [[[hashlib.new(names.get(a, a), bytes(d)).hexdigest(), hmac.new(bytes(k), bytes(d), names.get(a, a)).hexdigest()] for a in data["algorithms"]] for d, k in data["samples"]]`,
      { algorithms: HASHES, samples: samples.map(([d, k]) => [[...d], [...k]]) },
    );
    const own = samples.map(([bytes, key]) =>
      HASHES.map((name) => [call('hash', name, decode(bytes)), call('hmac', name, [...bytes], decode(key))]),
    );
    assert.deepEqual(own, answer);
  });

  test('a text is its bytes, short or long, with any characters', () => {
    for (const unit of ['a', 'é', '😀', '\udcff', 'a\ud800']) {
      for (const length of [1, 2047, 2048, 4096, 4097, 100_000]) {
        const text = unit.repeat(length);
        const bytes = bytesOf(text);
        assert.equal(call('hash', 'sha256', text), createHash('sha256').update(bytes).digest('hex'));
        assert.equal(call('hmac', 'sha256', text, text), createHmac('sha256', bytes).update(bytes).digest('hex'));
      }
    }
  });

  test('what they refuse', () => {
    refused('ETYPE', 'algorithm must be "md5"', 'hash', 'SHA256', 'x');
    refused('ETYPE', 'algorithm must be', 'hash', 'constructor', 'x');
    refused('ETYPE', 'data must be a string', 'hash', 'md5', null);
    refused('ETYPE', 'data must be', 'hash', 'md5', [1, 256]);
    refused('ETYPE', 'key must be', 'hmac', 'md5', 'x', 5);
    refused('ETYPE', 'data is missing', 'sha256');
  });
});

describe('encrypt and decrypt', () => {
  test('what was encrypted comes back, any bytes; each text is another one', async () => {
    await run(function* () {
      for (const text of ['', 'a', 'x'.repeat(100_000), 'é😀\udcff\0', decode(Uint8Array.of(0, 255, 128))]) {
        const sealed = yield* seal(text, 'pässword');
        assert.equal(yield* open(sealed, 'pässword'), text);
      }
      assert.notEqual(yield* seal('same'), yield* seal('same'));
      assert.equal(yield* open(yield* seal([1, 2, 3], [9, 8]), [9, 8]), '\x01\x02\x03');
      assert.equal(yield* open(`\n  ${yield* seal('spaced')}\n`), 'spaced');
    });
  });

  test('one flipped bit anywhere is refused', async () => {
    await run(function* () {
      const bytes = Buffer.from(yield* seal('secret'), 'base64');
      const tries: (() => Steps<unknown>)[] = [];
      // All bits of the head's fields; of salt, nonce, data and tag one of each byte.
      const bits = Array.from({ length: bytes.length }, (_, at) => 8 * at + (at % 8));
      for (const bit of [...Array.from({ length: 40 }, (_, i) => i), ...bits]) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        tries.push(() => fails('EDECRYPT', open(changed.toString('base64'))));
      }
      for (let cut = 0; cut < bytes.length; cut += 9) {
        tries.push(() => fails('EDECRYPT', open(bytes.subarray(0, cut).toString('base64'))));
      }
      yield* allOf(tries);
    });
  });

  test('one flipped bit of the base64 text is refused as well', async () => {
    await run(function* () {
      const text = Buffer.from(yield* seal('se'), 'latin1');
      const tries: (() => Steps<unknown>)[] = [];
      for (let at = text.length - 6; at < text.length; at++) {
        for (let bit = 0; bit < 7; bit++) {
          const changed = Buffer.from(text);
          changed[at]! ^= 1 << bit;
          tries.push(() => fails('EDECRYPT', open(changed.toString('latin1'))));
        }
      }
      yield* allOf(tries);
    });
  });

  test('what asks for too much is refused at once', async () => {
    await run(function* () {
      const bytes = Buffer.from(yield* seal('secret'), 'base64');
      for (const [at, value] of [[5, 18], [5, 31], [5, 255], [5, 9], [5, 0], [6, 9], [6, 0], [7, 5], [7, 0]] as const) {
        const bomb = Buffer.from(bytes);
        bomb[at] = value;
        yield* fails('EDECRYPT', open(bomb.toString('base64')), /more memory or time than it may/);
      }
      const later = Buffer.from(bytes);
      later[4] = 2;
      yield* fails('EDECRYPT', open(later.toString('base64')), /later version/);
    });
  }); // prettier-ignore

  test('other texts, other keys, other types', async () => {
    await run(function* () {
      const sealed = yield* seal('secret');
      yield* fails('EDECRYPT', open(sealed, 'Key'), 'decrypt: the key is wrong, or the text was changed');
      for (const text of ['', 'hello', 'AAAA', sealed + 'AAAA', sealed.replace('A', '!')]) {
        yield* fails('EDECRYPT', open(text), /this is no text that encrypt made|was changed/);
      }
      yield* fails('ETYPE', builtin('encrypt', 'des', 'x', 'key'), /algorithm must be "aes256"/);
      yield* fails('ETYPE', builtin('encrypt', 'aes256', 'x', ''), /key must be .* not empty/);
      yield* fails('ETYPE', builtin('encrypt', 'aes256', 'x', []), /not empty/);
      yield* fails('ETYPE', builtin('encrypt', 'aes256', 5, 'key'), /data must be/);
      yield* fails('ETYPE', builtin('encrypt', 'aes256', 'x', 'k', options({ cost: 30 })), /option "cost"/);
      yield* fails('ETYPE', builtin('decrypt', 'aes256', ['x'], 'key'), /text must be a string/);
    });
  });

  test('Python decrypts it as the documentation says', { skip: pythonHas('cryptography') ? false : 'needs python3 with the package cryptography' }, async () => {
    await run(function* () {
      const sealed = [yield* seal('for Python: é', 'pass'), (yield* builtin('encrypt', 'aes256', 'usual cost', 'pass')) as string];
      const answer = python(
        `import base64, hashlib
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
answer = []
for text in data:
    t = base64.b64decode(text)
    assert t[:5] == b"SENC\\x01"
    k = hashlib.scrypt(b"pass", salt=t[8:24], n=1 << t[5], r=t[6], p=t[7], dklen=32, maxmem=2**28)
    answer.append(AESGCM(k).decrypt(t[24:36], t[36:], t[:36]).decode())`,
        sealed,
      );
      assert.deepEqual(answer, ['for Python: é', 'usual cost']);
    });
  }); // prettier-ignore

  test('what Python encrypts as the documentation says is decrypted', { skip: pythonHas('cryptography') ? false : 'needs python3 with the package cryptography' }, async () => {
    const text = python(
      `import base64, hashlib, os
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
head = b"SENC\\x01" + bytes([12, 8, 1]) + os.urandom(28)
k = hashlib.scrypt(data.encode(), salt=head[8:24], n=1 << 12, r=8, p=1, dklen=32)
answer = base64.b64encode(head + AESGCM(k).encrypt(head[24:36], b"from Python", head)).decode()`,
      'päss',
    );
    await run(function* () {
      assert.equal(yield* open(text as string, 'päss'), 'from Python');
    });
  }); // prettier-ignore
});

/** Runs these at once, and waits for all. */
function* allOf(bodies: readonly (() => Steps<unknown>)[]): Steps<void> {
  const tasks = bodies.map((body) => spawn(body));
  for (const task of tasks) yield* join(task);
}

describe('passwords', () => {
  test('the right one fits, others do not, and the text says its parameters', async () => {
    await run(function* () {
      const stored = (yield* builtin('password_hash', 'correct horse', CHEAP)) as string;
      assert.match(stored, /^\$scrypt\$ln=10,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
      assert.equal(yield* builtin('password_verify', 'correct horse', stored), true);
      for (const wrong of ['', 'correct horse ', 'Correct horse']) {
        assert.equal(yield* builtin('password_verify', wrong, stored), false);
      }
      assert.notEqual(yield* builtin('password_hash', 'correct horse', CHEAP), stored);
    });
  });

  test('texts that it cannot have made, and bombs, are refused', async () => {
    await run(function* () {
      const stored = (yield* builtin('password_hash', 'p', CHEAP)) as string;
      for (const bad of [
        '', 'p', '$scrypt$', stored.slice(1), stored + '$', stored.replace('ln=10', 'ln=31'), stored.replace('ln=10', 'ln=99'),
        stored.replace('r=8', 'r=64'), stored.replace('p=3', 'p=64'), stored.replace('$scrypt$', '$argon2id$'),
        '$2b$12$K3JNi5xUQEppzEOVKd8nUuMfWBpQfT1C8zVpZ0mWpYjLh0S1oT8yW',
      ]) yield* fails('EPASSWORD', builtin('password_verify', 'p', bad));
      yield* fails('ETYPE', builtin('password_hash', ''), /password must be/);
    });
  }); // prettier-ignore

  test('Python agrees', { skip: withoutPython }, async () => {
    await run(function* () {
      const stored = (yield* builtin('password_hash', 'geheim', CHEAP)) as string;
      const answer = python(
        `import base64, hashlib
_, name, cost, salt, h = data.split("$")
c = dict(x.split("=") for x in cost.split(","))
pad = lambda x: base64.b64decode(x + "=" * (-len(x) % 4))
answer = hashlib.scrypt(b"geheim", salt=pad(salt), n=1 << int(c["ln"]), r=int(c["r"]), p=int(c["p"]), dklen=32) == pad(h)`,
        stored,
      );
      assert.equal(answer, true);
    });
  });

  test('other tasks go on meanwhile', async () => {
    await run(function* () {
      let turns = 0;
      const ticking = spawn(function* () {
        for (;;) {
          yield* sleep(1);
          turns++;
        }
      });
      yield* builtin('password_hash', 'slow', options({ cost: 15 }));
      const during = turns;
      yield* builtin('cancel', ticking);
      yield* fails('ECANCELED', join(ticking));
      assert.ok(during >= 5, `another task ran ${during} times`);
    });
  });
});

describe('keys and signatures', () => {
  test('signatures fit their message and key alone', async () => {
    await run(function* () {
      for (const type of ['ed25519', 'RSA', 'ec']) {
        const keys = yield* builtin('generate_keypair', type, options({ bits: 2048 }));
        const [secret, open] = [field(keys, 'private') as string, field(keys, 'public') as string];
        assert.match(secret, /^-----BEGIN PRIVATE KEY-----\n/);
        assert.match(open, /^-----BEGIN PUBLIC KEY-----\n/);
        const signature = call('sign', 'message \udcff', secret) as string;
        assert.equal(call('verify', 'message \udcff', signature, open), true);
        assert.equal(call('verify', 'message \udcfe', signature, open), false);
        for (const bad of ['', 'AAAA', 'no base64!', signature.slice(4)]) {
          assert.equal(call('verify', 'message \udcff', bad, open), false, bad);
        }
        assert.equal(call('verify', 'message \udcff', `\n${signature.replace(/.{20}/g, '$&\r\n')} `, open), true);
        // Every bit of the text counts: no other text stands for the same signature.
        const text = Buffer.from(signature, 'latin1');
        for (let bit = 0; bit < 8 * text.length; bit++) {
          const changed = Buffer.from(text);
          changed[bit >> 3]! ^= 1 << (bit & 7);
          assert.equal(call('verify', 'message \udcff', changed.toString('latin1'), open), false, `bit ${bit}`);
        }
        const other = field(yield* builtin('generate_keypair', type, options({ bits: 2048 })), 'public');
        assert.equal(call('verify', 'message \udcff', signature, other), false);
      }
    });
  });

  test('openssl verifies what is signed here', async (t) => {
    if (spawnSync('openssl', ['version']).error !== undefined) return t.skip('openssl is not installed (Debian: openssl)');
    await run(function* () {
      for (const [type, how] of [['ed25519', ['-rawin']], ['rsa', ['-rawin', '-digest', 'sha256']], ['ec', ['-rawin', '-digest', 'sha256']]] as const) {
        const keys = yield* builtin('generate_keypair', type, options({ bits: 2048 }));
        const folder = directoryWith({ 'public.pem': field(keys, 'public') as string, message: 'the message' });
        const signature = call('sign', 'the message', field(keys, 'private')) as string;
        writeFileSync(joinPath(folder, 'signature'), Buffer.from(signature, 'base64'));
        const verified = spawnSync(
          'openssl',
          ['pkeyutl', '-verify', '-pubin', '-inkey', 'public.pem', '-sigfile', 'signature', '-in', 'message', ...how],
          { cwd: folder, encoding: 'utf8' },
        );
        assert.match(verified.stdout, /Signature Verified Successfully/, `${type}: ${verified.stderr}`);
      }
    });
  }); // prettier-ignore

  test('what is no key, or signs nothing, says so', async () => {
    await run(function* () {
      const keys = yield* builtin('generate_keypair');
      const agreeing = yield* builtin('generate_keypair', 'x25519');
      const pem = field(keys, 'private') as string;
      refused('EKEY', 'private_key is a public key', 'sign', 'x', field(keys, 'public'));
      refused('EKEY', 'no private key in PEM form', 'sign', 'x', 'secret');
      refused('EKEY', 'damaged', 'sign', 'x', pem.replace(/\n.{20}/, '\n'));
      refused('EKEY', 'x25519, which signs nothing', 'sign', 'x', field(agreeing, 'private'));
      refused('EKEY', 'x25519, which signs nothing', 'verify', 'x', 'AAAA', field(agreeing, 'public'));
      refused('EKEY', 'no public key', 'verify', 'x', 'AAAA', '');
      refused('ETYPE', 'private_key is missing', 'sign', 'x');
      refused('ETYPE', 'value must be', 'sign', 5, pem);
      refused('ETYPE', 'value must be', 'sign', null);
      yield* fails('ETYPE', builtin('generate_keypair', 'rsa', options({ bits: 512 })), /option "bits"/);
      yield* fails('ETYPE', builtin('generate_keypair', 'toString'), /type must be/);
    });
  });

  test('sign of a number is the one of math', () => {
    assert.deepEqual([-2.5, 0, 9].map((x) => call('sign', x)), [-1, 0, 1]);
  }); // prettier-ignore
});

function tokenOf(header: unknown, claims: unknown, sign: (signed: string) => string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${sign(signed)}`;
}

function mac(secret: string, bits = 256): (signed: string) => string {
  return (signed) => createHmac(`sha${bits}`, secret).update(signed).digest('base64url');
}

describe('tokens', () => {
  const distrusts = (reason: string, token: string, key: Value, settings: Record<string, unknown> = {}): void => {
    const error = refused('EJWT', /./, 'jwt_verify', token, key, mapOf(settings));
    assert.equal(error.get('reason'), reason, error.message);
  };

  test('the example of RFC 7515, appendix A.1', () => {
    const key = Buffer.from(
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      'base64url',
    );
    const token =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    // It expired in 2011.
    distrusts('expired', token, [...key]);
    const claims = call('jwt_verify', token, [...key], mapOf({ leeway: 1e10 })) as Value;
    assert.equal(field(claims, 'iss'), 'joe');
  });

  test('all algorithms, there and back', async () => {
    await run(function* () {
      const ed = yield* builtin('generate_keypair');
      const rsa = yield* builtin('generate_keypair', 'rsa', options({ bits: 2048 }));
      for (const [name, secret, open] of [
        ['HS256', 'shared', 'shared'], ['HS384', 'shared', 'shared'], ['HS512', 'shared', 'shared'],
        ['EdDSA', field(ed, 'private'), field(ed, 'public')], ['RS256', field(rsa, 'private'), field(rsa, 'public')],
      ] as const) {
        const token = call('jwt_sign', mapOf({ sub: 'ann', n: 1 }), secret, mapOf({ algorithm: name, expires_in: 60, header: mapOf({ kid: 'k1', alg: 'none' }) })) as string;
        const header = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as Record<string, unknown>;
        assert.deepEqual(header, { alg: name, typ: 'JWT', kid: 'k1' });
        assert.equal(field(call('jwt_verify', token, open) as Value, 'sub'), 'ann');
        for (const at of [0, 5, token.indexOf('.') + 3, token.length - 10]) {
          const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
          refused('EJWT', /./, 'jwt_verify', changed, open);
        }
      }
    });
  }); // prettier-ignore

  test('"none" and a confusion of algorithms are refused', async () => {
    await run(function* () {
      const rsa = yield* builtin('generate_keypair', 'rsa', options({ bits: 2048 }));
      const open = field(rsa, 'public') as string;
      for (const alg of ['none', 'None', 'NONE', '', null, 5, 'HS257', ['HS256']]) {
        distrusts('algorithm', tokenOf({ alg }, {}, () => ''), 'secret');
        distrusts('algorithm', tokenOf({ alg }, {}, mac('secret')), 'secret');
      }
      // The public key as the secret of an HMAC: everybody has it.
      distrusts('algorithm', tokenOf({ alg: 'HS256' }, { admin: true }, mac(open)), open);
      distrusts('algorithm', tokenOf({ alg: 'EdDSA' }, {}, mac(open)), open);
      distrusts('algorithm', tokenOf({ alg: 'RS256' }, {}, mac('secret')), 'secret');
      distrusts('algorithm', tokenOf({ alg: 'HS256' }, {}, mac('secret')), 'secret', { algorithms: ['HS512'] });
      distrusts('algorithm', tokenOf({ alg: 'RS256' }, {}, mac(open)), open, { algorithms: ['HS256'] });
      refused('EALGORITHM', 'this key is for RS256, not for HS256', 'jwt_sign', mapOf({}), field(rsa, 'private'), mapOf({ algorithm: 'HS256' }));
      refused('EALGORITHM', 'this key is for HS256', 'jwt_sign', mapOf({}), 'secret', mapOf({ algorithm: 'RS256' }));
    });
  }); // prettier-ignore

  test('times, issuer and audience', () => {
    const now = Math.floor(Date.now() / 1000);
    const token = (claims: unknown): string => tokenOf({ alg: 'HS256' }, claims, mac('s'));
    const taken = (claims: unknown, settings: Record<string, unknown> = {}): unknown =>
      call('jwt_verify', token(claims), 's', mapOf(settings));
    taken({ exp: now + 5, nbf: now - 5 });
    taken({ exp: now - 5 }, { leeway: 60 });
    taken({ iss: 'me', aud: ['a', 'b'] }, { issuer: 'me', audience: 'b' });
    distrusts('expired', token({ exp: now - 5 }), 's');
    distrusts('expired', token({ exp: 1e300 * -1 }), 's');
    distrusts('not_before', token({ nbf: now + 50 }), 's');
    distrusts('malformed', token({ exp: 'tomorrow' }), 's');
    distrusts('malformed', token({ exp: null }), 's');
    distrusts('issuer', token({}), 's', { issuer: 'me' });
    distrusts('audience', token({ aud: ['a'] }), 's', { audience: 'b' });
    distrusts('audience', token({}), 's', { audience: 'b' });
    distrusts('signature', token({ exp: now + 5 }), 'other');
  });

  test('what is malformed', () => {
    for (const token of ['', 'a', 'a.b', 'a.b.c.d', '..', 'e30.e30.', 'W10.e30.AA', '!!.e30.AA']) {
      refused('EJWT', /./, 'jwt_verify', token, 's');
    }
    distrusts('malformed', tokenOf({ alg: 'HS256', crit: ['exp'], exp: 1 }, {}, mac('s')), 's');
    distrusts('malformed', tokenOf({ alg: 'HS256' }, [1], mac('s')), 's');
    distrusts('malformed', tokenOf({ alg: 'HS256' }, {}, mac('s')) + '=', 's');
    refused('ETYPE', 'key must be a secret', 'jwt_verify', 'a.b.c', '');
    refused('EVALUE', 'NaN', 'jwt_sign', mapOf({ n: NaN }), 's');
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        refused('EJWT', /./, 'jwt_verify', `${a}.${b}.${c}`, 's');
      }),
      { numRuns: 500 },
    );
  });
});

test('random values', () => {
  assert.equal((call('random_bytes', 1000) as number[]).length, 1000);
  assert.deepEqual(call('random_bytes', 0), []);
  assert.match(String(call('random_hex', 8)), /^[0-9a-f]{16}$/);
  assert.match(String(call('uuid')), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(Array.from({ length: 1000 }, () => call('uuid'))).size, 1000);
  refused('ETYPE', 'count must be a whole number from 0 to', 'random_bytes', 2 ** 40);
  refused('ETYPE', 'count must be', 'random_hex', 1.5);
});

test('constant_time_equal is equality of bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
      assert.equal(call('constant_time_equal', [...a], decode(b)), Buffer.from(a).equals(b));
    }),
  );
  assert.equal(call('constant_time_equal', 'é', [0xc3, 0xa9]), true);
  refused('ETYPE', 'a must be', 'constant_time_equal', null, '');
});

after(assertNothingLeft);
