import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentation } from '../../src/syntax/documentation';
import { Lexer } from '../../src/syntax/lexer';
import { isKeyword, T } from '../../src/syntax/tokens';

const KEYWORDS_AND_NAMES = [T.Ident, T.Let, T.Spawn, T.Null];

/** The tokens of a text as they stand in it, `⏎` before those that begin a line; strings and numbers by their values. */
function tokens(text: string): string {
  const lexer = new Lexer({ name: 'test.sn', text });
  const found: string[] = [];
  for (lexer.next(); lexer.kind !== T.Eof; lexer.next()) {
    const shown =
      lexer.kind === T.Num
        ? String(lexer.number)
        : lexer.kind === T.Str || lexer.kind === T.Template || lexer.kind === T.TemplateHead
          ? JSON.stringify(lexer.value)
          : text.slice(lexer.start, lexer.end);
    found.push((lexer.newlineBefore && found.length > 0 ? '⏎' : '') + shown);
  }
  return found.join(' ');
}

function errors(text: string): string[] {
  const lexer = new Lexer({ name: 'test.sn', text });
  for (lexer.next(); lexer.kind !== T.Eof; lexer.next());
  return lexer.diagnostics.map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`);
}

for (const [text, expected] of [
  ['let x=1', 'let x = 1'],
  ['a\nb\r\nc\rd', 'a ⏎b ⏎c ⏎d'],
  ['a // b\nc', 'a ⏎c'],
  ['a /* b\n */ c', 'a ⏎c'],
  ['a /* b */ c', 'a c'],
  ['\ufeff#!/usr/bin/sentra\na', 'a'],
  ['été _x1 名前 𝒳y', 'été _x1 名前 𝒳y'],
  ['a<-b', 'a <- b'],
  ['a<--b', 'a <- - b'],
  ['a>>=b>>c', 'a >>= b >> c'],
  ['a??=b??c?.d?e', 'a ??= b ?? c ?. d ? e'],
  ['a===b!==c==d!=e', 'a === b !== c == d != e'],
  ['a**=b**c*d', 'a **= b ** c * d'],
  ['a...b..c.d', 'a ... b .. c . d'],
  ['a=>b->c::d:=e:f', 'a => b -> c :: d := e : f'],
  ['i++ +j-- -k', 'i ++ + j -- - k'],
  ['a&&=b||=c&d|e^f~g', 'a &&= b ||= c & d | e ^ f ~ g'],
  ['(a)[b]{c},;@', '( a ) [ b ] { c } , ;'],
  // Numbers.
  ['0 1.5 1e3 1.5e-3 2E+2', '0 1.5 1000 0.0015 200'],
  ['0xFF 0b1010 0o17 1_000_000 0xFF_FF', '255 10 15 1000000 65535'],
  ['9007199254740993 123456789012345678901234567890', '9007199254740992 1.2345678901234568e+29'],
  ['1e999 0.1', 'Infinity 0.1'],
  ['1..5 1.a 1.5.a 1.e(2)', '1 .. 5 1 . a 1.5 . a 1 . e ( 2 )'],
  // Strings.
  [`"a'b" 'a"b'`, `"a'b" "a\\"b"`],
  ['"\\n\\r\\t\\0\\\\\\"\\\'\\x41\\u0042\\u{1F600}"', JSON.stringify('\n\r\t\0\\"\'AB😀')],
  ['`a\r\nb\\`c\\${d`', JSON.stringify('a\nb`c${d')],
  ['"\u2028"', '"\u2028"'],
] as const) {
  test(`tokens of ${JSON.stringify(text)}`, () => assert.equal(tokens(text), expected));
}

for (const [text, ...expected] of [
  ['"abc\nd', 'unterminated-string "abc'],
  ['`abc', 'unterminated-string `'],
  ['/* a', 'unterminated-comment /*'],
  ['"\\q \\d"', 'bad-escape \\q', 'bad-escape \\d'],
  [
    '"\\x4" "\\u12" "\\u{}" "\\u{110000}"',
    'bad-escape \\x4',
    'bad-escape \\u12',
    'bad-escape \\u{',
    'bad-escape \\u{110000}',
  ],
  ['"\\033[0m"', 'bad-escape \\033'],
  [
    '0x 0b2 0o8 1_ 1__0 0x_1',
    'bad-number 0x',
    'bad-number 2',
    'bad-number 8',
    'bad-number _',
    'bad-number _',
    'bad-number _',
  ],
  ['1e 12abc 5s 010 .5', 'bad-number e', 'bad-number 12abc', 'bad-number 5s', 'bad-number 010', 'bad-number .5'],
  ['a # b\nc # d', 'foreign-syntax #'],
  ['$a @b c$d', 'foreign-syntax $a', 'foreign-syntax @b', 'bad-character $'],
  ['“a” ‘b’', 'bad-character “a”', 'bad-character ‘b’'],
  ['a – b', 'bad-character –'],
  ['a \\ b', 'bad-character \\'],
  ['\u200b\u200b\u0000', 'bad-character \u200b\u200b\u0000'],
  ['\ud800', 'bad-character \ud800'],
] as const) {
  test(`errors in ${JSON.stringify(text)}`, () => assert.deepEqual(errors(text), expected));
}

test('going back to a mark leaves no trace', () => {
  const lexer = new Lexer({ name: 'test.sn', text: 'a /** b */ "\\q" c' }, true);
  lexer.next();
  const mark = lexer.mark();
  lexer.next();
  lexer.next();
  assert.equal(lexer.diagnostics.length, 1);
  lexer.reset(mark);
  assert.deepEqual([lexer.kind, lexer.value, lexer.diagnostics.length], [T.Ident, 'a', 0]);
  assert.equal(lexer.peekKind(), T.Str);
  lexer.next();
  assert.equal(lexer.docStart, 2);
  lexer.next();
  assert.deepEqual([lexer.value, lexer.diagnostics.length, lexer.comments?.length], ['c', 1, 1]);
});

test('words of the language and of others', () => {
  assert.deepEqual(['if', 'go', 'nil', 'case', 'from', 'class', 'x', 'constructor', '__proto__'].map(isKeyword), [
    true, true, true, false, false, false, false, false, false,
  ]); // prettier-ignore
  const lexer = new Lexer({ name: 'test.sn', text: 'x let go nil elif' });
  const kinds: T[] = [];
  for (lexer.next(); lexer.kind !== T.Eof; lexer.next()) kinds.push(lexer.kind);
  assert.deepEqual(kinds, [...KEYWORDS_AND_NAMES, T.Ident]);
});

for (const [comment, text] of [
  ['/** One line. */', 'One line.'],
  ['/**\n * Two\n * lines.\n */', 'Two\nlines.'],
  ['/** First\n *\n *   indented\n */', 'First\n\n  indented'],
  ['/**\n  without stars\n    indented\n*/', 'without stars\n  indented'],
  ['/**\r\n * CR LF\r\n */', 'CR LF'],
  ['/** * list\n * * of points */', '* list\n* of points'],
  ['/**   */', null],
] as const) {
  test(`documentation in ${JSON.stringify(comment)}`, () => assert.equal(documentation(comment), text));
}
