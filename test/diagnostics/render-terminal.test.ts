import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../src/diagnostics/diagnostic';
import { displayWidth } from '../../src/diagnostics/display';
import type { Failure, StackCall } from '../../src/diagnostics/failure';
import { PLAIN_STYLE, renderDiagnostic, renderDiagnostics, renderFailure } from '../../src/diagnostics/render-terminal';

/** A finding at the place that `«»` marks in the text. */
function finding(text: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf('«');
  const end = text.indexOf('»') - 1;
  const source = { name: 'a.sn', text: text.replace(/[«»]/g, '') };
  return { code: 'some-code', severity: 'error', message: 'it is wrong', source, span: { start, end }, ...more };
}

function shown(diagnostic: Diagnostic, width = 120): string {
  return '\n' + renderDiagnostic(diagnostic, { colors: false, width }) + '\n';
}

/** Columns before the first caret and the columns that carets take, in the given line of carets. */
function caretColumns(text: string): [before: number, marked: number] {
  const line = text.split('\n').find((each) => /^ *│ *\^/.test(each))!;
  const marks = /\^+/.exec(line)!;
  return [displayWidth(line.slice(0, marks.index)), marks[0].length];
}

test('the look of a finding with a label and a hint', () => {
  const found = finding('// scan\n\nlet host = 1\nlet addrs = «dns_lokup»(host)\n', {
    code: 'unknown-name',
    message: "cannot find a function named 'dns_lokup'",
    label: 'not defined here',
    hint: "did you mean 'dns_lookup'?",
  });
  assert.equal(
    shown(found),
    `
error[unknown-name]: cannot find a function named 'dns_lokup'
  ┌─ a.sn:4:13
4 │ let addrs = dns_lokup(host)
  │             ^^^^^^^^^ not defined here
  hint: did you mean 'dns_lookup'?
`,
  );
});

test('a warning, notes, related places in the same and in another file, and a wider gutter', () => {
  const text = 'fn f() {\n' + '\n'.repeat(9) + '  log(«x»)\n}\n';
  const found = finding(text, { severity: 'warning', notes: ['one thing', 'another\nover two lines'] });
  const other = { name: 'lib/b.sn', text: 'let x = 1' };
  const related = [
    { source: found.source, span: { start: 0, end: 8 }, message: 'the function begins here' },
    { source: other, span: { start: 4, end: 5 }, message: 'declared here' },
  ];
  assert.equal(
    shown({ ...found, related }),
    `
warning[some-code]: it is wrong
   ┌─ a.sn:11:7
11 │   log(x)
   │       ^
   ├─ a.sn:1:1
 1 │ fn f() {
   │ -------- the function begins here
   ├─ lib/b.sn:1:5
 1 │ let x = 1
   │     - declared here
   note: one thing
   note: another
         over two lines
`,
  );
});

test('a second place on the same line stands below the first, unless the line is cut', () => {
  const found = finding('log("port" «port»)', { label: 'a comma is missing before this' });
  const related = [{ source: found.source, span: { start: 3, end: 4 }, message: 'in this list' }];
  assert.equal(
    shown({ ...found, related }),
    `
error[some-code]: it is wrong
  ┌─ a.sn:1:12
1 │ log("port" port)
  │            ^^^^ a comma is missing before this
  │    - in this list
`,
  );
  const long = finding('log("' + 'x'.repeat(200) + '" «port»)');
  assert.match(shown({ ...long, related: [{ ...related[0]!, source: long.source }] }, 60), /├─ a\.sn:1:4\n/);
});

test('a fix is told where no hint does it', () => {
  const found = finding('log(«lenght»(x))');
  const { start, end } = found.span;
  assert.match(shown({ ...found, fix: { span: { start, end }, text: 'length' } }), /\n {2}fix: write 'length'\n$/);
  assert.match(
    shown({ ...found, fix: { span: { start, end: start }, text: 'let ' } }),
    /\n {2}fix: insert 'let' before it\n$/,
  );
  assert.match(shown({ ...found, fix: { span: { start, end }, text: '' } }), /\n {2}fix: leave out 'lenght'\n$/);
  assert.doesNotMatch(shown({ ...found, hint: 'so', fix: { span: { start, end }, text: '' } }), /fix/);
});

