/** What changes in a program when a JavaScript debugger is there: source maps, and a stop at its start. */
import { sourceMapComment } from '../emit/source-map';
import { fileUrl } from '../host/files';
import type { CompiledModule, CompiledProgram } from './compile';

export type Debugging = 'off' | 'on' | 'stop at the start';

let debugging: Debugging = 'off';

/** Before the program is compiled by V8. */
export function setDebugging(mode: Debugging): void {
  debugging = mode;
}

/** The modules as a debugger is to see them; as they are where there is none, since maps take time and memory. */
export function forDebugger({ modules }: CompiledProgram): readonly CompiledModule[] {
  if (debugging === 'off') return modules;
  const last = modules.at(-1)!;
  return modules.map((module) =>
    withMap(module === last && debugging === 'stop at the start' ? stopping(module) : module),
  );
}

const STRICT = "'use strict'; ";
const STOP = 'debugger; ';

/** Stops on the first line, before anything of it runs. */
function stopping(module: CompiledModule): CompiledModule {
  const at = module.code.indexOf(STRICT) + STRICT.length;
  const code = module.code.slice(0, at) + STOP + module.code.slice(at);
  // All that is noted of the first line stands behind its head.
  const marks = module.marks.map((mark) => (mark.line === 0 ? { ...mark, column: mark.column + STOP.length } : mark));
  return { ...module, code, marks };
}

function withMap(module: CompiledModule): CompiledModule {
  return { ...module, code: `${module.code}\n${sourceMapComment(module.source, module.marks, fileUrl(module.path))}` };
}
