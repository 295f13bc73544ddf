/**
 * A module as JavaScript: an expression that gives a function, whose parameters are what links it to the
 * runtime, to built-ins and to other modules. Running the function runs the module's top level.
 *
 * Line N of the text is line N of the source: the links are declared on the first line.
 */
import type { Module } from '../analysis/program';
import type { Analysis } from './base';
import { Functions, newState } from './functions';
import { stringText } from './base';
import { Writer } from './writer';
import type { Mark } from './writer';
import type { Span } from '../diagnostics/diagnostic';

/**
 * Parameters of a module's function, in order: its exports, its own description, the operators, the
 * built-ins, the maker of record constructors, the exports of another module by number, the session.
 */
const PARAMETERS = '$x, $self, $o, $b, $r, $m, $s';

export interface Emitted {
  /** An expression: `(function* $main($x, ...) { ... })`. */
  readonly code: string;
  readonly marks: readonly Mark[];
  /** Where the module spawns tasks, by number. */
  readonly spawnSites: readonly { readonly span: Span; readonly function: string }[];
  /** The top level may wait: its function is a generator. */
  readonly waits: boolean;
}

/** Writes a module. For a REPL input (`analysis.session`), a last expression's value is what it returns. */
export function emitModule(analysis: Analysis, module: Module): Emitted {
  return new ModuleEmitter(analysis, module, new Writer(module.source.text)).emit();
}

class ModuleEmitter extends Functions {
  emit(): Emitted {
    const context = this.analysis.flow.moduleContext(this.module);
    // One that takes part in a cycle of imports shows its functions before any of the cycle runs.
    const waits = context.waits || this.module.inCycle;
    this.fn = { ...newState(context, null, ''), waits };
    const { body } = this.module.program;
    for (const binding of this.module.scope.vars) {
      const js = this.js(binding);
      this.write(this.isMember(js) ? `${js} ??= null; ` : `let ${js} = null; `);
    }
    this.hoistedFunctions(body);
    if (this.module.inCycle) this.write('yield null; ');
    const last = body.at(-1);
    if (this.analysis.session && last?.kind === 'ExprStmt') {
      this.statements(body.slice(0, -1));
      this.out.toLineOf(last.start);
      this.sink(last.expr, { kind: 'return' });
    } else {
      this.statements(body);
    }
    this.write(' ');
    this.writeTemporaries();
    this.write('})');
    return { code: this.out.finish(this.header(waits)), marks: this.out.marks, spawnSites: this.spawnSites, waits };
  }

  private header(waits: boolean): string {
    const links: string[] = [];
    for (const name of this.usedOperators) links.push(`$${name} = $o.${name}`);
    for (const [js, { name, form }] of this.usedBuiltins) links.push(`${js} = $b.${form}(${stringText(name)})`);
    for (const [keys, number] of this.usedRecords) links.push(`R$${number} = $r(${asciiText(keys)})`);
    for (const module of this.usedModules) links.push(`m$${module.index} = $m(${module.index})`);
    const paces = Array.from({ length: this.pacedLoops }, (_none, i) => `$k${i + 1} = 1`);
    for (const number of this.countedLoops) paces.push(`$g${number} = 1`);
    return (
      `(function${waits ? '*' : ''} $main(${PARAMETERS}) { 'use strict'; ` +
      (links.length > 0 ? `const ${links.join(', ')}; ` : '') +
      (paces.length > 0 ? `let ${paces.join(', ')}; ` : '')
    );
  }
}

/** JSON as a JavaScript literal in plain ASCII. */
function asciiText(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (char) => '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0'));
}
