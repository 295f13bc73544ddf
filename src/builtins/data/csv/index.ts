/** The group csv: tables as text, read and written by csv-parse and csv-stringify. */
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { decode, encode } from '../../../host/text';
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { inspect, MapValue, str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { boolean, either, oneOf, option, options, string } from '../../types';
import type { Type } from '../../types';
import { arrayOf, failure } from '../../core/value-types';

const oneCharacter: Type<string> = {
  name: 'string',
  takes: 'a string of one ASCII character',
  test: "(typeof $ === 'string' && /^[\\0-\\x7f]$/.test($))",
};
const someText: Type<string> = {
  name: 'string',
  takes: 'a string of at least one character',
  test: "(typeof $ === 'string' && $ !== '')",
};

const parseOptions = options({
  header: option(
    either(boolean, arrayOf(string, 'strings')),
    'true: the first row has the names of the columns, and each further one becomes a map; an array: the names themselves, and the first row is data',
    false,
  ),
  delimiter: option(someText, 'What stands between two fields', ','),
  quote: option(oneCharacter, 'What stands around a field that has delimiters or line ends in it', '"'),
  comment: option(someText, 'Lines that begin with this are left out'),
  trim: option(boolean, 'Takes white space off both ends of fields without quotes', false),
  numbers: option(boolean, 'Makes numbers of fields that hold one and stand without quotes; 007 stays a string', false),
  skip_empty: option(boolean, 'Leaves out empty lines; otherwise each is a row of one empty field', true),
  relaxed: option(boolean, 'Takes quotes inside of fields as they are, where they are an error otherwise', false),
});

type ParseOptions = ReturnType<typeof parseOptions.convert>;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const WORDINGS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a field in quotes has no end: its closing quote is missing',
  INVALID_OPENING_QUOTE: 'a quote stands inside of a field that does not begin with one',
  CSV_INVALID_CLOSING_QUOTE: 'something follows the closing quote of a field',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'something follows the closing quote of a field',
};
const HINTS: Readonly<Record<string, string>> = {
  INVALID_OPENING_QUOTE:
    'a quote in a field is written twice, and the field in quotes; {"relaxed": true} takes it as it is',
};