test('an empty span, a span at the end of the text, a span over a line break', () => {
  assert.match(shown(finding('let x =«»')), /1 │ let x =\n {2}│ {8}\^\n/);
  assert.match(shown(finding('let x\n«»')), /a\.sn:2:1\n2 │\n {2}│ \^\n/);
  assert.match(shown(finding('«»')), /a\.sn:1:1\n1 │\n {2}│ \^\n/);
  assert.match(shown(finding('«let x\n»let y')), /1 │ let x\n {2}│ \^{5}\n$/);
});

test('spans over several lines show their first and last line', () => {
  assert.equal(
    shown(finding('let a = «[1,\n  2]»', { label: 'here' })),
    `
error[some-code]: it is wrong
  ┌─ a.sn:1:9
1 │ let a = [1,
  │         ^^^
2 │   2]
  │   ^^ here
`,
  );
  assert.match(shown(finding('«(1,\n 2,\n 3)»')), /1 │ \(1,\n {2}│ \^+\n2 │ {2}2,\n3 │ {2}3\)\n {2}│ {2}\^\^\n$/);
  assert.match(shown(finding('«(1,\n 2,\n 3,\n 4)»')), /1 │ \(1,\n {2}│ \^+\n {2}⋮\n4 │ {2}4\)\n {2}│ {2}\^\^\n$/);
});

test('the caret stands right behind tabs, wide characters, emoji, combining marks and escapes', () => {
  for (const [text, before, marked] of [
    ['\tx = «y»', 4 + 8, 1],
    ['ab\tx = «y»', 4 + 8, 1],
    ['"日本語" + «y»', 4 + 11, 1],
    ['"👍" + «y»', 4 + 7, 1],
    ['"👨‍👩‍👧" + «y»', 4 + 7, 1],
    ['"🇩🇪" + «y»', 4 + 7, 1],
    ['"☀️" + «y»', 4 + 7, 1],
    ['"e\u0301" + «y»', 4 + 6, 1],
    ['"한국" + «y»', 4 + 9, 1],
    ['"\x1b[31m" + «y»', 4 + 13, 1],
    ['"\udcff" + «y»', 4 + 9, 1],
    ['x + «日本»', 4 + 4, 4],
    ['x + «\0»', 4 + 4, 2],
  ] as const) {
    assert.deepEqual(caretColumns(shown(finding(text))), [before, marked], JSON.stringify(text));
  }
});

test('nothing that moves a cursor, colours or hides text is shown raw, wherever it comes from', () => {
  const bad = '\x1b[2J\x07\x9b\u202e\u200b\udc80\ud800\u2028\x7f';
  const found = finding(`log("${bad}«»")`, { message: bad, label: bad, hint: bad, notes: [bad] });
  const named = { ...found, source: { ...found.source, name: `${bad}.sn` } };
  for (const text of [shown(found), shown(named), shown({ ...found, related: [{ ...named, message: bad }] })]) {
    // eslint-disable-next-line no-control-regex -- that there are none is what is tested
    assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e]|[\ud800-\udfff]/u);
    assert.ok(text.includes('\\x1b[2J\\x07\\x9b\\u202e\\u200b\\x80\\ud800\\u2028\\x7f'), text);
  }
});

test('a long line is cut around the caret', () => {
  const long = 'let text = "' + 'a'.repeat(300) + '" + «oops» + "' + 'b'.repeat(300) + '"';
  const text = shown(finding(long, { label: 'here' }), 60);
  for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 60, line);
  assert.match(text, /1 │ …a+" \+ oops \+ "b+…\n {2}│ +\^{4} here\n/);
  const [, source, marks] = /1 (│ .*)\n {2}(│ .*)\n/.exec(text)!;
  assert.equal(source!.slice(marks!.indexOf('^'), marks!.indexOf(' here')), 'oops');
});

