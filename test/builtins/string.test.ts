/** The group string: each function against a simple model over code points, and its limits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { call, property, refused } from './call-builtin';

/** Short texts in which pairs, lone surrogates, what lies above them and line ends are frequent. */
const char = fc.constantFrom(
  'a',
  'b',
  ' ',
  '\n',
  '\r',
  'ß',
  '€',
  '😀',
  '\u{10ffff}',
  '\udc80',
  '\udcff',
  '\ud83d',
  '\uffff',
  '\ue000',
  '0',
);
/** Cut into code points again, since two lone halves side by side are one character. */
const text = fc.array(char, { maxLength: 40 }).map((chars) => chars.join(''));
const short = fc.array(char, { maxLength: 2 }).map((chars) => chars.join(''));
const place = fc.integer({ min: -45, max: 45 });

/** Where `part` stands in `whole`, both as characters. */
function places(whole: string, part: string): number[] {
  const chars = [...whole];
  const wanted = [...part];
  return chars
    .map((_char, i) => i)
    .concat(chars.length)
    .filter((i) => wanted.every((each, k) => chars[i + k] === each));
}

test(
  'len counts code points',
  property(text, (s: string) => assert.equal(call('len', s), [...s].length)),
);
test(
  'byte_len counts what bytes_of gives',
  property(text, (s: string) => assert.equal(call('byte_len', s), (call('bytes_of', s) as number[]).length)),
);
test(
  'bytes survive the way through a string',
  property(fc.uint8Array({ maxLength: 40 }), (bytes: Uint8Array) =>
    assert.deepEqual(call('bytes_of', call('string_of', [...bytes])), [...bytes]),
  ),
);
test(
  'char_at and char_code',
  property(text, place, (s: string, i: number) => {
    const char = [...s].at(i) ?? null;
    assert.equal(call('char_at', s, i), char);
    assert.equal(call('char_code', s, i), char === null ? null : char.codePointAt(0));
  }),
);
test(
  'substring and slice cut as arrays do',
  property(text, place, place, (s: string, start: number, end: number) => {
    const expected = [...s].slice(start, end).join('');
    assert.equal(call('substring', s, start, end), expected);
    assert.equal(call('slice', s, start, end), expected);
    assert.equal(call('substring', s, start), [...s].slice(start).join(''));
  }),
);
test(
  'index_of, last_index_of and contains',
  property(text, short, (s: string, part: string) => {
    const found = places(s, part);
    assert.equal(call('index_of', s, part), found[0] ?? -1);
    assert.equal(call('last_index_of', s, part), found.at(-1) ?? -1);
    assert.equal(call('contains', s, part), found.length > 0);
  }),
);
test(
  'index_of from a place',
  property(text, short, place, (s: string, part: string, from: number) => {
    const start = from < 0 ? Math.max(0, from + [...s].length) : from;
    assert.equal(call('index_of', s, part, from), places(s, part).find((i) => i >= start) ?? -1);
  }),
);
test(
  'starts_with and ends_with',
  property(text, short, (s: string, part: string) => {
    assert.equal(call('starts_with', s, part), places(s, part).includes(0));
    assert.equal(call('ends_with', s, part), places(s, part).includes([...s].length - [...part].length));
  }),
);
test(
  "split and join are each other's way back",
  property(text, short, (s: string, separator: string) => {
    const pieces = call('split', s, separator) as string[];
    assert.equal(call('join', pieces, separator), s);
    if (separator !== '') {
      for (const piece of pieces) assert.ok(!call('contains', piece, separator) || [...separator].length === 2);
      assert.equal(pieces.length, (call('count', s, separator) as number) + 1);
    } else assert.deepEqual(pieces, [...s]);
  }),
);
test(
  'split with a limit keeps the rest',
  property(text, short, fc.integer({ min: 1, max: 5 }), (s: string, separator: string, limit: number) => {
    const all = call('split', s, separator) as string[];
    const some = call('split', s, separator, limit) as string[];
    assert.ok(some.length <= limit);
    assert.equal(some.length, Math.min(limit, all.length));
    assert.deepEqual(some.slice(0, -1), all.slice(0, some.length - 1));
    assert.equal(call('join', some, separator), s);
  }),
);
test(
  'replace is split and join',
  property(text, short, short, (s: string, old: string, replacement: string) => {
    fc.pre(old !== '');
    assert.equal(call('replace', s, old, replacement), (call('split', s, old) as string[]).join(replacement));
    const first = call('split', s, old, 2) as string[];
    assert.equal(call('replace_first', s, old, replacement), first.join(replacement));
  }),
);
test(
  'reverse turns characters round',
  property(text, (s: string) => assert.equal(call('reverse', s), [...s].reverse().join(''))),
);
test(
  'padding reaches the width',
  property(text, fc.nat(60), (s: string, width: number) => {
    const length = [...s].length;
    const padded = call('pad_start', s, width, 'xy') as string;
    assert.ok(padded.endsWith(s));
    assert.equal(padded, 'xy'.repeat(60).slice(0, Math.max(0, width - length)) + s);
    assert.equal(call('pad_end', s, width), s + ' '.repeat(Math.max(0, width - length)));
  }),
);
test(
  'lines are what line ends divide',
  property(text, (s: string) => {
    const lines = call('lines', s) as string[];
    assert.ok(lines.every((line) => !line.includes('\n')));
    assert.equal(lines.join('\n') + (s.endsWith('\n') && s !== '' ? '\n' : ''), s.replace(/\r\n/g, '\n'));
  }),
);
test(
  'words have no space in them',
  property(text, (s: string) => {
    assert.deepEqual(
      call('words', s),
      s.split(/\s+/).filter((word) => word !== ''),
    );
    assert.deepEqual(call('split', s), call('words', s));
  }),
);
test(
  'long texts are indexed as short ones',
  property(fc.array(char, { minLength: 60, maxLength: 300 }), (chars: string[]) => {
    const s = chars.join('');
    const points = [...s];
    for (let i = 0; i < points.length; i += 7) assert.equal(call('char_at', s, i), points[i]);
    for (let i = 0; i < points.length; i += 13)
      assert.equal(call('substring', s, i, i + 9), points.slice(i, i + 9).join(''));
    assert.equal((call('index_of', s, points.slice(-3).join('')) as number) <= points.length - 3, true);
  }),
);
test(
  'strings sort by code point',
  property(fc.array(text, { maxLength: 12 }), (texts: string[]) => {
    const byPoints = (a: string, b: string): number => {
      const x = [...a].map((c) => c.codePointAt(0)!);
      const y = [...b].map((c) => c.codePointAt(0)!);
      for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
      return x.length - y.length;
    };
    assert.deepEqual(call('sorted', texts), [...texts].sort(byPoints));
  }),
);

