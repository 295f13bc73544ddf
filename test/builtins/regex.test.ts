/** The group regex against the engine's own expressions, and against patterns that backtrack without end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundedExpression, runAtMost } from '../../src/host/bounded-match';
import { safeLength } from '../../src/builtins/data/regex/work';
import { ErrorValue } from '../../src/runtime/values';
import { linesOf } from '../hardening/running';
import { call, callWaiting, entriesOf, property, refused } from './call-builtin';

/** Each has more ways to match on 40 letters than can be tried. */
const ENDLESS = [
  '(a+)+$',
  '(a*)*$',
  '(a|a)*$',
  '(.*a){25}$',
  '(?=(a+)+$)b',
  '^(?!(a+)+$)b|(a+)+c',
  '(a+)+\\1$',
  '(?i)(A+)+$',
  '(?:(?:a{1,9}){1,9}){1,9}$',
];

/** A result or EBACKTRACK, and either of it soon. */
function soon(what: string, run: () => unknown): void {
  const start = performance.now();
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ErrorValue, `${what}: ${String(error)}`);
    assert.equal(error.code, 'EBACKTRACK', error.message);
  }
  const tookMs = performance.now() - start;
  // The promise is a second; a machine that is busy with other tests takes its time.
  assert.ok(tookMs < 5000, `${what} took ${tookMs} ms`);
}

for (const pattern of ENDLESS) {
  test(`${pattern} on 40 letters does not hang`, () => {
    soon(pattern, () => call('regex_match', pattern, `${'a'.repeat(40)}!`));
  });
}

test('no function of the group hangs', () => {
  const text = `${'a'.repeat(40)}!`;
  soon('find', () => call('regex_find', '(a+)+$', text));
  soon('find_all', () => call('regex_find_all', '(a+)+$', text));
  soon('groups', () => call('regex_groups', '(a+)+$', text));
  soon('split', () => call('regex_split', '(a+)+$', text));
  soon('replace', () => call('regex_replace', '(a+)+$', text, 'x'));
  soon('replace with a function', () => call('regex_replace', '(a+)+$', text, () => 'x'));
  soon('replace with a function that may wait', () => callWaiting('regex_replace', '(a+)+$', text, () => 'x'));
});

test('patterns that take the square or the cube of the length do not hang on long texts', () => {
  soon('spaces', () => call('regex_match', '\\s+$', `${' '.repeat(300_000)}x`));
  soon('dots', () => call('regex_replace', '.*.*=.*', 'x'.repeat(20_000), ''));
  soon('dots in a line', () => call('regex_match', '.*.*.*.*=', 'x'.repeat(600)));
  soon('dots in a longer line', () => call('regex_match', '.*.*.*.*=', 'x'.repeat(3000)));
});

test('a match that needs more memory than there is says so', () => {
  soon('memory', () => call('regex_match', '(?:a|b)*$', 'ab'.repeat(10_000_000)));
});

test('giving up says what to do, and the pattern works on other texts afterwards', () => {
  const error = refused('EBACKTRACK', 'too many ways', 'regex_match', '(a+)+$', `${'a'.repeat(60)}!`);
  assert.equal(error.get('pattern'), '(a+)+$');
  assert.match(error.hint ?? '', /several ways/);
  assert.equal(call('regex_match', '(a+)+$', 'aaa'), true);
  assert.deepEqual(call('regex_find_all', '(a+)+$', 'b aaa'), ['aaa']);
});

test('V8 makes expressions that give up', () => {
  const expression = boundedExpression('(a+)+$', 'u');
  assert.ok(expression !== null);
  assert.equal(expression.exec(`${'a'.repeat(60)}!`), null);
  assert.equal(expression.exec('aaa')![0], 'aaa');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text must be refused
  assert.throws(() => new Function('return %DebugPrint(1)'), SyntaxError, 'only our own text was read in that way');
});

