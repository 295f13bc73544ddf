/** The group csv: what is written is read back, and both agree with Python's module. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { call, entriesOf, mapOf, property, refused } from './call-builtin';
import { missing } from '../support/programs';

const field = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'a,b',
    '"',
    'a"b',
    '\n',
    '\r',
    '\r\n',
    ' x ',
    '007',
    '-1.5',
    '#c',
    'é😀',
    '\udc80',
    '\ufeff',
    ';',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });

test('what is written is read back', property(rows, fc.constantFrom(',', ';', '\t', '||', '→'), fc.boolean(), (table: string[][], delimiter: string, all: boolean) => {
  const text = call('csv_stringify', table, mapOf({ delimiter, quote_all: all }));
  // A row of one field that is made of nothing but white space is no empty line.
  assert.deepEqual(call('csv_parse', text, mapOf({ delimiter })), table);
})); // prettier-ignore

test('maps are written and read back', property(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 5 }), (table: [string, string][]) => {
  const maps = table.map(([a, b]) => mapOf({ constructor: a, b }));
  const back = call('csv_parse', call('csv_stringify', maps), mapOf({ header: true })) as unknown[];
  assert.deepEqual(back.map(entriesOf), table.map(([a, b]) => [['constructor', a], ['b', b]]));
})); // prettier-ignore

const PYTHON = `
import csv, io, json, sys
given = json.load(sys.stdin)
read = [[row for row in csv.reader(io.StringIO(text, newline='')) if row] for text in given['texts']]
written = []
for table in given['tables']:
    out = io.StringIO(newline='')
    csv.writer(out, lineterminator='\\n').writerows(table)
    written.append(out.getvalue())
json.dump({'read': read, 'written': written}, sys.stdout)
`;

test('reads and writes as Python does', { skip: missing('python3') }, () => {
  const plain = fc.array(fc.constantFrom('a', 'b c', '1', 'é', ',', '"', '\n', '\r\n', '😀', '-'), { maxLength: 4 });
  const table = fc.array(fc.array(plain.map((all) => all.join('')), { minLength: 2, maxLength: 4 }), { maxLength: 5 });
  const tables = fc.sample(table, 300);
  const texts = tables.map((each) => call('csv_stringify', each) as string);
  // Also what nobody would write in this way.
  texts.push('a,b\r\nc,d', 'a,"b""c"\n\n\nd,e\n', '"a\nb",c\r\n', 'a,\n,b\n,', '"",""\n', 'a b , c\n', 'x,y\rz,w');
  const ended = spawnSync('python3', ['-c', PYTHON], { input: JSON.stringify({ tables, texts }), encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(ended.status, 0, ended.stderr);
  const python = JSON.parse(ended.stdout) as { read: string[][][]; written: string[] };
  texts.forEach((text, i) => assert.deepEqual(call('csv_parse', text), python.read[i], JSON.stringify(text)));
  tables.forEach((each, i) => assert.equal(call('csv_parse', python.written[i]!) instanceof Array, true, JSON.stringify(each)));
  tables.forEach((each, i) => assert.deepEqual(call('csv_parse', python.written[i]!), each));
}); // prettier-ignore

test('options of reading', () => {
  const parse = (text: string, options: Record<string, unknown>): unknown => call('csv_parse', text, mapOf(options));
  assert.deepEqual(parse('a;b', { delimiter: ';' }), [['a', 'b']]);
  assert.deepEqual(parse("'a,b',c", { quote: "'" }), [['a,b', 'c']]);
  assert.deepEqual(parse('# note\na,b # c\n', { comment: '#' }), [['a', 'b # c']]);
  assert.deepEqual(parse(' a , " b "\n', { trim: true }), [['a', ' b ']]);
  assert.deepEqual(parse('1,-2.5e3,007,"1",,x,1e999', { numbers: true }), [[1, -2500, '007', '1', '', 'x', Infinity]]);
  assert.deepEqual(parse('a\n\nb\n', { skip_empty: false }), [['a'], [''], ['b']]);
  assert.deepEqual(parse('a"b,c', { relaxed: true }), [['a"b', 'c']]);
  assert.deepEqual(call('csv_parse', ''), []);
  assert.deepEqual(call('csv_parse', '\ufeffa,b'), [['a', 'b']]);
  assert.deepEqual(call('csv_parse', 'a\r\nb\nc\rd'), [['a'], ['b'], ['c'], ['d']]);
  assert.deepEqual(call('csv_parse', 'a\udc80,é'), [['a\udc80', 'é']]);
});

test('rows as maps', () => {
  const parse = (text: string, header: unknown): unknown[] => call('csv_parse', text, mapOf({ header })) as unknown[];
  assert.deepEqual(parse('443,__proto__\n1,2\n3\n', true).map(entriesOf), [
    [['443', '1'], ['__proto__', '2']],
    [['443', '3'], ['__proto__', null]],
  ]); // prettier-ignore
  assert.deepEqual(parse('1,2', ['a', 'b']).map(entriesOf), [[['a', '1'], ['b', '2']]]); // prettier-ignore
  assert.deepEqual(parse('a,b\n', true), []);
  const tooMany = refused(
    'ECSV',
    'line 3: the row has 3 fields, the header 2',
    'csv_parse',
    'a,b\n1,2\n1,2,3\n',
    mapOf({ header: true }),
  );
  assert.equal(tooMany.get('text_line'), 3);
  refused('ECSV', 'the name "a" twice', 'csv_parse', 'a,a\n', mapOf({ header: true }));
});

test('what is no CSV', () => {
  refused('ECSV', 'line 2: a field in quotes has no end', 'csv_parse', 'a\n"b');
  refused('ECSV', 'line 2: a quote stands inside', 'csv_parse', 'a\nb"c"\n');
  refused('ECSV', 'line 1: something follows the closing quote', 'csv_parse', '"a"b,c\n');
  refused('EOPTION', 'must differ', 'csv_parse', 'a', mapOf({ delimiter: '"' }));
  refused('EOPTION', 'no option "delimeter"', 'csv_parse', 'a', mapOf({ delimeter: ';' }));
  refused('ETYPE', 'one ASCII character', 'csv_parse', 'a', mapOf({ quote: '""' }));
  refused('ETYPE', 'at least one character', 'csv_parse', 'a', mapOf({ delimiter: '' }));
});

test('options of writing', () => {
  const write = (table: unknown[], options: Record<string, unknown>): unknown =>
    call('csv_stringify', table, mapOf(options));
  const maps = [mapOf({ a: 1, b: true }), mapOf({ c: null, a: 'x' })];
  assert.equal(write(maps, {}), 'a,b,c\n1,true,\nx,,\n');
  assert.equal(write(maps, { header: false }), '1,true,\nx,,\n');
  assert.equal(write(maps, { header: ['b', 'a'], line_end: '\r\n' }), 'b,a\r\ntrue,1\r\n,x\r\n');
  assert.equal(write([['=1+1', '-x']], { escape_formulas: true }), "'=1+1,'-x\n");
  assert.equal(write([], {}), '');
  assert.equal(write([['']], {}), '""\n');
  refused('ETYPE', 'row 0, column "a" is an array of 1', 'csv_stringify', [mapOf({ a: [1] })]);
  refused('ETYPE', 'an array of rows', 'csv_stringify', ['a']);
});

test('a table of 20,000 rows', () => {
  const table = Array.from({ length: 20_000 }, (_each, i) => [String(i), `name ${i}`, 'a "quoted", field']);
  assert.deepEqual(call('csv_parse', call('csv_stringify', table)), table);
});
