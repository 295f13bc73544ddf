/** Hands JavaScript text to V8. The one place where a program's text becomes code. */
import { node } from './node';

/**
 * Evaluates an expression. `name` is what stack traces and debuggers show as the file.
 */
export function evaluate(code: string, name: string): unknown {
  return new node.vm.Script(code, { filename: name }).runInThisContext();
}

/**
 * Calls `body` in such a way that Ctrl-C (SIGINT) ends it, even in a loop without end. Gives false when that
 * happened: the JavaScript that ran is gone without a trace, its `finally` blocks have not run.
 */
export function interruptible(body: () => void): boolean {
  const holder = globalThis as { $interruptible?: () => void };
  holder.$interruptible = body;
  try {
    new node.vm.Script('globalThis.$interruptible()', { filename: 'sentra:start' }).runInThisContext({
      breakOnSigint: true,
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') return false;
    throw error;
  } finally {
    delete holder.$interruptible;
  }
}
