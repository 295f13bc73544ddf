/** The group core: conversions, errors, and what it does with the process, the latter in processes of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ErrorValue, MapValue } from '../../src/runtime/values';
import { builtin as waitingBuiltin, fails, options, run } from '../support/run-tasks';
import { call, everyKind, mapOf, property, refused } from './call-builtin';

test('type names every kind', () => {
  const names = new Set(everyKind().map((value) => call('type', value)));
  assert.deepEqual([...names].sort(), [
    'array',
    'boolean',
    'channel',
    'error',
    'function',
    'map',
    'null',
    'number',
    'string',
    'task',
  ]);
});

test(
  'num reads what str writes',
  property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x: number) => {
    assert.equal(call('num', call('str', x)), x === 0 ? 0 : x);
    assert.equal(call('float', ` ${String(x)}\n`), x === 0 && String(x) === '0' ? 0 : x);
  }),
);

const NUMBERS: readonly [string, number | null][] = [
  ['42', 42], ['-3.5', -3.5], ['+7', 7], ['.5', 0.5], ['5.', 5], ['1e3', 1000], ['1E-2', 0.01], [' 8 ', 8], ['0xff', 255], ['-0x10', -16],
  ['0b101', 5], ['0o17', 15], ['', null], [' ', null], ['12px', null], ['1,5', null], ['1 2', null], ['NaN', null], ['Infinity', null],
  ['0x', null], ['--1', null], ['1e', null], ['1_000', null], ['٣', null], ['0x1.8', null], ['e5', null],
]; // prettier-ignore

for (const [text, expected] of NUMBERS) {
  test(`num of ${JSON.stringify(text)} is ${expected}`, () => {
    assert.equal(call('num', text), expected);
    if (expected === null) {
      refused('ETYPE', `got the string ${JSON.stringify(text)}`, 'float', text);
      refused('ETYPE', `got the string ${JSON.stringify(text)}`, 'int', text);
    } else {
      assert.equal(call('float', text), expected);
      assert.equal(call('int', text), Math.trunc(expected));
    }
  });
}

test('int and float take numbers and booleans', () => {
  assert.equal(call('int', -3.9), -3);
  assert.equal(call('float', true), 1);
  assert.equal(call('num', false), 0);
  assert.equal(call('num', null), null);
  assert.equal(call('float', Infinity), Infinity);
  refused('ETYPE', 'int: value must be a finite number', 'int', NaN);
  refused('ETYPE', 'int: value must be a finite number', 'int', Infinity);
  refused('ETYPE', 'float: value must be a number or a text that holds one, got null', 'float', null);
});

test('bool is truth', () => {
  const truth = [false, null, 0, NaN, '', [], mapOf({})].map((value) => call('bool', value));
  assert.ok(truth.every((each) => each === false));
  assert.ok([true, 1, '0', [0], mapOf({ a: 1 }), () => null].every((value) => call('bool', value) === true));
});

test('range takes fractions', () => {
  assert.deepEqual(call('range', 0, 1, 0.25), [0, 0.25, 0.5, 0.75]);
  assert.deepEqual(call('range', 2.5), [0, 1, 2]);
  refused('ETYPE', 'range: start must be a finite number, got the number NaN', 'range', NaN);
});

test('error carries its fields', () => {
  const cause = call('error', 'below') as ErrorValue;
  const made = call(
    'error',
    'above',
    mapOf({ code: 'EMINE', cause, host: 'db', port: 5, hint: 'try again' }),
  ) as ErrorValue;
  assert.deepEqual(
    ['message', 'code', 'cause', 'host', 'port', 'hint', 'nothing', '__proto__', 'constructor'].map((name) =>
      made.get(name),
    ),
    ['above', 'EMINE', cause, 'db', 5, 'try again', null, null, null],
  );
  assert.equal(made.hint, 'try again');
  assert.equal(cause.code, 'ERROR');
});

test('error refuses fields that an error works out itself', () => {
  assert.equal(
    refused(
      'ETYPE',
      'error: fields must be a map of fields without message, line, file and stack',
      'error',
      'x',
      mapOf({ line: 5 }),
    ).hint,
    'the error itself knows its line',
  );
  assert.equal(
    refused('ETYPE', 'code, function and hint are strings', 'error', 'x', mapOf({ code: 5 })).hint,
    'its code is the number 5',
  );
  refused('ETYPE', 'error: message must be a string, got the number 5', 'error', 5);
});

test('assert fails where it must', () => {
  assert.equal(call('assert', 1), null);
  refused('EASSERT', /^assertion failed$/, 'assert', []);
  refused('EASSERT', /^five: 5$/, 'assert', false, 'five: 5');
});

test('platform and env', () => {
  const platform = call('platform') as MapValue;
  assert.deepEqual(platform.keys(), ['os', 'arch', 'hostname', 'cpus', 'memory', 'pid', 'version']);
  assert.equal(platform.get('pid'), process.pid);
  assert.match(platform.get('version') as string, /^\d+\.\d+\.\d+/);
  assert.equal(call('env', 'PATH'), process.env['PATH']);
  assert.equal(call('env', 'NO_SUCH_VARIABLE_HERE'), null);
  assert.equal(call('env', 'NO_SUCH_VARIABLE_HERE', 7), 7);
});

test('doc knows older spellings, groups and built-ins themselves, and hints at near names', () => {
  assert.equal(refused('ENAME', 'there is no built-in named "lenn"', 'doc', 'lenn').hint, "did you mean 'len'?");
  refused('ENAME', 'no built-in', 'doc', () => null);
});

// ---------------------------------------------------------------- exec

test('exec runs programs with and without a shell', () =>
  run(function* () {
    const shell = (yield* waitingBuiltin(
      'exec',
      'echo "$GREETING"; echo bad >&2; exit 3',
      options({ env: mapOf({ GREETING: 'hi' }) }),
    )) as MapValue;
    assert.deepEqual(shell.entries(), [
      ['stdout', 'hi\n'],
      ['stderr', 'bad\n'],
      ['code', 3],
    ]);
    const direct = (yield* waitingBuiltin('exec', ['printf', '%s', '$HOME; `x`'])) as MapValue;
    assert.equal(direct.get('stdout'), '$HOME; `x`');
    const fed = (yield* waitingBuiltin('exec', ['cat'], options({ input: 'a\udcffb', cwd: '/' }))) as MapValue;
    assert.equal(fed.get('stdout'), 'a\udcffb');
  }));

test('exec says what is wrong', () =>
  run(function* () {
    yield* fails(
      'ENOENT',
      waitingBuiltin('exec', ['no-such-program-here']),
      /exec: the program 'no-such-program-here' was not found/,
    );
    yield* fails(
      'ENOENT',
      waitingBuiltin('exec', 'true', options({ cwd: '/no/such/dir' })),
      /the directory \/no\/such\/dir does not exist/,
    );
    yield* fails(
      'ETIMEDOUT',
      waitingBuiltin('exec', 'sleep 9', options({ timeout: 0.05 })),
      /was still running after 0.05 seconds/,
    );
    yield* fails(
      'EOVERFLOW',
      waitingBuiltin('exec', 'yes', options({ max_output: 1000 })),
      /more than the allowed 1000 bytes/,
    );
    yield* fails('EINVAL', waitingBuiltin('exec', []), /the name of the program is empty/);
    yield* fails('EINVAL', waitingBuiltin('exec', ['echo', 'a\0b']), /exec/);
    yield* fails('ETYPE', waitingBuiltin('exec', ['echo', 5]), /exec: command must be a string or an array of strings/);
    yield* fails('EOPTION', waitingBuiltin('exec', 'true', options({ timout: 5 })), /there is no option "timout"/);
    yield* fails(
      'ETYPE',
      waitingBuiltin('exec', 'true', options({ env: mapOf({ A: 5 }) })),
      /option "env" must be a map of strings/,
    );
  }));

// ---------------------------------------------------------------- input and output, in a process of its own

interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** Calls built-ins in a new process: `body` is JavaScript with `call` and the values' helpers at hand. */
function inProcess(body: string, input: string): Promise<Ended> {
  const root = join(__dirname, '../..');
  const script = `const { call } = require('${root}/test/builtins/call-builtin');
    const { run, builtin } = require('${root}/test/support/run-tasks');
    const { flush } = require('${root}/src/host/process');
    void (async () => { ${body} flush(); process.exit(0); })();`;
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', script], { cwd: root });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString('latin1')));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ out, err, code })));
}