function bad(line: number, message: string, hint?: string): ErrorValue {
  return fault('ECSV', `csv_parse: line ${line}: ${message}`, {
    function: 'csv_parse',
    fields: { text_line: line },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Refuses marks that could not be told apart. */
function checkMarks(builtin: string, delimiter: string, quote: string, comment: string | null): void {
  const marks = [delimiter, quote, ...(comment === null ? [] : [comment])];
  if (new Set(marks).size < marks.length || delimiter.includes(quote)) {
    throw failure('EOPTION', builtin, 'the delimiter, the quote and the comment must differ');
  }
  if (marks.some((mark) => /[\r\n]/.test(mark)))
    throw failure('EOPTION', builtin, 'a line end has its own meaning in CSV');
}

function checkNames(names: readonly Value[]): string[] {
  const seen = new Set<string>();
  return names.map((given) => {
    const name = str(given);
    if (seen.has(name)) throw bad(1, `the header has the name ${inspect(name)} twice`);
    seen.add(name);
    return name;
  });
}

/** A row as a map; fields that are missing are null. */
function rowMap(names: readonly string[], row: readonly Value[], line: number): MapValue {
  if (row.length > names.length) throw bad(line, `the row has ${row.length} fields, the header ${names.length}`);
  return MapValue.of(names.map((name, i): [string, Value] => [name, row[i] ?? null]));
}

function parseRows(text: string, given: ParseOptions): Value[] {
  // The library reads bytes; those in the text that are no UTF-8 come through as Latin-1.
  const wellFormed = text.isWellFormed();
  const fieldOf = (field: string): string => (wellFormed ? field : decode(Buffer.from(field, 'latin1')));
  const { header } = given;
  let names = Array.isArray(header) ? checkNames(header) : null;
  const converts = !wellFormed || given.numbers;
  const rows: Value[] = [];
  parse(wellFormed ? text : encode(text), {
    bom: true,
    encoding: wellFormed ? 'utf8' : 'latin1',
    delimiter: encode(given.delimiter),
    quote: encode(given.quote),
    escape: encode(given.quote),
    comment: given.comment === null || wellFormed ? given.comment : encode(given.comment).toString('latin1'),
    comment_no_infix: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: given.relaxed,
    skip_empty_lines: given.skip_empty,
    trim: given.trim,
    ...(converts
      ? {
          cast: (field: string, { quoting }: { readonly quoting: boolean }): string | number =>
            given.numbers && !quoting && NUMBER.test(field) ? Number(field) : fieldOf(field),
        }
      : {}),
    on_record: (row: string[], { lines }: { readonly lines: number }): null => {
      if (header === false) rows.push(row);
      else if (names === null) names = checkNames(row);
      else rows.push(rowMap(names, row, lines));
      return null;
    },
  });
  return rows;
}

export const csv_parse = defineBuiltin({
  name: 'csv_parse',
  group: 'csv',
  summary: 'Reads a table from CSV text',
  details:
    'Rows end with \\n, \\r\\n or \\r; a field in quotes may hold delimiters, line ends and, written twice, quotes. Without a header each row is an array of strings, and rows may differ in length. With a header each row is a map; a field that is missing is null, and one too many is an error.',
  params: [
    { name: 'text', type: string, about: 'The text' },
    { name: 'options', type: parseOptions, about: 'How it is written', optional: true },
  ],
  gives: { type: 'array', about: 'The rows: arrays of strings, or maps with a header' },
  errors: {
    ECSV: 'the text is no CSV; the error has the line as text_line, counted from 1',
    EOPTION: 'the delimiter, the quote and the comment do not differ',
  },
  example: `log(csv_parse("host,port\\nlocalhost,22\\n"))  // expect: [["host", "port"], ["localhost", "22"]]
log(csv_parse("host;port\\na;80\\n", {"header": true, "delimiter": ";", "numbers": true}))
// expect: [{"host": "a", "port": 80}]`,
  failing: `csv_parse("a,\\"b")  // expect error: csv_parse: line 1: a field in quotes has no end`,
  run: (text, given) => {
    checkMarks('csv_parse', given.delimiter, given.quote, given.comment);
    try {
      return parseRows(text, given);
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
      throw bad(line, WORDINGS[error.code] ?? error.message.toLowerCase(), HINTS[error.code]);
    }
  },
});

const table: Type<Value[]> = {
  name: 'array',
  takes: 'an array of rows, each an array or a map',
  test: 'check($)',
  check: (value) => Array.isArray(value) && value.every((row) => Array.isArray(row) || row instanceof MapValue),
  explain: (value) => {
    if (!Array.isArray(value)) return null;
    const at = value.findIndex((row) => !Array.isArray(row) && !(row instanceof MapValue));
    return at < 0 ? null : `its element ${at} is ${describe(value[at]!)}`;
  },
};

const stringifyOptions = options({
  header: option(
    either(boolean, arrayOf(string, 'strings')),
    'Whether the names of the columns come first; an array: which columns, in which order. True for maps and false for arrays where it is left out',
  ),
  delimiter: option(someText, 'What is put between two fields', ','),
  quote: option(oneCharacter, 'What is put around fields that need it', '"'),
  quote_all: option(boolean, 'Puts every field in quotes', false),
  line_end: option(oneOf('\n', '\r\n'), 'What each row ends with', '\n'),
  escape_formulas: option(
    boolean,
    "Puts ' in front of fields that begin with = + - @, which spreadsheets would take for formulas",
    false,
  ),
});

function fieldText(value: Value, row: number, column: number | string): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return str(value);
  throw failure(
    'ETYPE',
    'csv_stringify',
    `row ${row}, column ${column} is ${describe(value)}, which a field cannot hold`,
  );
}

/** The names of all columns, in the order in which they turn up. */
function columnsOf(rows: readonly (Value[] | MapValue)[]): string[] {
  const names = new Set<string>();
  for (const row of rows) if (row instanceof MapValue) for (const name of row.keys()) names.add(name);
  return [...names];
}

export const csv_stringify = defineBuiltin({
  name: 'csv_stringify',
  group: 'csv',
  summary: 'Writes a table as CSV text',
  details: 'Null is written as an empty field. A field is put in quotes where it needs them.',
  params: [
    { name: 'rows', type: table, about: 'The rows: arrays of fields, or maps from the name of a column to the field' },
    { name: 'options', type: stringifyOptions, about: 'How to write it', optional: true },
  ],
  gives: { type: 'string', about: 'The text, each row with its line end' },
  errors: {
    EOPTION: 'the delimiter and the quote do not differ',
    ETYPE: 'a field is neither string, number, boolean nor null',
    ERANGE: 'the text would be longer than a string can be',
  },
  example: `print(csv_stringify([["a", 1], ["b, c", null]]))
// expect: a,1
// expect: "b, c",
print(csv_stringify([{"host": "a", "port": 80}], {"delimiter": ";"}))
// expect: host;port
// expect: a;80`,
  failing: `csv_stringify([["a", []]])  // expect error: csv_stringify: row 0, column 1 is an empty array, which a field cannot hold`,
  run: (given, settings) => {
    checkMarks('csv_stringify', settings.delimiter, settings.quote, null);
    const rows = given as (Value[] | MapValue)[];
    const { header } = settings;
    const names = Array.isArray(header) ? header : columnsOf(rows);
    const withHeader = header === null ? rows.some((row) => row instanceof MapValue) : header !== false;
    const fields = rows.map((row, i) =>
      row instanceof MapValue
        ? names.map((name) => fieldText(row.get(name) ?? null, i, inspect(name)))
        : row.map((value, column) => fieldText(value, i, column)),
    );
    if (withHeader && names.length > 0) fields.unshift(names);
    try {
      return stringify(fields, {
        delimiter: settings.delimiter,
        quote: settings.quote,
        escape: settings.quote,
        quoted: settings.quote_all,
        // Otherwise a row of one empty field would be an empty line.
        quoted_empty: settings.quote_all || fields.some((row) => row.length === 1 && row[0] === ''),
        quoted_match: /[\r\n\ufeff]/,
        record_delimiter: settings.line_end,
        escape_formulas: settings.escape_formulas,
      });
    } catch (error) {
      if (error instanceof RangeError) {
        throw failure('ERANGE', 'csv_stringify', 'the text would be longer than a string can be');
      }
      throw error;
    }
  },
});
