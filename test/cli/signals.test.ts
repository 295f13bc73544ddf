/** Ctrl-C and SIGTERM, as a terminal and a service manager send them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunningCommand, sentra } from '../support/command';

function running(code: string): RunningCommand {
  return new RunningCommand(['-e', code]);
}

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

for (const [signal, status] of SIGNALS) {
  test(`${signal} cancels all tasks: defer and finally run, in them and at the top`, async () => {
    const program = running(`
      defer log("deferred at the top")
      fn work(name) {
        defer log(name, "deferred")
        try { sleep(60000) } catch e { log(name, e.code); throw e } finally { log(name, "finally") }
      }
      spawn work("one")
      spawn { work("two") }
      sleep(20)
      log("ready")
      work("main")
    `);
    await program.says('ready');
    program.process.kill(signal);
    const ended = await program.ended;
    assert.equal(ended.status, status, ended.stderr);
    const lines = ended.stdout.trim().split('\n');
    assert.deepEqual(
      [...lines.slice(1, -1)].sort(),
      ['main', 'one', 'two'].flatMap((name) => [`${name} ECANCELED`, `${name} deferred`, `${name} finally`]).sort(),
    );
    assert.equal(lines.at(-1), 'deferred at the top');
    assert.equal(ended.stderr, '');
  });
}

test('clean-up may wait, and a second Ctrl-C ends it at once', async () => {
  const code = `
    fn slowly() { log("cleaning up"); sleep(60000); log("never") }
    fn work() { defer slowly(); log("ready"); sleep(60000) }
    work()
  `;
  const program = running(code);
  await program.says('ready');
  program.process.kill('SIGINT');
  await program.says('cleaning up');
  const start = Date.now();
  program.process.kill('SIGINT');
  const ended = await program.ended;
  assert.equal(ended.status, 130);
  assert.ok(Date.now() - start < 1000);
  assert.ok(!ended.stdout.includes('never'));
});

test('clean-up that never ends is given five seconds', async () => {
  const program = running('fn work() { defer sleep(60000); log("ready"); sleep(60000) }\nwork()');
  await program.says('ready');
  const start = Date.now();
  program.process.kill('SIGTERM');
  assert.equal((await program.ended).status, 143);
  const took = Date.now() - start;
  assert.ok(took > 4500 && took < 7000, `${took} ms`);
});

test('a program that catches the cancel may end by itself', async () => {
  const program = running('try { log("ready"); sleep(60000) } catch e { log(e.code) }\nlog("done")');
  await program.says('ready');
  program.process.kill('SIGINT');
  const ended = await program.ended;
  assert.deepEqual([ended.status, ended.stdout], [130, 'ready\nECANCELED\ndone\n']);
});

const COMPUTING: readonly (readonly [name: string, code: string])[] = [
  ['at the top', 'log("ready"); sleep(1)\nlet n = 0\nwhile true { n += 1 }'],
  ['at the top before any wait', 'print("ready\\n" + "x".repeat(70000))\nlet n = 0\nwhile true { n += 1 }'],
  ['in a function that cannot wait', 'fn spin() { let n = 0; for (;;) { n = n + 1 } }\nlog("ready"); sleep(1)\nspin()'],
  ['in a task', 'spawn { let n = 0; while true { n += 1 } }\nlog("ready"); sleep(60000)'],
  [
    'in a function of a task',
    'fn spin() { let n = 0; while true { n += 1 } }\nspawn { sleep(5); spin() }\nlog("ready"); sleep(60000)',
  ],
  ['in calls without end', 'fn f(n) => n == 0 ? 0 : f(n - 1) + f(n - 1)\nlog("ready"); sleep(1)\nf(90)'],
  [
    'in calls without end through others and built-ins',
    'fn a(n) => n == 0 ? 0 : [1, 1].map(fn(x) => b(n - 1)).sum()\nfn b(n) => n == 0 ? 0 : a(n - 1) + a(n - 1)\nafter(0.01, fn() { log("ready"); a(90) })',
  ],
  [
    'in calls of functions that could wait',
    'fn f(n) { if n > 1000 { sleep(1) } return n == 0 ? 0 : f(n - 1) + f(n - 1) }\nlog("ready"); sleep(1)\nf(90)',
  ],
  ['in a counted loop', 'fn f() { for (let i = 0; i < 1e18; i++) { } }\nlog("ready"); sleep(1)\nf()'],
  ['in a loop that sets itself back', 'fn f(n) { for (let i = 0; i < n; i++) { i-- } }\nlog("ready"); sleep(1)\nf(5)'],
  ['in a range', 'fn f() { for i in 1..1e15 { } }\nlog("ready"); sleep(1)\nf()'],
  [
    'in loops within loops',
    'fn f(n) { let s = 0; for i in 1..n { for j in 1..n { for k in 1..n { s += 1 } } } }\nlog("ready"); sleep(1)\nf(20000)',
  ],
  [
    'in built-ins within built-ins',
    'let r = range(1500)\nlog("ready"); sleep(1)\nr.map(fn(x) => r.map(fn(y) => r.map(fn(z) => x + y + z)))',
  ],
  ['in a callback', 'log("ready"); sleep(1)\n[1].map(fn(x) { while true { x += 1 } })'],
];

for (const [name, code] of COMPUTING) {
  test(`a loop that computes without end ${name} ends at Ctrl-C`, async () => {
    const program = running(code);
    await program.says('ready');
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.process.kill('SIGINT');
    const start = Date.now();
    const ended = await program.ended;
    assert.ok(Date.now() - start < 3000, 'it took too long');
    assert.deepEqual([ended.status, ended.stderr], [130, '']);
  });
}

const DEFERRING = `
  defer log("at the top")
  fn spin() { defer log("in the function"); while true { } }
`;

test('what was deferred runs when Ctrl-C ends a loop before any wait', async () => {
  const program = running(`${DEFERRING}
    fn first() { defer log("in its caller"); print("ready\\n" + "x".repeat(70000) + "\\n"); spin() }
    first()`);
  await program.says('ready');
  await new Promise((resolve) => setTimeout(resolve, 100));
  program.process.kill('SIGINT');
  const ended = await program.ended;
  assert.deepEqual([ended.status, ended.stderr], [130, '']);
  assert.deepEqual(ended.stdout.trim().split('\n').slice(2), ['in the function', 'in its caller', 'at the top']);
});

test('what was deferred and finally run when Ctrl-C ends a loop behind a wait', async () => {
  const program = running(`${DEFERRING}
    log("ready"); sleep(1)
    try { spin() } catch e { log(e.code); throw e } finally { log("finally") }`);
  await program.says('ready');
  await new Promise((resolve) => setTimeout(resolve, 200));
  program.process.kill('SIGINT');
  const ended = await program.ended;
  assert.deepEqual([ended.status, ended.stderr], [130, '']);
  assert.equal(ended.stdout, 'ready\nin the function\nECANCELED\nfinally\nat the top\n');
});

test('what was deferred and finally run when Ctrl-C ends calls without end', async () => {
  const program = running(`defer log("at the top")
    fn fib(n) => n < 2 ? n : fib(n - 1) + fib(n - 2)
    fn work() { defer log("in the function"); try { return fib(100) } finally { log("finally") } }
    log("ready"); sleep(1)
    work()`);
  await program.says('ready');
  await new Promise((resolve) => setTimeout(resolve, 200));
  program.process.kill('SIGINT');
  const ended = await program.ended;
  assert.deepEqual([ended.status, ended.stderr], [130, '']);
  assert.equal(ended.stdout, 'ready\nfinally\nin the function\nat the top\n');
});

/** Each counts farther than any program lives, in one of the ways in which the text does not tell it. */
const FAR: Readonly<Record<string, string>> = {
  'a range': 'for i in 1..n { sum += i }',
  'a range from far below': 'let end = 5; for i in -n..end { sum += i }',
  'a literal range': 'for i in 1..1000000000000000 { sum += i }',
  'up to a variable': 'for (let i = 0; i < n; i++) { sum += i }',
  'in steps of a fraction': 'for (let i = 0; i <= n; i += 0.25) { sum += i }',
  'in large steps': 'for (let i = 0; i < n * n; i += 1e7) { sum += i }',
  'down from a variable': 'for (let i = n; i > 0; i--) { sum += i }',
  'down to a variable': 'let end = -n; for (let i = 0; i >= end; i = i - 1) { sum += i }',
  'without an end': 'let end = 1 / 0; for (let i = 0; i < end; i++) { sum += i }',
  'of what may be no number': 'for (let i = 0; i < any[0]; i++) { sum += i }',
  'with a closure of each turn': 'let f = null; for (let i = 0; i < n; i++) { f = fn() => i }',
};