test('a lone half is never found inside of a pair', () => {
  assert.equal(call('contains', '😀', '\ude00'), false);
  assert.equal(call('index_of', '😀\ude00', '\ude00'), 1);
  assert.deepEqual(call('split', '😀\ude00x', '\ude00'), ['😀', 'x']);
  assert.equal(call('ends_with', '😀', '\ude00'), false);
  assert.equal(call('starts_with', '😀', '\ud83d'), false);
  assert.equal(call('last_index_of', '\ud83dx😀', '\ud83d'), 0);
});

test('case', () => {
  assert.equal(call('upper', 'straße'), 'STRASSE');
  assert.equal(call('lower', 'ÀÉ'), 'àé');
});

test('white space at the ends', () => {
  assert.equal(call('trim', ' \t\r\n x y \u00a0'), 'x y');
  assert.equal(call('trim_start', ' x '), 'x ');
  assert.equal(call('trim_end', ' x '), ' x');
});

test('kinds of characters', () => {
  assert.equal(call('is_digit', '0123456789'), true);
  assert.equal(call('is_digit', '١'), false);
  assert.equal(call('is_digit', '1\n'), false);
  assert.equal(call('is_alpha', 'Straße日本'), true);
  assert.equal(call('is_alpha', 'e\u0301'), true);
  assert.equal(call('is_alpha', '\u0301'), false);
  assert.equal(call('is_alpha', ''), false);
  assert.equal(call('is_space', ' \t\u00a0'), true);
  assert.equal(call('is_space', ''), false);
});

test('an empty text is replaced between all characters', () => {
  assert.equal(call('replace', 'a😀', '', '-'), '-a-😀-');
  assert.equal(call('replace', '', '', '-'), '-');
});

test('the replacement has no special characters', () => {
  assert.equal(call('replace', 'a.b', '.', '$1$&$`'), 'a$1$&$`b');
  assert.equal(call('replace_first', 'a.b', '.', '$&'), 'a$&b');
});

test('what would be longer than a string can be is refused', () => {
  refused('ERANGE', 'the text would have', 'repeat', 'ab', 2 ** 40);
  refused('ERANGE', 'the text would have', 'pad_start', 'ab', 2 ** 40);
  refused('ERANGE', 'the text would have', 'pad_end', 'ab', 2 ** 30);
  const long = call('repeat', 'x', 2 ** 26) as string;
  refused('ERANGE', 'the text would have', 'replace', long, 'x', 'y'.repeat(10));
  refused('ERANGE', 'the text would have', 'join', new Array<string>(9).fill(long));
});

test('the arguments are checked', () => {
  refused('ETYPE', 'repeat: count must be a whole number, at least 0, got the number -1', 'repeat', 'a', -1);
  refused('ETYPE', 'char_from: codes must be', 'char_from', 65, 0x110000);
  refused('ETYPE', 'split: limit must be a whole number, at least 1', 'split', 'a', ',', 0);
  refused(
    'ETYPE',
    'contains: what must be a string, a number or a boolean, got null',
    'contains',
    call('from_entries', []),
    null,
  );
  refused('ETYPE', 'join: items must be an array', 'join', 'a');
  refused('EVALUE', 'empty text', 'count', 'a', '');
  refused('ETYPE', 'string_of: bytes must be an array of byte values', 'string_of', [1, 300]);
});

test('reading a long text by index stays cheap', () => {
  for (const unit of ['x', '€', '😀']) {
    const long = unit.repeat(200_000);
    const started = performance.now();
    let found = 0;
    for (let i = 0; i < (call('len', long) as number); i += 2) if (call('char_at', long, i) === unit) found++;
    assert.equal(found, 100_000);
    assert.ok(performance.now() - started < 2000, `${unit}: ${performance.now() - started} ms`);
  }
});
