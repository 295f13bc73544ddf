import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { directoryWith, sentra } from '../support/command';
import { hasPython, Terminal } from '../support/terminal';

/** What the prompt prints for these lines, piped in. */
function piped(...lines: string[]): { readonly out: string[]; readonly err: string } {
  const { stdout, stderr, status } = sentra(['repl'], { input: lines.map((line) => `${line}\n`).join('') });
  assert.equal(status, 0, stderr);
  return { out: stdout.split('\n').slice(0, -1), err: stderr };
}

describe('the prompt with input from a pipe', () => {
  test('shows values, strings quoted, and nothing for what gives nothing', () => {
    const { out, err } = piped(
      '1 + 2',
      '"a" + "b"',
      'let x = [1, "two", null]',
      'x',
      'log("said")',
      '{"k": x}',
      'null',
      '"\\e[31m"',
    );
    assert.deepEqual(out, ['3', '"ab"', '[1, "two", null]', 'said', '{"k": [1, "two", null]}', 'null']);
    assert.match(err, /escape/);
  });

  test('keeps variables and functions, which later inputs may declare again', () => {
    const { out } = piped(
      'let n = 2',
      'fn twice(x) { return x * n }',
      'n = 5',
      'twice(3)',
      'let n = "new"',
      'n',
      'fn twice(x) => "other"',
      'twice(1)',
    );
    assert.deepEqual(out.slice(0, 2), ['15', '"new"']);
  });

  test('goes on over several lines while a bracket, a text or an operator is open', () => {
    const { out } = piped('fn f(a) {', '  return a * 2', '}', 'f(4)', '[1,', ' 2]', '1 +', '', '2', '`a', 'b`');
    assert.deepEqual(out, ['8', '[1, 2]', '3', '"a\\nb"']);
  });

  test('goes on after errors of every kind, and says where they are', () => {
    const { out, err } = piped(
      'nope',
      'let = 3',
      'throw error("bad", {"code": "EBAD"})',
      'throw 5',
      'fn f(n) { return 1 + f(n) }',
      'f(1)',
      '"still here"',
    );
    assert.deepEqual(out, ['"still here"']);
    for (const part of [
      "cannot find 'nope'",
      '<repl 1>:1:1',
      'unexpected-token',
      'error[EBAD]: bad',
      'the number 5',
      'error[ESTACK]',
    ]) {
      assert.ok(err.includes(part), `${part} in ${err}`);
    }
    assert.doesNotMatch(err, /node:|\.js|at .*\(/);
  });

  test('an input may wait, and what it spawns goes on', () => {
    const { out, err } = piped(
      'sleep(5)', '"slept"', 'let c = channel()', 'spawn { sleep(20); c <- "sent" }; null', '<-c', 'spawn { throw error("in the background") }; null', 'sleep(20)', '"on"',
    ); // prettier-ignore
    assert.deepEqual(out, ['"slept"', 'null', '"sent"', 'null', '"on"']);
    assert.match(err, /in the background/);
  });

  test('a wait for what never comes is told and ended', () => {
    const { out, err } = piped('let c = channel()', '<-c', '"on"');
    assert.deepEqual(out, ['"on"']);
    assert.match(err, /EDEADLOCK[\s\S]*<repl 2>:1:1/);
  });

  test('a program that reads gets the lines after it', () => {
    assert.deepEqual(piped('let line = readline()', 'for the program', 'line', 'read_stdin()', 'rest').out, [
      '"for the program"',
      '"rest\\n"',
    ]);
  });

  test('imports, of groups and of files', () => {
    const directory = directoryWith({ 'lib.sn': 'export fn half(x) { return x / 2 }\nexport const TEN = 10\n' });
    const input = 'import "lib"\nlib.half(9)\nimport { TEN as ten } from "lib"\nten\n';
    assert.equal(sentra(['repl'], { input, cwd: directory }).stdout, '4.5\n10\n');
  });

  test('commands', () => {
    const directory = directoryWith({ 'three.sn': 'let three = 3\nfn triple(x) { return x * three }\n' });
    const input =
      '.help\n.type [1]\n.load three.sn\ntriple(5)\n.clear\nthree\n.doc len\n.dok len\n.load tree.sn\n.type\n.doc lenn\n.exit\n"never"\n';
    const { stdout, stderr, status } = sentra(['repl'], { input, cwd: directory });
    assert.equal(status, 0);
    for (const part of ['.load FILE', 'array\n', '15\n', 'len(value)']) assert.ok(stdout.includes(part), part);
    for (const part of [
      "cannot find 'three'",
      "did you mean '.doc'?",
      "did you mean 'three.sn'?",
      '.type needs',
      "did you mean 'len'?",
    ]) {
      assert.ok(stderr.includes(part), `${part} in ${stderr}`);
    }
    assert.ok(!stdout.includes('never'));
  });

  test('what was deferred runs at the end, tasks are cancelled', () => {
    const { out } = piped(
      'defer log("deferred")',
      'spawn { try { sleep(100000) } finally { log("cleaned up") } }; null',
      '1',
    );
    assert.deepEqual(out, ['null', '1', 'cleaned up', 'deferred']);
  });

  test('exit ends it with the status', () => {
    const { stdout, status } = sentra(['repl'], { input: 'print("a")\nexit(3)\nlog("never")\n' });
    assert.deepEqual([stdout, status], ['a', 3]);
  });

  test('long values are laid out over lines and cut', () => {
    const { out } = piped(
      'range(300)',
      '{"name": "a".repeat(60), "list": ["b".repeat(40)]}',
      'let m = {"a": 1}',
      'm.self = m',
      'm',
    );
    const text = out.join('\n');
    assert.match(text, /^\[\n {2}0, {2}1, {2}2, .* 18,\n {2}19, 20, /);
    assert.match(text, / 99,\n {2}\.\.\. 200 more\n\]/);
    assert.ok(out.every((line) => line.length <= 80));
    assert.match(text, /\{\n {2}"name": "a{60}",\n {2}"list": \["b{40}"\]\n\}/);
    assert.match(text, /\{"a": 1, "self": \{\.\.\.\}\}/);
  });

  test('who wants to leave is told how', () => {
    const { out, err } = piped('exit', 'quit', 'let quit = 5', 'quit');
    assert.deepEqual(out, ['5']);
    assert.equal(err.match(/exit\(\) or Ctrl-D ends the prompt/g)?.length, 2, err);
  });

  test('what an earlier input declared is not shown in the text of this one', () => {
    const { err } = piped('const LIMIT = 1', 'LIMIT = 2', 'import math', 'math = 3');
    assert.equal(err.match(/assigned here/g)?.length, 2, err);
    assert.doesNotMatch(err, /declared here/);
  });

  test('bytes that would move a terminal are shown, not sent', () => {
    const { out } = piped('string_of([27, 91, 50, 74, 155, 255])');
    assert.deepEqual(out, ['"\\x1b[2J\\udc9b\\udcff"']);
  });
});

describe('the prompt at a terminal', { skip: hasPython ? false : 'python3 makes the terminal' }, () => {
  const atPrompt = async (
    body: (terminal: Terminal) => Promise<void>,
    env: Record<string, string | undefined> = {},
  ): Promise<void> => {
    const terminal = new Terminal([], { env });
    await terminal.shows('> ');
    await body(terminal);
    await terminal.shows('> ');
    // A piece of its own: a line editor is there to read it.
    await delay(50);
    terminal.type('\x04');
    assert.equal(await terminal.end(), 0);
  };

  test('values have colours, NO_COLOR turns them off', async () => {
    await atPrompt(async (terminal) => {
      terminal.type('"te" + "xt"\r');
      await terminal.shows('\x1b[32m"text"\x1b[39m');
    });
    await atPrompt(
      async (terminal) => {
        terminal.type('"te" + "xt"\r');
        await terminal.shows('\n"text"\r\n');
      },
      { NO_COLOR: '1' },
    );
  });

  test('Ctrl-C drops what is typed, ends a wait and a loop that computes; tasks from before go on', async () => {
    await atPrompt(async (terminal) => {
      terminal.type('let beats = [0]\r');
      await terminal.shows('> ');
      terminal.type('spawn { while true { sleep(5); beats[0] += 1 } }\r');
      await terminal.shows('<task');
      await terminal.shows('> ');
      terminal.type('dropped(\rmore');
      await terminal.shows('more');
      terminal.type('\x03');
      await terminal.shows('> ');
      terminal.type('sleep(100000)\r');
      await terminal.shows('\r\n');
      await delay(150);
      terminal.type('\x03');
      await terminal.shows('stopped');
      await terminal.shows('> ');
      terminal.type('let turns = 0; while true { turns += 1 }\r');
      await terminal.shows('\r\n');
      await delay(150);
      terminal.type('\x03');
      await terminal.shows('stopped');
      await terminal.shows('> ');
      terminal.type('let before = beats[0]; sleep(100); turns > 0 && beats[0] > before\r');
      await terminal.shows('\x1b[33mtrue');
    });
  });

  test('an interrupt from outside drops what is typed, as Ctrl-C does', async () => {
    await atPrompt(async (terminal) => {
      terminal.type('let done = spawn { sleep(400); exec("kill -INT $PPID") }\r');
      await terminal.shows('> ');
      terminal.type('dropped(\rmore');
      await terminal.shows('more');
      await terminal.shows('> ');
      terminal.type('"still " + "here"\r');
      await terminal.shows('\x1b[32m"still here"');
    });
  });

  test('Tab completes names, members and commands', async () => {
    await atPrompt(async (terminal) => {
      terminal.type('let servers = {"alpha": {"port_number": 80}}\r');
      await terminal.shows('> ');
      terminal.type('serv\t.al\t.port\t\r');
      await terminal.shows('\x1b[33m80');
      await terminal.shows('> ');
      terminal.type('parse_in\t\x15');
      await terminal.shows(/parse_in/);
      terminal.type('.he\t\r');
      await terminal.shows('.load FILE');
      await terminal.shows('> ');
      terminal.type('"x".starts_w\t("x")\r');
      await terminal.shows('\x1b[33mtrue');
    });
  });

  test('a program reads lines itself, and what is typed to the prompt stays out of it', async () => {
    await atPrompt(async (terminal) => {
      for (const name of ['Ada', 'Bob']) {
        terminal.type(`readline("name? ") + "!"\r`);
        await terminal.shows('\nname? ');
        terminal.type(`${name}\r`);
        await terminal.shows(`"${name}!"`);
        if (name === 'Ada') await terminal.shows('> ');
      }
    });
  });

  test('several lines that are pasted run one after the other', async () => {
    await atPrompt(async (terminal) => {
      terminal.type('let a = 20\rfn f(x) {\r  return x + a\r}\rf(1)\rf(2');
      await terminal.shows('\x1b[33m21');
      terminal.type('2)\r');
      await terminal.shows('\x1b[33m42');
    });
  });

  test('a pasted statement goes on in a line that begins with else or an operator', async () => {
    await atPrompt(async (terminal) => {
      terminal.type('let n = 3\rif n > 5 {\r  log("large")\r}\relse {\r  log("small")\r}\r');
      await terminal.shows('\r\nsmall\r\n');
      terminal.type('[1, 2]\r  .map(fn(x) => x * 10)\r  .sum()\r// a remark\r.type 1\r');
      await terminal.shows('\x1b[33m30');
      await terminal.shows('\nnumber\r\n');
      terminal.type('let c = channel(1)\rc <- 77\r<-c\r');
      await terminal.shows('\x1b[33m77');
    });
  });

  test('what a task prints meanwhile leaves the line as it was typed', async () => {
    await atPrompt(async (terminal) => {
      terminal.type('let t = spawn { sleep(150); log("from the back") }\r');
      await terminal.shows('> ');
      terminal.type('6 * ');
      await terminal.shows('from the back\r\n');
      await terminal.shows('6 * ');
      terminal.type('7\r');
      await terminal.shows('\x1b[33m42');
    });
  });

  test('history is kept in a file that only its owner reads', async () => {
    const directory = directoryWith({});
    const env = { SENTRA_HISTORY: undefined, XDG_STATE_HOME: join(directory, 'state') };
    const file = join(directory, 'state', 'sentra_history');
    await atPrompt(async (terminal) => {
      terminal.type('40 + 2\r');
      await terminal.shows('\x1b[33m42');
    }, env);
    assert.equal(readFileSync(file, 'utf8'), '40 + 2\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await atPrompt(async (terminal) => {
      terminal.type('\x1b[A + 1\r');
      await terminal.shows('\x1b[33m43');
    }, env);
    writeFileSync(file, Array.from({ length: 5000 }, (_none, i) => `${i}\n`).join(''));
    await atPrompt(async (terminal) => {
      terminal.type('\x1b[A\r');
      await terminal.shows('\x1b[33m4999');
    }, env);
    assert.equal(readFileSync(file, 'utf8').split('\n').length, 1002);
  });
});

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
