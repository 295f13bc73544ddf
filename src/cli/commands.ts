/**
 * The commands by name. Each is loaded when it is called, so that running a program pays for none of the
 * others.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- an import would load them all */
import type * as Analyze from './analyze';
import type * as Check from './check';
import type * as Doc from './doc';
import type * as Help from './help';
import type * as Repl from './repl';
import type * as Test from './test';
import type * as Version from './version';
import type { CommandName } from './command-names';
import { run } from './run';

/** Runs with the arguments after its name. It ends the process itself, or leaves that to what it started. */
export type Command = (args: readonly string[]) => void;

const table: Readonly<Record<CommandName, Command>> = {
  run,
  check: (args) => (require('./check') as typeof Check).check(args),
  test: (args) => (require('./test') as typeof Test).test(args),
  analyze: (args) => (require('./analyze') as typeof Analyze).analyze(args),
  repl: (args) => (require('./repl') as typeof Repl).repl(args),
  doc: (args) => (require('./doc') as typeof Doc).doc(args),
  version: (args) => (require('./version') as typeof Version).showVersion(args),
  help: (args) => (require('./help') as typeof Help).help(args),
};

export const commands: ReadonlyMap<string, Command> = new Map(Object.entries(table));

/** Spellings of commands that people expect. */
export const otherSpellings: ReadonlyMap<string, string> = new Map([
  ['--version', 'version'],
  ['-v', 'version'],
  ['-V', 'version'],
  ['--help', 'help'],
  ['-h', 'help'],
]);

/** `sentra check --help` is `sentra help check`. */
export function asksForHelp(args: readonly string[]): boolean {
  return args[0] === '--help' || args[0] === '-h';
}
