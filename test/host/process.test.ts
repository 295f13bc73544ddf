import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { test } from 'node:test';
import { env } from '../../src/host/environment';
import * as sentra from '../../src/host/process';

function start(what: string): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', `${__dirname}/process-fixture.ts`, what]);
}

interface Ended {
  readonly out: Buffer;
  readonly err: string;
  readonly code: number | null;
}

function finished(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ out: Buffer.concat(out), err: Buffer.concat(err).toString(), code })),
  );
}

test('output is written before the end, whatever the status', async () => {
  const { out, err, code } = await finished(start('order'));
  assert.equal(out.toString(), 'one\nthree\n');
  assert.equal(err, 'two\n');
  assert.equal(code, 4);
});

test('a slow reader of a non-blocking pipe gets everything', async () => {
  const child = start('much');
  child.stdout.pause();
  setTimeout(() => child.stdout.resume(), 700);
  const { out, code } = await finished(child);
  assert.equal(out.toString().split('\n').length, 200_001);
  assert.equal(code, 0);
});

test('a reader that has gone ends the program quietly', async () => {
  const child = start('endless');
  child.stdout.once('data', () => child.stdout.destroy());
  const { err, code } = await finished(child);
  assert.equal(err, '');
  assert.equal(code, 141);
});

test('any bytes are printed as they are', async () => {
  const { out } = await finished(start('bytes'));
  assert.deepEqual(out, Buffer.from('ff00c3a9efbfbd', 'hex'));
});

test('input is read by line and to its end', async () => {
  const child = start('lines');
  child.stdin.write('first\r\nsec');
  setTimeout(() => child.stdin.end('ond\n\nrest\nthe\nremainder'), 300);
  const { out, err } = await finished(child);
  assert.equal(err, '');
  assert.equal(out.toString(), '? <first>? <second>? <>? <rest>[the\nremainder]? end');
});

test('a last line without its end is a line', async () => {
  const child = start('lines');
  child.stdin.end('one\ntwo');
  assert.equal((await finished(child)).out.toString(), '? <one>? <two>? end');
});

test('signals reach the handler', async () => {
  const child = start('signal');
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const { out, code } = await finished(child);
  assert.equal(out.toString(), 'ready\ngot SIGTERM\n');
  assert.equal(code, 7);
});

test('the platform is described', () => {
  const info = sentra.platformInfo();
  assert.equal(info.pid, process.pid);
  assert.ok(info.cpus >= 1 && info.memory > 0 && info.hostname !== '' && info.os !== '' && info.arch !== '');
});

test('a variable that is not set is null', () => {
  assert.equal(env('SENTRA_NO_SUCH_VARIABLE'), null);
  assert.equal(env('PATH'), process.env['PATH']);
});