test('a job is ended in time, and its own error comes through', () => {
  assert.deepEqual(
    runAtMost(1000, () => 5),
    { result: 5 },
  );
  assert.equal(
    runAtMost(50, () => /(a+)+$/.test(`${'a'.repeat(60)}!`)),
    null,
  );
  assert.throws(
    () =>
      runAtMost(1000, () => {
        throw new TypeError('mine');
      }),
    /mine/,
  );
});

test('how much work a pattern can be', () => {
  const safe = { abc: 1e8, '\\d+': 1e4, '[)(]+\\.': 1e4, '(?:\\d{1,3}\\.){3}\\d{1,3}': 1e5, '\\w+@\\w+\\.com': 400 };
  for (const [pattern, least] of Object.entries(safe)) assert.ok(safeLength(pattern) >= least, pattern);
  for (const pattern of ENDLESS) assert.ok(safeLength(pattern.replace('(?i)', '')) < 40, pattern);
  assert.equal(safeLength('('.repeat(500) + 'a' + ')'.repeat(500)), 1);
});

// ---------------------------------------------------------------- the same as the engine

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '\\w', '[^a]', '^', '$', '\\b', '\\u{1F600}', '\\uDC80');
const pattern = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{0,2}', '{2}', '*?')).map(([a, q]) => `(${a})${q}`),
    tie('pattern').map((a) => `(?=${a})`),
    tie('pattern').map((a) => `(?<!${a})`),
  ),
})).pattern;
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '😀', '\udc80', ' ', '\n'), { maxLength: 12 })
  .map((all) => all.join(''));

test('patterns match as in JavaScript, on short and long texts', property(pattern, text, fc.boolean(), (p: string, s: string, long: boolean) => {
  const subject = long ? `${s}${'c'.repeat(1000)}` : s;
  const expected = new RegExp(p, 'u').exec(subject);
  assert.equal(call('regex_match', p, subject), expected !== null);
  assert.equal(call('regex_find', p, subject), expected?.[0] ?? null);
  assert.deepEqual(call('regex_find_all', p, subject), subject.match(new RegExp(p, 'gu')) ?? []);
  const split = subject.split(new RegExp(p, 'u')) as (string | undefined)[];
  assert.deepEqual(call('regex_split', p, subject), split.map((each) => each ?? null));
  assert.equal(call('regex_replace', p, subject, '[$&]'), subject.replace(new RegExp(p, 'gu'), '[$&]'));
  assert.equal(call('regex_replace', p, subject, (part: string) => `[${part}]`), subject.replace(new RegExp(p, 'gu'), '[$&]'));
  const groups = call('regex_groups', p, subject);
  if (expected === null) assert.equal(groups, null);
  else assert.deepEqual(entriesOf(groups), [...expected].map((each, i) => [String(i), (each as string | undefined) ?? null]));
})); // prettier-ignore

test(
  'regex_escape makes a pattern of any text',
  property(fc.string({ unit: 'binary' }), text, (s: string, around: string) => {
    assert.equal(call('regex_match', `^${String(call('regex_escape', s))}$`, s), true);
    assert.equal(call('regex_replace', call('regex_escape', around) as string, around, ''), '');
  }),
);

// ---------------------------------------------------------------- flags, groups, bytes, mistakes

test('flags stand in front', () => {
  assert.equal(call('regex_match', '(?i)ÄB', 'xäb'), true);
  assert.deepEqual(call('regex_find_all', '(?m)^\\w', 'ab\ncd'), ['a', 'c']);
  assert.equal(call('regex_match', 'a.b', 'a\nb'), false);
  assert.equal(call('regex_match', '(?s)a.b', 'a\nb'), true);
  assert.equal(call('regex_match', '(?ims)^A.B$', 'x\na\nb'), true);
  assert.equal(call('regex_match', '(?ii)A', 'a'), true);
  refused('EPATTERN', "character 3: there is no flag 'x'", 'regex_match', '(?ix)a', 'a');
  refused('EPATTERN', "there is no flag 'g'", 'regex_match', '(?g)a', 'a');
});

