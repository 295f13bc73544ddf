/** The stream of events tells of other programs: what goes in, what comes out of which stream, and how they end. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { HostEvent } from '../../src/host/events';
import { cancelTask } from '../../src/runtime/scheduler';
import { sleep } from '../../src/runtime/timers';
import { bytesOf, eventsOf, kindsOf } from '../support/events';
import { assertNothingLeft, builtin, fails, join, options, run, spawn } from '../support/run-tasks';

after(assertNothingLeft);

function only(events: readonly HostEvent[]): string[] {
  const all = Object.values(kindsOf(events));
  assert.equal(all.length, 1, `one subject: ${JSON.stringify(kindsOf(events))}`);
  return all[0]!;
}

function stream(events: readonly HostEvent[], name: string): string {
  const its = events.filter((event) => event.kind === 'bytes' && event.peer?.host === name);
  return Buffer.concat([bytesOf(its, 'in'), bytesOf(its, 'out')]).toString();
}

function statusOf(events: readonly HostEvent[]): number | undefined {
  const last = events.at(-1)!;
  assert.equal(last.kind, 'closed');
  return last.code;
}

const codesOf = (events: readonly HostEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'error' ? [event.code] : []));

test('its input, its two outputs and its status', () =>
  run(function* () {
    const script = 'cat; echo oops >&2; exit 3';
    const events = yield* eventsOf(() => builtin('exec', script, options({ input: 'in and out\n' })));
    assert.deepEqual(only(events), ['opened', 'bytes', 'closed']);
    const { handle, protocol, role, remote } = events[0]!.subject;
    assert.match(handle, /^exec:cat; .*#\d+$/);
    assert.deepEqual([protocol, role, remote], ['process', 'run', { host: script, port: null }]);
    assert.equal(stream(events, 'stdin'), 'in and out\n');
    assert.equal(stream(events, 'stdout'), 'in and out\n');
    assert.equal(stream(events, 'stderr'), 'oops\n');
    assert.equal(bytesOf(events, 'out').toString(), 'in and out\n');
    assert.equal(statusOf(events), 3);
  }));

test('each byte of much output', () =>
  run(function* () {
    const events = yield* eventsOf(() => builtin('exec', ['head', '-c', '5000000', '/dev/zero']));
    assert.equal(bytesOf(events, 'in').length, 5_000_000);
    assert.equal(statusOf(events), 0);
  }));

test('no input, no output', () =>
  run(function* () {
    const events = yield* eventsOf(() => builtin('exec', ['true'], options({ input: '' })));
    assert.deepEqual(events.map((event) => event.kind), ['opened', 'closed']); // prettier-ignore
  }));

test('a timeout: the error, then the end by a signal', () =>
  run(function* () {
    const events = yield* eventsOf(function* () {
      yield* fails('ETIMEDOUT', builtin('exec', 'echo early; exec sleep 71301', options({ timeout: 0.2 })));
      yield* sleep(50);
    });
    assert.deepEqual(only(events), ['opened', 'bytes', 'error', 'closed']);
    assert.deepEqual(codesOf(events), ['ETIMEDOUT']);
    assert.equal(stream(events, 'stdout'), 'early\n');
    assert.equal(statusOf(events), 128 + 9);
  }));

test('more output than allowed: what was read of it is counted', () =>
  run(function* () {
    const events = yield* eventsOf(function* () {
      yield* fails('EOVERFLOW', builtin('exec', 'echo 123456789; exec sleep 71302', options({ max_output: 4 })));
      yield* sleep(50);
    });
    assert.deepEqual(codesOf(events), ['EOVERFLOW']);
    assert.equal(stream(events, 'stdout'), '123456789\n');
    assert.equal(statusOf(events), 128 + 9);
  }));

test('a cancel: no error, the end by a signal', () =>
  run(function* () {
    const events = yield* eventsOf(function* () {
      const running = spawn(() => builtin('exec', ['sleep', '71303']));
      yield* sleep(50);
      cancelTask(running);
      yield* fails('ECANCELED', join(running));
      yield* sleep(50);
    });
    assert.deepEqual(only(events), ['opened', 'closed']);
    assert.equal(statusOf(events), 128 + 9);
  }));

test('what cannot be run: the error, and no status', () =>
  run(function* () {
    const failing = [
      ['ENOENT', ['no-such-program-here']],
      ['EACCES', ['/etc/passwd']],
      ['EINVAL', ['']],
      ['EINVAL', 'echo \0'],
      ['E2BIG', ['echo', 'x'.repeat(3_000_000)]],
    ] as const;
    for (const [code, command] of failing) {
      const given = typeof command === 'string' ? command : [...command];
      const events = yield* eventsOf(() => fails(code, builtin('exec', given, options({ input: 'x' }))));
      assert.deepEqual(only(events), ['opened', 'error', 'closed'], code);
      assert.deepEqual(codesOf(events), [code]);
      assert.equal(statusOf(events), undefined);
    }
  }));
