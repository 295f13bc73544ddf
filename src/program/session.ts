/**
 * A session of the REPL: inputs compiled and run one after the other, with the variables of the earlier ones.
 * Functions and variables live in `$s`; an input sees them as constants or variables that it may shadow.
 */
import { absolutePath } from '../host/files';
import { spawnTask, watchTask } from '../runtime/scheduler';
import type { Task, Value } from '../runtime/values';
import { eachName } from '../analysis/pattern-names';
import type * as ast from '../syntax/ast';
import { compileLoaded } from './compile';
import type { Compilation, CompiledProgram } from './compile';
import { runModules } from './link';
import type { SessionVariables } from './link';
import { load } from './load';

export class ReplSession {
  readonly variables = Object.create(null) as SessionVariables;
  private readonly names = new Map<string, { readonly constant: boolean }>();
  private inputs = 0;

  /** The names that inputs have declared, for completion. */
  declared(): string[] {
    return [...this.names.keys()].filter((name) => this.variables[name] !== undefined);
  }

  /** Compiles an input. Its names count as declared from now on, whether or not it runs to its end. */
  compile(text: string): Compilation {
    const loaded = load({ name: `<repl ${++this.inputs}>`, text }, null, absolutePath('.'));
    const names = new Map([...this.names].filter(([name]) => this.variables[name] !== undefined));
    const compilation = compileLoaded(loaded, { names });
    if (compilation.program !== null) this.note(loaded.modules.at(-1)!.program);
    return compilation;
  }

  private note(program: ast.Program): void {
    for (const statement of program.body) {
      switch (statement.kind) {
        case 'Let':
          eachName(statement.target, (name) => this.names.set(name.name, { constant: statement.keyword === 'const' }));
          break;
        case 'FnDecl':
          this.names.set(statement.fn.name!.name, { constant: false });
          break;
        case 'Import':
          if (statement.local !== null) this.names.set(statement.local.name, { constant: true });
          for (const each of statement.names ?? []) this.names.set(each.local.name, { constant: true });
          break;
        default:
          break;
      }
    }
  }

  /** Runs a compiled input as a task; `ended` is told once, with the value of its last expression or its error. */
  run(program: CompiledProgram, ended: (task: Task) => void): Task {
    const task = spawnTask(runModules(program, this.variables), null);
    watchTask(task, { taskEnded: ended });
    return task;
  }
}

/** What a task of `run` ended with. */
export function outcome(task: Task): { readonly failed: boolean; readonly value: Value } {
  return { failed: task.state === 'failed', value: task.value as Value };
}