test('a dot is one character, and bytes that are no UTF-8 are characters', () => {
  assert.deepEqual(call('regex_find_all', '.', '😀\udcffx'), ['😀', '\udcff', 'x']);
  assert.equal(call('regex_replace', '[\\uDC80-\\uDCFF]', 'a\udc80b\udcff', '?'), 'a?b?');
  assert.deepEqual(call('regex_split', '', '😀b'), ['😀', 'b']);
  assert.equal(call('regex_replace', '', '😀b', '-'), '-😀-b-');
  assert.equal(
    call('regex_replace', '', '😀b', () => '-'),
    '-😀-b-',
  );
});

test('groups by number and name, null for those that took no part', () => {
  const groups = call('regex_groups', '(?<year>\\d{4})-(\\d\\d)(x)?', 'on 2026-01');
  assert.deepEqual(entriesOf(groups), [['0', '2026-01'], ['1', '2026'], ['2', '01'], ['3', null], ['year', '2026']]);
  const named = call('regex_groups', '(?<__proto__>a)(?<constructor>b)', 'ab');
  assert.deepEqual(entriesOf(named).slice(3), [['__proto__', 'a'], ['constructor', 'b']]);
  assert.equal(call('regex_groups', 'x', 'abc'), null);
}); // prettier-ignore

test('replacement texts', () => {
  assert.equal(call('regex_replace', '(?<a>x)(y)?', 'x', '$<a>$1$2$&$$'), 'xxx$');
  assert.equal(call('regex_replace', 'a', 'aaa', '\\1'), '\\1\\1\\1');
  refused('ETYPE', 'must give a string, it gave null', 'regex_replace', 'a', 'a', () => null);
  refused('ERANGE', 'longer than a string', 'regex_replace', 'a', 'a'.repeat(9000), 'x'.repeat(100_000));
  refused('ERANGE', 'more than', 'regex_replace', 'a', 'a'.repeat(9000), () => 'x'.repeat(100_000));
});

test('the function gets the part and the groups, and may wait', async () => {
  const lines = await linesOf(`
let slow = fn(part, groups) { sleep(1); return groups["1"] + "!" }
log(regex_replace("a(\\\\d)", "a1 a2", slow))
log(regex_replace("[a-z]+", "get post", upper))
import regex
log(regex.match("b", "abc"), regex.split(",", "a,b"))
`);
  assert.deepEqual(lines, ['1! 2!', 'GET POST', 'true ["a", "b"]']);
});

const MISTAKES: readonly [string, number, string][] = [
  ['(a', 0, "')' is missing"],
  ['ab(c(d)', 2, "')' is missing"],
  ['(a)(b', 3, "')' is missing"],
  ['😀(a', 1, "')' is missing"],
  ['a)', 1, 'closes no group'],
  ['a[bc', 1, "']' is missing"],
  ['a|*b', 2, 'nothing to repeat'],
  ['a\\qb', 2, 'no such escape'],
  ['(?i)a\\', 5, 'a backslash at the end'],
  ['x{2,1}', 5, 'go backwards'],
  ['[z-a]', 3, 'goes backwards'],
  ['a{', 1, 'backslash in front'],
  ['(?<1>a)', 2, 'group'],
  ['\\k<no>', 5, 'named'],
];
for (const [pattern, position, message] of MISTAKES) {
  test(`the mistake in ${pattern} has its place`, () => {
    const error = refused('EPATTERN', message, 'regex_match', pattern, 'a');
    assert.equal(error.get('position'), position, error.message);
    assert.equal(error.get('pattern'), pattern);
    assert.doesNotMatch(error.message, /Invalid regular expression/);
  });
}

test('many patterns are used and none is kept for ever', () => {
  for (let i = 0; i < 2000; i++) assert.equal(call('regex_find', `x${i}`, `x${i}`), `x${i}`);
});
