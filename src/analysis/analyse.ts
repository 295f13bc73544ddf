/** All of analysis in order: names, types, who waits, and what can be told before the run. */
import type { Diagnostic } from '../diagnostics/diagnostic';
import { check } from './checks';
import { analyseFlow } from './flow';
import type { Flow } from './flow';
import { Lookup } from './lookup';
import type { Builtins, Module, Resolved } from './program';
import { resolve } from './resolver';
import type { Session } from './resolver-scopes';
import { Types } from './types';

/** Names, and what is wrong with the program: all that `sentra check` needs. */
export interface Checked {
  readonly program: Resolved;
  readonly lookup: Lookup;
  readonly diagnostics: readonly Diagnostic[];
}

export function checkProgram(modules: readonly Module[], builtins: Builtins, session: Session | null = null): Checked {
  const program = resolve(modules, builtins, session);
  const lookup = new Lookup(program, builtins);
  return { program, lookup, diagnostics: [...program.diagnostics, ...check(program, lookup)] };
}

/** What the emitter asks; only for a program without errors. `open`: further code will use what it declares. */
export function analyseProgram(checked: Checked, open: boolean): { readonly flow: Flow; readonly types: Types } {
  const { program, lookup } = checked;
  return { flow: analyseFlow(program, lookup, open), types: new Types(program, lookup, open) };
}
