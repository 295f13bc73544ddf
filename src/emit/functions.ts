/**
 * Functions. One that cannot wait is a plain function, one that may is a generator. A named function whose
 * lean and full context differ (see `analysis/flow`) is written twice, `f` and `f$w`, the second on one line.
 */
import type * as ast from '../syntax/ast';
import type { Context } from '../analysis/flow';
import { isKnownFunction } from '../analysis/lookup';
import type { Binding } from '../analysis/program';
import type { FunctionState } from './base';
import { exportMember } from './patterns';
import { Statements } from './statements';

export class Functions extends Statements {
  protected override expr(node: ast.Expr): void {
    switch (node.kind) {
      case 'Null':
      case 'Bool':
      case 'Num':
      case 'Str':
        return this.literal(node);
      case 'Template':
        return this.template(node);
      case 'Ident':
        return this.ident(node);
      case 'Array':
        return this.array(node);
      case 'Map':
        return this.map(node);
      case 'Fn':
        return this.functionValue(node, '');
      case 'Unary':
        return this.unary(node);
      case 'Binary':
        return this.binary(node);
      case 'Logical':
        return this.logical(node);
      case 'Cond':
        return this.conditional(node);
      case 'Call':
        return this.call(node);
      case 'MethodCall':
        return this.methodCall(node);
      case 'Index':
        return this.index(node);
      case 'Slice':
        return this.slice(node);
      case 'Field':
        return this.field(node);
      case 'Receive':
        return this.awaited(
          () => {
            this.out.mark(node, [node.channel]);
            this.write(`${this.op('receive')}(`);
            this.expr(node.channel);
            this.write(')');
          },
          () => this.out.mark(node, [node.channel]),
        );
      case 'Spawn':
        return this.spawn(node);
      case 'Match':
        return this.matchValue(node);
    }
  }

  // ---------------------------------------------------------------- contexts

  /** The context of the function around a literal, seen from the code being written. */
  private homeOf(fn: ast.Fn): Context {
    const parent = this.analysis.program.functions.get(fn)!.parent!;
    for (let context: Context | null = this.fn.context; context !== null; context = context.outer) {
      if (context.scope === parent) return context;
    }
    return this.analysis.flow.moduleContext(parent.module);
  }

  protected hasTwoForms(binding: Binding): boolean {
    const { lean, full } = this.analysis.flow.contextsOf(binding.fn!, this.homeOf(binding.fn!));
    return lean !== null && full !== null && this.analysis.flow.differ(lean, full);
  }

  protected currentFunctionName(): string {
    return this.fn.outer === null ? '' : this.fn.name;
  }

  // ---------------------------------------------------------------- declarations

  protected functionDeclaration(fn: ast.Fn): void {
    const binding = this.bound(fn.name!);
    this.bothForms(fn, binding, (context, name) => {
      this.functionText(fn, context, `function${context.waits ? '*' : ''} ${name}`, binding.name);
    });
  }

  protected functionVariable(node: ast.Let, binding: Binding): void {
    const js = this.js(binding);
    this.bothForms(node.init as ast.Fn, binding, (context, name) => {
      if (!this.isMember(js)) this.write('const ');
      this.write(`${this.isMember(js) ? js : name} = `);
      this.literalText(node.init as ast.Fn, context, binding.name);
      this.write('; ');
    });
    this.exportValue(binding, js);
  }

  /** The JavaScript name of a declared function: what its variable is called, unless that is a member. */
  private declaredName(binding: Binding): string {
    const js = this.js(binding);
    return this.isMember(js) ? `${binding.name}$d` : js;
  }

  private bothForms(fn: ast.Fn, binding: Binding, write: (context: Context, name: string) => void): void {
    const { lean, full } = this.analysis.flow.contextsOf(fn, this.homeOf(fn));
    const name = this.declaredName(binding);
    const only = isKnownFunction(binding) && this.hasTwoForms(binding) ? null : (full ?? lean)!;
    if (only !== null) return write(only, name);
    write(lean!, name);
    this.write(' ');
    this.out.onOneLine(() => write(full!, `${name}$w`));
  }

  /** Declared functions are there from the start of their block: what shows them elsewhere is set there. */
  protected hoistedFunctions(body: readonly ast.Stmt[]): void {
    for (const statement of body) {
      if (statement.kind !== 'FnDecl') continue;
      const binding = this.bound(statement.fn.name!);
      const js = this.js(binding);
      if (this.isMember(js)) this.write(`${js} = ${this.declaredName(binding)}; `);
      if (binding.exported === null || !isKnownFunction(binding)) continue;
      for (const [name, exported] of this.module.exports) {
        if (exported.binding === binding) this.write(`${exportMember(name)} = ${js}; `);
      }
      if (this.hasTwoForms(binding)) this.write(`${exportMember(binding.exported + '$w')} = ${js}$w; `);
    }
  }

  // ---------------------------------------------------------------- literals

