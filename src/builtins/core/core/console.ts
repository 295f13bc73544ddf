/** What a program prints and what it reads from standard input. */
import { terminalColumns, writeErr, writeOut } from '../../../host/process';
import { readAllInput, readLine } from '../../../host/stdin';
import { functionName, str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { describeBuiltin, nearestName } from '../../help-text';
import { any, either, fn, string } from '../../types';
import { failure } from '../value-types';

function joined(values: readonly Value[]): string {
  return values.length === 1 ? str(values[0]!) : values.map(str).join(' ');
}

export const log = defineBuiltin({
  name: 'log',
  group: 'core',
  summary: 'Prints values with spaces between them, and a line end',
  params: [{ name: 'values', type: any, about: 'Any values; none prints an empty line', rest: true }],
  gives: { type: 'null', about: 'Nothing' },
  example: `log("open ports:", [22, 443])  // expect: open ports: [22, 443]`,
  failing: 'log(1 - "1")  // expect error: \'-\' needs two numbers',
  run: (values) => {
    writeOut(joined(values) + '\n');
    return null;
  },
});

export const print = defineBuiltin({
  name: 'print',
  group: 'core',
  summary: 'Prints values with spaces between them, without a line end',
  params: [{ name: 'values', type: any, about: 'Any values', rest: true }],
  gives: { type: 'null', about: 'Nothing' },
  example: `print("one ")
print("line\\n")  // expect: one line`,
  failing: 'print(-"1")  // expect error: \'-\' needs a number',
  run: (values) => {
    writeOut(joined(values));
    return null;
  },
});

export const eprint = defineBuiltin({
  name: 'eprint',
  group: 'core',
  summary: 'Prints values with spaces between them, and a line end, to standard error',
  params: [{ name: 'values', type: any, about: 'Any values', rest: true }],
  gives: { type: 'null', about: 'Nothing' },
  example: `eprint("warning: 3 hosts did not answer")
log("done")  // expect: done`,
  failing: 'eprint(-"1")  // expect error: \'-\' needs a number',
  run: (values) => {
    writeErr(joined(values) + '\n');
    return null;
  },
});

export const readline = defineBuiltin({
  name: 'readline',
  group: 'core',
  summary: 'Reads the next line of standard input',
  params: [{ name: 'prompt', type: string, about: 'Printed first, without a line end', optional: true }],
  gives: { type: 'string or null', about: 'The line without its line end, null at the end of the input' },
  waits: true,
  example: `let line = readline()
log(line ?? "no input")  // expect: no input`,
  failing: 'readline(5)  // expect error: readline: prompt must be a string, got the number 5',
  run: (prompt) => readLine(prompt ?? ''),
});

export const read_stdin = defineBuiltin({
  name: 'read_stdin',
  group: 'core',
  summary: 'Reads all that is left of standard input',
  params: [],
  gives: { type: 'string', about: 'The text, "" where nothing is left' },
  waits: true,
  example: `let text = read_stdin()
log(len(text))  // expect: 0`,
  failing: 'read_stdin("now")  // expect error: read_stdin',
  run: () => readAllInput(),
});

export const doc = defineBuiltin({
  name: 'doc',
  group: 'core',
  summary: 'Prints the help of a built-in or of a module of built-ins',
  params: [{ name: 'name', type: either(string, fn), about: 'The name, or the built-in itself' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ENAME: 'there is no built-in and no module of this name' },
  example: `doc("bool")
// expect: bool(value)                                                                                     core
// expect: Tells whether a value is truthy.
// expect: ...`,
  failing: 'doc("lenght")  // expect error: doc: there is no built-in named "lenght"',
  run: (what) => {
    const name = typeof what === 'string' ? what : functionName(what);
    const help = describeBuiltin(name, terminalColumns(1) ?? undefined);
    if (help === null) {
      const near = nearestName(name);
      throw failure(
        'ENAME',
        'doc',
        `there is no built-in named ${JSON.stringify(name)}`,
        near === null ? undefined : `did you mean '${near}'?`,
      );
    }
    writeOut(help);
    return null;
  },
});