test('a long line is cut at its end only, when the caret is near its start, and the other way round', () => {
  assert.match(shown(finding('«oops» + "' + 'b'.repeat(300) + '"'), 60), /1 │ oops \+ "b+…\n {2}│ \^{4}\n/);
  assert.match(shown(finding('"' + 'b'.repeat(300) + '" + «oops»'), 60), /1 │ …b+" \+ oops\n {2}│ +\^{4}\n/);
});

test('whatever the width and the place, lines fit and the caret is under its text', () => {
  const words = '日本 ab\tc 👍 e\u0301 \x1b x'.repeat(12);
  for (let width = 30; width < 100; width += 7) {
    for (let at = 0; at < words.length; at++) {
      if (/[\u0300-\u036f\udc00-\udfff]/.test(words[at]!)) continue;
      const text = shown(
        finding(words.slice(0, at) + '«' + words.slice(at, at + 1) + '»' + words.slice(at + 1)),
        width,
      );
      const [, source, marks] = /1 (│ .*)\n {2}(│ .*)\n/.exec(text)!;
      assert.ok(displayWidth(source!) + 2 <= width, `${width}: ${source}`);
      assert.ok(displayWidth(marks!) + 2 <= width, `${width}: ${marks}`);
    }
  }
});

test('a line of 10 MB costs no more than what is shown of it', { timeout: 20_000 }, () => {
  const text = '"' + '日'.repeat(5_000_000) + '" + «x» + "' + 'a'.repeat(5_000_000) + '"';
  const found = finding(text);
  const rendered = renderDiagnostic(found, PLAIN_STYLE);
  assert.ok(rendered.length < 600);
  assert.match(rendered, /│ …日+" \+ x \+ "a+…\n/);
});

test('a label that does not fit behind its carets stands under them', () => {
  const text = shown(finding('x = 1234567890123456789012345678901234567890 + «y»', { label: 'this is one label' }), 60);
  assert.match(text, /\n {2}│ +\^\n {2}│ +this is one label\n/);
  for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 60, line);
});

test('lines that end in CR LF show no trace of it', () => {
  assert.match(shown(finding('let a\r\nlet «b»\r\nlet c')), /2 │ let b\n {2}│ {5}\^\n/);
});

test('colours only when told, and then around the same text', () => {
  const found = finding('let «x» = 1', { label: 'here', hint: 'do so' });
  const colored = renderDiagnostic(found, { colors: true, width: 120 });
  assert.ok(colored.includes('\x1b[31m'));
  // eslint-disable-next-line no-control-regex -- the colours are what is taken away
  assert.equal(colored.replace(/\x1b\[\d+m/g, ''), renderDiagnostic(found, PLAIN_STYLE));
});

test('several findings come file by file, by place, with an empty line between', () => {
  const source = { name: 'a.sn', text: 'abcdef' };
  const other = { name: 'b.sn', text: 'xyz' };
  const at = (where: typeof source, start: number, message: string): Diagnostic => ({
    code: 'c',
    severity: 'error',
    message,
    source: where,
    span: { start, end: start + 1 },
  });
  const text = renderDiagnostics([at(source, 3, 'second'), at(other, 1, 'third'), at(source, 0, 'first')], PLAIN_STYLE);
  assert.deepEqual(
    text.split('\n\n').map((each) => /error\[c\]: (\w+)/.exec(each)![1]),
    ['first', 'second', 'third'],
  );
});

// ---------------------------------------------------------------- failures of programs that ran

const program = {
  name: 'server.sn',
  text: 'fn fact(n) {\n  return n * fact(n - 1)\n}\nfn other() {\n  fact(3)\n}\nspawn other()\n',
};

function call(name: string, text: string, spawned = false): StackCall {
  const start = program.text.indexOf(text);
  return { function: name, source: program, span: { start, end: start + text.length }, spawned };
}

function failure(more: Partial<Failure> = {}): Failure {
  return {
    code: 'ETYPE',
    message: 'no number',
    place: { source: program, span: { start: 22, end: 23 } },
    hint: null,
    notes: [],
    stack: [],
    stackCut: false,
    cause: null,
    ...more,
  };
}

const lines = (more: Partial<Failure>): string[] => renderFailure(failure(more), PLAIN_STYLE).split('\n');

test('an error shows its place and the calls that led there', () => {
  assert.deepEqual(lines({ stack: [call('fact', 'fact(3)'), call('other', 'spawn other()', true)], hint: 'so' }), [
    'error[ETYPE]: no number',
    '  ┌─ server.sn:2:10',
    '2 │   return n * fact(n - 1)',
    '  │          ^',
    '  hint: so',
    '  in fact (server.sn:5:3)',
    '  in other (task spawned at server.sn:7:1)',
  ]);
});

test('functions without a name, in calls and as tasks', () => {
  assert.deepEqual(lines({ stack: [call('', 'fact(3)'), call('', 'spawn other()', true)] }).slice(4), [
    '  in an unnamed function (server.sn:5:3)',
    '  in a task (spawned at server.sn:7:1)',
  ]);
});

test('recursion is told in one line, also of functions that call each other', () => {
  const fact = call('fact', 'fact(n - 1)');
  const odd = call('is_odd', 'return');
  const outer = call('other', 'spawn other()');
  assert.deepEqual(lines({ stack: [...Array<StackCall>(59).fill(fact), outer] }).slice(4), [
    '  in fact (server.sn:2:14)',
    '  in fact (server.sn:2:14)',
    '  … 57 more calls of fact',
    '  in other (server.sn:7:1)',
  ]);
  assert.deepEqual(lines({ stack: Array<StackCall[]>(20).fill([fact, odd]).flat(), stackCut: true }).slice(4), [
    '  in fact (server.sn:2:14)',
    '  in is_odd (server.sn:2:3)',
    '  … at least 38 more calls of fact and is_odd',
  ]);
  assert.deepEqual(lines({ stack: [fact, fact, fact] }).slice(4), Array<string>(3).fill('  in fact (server.sn:2:14)'));
});

test('a long stack without repetitions is shown from both ends', () => {
  const fact0 = call('fact', 'fact(n - 1)');
  const spawned0 = call('', 'spawn other()', true);
  const stack = Array.from({ length: 50 }, (_, i) => call(`f${i}`, 'fact(3)'));
  const shownLines = lines({ stack, stackCut: true }).slice(4);
  assert.equal(shownLines.length, 25);
  assert.equal(shownLines[0], '  in f0 (server.sn:5:3)');
  assert.equal(shownLines[16], '  … 27 more calls');
  assert.equal(shownLines.at(-1), '  … and the calls before');
  assert.deepEqual(lines({ stack: [fact0, spawned0], stackCut: true }).slice(4), [
    '  in fact (server.sn:2:14)',
    '  … and the calls before',
    '  in a task (spawned at server.sn:7:1)',
  ]);
});

test('causes follow, down to a limit', () => {
  let inner = failure({ code: '', message: 'the first', place: null });
  for (let i = 0; i < 20; i++) inner = failure({ message: `level ${i}`, place: null, cause: inner });
  const titles = renderFailure(inner, PLAIN_STYLE).split('\n');
  assert.equal(titles.length, 8);
  assert.equal(titles[0], 'error[ETYPE]: level 19');
  assert.equal(titles[1], 'caused by error[ETYPE]: level 18');
  assert.deepEqual(
    lines({ cause: failure({ code: '', message: 'plain', place: null }) }).at(-1),
    'caused by error: plain',
  );
});

test('a message over several lines', () => {
  assert.deepEqual(lines({ message: 'one\ntwo\r\nthree', place: null }), ['error[ETYPE]: one', '  two', '  three']);
});

test('a message of megabytes is cut, by line and by number of lines', () => {
  const [long] = lines({ message: 'x'.repeat(5_000_000), place: null });
  assert.match(long!, /^error\[ETYPE\]: x{1000}…$/);
  const many = lines({ message: 'x\n'.repeat(100_000), place: null });
  assert.equal(many.length, 101);
  assert.equal(many.at(-1), '  …');
});

test('at a terminal long messages and hints are broken at spaces, elsewhere they stay one line', () => {
  const found = finding('let «x» = 1', {
    message: 'a message of several words that is longer than the terminal is wide',
    notes: ['a note that is longer as well, with 日本語の文字 in it'],
    hint: 'and-one-long-word-that-nothing-can-break-in-two',
  });
  assert.equal(
    '\n' + renderDiagnostic(found, { colors: false, width: 40, wraps: true }) + '\n',
    `
error[some-code]: a message of several
  words that is longer than the terminal
  is wide
  ┌─ a.sn:1:5
1 │ let x = 1
  │     ^
  note: a note that is longer as well,
        with 日本語の文字 in it
  hint: and-one-long-word-that-nothing-can-break-in-two
`,
  );
  assert.match(shown(found, 40), /wide\n[^]* in it\n/);
  const narrow = renderDiagnostic({ ...found, notes: [] }, { colors: false, width: 5, wraps: true });
  assert.match(narrow, /: a\n {2}message of several\n/);
});

test('a file that cannot be read has no text to show', () => {
  const { code, severity, message } = finding('«»', { code: 'unreadable-file', message: `there is no file 'a.sn'` });
  const source = { name: 'a.sn', text: '' };
  const found = { code, severity, message, source, span: { start: 0, end: 0 }, ofFile: true };
  assert.equal(renderDiagnostic(found, PLAIN_STYLE), `error[unreadable-file]: there is no file 'a.sn'`);
});
