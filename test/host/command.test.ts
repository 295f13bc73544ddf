import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { runCommand } from '../../src/host/command';
import type { CommandOptions } from '../../src/host/command';
import { setPolicy } from '../../src/host/permissions';
import { cancelTask } from '../../src/runtime/scheduler';
import { encode } from '../../src/host/text';
import { sleep } from '../../src/runtime/timers';
import { assertNothingLeft, fails, join, run, spawn } from '../support/run-tasks';

const plain: CommandOptions = { cwd: null, env: null, input: null, timeoutSeconds: null, maxOutputBytes: 1 << 20 };

test('a string goes to the shell, an array does not', async () => {
  await run(function* () {
    const shell = yield* runCommand('exec', 'echo $((1 + 1)); echo oops >&2; exit 3', plain);
    assert.deepEqual(shell, { stdout: '2\n', stderr: 'oops\n', code: 3 });
    const direct = yield* runCommand('exec', ['echo', '$HOME; ls'], plain);
    assert.deepEqual(direct, { stdout: '$HOME; ls\n', stderr: '', code: 0 });
  });
});

test('directory, environment and input; any bytes', async () => {
  await run(function* () {
    const result = yield* runCommand('exec', 'pwd; echo $COLOUR; cat', {
      ...plain,
      cwd: '/',
      env: { COLOUR: 'red' },
      input: 'a\udcff\u0000é',
    });
    assert.equal(result.stdout, '/\nred\na\udcff\u0000é');
  });
});

test('a signal that ends the child shows in its status', async () => {
  await run(function* () {
    assert.equal((yield* runCommand('exec', 'kill -TERM $$', plain)).code, 128 + 15);
  });
});

const running = (mark: string): boolean => {
  try {
    return execFileSync('pgrep', ['-f', `^sleep ${mark}$`]).length > 0;
  } catch {
    return false;
  }
};

test('a timeout ends the whole group of processes', async () => {
  await run(function* () {
    const error = yield* fails(
      'ETIMEDOUT',
      runCommand('exec', 'sleep 71234 & sleep 71234', { ...plain, timeoutSeconds: 0.2 }),
    );
    assert.match(error.message, /^exec: 'sleep 71234 & sleep 71234' was still running after 0.2 seconds/);
    yield* sleep(50);
    assert.equal(running('71234'), false);
  });
});

test('a timeout keeps what was written, and ends grandchildren that ignore signals', async () => {
  await run(function* () {
    const script = 'echo before; sh -c \'trap "" TERM HUP INT; sleep 71236; :\' & wait';
    const error = yield* fails('ETIMEDOUT', runCommand('exec', script, { ...plain, timeoutSeconds: 0.3 }));
    assert.equal(error.get('stdout'), 'before\n');
    yield* sleep(50);
    assert.equal(running('71236'), false);
  });
});

test('a timeout does not wait for one that has left the group', async () => {
  await run(function* () {
    const begun = performance.now();
    yield* fails('ETIMEDOUT', runCommand('exec', 'setsid sleep 4 & wait', { ...plain, timeoutSeconds: 0.2 }));
    assert.ok(performance.now() - begun < 3000);
  });
});

test('an array never reaches a shell, whatever is in it', async () => {
  const dangerous = [
    '$(id)',
    '`id`',
    '; id',
    '| id',
    '&& id',
    '> /tmp/x',
    '*',
    '~',
    '$HOME',
    '"',
    "'",
    '\\',
    '\n',
    '!',
    '{a,b}',
    '',
  ];
  await run(function* () {
    const { stdout } = yield* runCommand('exec', ['printf', '<%s>', ...dangerous], plain);
    assert.equal(stdout, dangerous.map((each) => `<${each}>`).join(''));
    yield* fails('ENOENT', runCommand('exec', ['echo hello'], plain), /the program 'echo hello' was not found/);
    yield* fails('ENOENT', runCommand('exec', ['echo', 'x'], { ...plain, env: { PATH: '/no/where' } }));
  });
});