for (const [way, loop] of Object.entries(FAR)) {
  test(`Ctrl-C ends a loop that counts very far, and what was deferred runs: ${way}`, async () => {
    const program = running(`defer log("at the top")
      let any = [1e15, "x"]
      fn count(n) { defer log("in the function"); let sum = 0; ${loop}; return sum }
      log("ready"); sleep(1)
      count(int("1000000000000000"))`);
    await program.says('ready');
    await new Promise((resolve) => setTimeout(resolve, 250));
    program.process.kill('SIGINT');
    const ended = await program.ended;
    assert.deepEqual(ended, { status: 130, stderr: '', stdout: 'ready\nin the function\nat the top\n' });
  });
}

test('loops that count farther than one stretch make each turn once', () => {
  const far = 2 ** 25 + 12_345;
  const { stdout, stderr } = sentra(['-e', `
    fn range_to(n) { let turns = 0; let last = 0; for i in 3..n { turns++; last = i }; return [turns, last] }
    fn indexed(n) { let last = 0; for i, x in 3..n { last = i }; return last }
    fn up(n) { let turns = 0; for (let i = 0; i < n; i += 1) { if i % 2 == 0 { continue }; turns++ }; return turns }
    fn down(n) { let turns = 0; let i = n; for (i = n; i > 2; i--) { turns++ }; return [turns, i] }
    fn early(n) { let at = 0; outer: for i in 1..n { for j in 1..2 { if i == ${far} { at = i; break outer } } }; return at }
    fn none(n) { let turns = 0; for i in 5..n { turns++ }; for (let i = 0; i < n; i++) { turns++ }; return turns }
    sleep(1)
    let n = int("${far}")
    log(range_to(n), indexed(n), up(n), down(n), early(n + 5), none(int("-7")))
  `]); // prettier-ignore
  assert.equal(stderr, '');
  assert.equal(stdout, `[${far - 2}, ${far}] ${far - 3} ${Math.floor(far / 2)} [${far - 2}, 2] ${far} 0\n`);
});

