/** `sentra test`: which files and functions are tests, how they end, and what is shown of it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, sentra } from '../support/command';

/** Durations differ. */
function shown(...args: string[]): { out: string; err: string; status: number | null } {
  const { stdout, stderr, status } = sentra(['test', ...args]);
  return { out: stdout.replace(/\(\d+(\.\d+)? m?s\)/g, '(T)'), err: stderr, status };
}

const good = directoryWith({
  'lib.sn': 'export fn add(a, b) => a + b',
  'a_test.sn': `import { add } from "./lib"
let before = "set up"
fn test_add() { assert_eq(add(1, 2), 3); assert_eq(before, "set up") }
export fn test_waits() { sleep(1) }
fn helper() { throw "not called" }
for n in [1, 2] { test("case " + str(n), fn() { assert_true(n > 0) }) }
log("printed")
// the last line is a comment`,
  'whole.test.sn': 'assert(1 + 1 == 2)',
  'program.sn': 'throw "no test"',
});
mkdirSync(join(good, 'below', 'node_modules'), { recursive: true });
writeFileSync(join(good, 'below', 'deep_test.sn'), 'fn test_deep() {}');
writeFileSync(join(good, 'below', 'node_modules', 'other_test.sn'), 'throw "not ours"');

test('all test files below a directory run, and their functions', () => {
  const { out, err, status } = shown(good);
  assert.equal(
    out,
    `${good}/a_test.sn
  ✓ case 1 (T)
  ✓ case 2 (T)
  ✓ test_add (T)
  ✓ test_waits (T)
${good}/below/deep_test.sn
  ✓ test_deep (T)
${good}/whole.test.sn
  ✓ ${good}/whole.test.sn (T)

6 passed in 3 files (T)
`,
  );
  assert.equal(err, '');
  assert.equal(status, 0);
});

test('only tests with the given text in their names', () => {
  assert.match(shown('--filter', 'add', good).out, /^\S+a_test\.sn\n {2}✓ test_add \(T\)\n\n1 passed in 3 files/);
  const none = shown('--filter=nonsense', good);
  assert.deepEqual([none.out, none.err, none.status], ['', "sentra test: no test has 'nonsense' in its name\n", 2]);
});

test('what tests print is shown with --verbose', () => {
  assert.doesNotMatch(shown(good).out, /printed/);
  assert.match(shown('--verbose', good).out, /it printed:\n {4}printed\n/);
});

const bad = directoryWith({
  'assert_test.sn': `fn test_values() {
  log("seen \\x1b[2J")
  assert_eq({"port": 80}, {"port": 81}, "the port")
}
fn test_after() { assert_true(true) }
fn test_throws_null() { throw null }
fn test_late() { sleep(60000) }
fn test_beside() { spawn { throw error("beside", {"code": "EBESIDE"}) }; sleep(20) }
fn test_leaves_a_task() { spawn { sleep(60000) } }`,
  'broken_test.sn': 'fn test_x() { let }',
  'exit_test.sn': 'fn test_exit() { exit(0) }\nfn test_after() { }',
  'top_test.sn': 'fn test_fine() { }\nthrow error("at the top")',
  'deadlock_test.sn': 'let ch = channel()\nreceive(ch)',
});

test('failures show what differs and where, and the status is 1', () => {
  const { out, status } = shown('--timeout', '0.3', join(bad, 'assert_test.sn'));
  assert.equal(status, 1);
  assert.match(out, /✗ test_values \(T\)\n\n {4}error\[EASSERT\]: assert_eq: the port: the values differ\n/);
  assert.match(out, / {8}- {3}"port": 81\n {8}\+ {3}"port": 80\n/);
  assert.match(out, /assert_test\.sn:3:3\n/);
  assert.match(out, /✓ test_after/);
  assert.match(out, /✗ test_throws_null \(T\)\n\n {4}error: the program threw null/);
  assert.match(
    out,
    /✗ test_late \(T\)\n\n {4}error\[ETIMEDOUT\]: test: the test took longer than 0\.3 seconds\n.*assert_test\.sn:7:18\n/,
  );
  assert.match(out, /✗ test_beside \(T\)\n\n {4}error\[EBESIDE\]: beside\n/);
  assert.match(out, /✓ test_leaves_a_task/);
  assert.match(out, /it printed:\n {4}seen \\x1b\[2J\n/);
  assert.match(out, /\n2 passed, 4 failed in 1 file \(T\)\n$/);
});

test('a file that does not parse, that fails at its top, or ends the program', () => {
  const broken = shown(join(bad, 'broken_test.sn'));
  assert.match(broken.out, /✗ does not parse\n {2}it printed:\n {4}error\[/);
  assert.equal(broken.status, 2);
  const top = shown(join(bad, 'top_test.sn'));
  assert.match(top.out, /✗ \S+top_test\.sn \(T\)\n\n {4}error\[ERROR\]: at the top\n/);
  assert.equal(top.status, 1);
  const ended = shown(join(bad, 'exit_test.sn'));
  assert.match(
    ended.out,
    /✗ test_exit \(T\)\n\n {4}the test ended the program \(status 0\); those behind it did not run/,
  );
  assert.equal(ended.status, 1);
  const deadlock = shown(join(bad, 'deadlock_test.sn'));
  assert.match(deadlock.out, /the program ended with status 1\n[^]*error\[EDEADLOCK\]/);
  assert.equal(deadlock.status, 1);
});

test('the results as JSON', () => {
  const { out, status } = shown('--json', '--timeout=5', join(bad, 'top_test.sn'), join(good, 'a_test.sn'));
  assert.equal(status, 1);
  const { passed, failed, errors, files } = JSON.parse(out) as {
    passed: number;
    failed: number;
    errors: number;
    files: { file: string; tests: { name: string; status: string; error: object | null }[]; output: string }[];
  };
  assert.deepEqual([passed, failed, errors], [4, 1, 0]);
  assert.deepEqual(files[0]!.tests[0]!.error, {
    message: 'at the top',
    code: 'ERROR',
    file: join(bad, 'top_test.sn'),
    line: 2,
    column: 7,
  });
  assert.deepEqual(
    files[1]!.tests.map(({ name, status: each }) => `${name} ${each}`),
    ['case 1 passed', 'case 2 passed', 'test_add passed', 'test_waits passed'],
  );
  assert.equal(files[1]!.output, 'printed\n');
});

test('command lines that make no sense', () => {
  const empty = directoryWith({ 'x.sn': '' });
  const message = (...args: string[]): string => {
    const { err, status } = shown(...args);
    assert.equal(status, 2);
    return err;
  };
  assert.match(message(empty), /no test files in .*: their names end in _test\.sn or \.test\.sn/);
  assert.match(message(join(empty, 'y.sn')), /there is no file/);
  assert.match(message('--timeout', 'soon', empty), /--timeout takes a number of seconds, got 'soon'/);
  assert.match(message('--filtre', 'x'), /there is no option '--filtre'\n.*did you mean '--filter'/);
  assert.match(message(empty, '--jsn'), /did you mean '--json'/);
});

test('a test file is a program as well', () => {
  const { stdout, status } = sentra([join(good, 'a_test.sn')]);
  assert.equal(stdout, 'printed\n');
  assert.equal(status, 0);
});
