/**
 * The command `sentra`. What stands first decides: the name of a command, or else a program to run.
 *
 * Exit status: that of the program; 2 for a command line that makes no sense, a file that is not there and a
 * program that does not parse; 1 for all else that fails.
 */
import { renderFailure } from '../diagnostics/render-terminal';
import { exactArguments, exit, isTerminal, writeErr } from '../host/process';
import { onInternalError } from '../host/internal-error';
import { widenThreadPool } from '../host/thread-pool';
import { errorStyle } from '../program/report';
import { asksForHelp, commands, otherSpellings } from './commands';
import { run } from './run';
import { UsageError } from './usage';

export function main(args: readonly string[]): void {
  onInternalError(failed);
  widenThreadPool();
  try {
    dispatch(exactArguments(args));
  } catch (error) {
    failed(error);
  }
}

function dispatch(args: readonly string[]): void {
  const first = args[0];
  if (first === undefined) {
    if (isTerminal(0)) commands.get('repl')!([]);
    else run(['-']);
    return;
  }
  const name = otherSpellings.get(first) ?? first;
  const command = commands.get(name);
  if (command === undefined) run(args);
  else if (asksForHelp(args.slice(1))) commands.get('help')!([name]);
  else command(args.slice(1));
}

/** Ends the process, saying why. Never shows JavaScript. */
function failed(error: unknown): never {
  if (error instanceof UsageError) {
    say('', error.message, error.hint);
    exit(2);
  }
  if (error instanceof RangeError && error.message.startsWith('Maximum call stack')) {
    say('too-deep', 'the program is nested too deeply', 'build long lists and expressions step by step');
    exit(2);
  }
  const message = error instanceof Error ? error.message : String(error);
  say(
    'EINTERNAL',
    `Sentra itself failed: ${message}`,
    'this is a mistake in Sentra: please report it with the program that shows it',
  );
  exit(1);
}

function say(code: string, message: string, hint: string | null): void {
  const failure = { code, message, hint, place: null, notes: [], stack: [], stackCut: false, cause: null };
  writeErr(renderFailure(failure, errorStyle()) + '\n');
}