test('log, print and eprint write their values', async () => {
  const { out, err, code } = await inProcess(
    `call('log', 'a', 1, [null, 'b'], {}.x ?? true); call('print', 'x', 'y'); call('log'); call('log', '\\udcff'); call('eprint', 'oops', 2);`,
    '',
  );
  assert.equal(out, 'a 1 [null, "b"] true\nx y\n\xff\n');
  assert.equal(err, 'oops 2\n');
  assert.equal(code, 0);
});

test('readline and read_stdin share the input', async () => {
  const { out } = await inProcess(
    `await run(function* () {
      call('log', yield* builtin('readline', '? '));
      call('log', yield* builtin('readline'));
      call('log', yield* builtin('read_stdin'));
      call('log', yield* builtin('readline'), yield* builtin('read_stdin'));
    });`,
    'one\r\n\nthree\nfour',
  );
  assert.equal(out, '? one\n\nthree\nfour\nnull \n');
});

test('exit ends the process with its status, after what was printed', async () => {
  const { out, code } = await inProcess(`call('log', 'last words'); call('exit', 7); call('log', 'never');`, '');
  assert.equal(out, 'last words\n');
  assert.equal(code, 7);
});

test('doc prints the help', async () => {
  const { out } = await inProcess(`call('doc', 'length'); call('doc', 'map');`, '');
  assert.match(out, /^len\(value\) +core\n/);
  assert.match(out, /\nmap\(items, f\) +array\n/);
});
