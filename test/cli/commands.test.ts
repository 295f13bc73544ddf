import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { wordHelp } from '../../src/cli/word-help';
import { KEYWORD_NAMES } from '../../src/syntax/tokens';
import { BIN, directoryWith, sentra } from '../support/command';
import type { Surroundings } from '../support/command';

/** Runs and expects this status; both streams. */
function run(
  status: number,
  args: readonly string[],
  surroundings: Surroundings = {},
): { readonly out: string; readonly err: string } {
  const ended = sentra(args, surroundings);
  assert.equal(ended.status, status, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
  assert.doesNotMatch(ended.stderr, /node:|\.js:|\n {4}at /, 'no JavaScript is shown');
  return { out: ended.stdout, err: ended.stderr };
}

const directory = directoryWith({
  'hello.sn': 'log("hello", args())\n',
  'broken.sn': 'let = 1\nlog(nowhere)\nlet text = "abc\nlog(1 +)\n',
  'unknown.sn': 'log(nowhere)\nlgo(1)\n',
  'warns.sn': 'let a = 1\nlet a = 2\nlog(a)\n',
  'uses.sn': 'import "lib"\nlog(lib.half(9))\n',
  'lib.sn': 'export fn half(x) { return x / 2 }\n',
});
const here: Surroundings = { cwd: directory };

describe('running a program', () => {
  test('by its file, with and without run, with its arguments', () => {
    assert.equal(run(0, ['hello.sn', 'a', '--json', '-e'], here).out, 'hello ["a", "--json", "-e"]\n');
    assert.equal(run(0, ['run', './hello.sn', '--', 'b'], here).out, 'hello ["--", "b"]\n');
    assert.equal(run(0, ['run', '--', 'hello.sn'], here).out, 'hello []\n');
  });

  test('as code, from standard input, and piped in', () => {
    assert.equal(run(0, ['-e', 'log(1 + 2, args())', 'x', '-y']).out, '3 ["x", "-y"]\n');
    assert.equal(run(0, ['run', '--eval=log(4)']).out, '4\n');
    assert.equal(run(0, ['-', 'x'], { input: 'log(args())' }).out, '["x"]\n');
    assert.equal(run(0, [], { input: 'log("piped")' }).out, 'piped\n');
    assert.equal(run(0, [], { input: '' }).out, '');
  });

  test('with its imports looked for beside it, wherever the command stands', () => {
    assert.equal(run(0, [join(directory, 'uses.sn')], { cwd: '/' }).out, '4.5\n');
    assert.equal(run(0, ['-e', 'import "lib"\nlog(lib.half(3))'], here).out, '1.5\n');
  });

  test(
    'names of files and arguments that are no UTF-8 keep their bytes',
    { skip: process.platform !== 'linux' },
    () => {
      const script = `name=$(printf 'scan\\377.sn')
printf 'log(bytes_of(args()[0]))\nlog(args()[1], null.x)\n' > "$name"
"${BIN}" "$name" "$name" 'é\ufffd'; "${BIN}" check "$name"; "${BIN}" "$(printf 'scam\\377.sn')"`;
      const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: directoryWith({}), encoding: 'utf8' });
      assert.match(stdout, /^\[115, 99, 97, 110, 255, 46, 115, 110\]\n/);
      assert.match(stderr, /cannot read 'x'.*\n.*scan\\xff\.sn:2:/);
      assert.match(stderr, /nothing found in 1 file\n/);
      assert.match(stderr, /no file 'scam\\xff\.sn'\n +hint: did you mean 'scan\\xff\.sn'/);
    },
  );

  test('through a link to the command, and as a command of its own', () => {
    const bin = join(directory, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(BIN, join(bin, 'sentra'));
    assert.equal(run(0, ['-e', 'log("linked")'], { bin: join(bin, 'sentra') }).out, 'linked\n');
    const script = join(directory, 'greet');
    writeFileSync(script, '#!/usr/bin/env sentra\nlog("own", args())\n');
    chmodSync(script, 0o755);
    assert.equal(run(0, ['a b'], { bin: script, env: { PATH: `${bin}:${process.env['PATH']}` } }).out, 'own ["a b"]\n');
  });

  test('a program that does not parse: all its errors, status 2', () => {
    const { err, out } = run(2, ['broken.sn'], here);
    assert.equal(out, '');
    for (const place of ['broken.sn:1:5', 'broken.sn:3:12', 'broken.sn:4:8'])
      assert.ok(err.includes(place), `${place} in ${err}`);
    assert.match(run(2, ['unknown.sn'], here).err, /cannot find 'nowhere'[\s\S]*'lgo'[\s\S]*did you mean 'log'\?/);
    assert.match(run(2, ['-e', 'log(1 +)']).err, /<command line>:1:8/);
    assert.match(run(2, ['-'], { input: 'log(' }).err, /<stdin>:1/);
  });

  test('an error that nothing catches: its place and status 1; the output before it is there', () => {
    const { out, err } = run(1, ['-e', 'log("before")\nlet user = null\nfn greet(u) { return u.name }\ngreet(user)']);
    assert.equal(out, 'before\n');
    assert.match(err, /^error\[ENULL\]: [^\n]*'u'[^\n]*\n {2}┌─ <command line>:3:22\n3 │ fn greet/);
    assert.match(err, /in greet \(<command line>:4:1\)/);
  });

  test('a task that fails unobserved: told, and status 1 though the program goes on', () => {
    const { out, err } = run(1, ['-e', 'spawn { throw error("in the task") }\nsleep(20)\nlog("on")']);
    assert.equal(out, 'on\n');
    assert.match(err, /in the task/);
  });

  test('exit(code) ends at once, after what was printed is written', () => {
    const { out } = run(7, ['-e', 'for i in 1..5000 { log("line", i) }\nspawn { sleep(60000) }\nexit(7)']);
    assert.equal(out.split('\n').length, 5001);
    assert.equal(run(0, ['-e', 'print("x"); exit()']).out, 'x');
  });

  test('warnings are not shown', () => {
    assert.deepEqual(run(0, ['warns.sn'], here), { out: '2\n', err: '' });
  });

  test('--emit-js prints JavaScript, line by line that of the program', () => {
    const lines = run(0, ['run', '--emit-js', '-e', 'let a = 1\n\nlog(a + 41)']).out.split('\n');
    assert.match(lines[0]!, /\ba = 1/);
    assert.match(lines[2]!, /41/);
    const modules = run(0, ['run', '--emit-js', 'uses.sn'], here).out;
    assert.ok(modules.indexOf('// lib.sn') < modules.indexOf('// uses.sn'), modules);
    assert.equal(run(2, ['run', '--emit-js', 'broken.sn'], here).out, '');
  });

  test('text is written as the bytes that it carries', () => {
    const { stdout } = sentra(['-e', 'print("é".upper(), string_of([255, 0, 10]))']);
    assert.equal(stdout, 'É \ufffd\0\n');
  });
});

