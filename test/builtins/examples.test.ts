/**
 * Every built-in's example prints what its comments say, and its failing example fails as it says. The
 * expectations: one `// expect: TEXT` for each line that is printed (a single `...` stands for all further
 * lines), and `// expect error: TEXT` where the text is part of the message of the failure. And nothing that asks a
 * permission is silent: a listener hears of each.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Builtin } from '../../src/builtins/define-builtin';
import { allBuiltins } from '../../src/builtins/registry';

interface Outcome {
  readonly printed: string[];
  readonly failure: string | null;
  /** How often a permission was asked for. */
  readonly asked: number;
  /** What the stream of events did not tell of that. */
  readonly untold: readonly string[];
}

const builtins = allBuiltins().filter((entry): entry is Builtin => entry instanceof Builtin);
const programs = builtins.flatMap(({ definition }) => [definition.example, definition.failing]);
const outcomes: Outcome[] = [];
/** A program that takes longer hangs. */
const STALL_MS = 15_000;

const directory = mkdtempSync(join(tmpdir(), 'sentra-examples-'));
after(() => rmSync(directory, { recursive: true }));

before(async () => {
  const list = join(directory, 'programs.json');
  writeFileSync(list, JSON.stringify(programs));
  for (let from = 0; from < programs.length;) from = await runFrom(list, from);
});

/** Runs programs until the process ends, as one that calls `exit` does; gives the first that was not run. */
async function runFrom(list: string, from: number): Promise<number> {
  const runner = join(__dirname, 'example-runner.ts');
  const child = spawn(process.execPath, ['--stack-size=3900', '--import', 'tsx', runner, list, String(from)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: join(__dirname, '../..'),
  });
  let output = '';
  let errors = '';
  const stall = (): NodeJS.Timeout => setTimeout(() => child.kill('SIGKILL'), STALL_MS);
  let timer = stall();
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString('utf8');
    clearTimeout(timer);
    timer = stall();
  });
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString('utf8')));
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  let last = from - 1;
  for (const part of output.split(/^\0begin /m).slice(1)) {
    const [head, rest] = cutAt(part, '\n');
    last = Number(head);
    const [text, end] = cutAt(rest, '\n\0end ');
    const died =
      end === '' && child.exitCode !== 0
        ? `the process ended: ${child.signalCode ?? child.exitCode} ${errors.slice(-2000)}`
        : null;
    const printed = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    const told = end === '' ? { failure: died, asked: 0, untold: [] } : (JSON.parse(end) as Omit<Outcome, 'printed'>);
    outcomes[last] = { printed, ...told };
  }
  assert.ok(last >= from, `the runner of examples failed: ${errors}`);
  return last + 1;
}

function cutAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

function check(program: string, outcome: Outcome): void {
  const expected = [...program.matchAll(/\/\/ expect:(?: (.*))?$/gm)].map((found) => found[1] ?? '');
  const error = /\/\/ expect error: (.*)$/m.exec(program)?.[1] ?? null;
  const open = expected.indexOf('...');
  if (open >= 0) assert.ok(outcome.printed.length >= open, `prints too little: ${outcome.printed.join('\n')}`);
  const printed = open < 0 ? outcome.printed : outcome.printed.slice(0, open);
  if (error === null) assert.equal(outcome.failure, null);
  assert.deepEqual(printed, open < 0 ? expected : expected.slice(0, open));
  if (error === null) return;
  assert.ok(outcome.failure !== null, 'it did not fail');
  assert.ok(outcome.failure.includes(error), `it fails with: ${outcome.failure}`);
}

builtins.forEach(({ name, definition }, i) => {
  test(`${name}: its example does what it says`, () => {
    assert.match(definition.example, /\/\/ expect:/, 'an example needs an expectation');
    check(definition.example, outcomes[2 * i]!);
  });
  test(`${name}: its failing example fails as it says`, () => {
    assert.match(definition.failing, /\/\/ expect error: \S/, 'a failing example needs an expectation');
    check(definition.failing, outcomes[2 * i + 1]!);
  });
  test(`${name}: what its examples ask a permission for is in the stream of events`, () => {
    const [works, fails] = [outcomes[2 * i]!, outcomes[2 * i + 1]!];
    if (definition.permission !== undefined) assert.ok(works.asked > 0, 'its example asks for no permission');
    assert.deepEqual([...works.untold, ...fails.untold], []);
  });
});