test('the second Ctrl-C ends a program that catches the first in a loop without end', async () => {
  const program = running(`log("ready"); sleep(1)
    while true { try { fn spin() { while true { } }; spin() } catch e { eprint(e.code) } }`);
  await program.says('ready');
  await new Promise((resolve) => setTimeout(resolve, 200));
  program.process.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 200));
  program.process.kill('SIGINT');
  assert.equal((await program.ended).status, 130);
});

test('SIGTERM ends a loop without end in a function that cannot wait', async () => {
  const program = running('fn spin() { while true { } }\nlog("ready"); sleep(1)\nspin()');
  await program.says('ready');
  await new Promise((resolve) => setTimeout(resolve, 600));
  program.process.kill('SIGTERM');
  await program.ended;
  assert.equal(program.process.signalCode, 'SIGTERM');
});

test('an endless loop that others may interrupt ends in order', async () => {
  const program = running(
    'fn work() { defer log("deferred"); let n = 0; while true { n += 1; if n == 1000 { log("ready") }; if n < 0 { sleep(1) } } }\nwork()',
  );
  await program.says('ready');
  program.process.kill('SIGTERM');
  const ended = await program.ended;
  assert.deepEqual([ended.status, ended.stdout], [143, 'ready\ndeferred\n']);
});

test('a program that is done is not held up by the signals it listens to', async () => {
  const program = running('sleep(1)\nlog("done")');
  assert.equal((await program.ended).status, 0);
});

test('a reader that goes away ends the program without a word', async () => {
  const program = running('let i = 0\nwhile true { i += 1; log("line", i); if i % 100 == 0 { sleep(1) } }');
  await program.says('line 100');
  program.process.stdout.destroy();
  const ended = await program.ended;
  assert.deepEqual([ended.status, ended.stderr], [141, '']);
});