describe('what the command line cannot mean', () => {
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['nope.sn'], /there is no file 'nope\.sn'/],
    [['helo.sn'], /no file 'helo\.sn'[\s\S]*did you mean 'hello\.sn'/],
    [['hello'], /neither a command nor a file 'hello'[\s\S]*did you mean 'hello\.sn'/],
    [['chekc', 'hello.sn'], /neither a command nor a file 'chekc'[\s\S]*did you mean 'check'/],
    [['./no/where/hello.sn'], /there is no file '\.\/no\/where\/hello\.sn'/],
    [['.'], /'\.' is a directory/],
    [['run'], /which program/],
    [['run', '-e'], /-e needs a value/],
    [['--emit-jss', 'hello.sn'], /no option '--emit-jss'[\s\S]*did you mean '--emit-js'/],
    [['run', '--emit-js=yes', 'hello.sn'], /--emit-js takes no value, got 'yes'/],
    [['run', '--inspect=99999', 'hello.sn'], /port from 0 to 65535 or host:port, got '99999'/],
    [['check'], /which files/],
    [['check', '--jsn', 'hello.sn'], /did you mean '--json'/],
    [['check', 'hello.sn', '--jsn'], /did you mean '--json'/],
    [['repl', 'hello.sn'], /takes no arguments[\s\S]*sentra hello\.sn/],
    [['version', 'x'], /takes no arguments, got 'x'/],
    [['help', 'rnu'], /no command 'rnu'[\s\S]*did you mean 'run'/],
    [['doc', '--all'], /takes names[^\n]*'--all'/],
  ];
  for (const [args, message] of cases) {
    test(`sentra ${args.join(' ')}`, () => {
      const { out, err } = run(2, args, here);
      assert.equal(out, '');
      assert.match(err, message);
    });
  }
});

