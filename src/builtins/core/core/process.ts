/** The process a program runs in, and other programs. */
import { runCommand } from '../../../host/command';
import { env as variable } from '../../../host/environment';
import * as host from '../../../host/process';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import type { Steps } from '../../../runtime/task';
import { version } from '../../../../package.json';
import { defineBuiltin } from '../../define-builtin';
import { any, data, either, option, options, seconds, string, whole } from '../../types';
import { arrayOf, mapOfStrings } from '../value-types';

export const exit = defineBuiltin({
  name: 'exit',
  group: 'core',
  summary: 'Ends the program at once, after what was printed is written',
  details: 'Nothing else of the program runs: no defer, no finally, no other task.',
  params: [
    {
      name: 'code',
      type: whole(0, 255),
      about: 'The exit status, from 0 to 255; 0 where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'never', about: 'It does not return' },
  example: `log("before")  // expect: before
exit(0)
log("never printed")`,
  failing: 'exit("now")  // expect error: exit: code must be a whole number from 0 to 255, got the string "now"',
  run: (code) => host.exit(code ?? 0),
});

export const args = defineBuiltin({
  name: 'args',
  group: 'core',
  summary: "Gives the arguments that stood after the program's name on the command line",
  params: [],
  gives: { type: 'array', about: 'The arguments, as strings' },
  example: `let [host, port] = [...args(), "localhost", "80"]
log(host, port)  // expect: localhost 80`,
  failing: 'args(0)  // expect error: args',
  run: () => [...host.args()],
});

export const env = defineBuiltin({
  name: 'env',
  group: 'core',
  summary: 'Reads a variable of the environment',
  permission: 'env',
  params: [
    { name: 'name', type: string, about: 'Its name' },
    {
      name: 'default',
      type: any,
      about: 'What to give where it is not set; null where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'any', about: "The variable's text, or the default where it is not set" },
  example: `log(env("SENTRA_EXAMPLE_PORT", 8080))  // expect: 8080`,
  failing: 'env(5)  // expect error: env: name must be a string, got the number 5',
  run: (name, fallback) => variable(name) ?? fallback,
});

export const platform = defineBuiltin({
  name: 'platform',
  group: 'core',
  summary: 'Describes the machine and the process',
  params: [],
  gives: {
    type: 'map',
    about: 'os ("linux", "darwin", "windows"...), arch, hostname, cpus, memory (bytes), pid, version (of Sentra)',
  },
  example: `let p = platform()
log(p.cpus > 0, p.memory > 1000000, keys(p)[0])  // expect: true true os`,
  failing: 'platform("os")  // expect error: platform',
  run: () => MapValue.from({ ...host.platformInfo(), version }),
});

/** Output of a command beyond this ends it, unless the option says otherwise. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** What a string can hold. */
const MOST_OUTPUT_BYTES = 512 * 1024 * 1024;

export const exec = defineBuiltin({
  name: 'exec',
  group: 'core',
  summary: 'Runs another program and waits for its end',
  details:
    'A string goes to the shell. An array is a program and its arguments and goes to no shell, so nothing in it needs quoting: prefer it wherever a part comes from outside.\n\nThe program and all that it starts are a group of their own, which a timeout, too much output, a cancel and the end of the program end as a whole. An error has what was written by then as e.stdout and e.stderr.',
  permission: 'run',
  params: [
    {
      name: 'command',
      type: either(string, arrayOf(string, 'strings')),
      about: 'A line for the shell, or a program and its arguments',
    },
    {
      name: 'options',
      type: options({
        cwd: option(string, 'The directory it runs in'),
        env: option(mapOfStrings, 'Variables added to its environment'),
        input: option(data, 'Its standard input, text or bytes, which is then closed'),
        timeout: option(seconds, 'After this many seconds it is ended and the call fails'),
        max_output: option(
          whole(0, MOST_OUTPUT_BYTES),
          'The most bytes of output; more ends it and the call fails',
          MAX_OUTPUT_BYTES,
        ),
      }),
      about: 'How it runs',
      optional: true,
    },
  ],
  gives: {
    type: 'map',
    about: 'stdout, stderr and code, the exit status (128 and the number of the signal that ended it)',
  },
  errors: {
    ENOENT: 'the program or the directory does not exist',
    EACCES: 'it may not be run',
    ETIMEDOUT: 'it ran longer than the timeout',
    EOVERFLOW: 'it wrote more than max_output',
    EINVAL: 'the command is empty, or a part holds what cannot be passed on: NUL, bytes that are no UTF-8',
    E2BIG: 'the arguments are too long',
  },
  waits: true,
  example: `let result = exec(["echo", "it's", "5 > 3"])
log(trim(result.stdout), result.code)  // expect: it's 5 > 3 0
log(exec("cat; exit 3", {"input": "from Sentra"}))
// expect: {"stdout": "from Sentra", "stderr": "", "code": 3}`,
  failing:
    'exec(["no-such-program-here"])  // expect error: the program \'no-such-program-here\' was not found (ENOENT)',
  run: function* (command, given): Steps<Value> {
    const variables = given.env === null ? null : (Object.fromEntries(given.env.entries()) as Record<string, string>);
    const result = yield* runCommand('exec', command, {
      cwd: given.cwd,
      env: variables,
      input: given.input,
      timeoutSeconds: given.timeout,
      maxOutputBytes: given.max_output,
    });
    return MapValue.from({ stdout: result.stdout, stderr: result.stderr, code: result.code });
  },
});