test('input as bytes; output byte for byte', async () => {
  await run(function* () {
    const bytes = Array.from({ length: 256 }, (_, i) => i);
    const { stdout } = yield* runCommand('exec', ['cat'], { ...plain, input: bytes });
    assert.deepEqual([...encode(stdout)], bytes);
  });
});

test('what no command can hold', async () => {
  await run(function* () {
    for (const [command, settings, message] of [
      ['', {}, /is empty/],
      [['', 'x'], {}, /is empty/],
      ['echo a\0b', {}, /holds NUL/],
      [['echo'], { cwd: 'a\0b' }, /holds NUL/],
      [['echo'], { env: { 'A\0': 'x' } }, /holds NUL/],
      [['echo'], { env: { 'A=B': 'x' } }, /name of a variable/],
      [['echo', '\udcff'], {}, /no UTF-8/],
    ] as const)
      yield* fails('EINVAL', runCommand('exec', command, { ...plain, ...settings }), message);
    yield* fails('E2BIG', runCommand('exec', ['echo', 'x'.repeat(5_000_000)], plain), /too long/);
  });
});

test('cancelling the task ends the child', async () => {
  await run(function* () {
    const task = spawn(() => runCommand('exec', ['sleep', '71235'], plain));
    yield* sleep(100);
    assert.equal(running('71235'), true);
    cancelTask(task);
    yield* fails('ECANCELED', join(task));
    yield* sleep(50);
    assert.equal(running('71235'), false);
  });
});

test('more output than allowed is an error, which has what came before', async () => {
  await run(function* () {
    const error = yield* fails(
      'EOVERFLOW',
      runCommand('exec', 'echo first >&2; sleep 0.05; yes', { ...plain, maxOutputBytes: 100_001 }),
      /^exec: 'echo first >&2; .* wrote more than the allowed 100001 bytes and was ended \(EOVERFLOW\)$/,
    );
    assert.equal(error.get('stderr'), 'first\n');
    assert.equal(error.get('stdout'), 'y\n'.repeat(50_000).slice(0, 100_001 - 6));
    const exact = yield* runCommand('exec', ['printf', '12345'], { ...plain, maxOutputBytes: 5 });
    assert.equal(exact.stdout, '12345');
    yield* fails('EOVERFLOW', runCommand('exec', ['printf', '1'], { ...plain, maxOutputBytes: 0 }));
  });
});

test('what cannot be started says why', async () => {
  await run(function* () {
    yield* fails(
      'ENOENT',
      runCommand('exec', ['no-such-program'], plain),
      /the program 'no-such-program' was not found/,
    );
    yield* fails('EACCES', runCommand('exec', [`${__dirname}/command.test.ts`], plain), /may not be run/);
    yield* fails(
      'ENOENT',
      runCommand('exec', ['ls'], { ...plain, cwd: '/no/where' }),
      /the directory \/no\/where does not exist/,
    );
    yield* fails('EINVAL', runCommand('exec', [], plain));
    yield* fails('EINVAL', runCommand('exec', ['echo', 'a\0b'], plain));
  });
});

test('the policy is asked first', async () => {
  setPolicy({ refuses: (action) => (action === 'run' ? 'started with --deny-run' : null) });
  try {
    await run(function* () {
      yield* fails(
        'EPERM',
        runCommand('exec', 'true', plain),
        'exec: not permitted to run true: started with --deny-run (EPERM)',
      );
    });
  } finally {
    setPolicy(null);
  }
});

test('a child that does not read its input is no error', async () => {
  await run(function* () {
    const result = yield* runCommand('exec', 'exec 0<&-; exit 0', { ...plain, input: 'x'.repeat(1_000_000) });
    assert.equal(result.code, 0);
  });
});

after(assertNothingLeft);
