/** The group terminal where the output is no terminal; test/cli/terminal.test.ts has the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayWidth, shownWithin } from '../../src/diagnostics/display';
import { cellText } from '../../src/builtins/terminal/cell-text';
import type { Value } from '../../src/runtime/values';
import { directoryWith, sentra } from '../support/command';
import { call, mapOf, property, refused } from './call-builtin';

function table(...args: unknown[]): string[] {
  return (call('table', ...args) as string).split('\n');
}

// ---------------------------------------------------------------- measuring

const WIDTHS: readonly [string, number][] = [
  ['', 0], ['abc', 3], ['é', 1], ['e\u0301', 1], ['日本', 4], ['ｱ', 1], ['Ａ', 2], ['한국', 4], ['👍', 2], ['👍🏽', 2], ['👨‍👩‍👧', 2], ['🇩🇪', 2],
  ['→─█', 3], ['\x1b[2J', 7], ['a\0b', 4], ['\u202e', 6], ['\udc9b', 4], ['ʻokina', 6], ['Привет', 6], ['Ελλάδα', 6], ['☎️', 2],
]; // prettier-ignore

for (const [text, width] of WIDTHS) {
  test(`${JSON.stringify(text)} takes ${width} columns`, () => {
    assert.equal(displayWidth(text), width);
    assert.equal(shownWithin(text).width, width);
  });
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 30 });

test(
  'a text that is cut takes no more columns than it may',
  property(anyText, fc.nat(20), (text: string, most: number) => {
    const { shown, width } = shownWithin(text, most);
    assert.ok(width <= most, `${JSON.stringify(shown)} takes ${width}`);
    assert.equal(displayWidth(shown), width);
    if (displayWidth(text) > most && most > 0) assert.ok(shown.endsWith('…'));
  }),
);

// eslint-disable-next-line no-control-regex -- what sequences begin with
const controls = /^[\x1b\x9b\r\n[\]0-9;mJH]*$/;

test(
  'what is shown of any text moves no cursor',
  property(fc.oneof(anyText, fc.string({ unit: 'binary' }), fc.stringMatching(controls)), (text: string) => {
    // eslint-disable-next-line no-control-regex -- control characters are what must be gone
    assert.doesNotMatch(cellText(text).shown, /[\x00-\x1f\x7f-\x9f]/);
  }),
);

// ---------------------------------------------------------------- tables

test('the keys of all rows become columns, in the order in which they come up', () => {
  assert.deepEqual(table([mapOf({ a: 1 }), mapOf({ b: 'x', a: null }), mapOf({})]), ['a  b', '─  ─', '1', '   x', '']);
});

test('columns are chosen, ordered and named', () => {
  const rows = [mapOf({ a: 1, b: 'x' }), mapOf({ a: 20, b: 'yy' })];
  assert.deepEqual(table(rows, ['b', 'nothing', 'a']), [
    'b   nothing   a',
    '──  ───────  ──',
    'x             1',
    'yy           20',
  ]);
  assert.deepEqual(
    table(rows, [mapOf({ key: 'b', title: 'Name', align: 'right' }), mapOf({ key: 'a', align: 'left' })]),
    ['Name  a', '────  ──', '   x  1', '  yy  20'],
  );
  assert.deepEqual(table(rows, [mapOf({ key: 'b', title: 'long name', align: 'center', width: 5 })])[0], 'long…');
});

test('rows that are arrays have no titles of their own', () => {
  assert.deepEqual(table([['a', 1], ['b']]), ['a  1', 'b']);
  assert.deepEqual(table([['a', 1]], ['name', 'n']), ['name  n', '────  ─', 'a     1']);
  assert.deepEqual(table([]), ['']);
  assert.deepEqual(table([], ['name']), ['name', '────']);
});

test('wide characters and combining marks keep columns straight', () => {
  const lines = table([
    ['日本', 'x'],
    ['e\u0301', 'x'],
    ['👍🏽', 'x'],
    ['\x1b[1m', 'x'],
  ]);
  assert.deepEqual([...new Set(lines.map(displayWidth))], [10]);
});

test('other values are shown as str shows them', () => {
  const cells = ['text', 1.5, true, null, [1, 'a'], mapOf({ k: 1 })];
  assert.deepEqual(table([cells])[0], 'text  1.5  true    [1, "a"]  {"k": 1}');
});

test('long columns give way first, numbers last', () => {
  const rows = [['x'.repeat(50), 'y'.repeat(20), 1234567890]];
  const [line] = table(rows, null, mapOf({ width: 40 }));
  assert.equal(line, `${'x'.repeat(12)}…  ${'y'.repeat(12)}…  1234567890`);
  assert.equal(table(rows, null, mapOf({ width: 12 }))[0], 'x…  y…  123…');
  assert.ok(!table(rows)[0]!.includes('…'), 'into a pipe nothing is lost');
});

test(
  'no line is wider than asked for, as long as each column has its place',
  property(
    fc.array(fc.array(fc.oneof(anyText, fc.double(), fc.constant(null)), { minLength: 3, maxLength: 3 }), {
      maxLength: 8,
    }),
    fc.integer({ min: 7, max: 90 }),
    (rows: Value[][], width: number) => {
      for (const line of table(rows, ['one', 'two', 'three'], mapOf({ width }))) {
        assert.ok(displayWidth(line) <= width, `${displayWidth(line)}: ${line}`);
      }
    },
  ),
);

test('tables refuse what is none', () => {
  refused('ETYPE', 'table: rows must be an array of maps or arrays', 'table', mapOf({}));
  refused('EOPTION', 'table: there is no option "titel"', 'table', [[1]], [mapOf({ titel: 'x' })]);
  refused(
    'ETYPE',
    'table: option "align" must be "left", "right" or "center"',
    'table',
    [[1]],
    [mapOf({ align: 'top' })],
  );
  refused('ETYPE', 'table: columns must be an array of keys or maps of options', 'table', [[1]], [5]);
});

// ---------------------------------------------------------------- charts

test('sparklines', () => {
  assert.equal(call('sparkline', [0, 1, 2, 3, 4, 5, 6, 7]), '▁▂▃▄▅▆▇█');
  assert.equal(call('sparkline', [3, 3]), '▅▅');
  assert.equal(call('sparkline', [1, NaN, null, Infinity, 2]), '▁   █');
  assert.equal(call('sparkline', []), '');
  assert.equal(call('sparkline', [-1.7e308, 1.7e308]), '▁█');
});

test('bars', () => {
  const chart = (values: Record<string, number>): string[] =>
    (call('chart_bar', mapOf(values), mapOf({ width: 20 })) as string).split('\n');
  assert.deepEqual(chart({ a: 8, bb: 4 }), ['a   █████████████  8', 'bb  ██████▌        4']);
  assert.deepEqual(chart({ a: -1, b: 1 }), ['a  ███████        -1', 'b         ██████   1']);
  assert.deepEqual(chart({ a: 0 }), [`a  ${' '.repeat(14)}  0`]);
  assert.equal(call('chart_bar', mapOf({})), '');
  const extreme = call('chart_bar', mapOf({ high: 1.7e308, low: -1.7e308 })) as string;
  for (const line of extreme.split('\n')) assert.ok(displayWidth(line) <= 80, line);
});

// ---------------------------------------------------------------- style

test('style changes nothing where the output is no terminal, and knows its words', () => {
  assert.equal(call('style', 'text', 'bold red on_blue bright_green gray'), 'text');
  assert.equal(call('style', 'text', ''), 'text');
  assert.equal(
    refused('EINVAL', 'style: there is no look "rde"', 'style', 'x', 'bold rde').hint,
    "did you mean 'red'?",
  );
});

const folder = directoryWith({
  'style.sn': `print(style("a " + style("b", "red") + " c", "bold green"))`,
  'table.sn': `log(table([[style("ok", "green"), "\\x1b[31mred\\x1b[8m\\x1b[2J"]]))`,
  'ask.sn': `let port = select_option("Port?", [22, 80, "other"], "80")
let name = prompt("Name: ", "none")
let secret = prompt("Secret: ", null, {"hidden": true})
log([port, name, secret, confirm("Sure?"), confirm("Really?", true)])`,
  'bars.sn': `let bar = progress(3, "bar")
progress_step(bar)
log("between")
progress_step(bar, 2)
progress_done(bar)
progress_done(bar)
try { progress_step(bar) } catch e { log(e.code, e.message) }
let open = progress(null)
progress_step(open, 5, "label")
try { progress_step(clone(open)) } catch e { log(e.message) }
throw "end"`,
});

test('FORCE_COLOR asks for colours, NO_COLOR counts more', () => {
  const styled = (env: Record<string, string>): string => sentra([`${folder}/style.sn`], { env }).stdout;
  assert.equal(styled({}), 'a b c');
  assert.equal(styled({ FORCE_COLOR: '1' }), '\x1b[32m\x1b[1ma \x1b[31mb\x1b[32m c\x1b[22m\x1b[39m');
  assert.equal(styled({ FORCE_COLOR: '0' }), 'a b c');
  assert.equal(styled({ FORCE_COLOR: '1', NO_COLOR: '1' }), 'a b c');
});

test('of a text from outside only harmless looks reach the terminal', () => {
  const coloured = sentra([`${folder}/table.sn`], { env: { FORCE_COLOR: '1' } }).stdout;
  assert.equal(coloured, '\x1b[32mok\x1b[39m\x1b[0m  \x1b[31mred\\x1b[8m\\x1b[2J\x1b[0m\n');
  assert.equal(sentra([`${folder}/table.sn`]).stdout, 'ok  \\x1b[31mred\\x1b[8m\\x1b[2J\n');
});

// ---------------------------------------------------------------- questions and bars in a pipe

test('questions are answered by lines that are piped in', () => {
  const ask = (input: string): string =>
    sentra([`${folder}/ask.sn`], { input })
      .stdout.trimEnd()
      .split('\n')
      .at(-1)!;
  const last = (input: string): string => /\[[^[\]]*\]$/.exec(ask(input))![0];
  assert.equal(last('1\nAnn \n s \ny\nn\n'), '[22, "Ann", " s ", true, false]');
  assert.equal(last('other\n\n\nperhaps\nYES\n\n'), '["other", "none", "", true, true]');
  assert.equal(last('9\n0\nfoo\n3\n'), '["other", "none", null, false, true]');
  assert.equal(last(''), '[null, "none", null, false, true]');
  assert.equal(last('\nx\ny\n'), '[80, "x", "y", false, true]');
});

test('a progress bar shows nothing in a pipe', () => {
  const { stdout, stderr, status } = sentra([`${folder}/bars.sn`]);
  assert.equal(
    stdout,
    'between\nECLOSED progress_step: <progress 1> is done\nprogress_step: bar must be a progress made by progress, got a map of 2\n',
  );
  assert.match(stderr, /^error: the program threw/);
  assert.equal(status, 1);
});