  protected functionValue(fn: ast.Fn, name: string): void {
    const { lean, full } = this.analysis.flow.contextsOf(fn, this.homeOf(fn));
    this.literalText(fn, (full ?? lean)!, fn.name?.name ?? name);
  }

  private literalText(fn: ast.Fn, context: Context, name: string): void {
    // The `$` keeps the name apart from the program's own, which the literal must not shadow.
    const own = fn.name !== null && this.analysis.program.bindings.has(fn.name) ? this.js(this.bound(fn.name)) : null;
    const js = own ?? (name === '' || !/^[A-Za-z_]\w*$/.test(name) ? '' : `${name}$`);
    if (!context.waits && js === '') this.functionText(fn, context, null, name);
    else this.functionText(fn, context, `function${context.waits ? '*' : ''} ${js}`, name);
  }

  /** `head` is null for an arrow function. */
  private functionText(fn: ast.Fn, context: Context, head: string | null, name: string): void {
    const outer = this.fn;
    this.fn = newState(context, outer, name);
    this.write(head === null ? '(' : `${head}(`);
    const targets = fn.params.map((param) => {
      if (param.target.kind === 'NamePattern') return this.js(this.bound(param.target));
      return this.local('a');
    });
    const rest = fn.rest === null ? [] : [`...${this.js(this.bound(fn.rest))}`];
    this.write([...targets, ...rest].join(', '));
    this.write(head === null ? ') => { ' : ') { ');
    this.prologue(fn, targets);
    this.body(fn, context);
    this.writeTemporaries();
    this.write('}');
    this.fn = outer;
  }

  /** Missing arguments, and parameters that are patterns. */
  private prologue(fn: ast.Fn, targets: readonly string[]): void {
    const given = this.alwaysGiven(fn);
    fn.params.forEach((param, i) => {
      const name = targets[i]!;
      if (param.fallback !== null) {
        this.out.toLineOf(param.start);
        this.write(`if (${name} === undefined) ${name} = `);
        this.expr(param.fallback);
        this.write('; ');
      } else if (!given) {
        this.write(`if (${name} === undefined) ${name} = ${this.op('missing')}(); `);
      }
      if (param.target.kind === 'NamePattern') return;
      this.bindPattern(param.target, name, param.target);
      this.write(' ');
    });
  }

  private alwaysGiven(fn: ast.Fn): boolean {
    if (fn.name === null && !this.knownLiterals.has(fn)) return false;
    const binding = this.knownLiterals.get(fn) ?? this.analysis.program.bindings.get(fn.name!) ?? null;
    return this.analysis.types.alwaysGiven(fn, binding);
  }

  /** The variables of `const f = fn ...`, by literal. */
  private get knownLiterals(): ReadonlyMap<ast.Fn, Binding> {
    if (this.literals === null) {
      this.literals = new Map();
      for (const binding of this.analysis.program.bindings.values()) {
        if (binding.fn !== null) this.literals.set(binding.fn, binding);
      }
    }
    return this.literals;
  }
  private literals: Map<ast.Fn, Binding> | null = null;

  private body(fn: ast.Fn, context: Context): void {
    const { scope } = context;
    this.countCall(context);
    for (const binding of scope.vars) this.write(`let ${this.js(binding)} = null; `);
    if (scope.hasDefer) this.write(`const $d = ${this.op('gatherDeferred')}(); try { `);
    if (fn.body.kind === 'Block') {
      this.hoistedFunctions(fn.body.body);
      this.statements(fn.body.body);
      const last = fn.body.body.at(-1)?.kind;
      if (last !== 'Return' && last !== 'Throw') this.write('return null; ');
    } else {
      this.out.toLineOf(fn.body.start);
      this.sink(fn.body, { kind: 'return' });
      this.write(' ');
    }
    if (!scope.hasDefer) return;
    // What was deferred is called at the end of the body.
    const last = { start: fn.body.end - 1, end: fn.body.end };
    this.out.toLineOf(last.start);
    this.out.mark(last, []);
    this.write(
      `} finally { ${context.waits ? `yield* ${this.op('runDeferredWaiting')}` : this.op('runDeferred')}($d); } `,
    );
  }

  /** So that Ctrl-C ends calls without end: see `runtime/overrun`. */
  private countCall(context: Context): void {
    const { flow } = this.analysis;
    if (!flow.mayPause || !flow.mayTakeLong(context)) return;
    this.write(`if (--${this.op('calls')}.left === 0) ${this.op('called')}(); `);
  }

  /** Declared at the end, when their number is known; `var` makes them there from the start. */
  protected writeTemporaries(): void {
    const names = Array.from({ length: this.fn.temporaries }, (_none, i) => `$${i + 1}`);
    if (names.length > 0) this.write(`var ${names.join(', ')}; `);
  }
}

export function newState(context: Context, outer: FunctionState | null, name: string): FunctionState {
  return { context, waits: context.waits, outer, temporaries: 0, temporariesInUse: 0, locals: 0, name, loops: [] };
}