describe('sentra check', () => {
  test('shows all findings and counts them', () => {
    const { out, err } = run(2, ['check', 'unknown.sn', 'warns.sn', 'hello.sn'], here);
    assert.match(out, /unknown\.sn:1:5[\s\S]*unknown\.sn:2:1[\s\S]*warning\[[\s\S]*warns\.sn:2:5/);
    assert.match(err, /^2 errors and 1 warning in 3 files\n$/);
  });

  test('warnings alone are status 0, and nothing found says so', () => {
    assert.match(run(0, ['check', 'warns.sn'], here).out, /^warning/);
    assert.deepEqual(run(0, ['check', 'hello.sn'], here), { out: '', err: 'nothing found in 1 file\n' });
  });

  test('runs nothing', () => {
    assert.equal(run(0, ['check', '-'], { input: 'log("ran")\nexit(5)\n' }).out, '');
  });

  test('finds the programs of a directory, and what they import once', () => {
    const project = directoryWith({
      'a.sn': 'import "bad"\n',
      'b.sn': 'import "bad"\n',
      'bad.sn': 'nowhere\n',
      'not.txt': '(',
    });
    const { out, err } = run(2, ['check', '.'], { cwd: project });
    assert.equal(out.match(/error\[/g)?.length, 1);
    assert.match(err, /1 error in 3 files/);
  });

  test('--json gives every finding with its place', () => {
    interface Finding {
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly code: string;
      readonly severity: string;
      readonly hint: string | null;
    }
    const { out } = run(2, ['check', '--json', 'unknown.sn', 'warns.sn', 'nope.sn'], here);
    const findings = JSON.parse(out) as Finding[];
    assert.deepEqual(
      findings.map(({ file, line, column, severity }) => [file, line, column, severity]),
      [['unknown.sn', 1, 5, 'error'], ['unknown.sn', 2, 1, 'error'], ['warns.sn', 2, 5, 'warning'], ['nope.sn', 1, 1, 'error']],
    ); // prettier-ignore
    assert.equal(findings[1]!.hint, "did you mean 'log'?");
    assert.equal(findings[3]!.code, 'unreadable-file');
    assert.deepEqual(JSON.parse(run(0, ['check', '--json', 'hello.sn'], here).out), []);
    assert.deepEqual(JSON.parse(run(0, ['check', 'hello.sn', '--json'], here).out), []);
  });
});

describe('sentra doc, version and help', () => {
  test('doc explains a built-in by any of its names, and a group', () => {
    const { out } = run(0, ['doc', 'split']);
    assert.match(out, /^split\(s, [^\n]*string\n/);
    assert.equal(run(0, ['doc', 'string.split']).out, out);
    const group = run(0, ['doc', 'tasks']).out;
    for (const name of ['channel', 'wait_all']) assert.match(group, new RegExp(`^  ${name}\\(`, 'm'));
    const list = run(0, ['doc']).out;
    for (const name of ['core', 'wait_all', 'split']) assert.match(list, new RegExp(`\\b${name}\\b`));
  });

  test('doc of an unknown name suggests one, status 1', () => {
    const { out, err } = run(1, ['doc', 'splitt', 'len']);
    assert.match(err, /no group 'splitt'[\s\S]*did you mean 'split'/);
    assert.match(out, /^len\(/);
  });

  test('doc knows words of the language and of others, and parts of names', () => {
    const spawn = run(0, ['doc', 'spawn']).out;
    assert.match(spawn, /^spawn, go .*a word of the language\n[\s\S]*Example\n/);
    assert.equal(run(0, ['doc', 'go']).out, spawn);
    const hints: readonly (readonly [name: string, hint: RegExp])[] = [
      ['println', /hint: log\(/],
      ['append', /hint: push\(/],
      ['mutex', /hint: there are mutex_create, mutex_lock, mutex_unlock/],
      ['yield', /hint: there is yield_now/],
      ['lenght', /hint: did you mean 'len'/],
      ['xyzzyqq', /hint: 'sentra doc' lists them all/],
    ];
    const { err } = run(1, ['doc', ...hints.map(([name]) => name)]);
    for (const [name, hint] of hints) assert.match(err, new RegExp(`'${name}'\n +${hint.source}`));
  });

  test('each word of the language is explained with a program that runs', () => {
    for (const word of KEYWORD_NAMES.concat('go', 'case', 'default', 'from', 'as'))
      assert.ok(wordHelp.has(word), `no help for '${word}'`);
    for (const { help } of new Set(wordHelp.values())) {
      assert.equal(run(0, ['-e', help.example]).err, '', help.example);
    }
  });

  test('version', () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
      version: string;
    };
    for (const spelling of ['version', '--version', '-v', '-V'])
      assert.equal(run(0, [spelling]).out, `sentra ${version}\n`);
  });

  test('help of everything, of each command, with examples', () => {
    const overview = run(0, ['help']).out;
    assert.equal(run(0, ['--help']).out, overview);
    assert.equal(run(0, ['-h']).out, overview);
    for (const command of ['run', 'check', 'repl', 'doc', 'version', 'help']) {
      assert.match(overview, new RegExp(`^ {2}${command} `, 'm'));
      const text = run(0, ['help', command]).out;
      assert.match(text, /\nExamples?\n/);
      assert.equal(run(0, [command, '--help']).out, text);
    }
  });

  test('nothing is coloured where the output is no terminal', () => {
    const all = [
      run(0, ['doc', 'split']).out,
      run(2, ['broken.sn'], here).err,
      run(0, ['check', 'warns.sn'], here).out,
    ];
    assert.doesNotMatch(all.join(''), /\x1b/); // eslint-disable-line no-control-regex -- the escape of colours is looked for
  });
});
