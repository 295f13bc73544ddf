/**
 * Gives every name its meaning: one walk over each module in source order. A name means the variable most
 * recently declared before it, in the innermost scope; inside a function also one declared later in a
 * scope around the function, since the function runs later. What no scope has is a built-in, or an error
 * before the program runs.
 */
import { didYouMean } from '../diagnostics/did-you-mean';
import type { Diagnostic, Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import type { Binding, BindingKind, Builtins, FunctionScope, ImportTarget, Module, Ref, Resolved } from './program';
import { unknownName } from './unknown-names';

/** Names of one block. A name may be declared more than once; each declaration is a new variable. */
export interface Scope {
  readonly parent: Scope | null;
  readonly owner: FunctionScope;
  readonly names: Map<string, Binding[]>;
  /** Names used in here, or further in, for variables from further out. */
  passed: Set<string> | null;
}

/** A use that is looked up when the scopes around it are complete. */
export interface Pending {
  readonly ident: ast.Ident;
  readonly scope: Scope;
  readonly owner: FunctionScope;
  readonly asCallee: boolean;
  readonly assigns: boolean;
  /** It stands in the initialiser of a variable of this name. */
  readonly initialises: boolean;
}

/** Names that an earlier input of the REPL has declared. */
export interface Session {
  readonly names: ReadonlyMap<string, { readonly constant: boolean }>;
}

export function resolve(modules: readonly Module[], builtins: Builtins, session: Session | null = null): Resolved {
  const resolver = new Resolver(builtins, session);
  for (const module of modules) resolver.declareModule(module);
  for (const module of modules) resolver.checkImports(module);
  return {
    modules,
    refs: resolver.refs,
    bindings: resolver.bindings,
    functions: resolver.functions,
    local: resolver.local,
    diagnostics: resolver.diagnostics,
  };
}

class Resolver {
  readonly refs = new Map<ast.Ident, Ref>();
  readonly bindings = new Map<ast.NamePattern | ast.Ident, Binding>();
  readonly functions = new Map<ast.Fn, FunctionScope>();
  readonly diagnostics: Diagnostic[] = [];
  private module!: Module;
  private scope!: Scope;
  private owner!: FunctionScope;
  /** Uses inside functions, looked up when the function's surroundings are complete. */
  private pending: Pending[] = [];
  /** Variables whose initialiser is being walked: not visible there, except inside functions. */
  private initialising: Binding[] = [];
  private labels: (string | null)[] = [];
  private inFunction = false;
  /** Inside of a function that stands in a loop. */
  private loopAround = false;
  /** The scope of the module itself. */
  private top!: Scope;
  /** Uses that mean nothing, reported when all declarations of the module are known. */
  private unknown: Pending[] = [];

  constructor(
    private readonly builtins: Builtins,
    private readonly session: Session | null,
  ) {}

  // ------------------------------------------------------------ modules

  declareModule(module: Module): void {
    this.module = module;
    this.owner = module.scope;
    this.pending = [];
    this.scope = { parent: null, owner: module.scope, names: new Map(), passed: null };
    if (this.session !== null) this.declareSession(this.session);
    this.top = this.scope;
    this.unknown = [];
    this.block(module.program.body);
    for (const use of this.pending) this.lookUpLate(use);
    for (const use of this.unknown) this.diagnostics.push(unknownName(use, module.source, this.local, this.builtins));
    this.collectExports(module);
  }

  private declareSession(session: Session): void {
    for (const [name, { constant }] of session.names) {
      const binding = this.makeBinding(name, 'session', { start: 0, end: 0 }, null);
      if (constant) this.constants.add(binding);
      binding.uses = 1;
      this.addName(binding);
    }
    // Declarations of this input are new variables in a scope of their own, so that they may shadow.
    this.scope = { parent: this.scope, owner: this.owner, names: new Map(), passed: null };
  }

  private readonly constants = new Set<Binding>();

  private collectExports(module: Module): void {
    for (const statement of module.program.body) {
      if (statement.kind === 'Export') {
        for (const entry of statement.entries) {
          const ref = entry.value.kind === 'Ident' ? this.refs.get(entry.value) : undefined;
          const binding = ref?.kind === 'binding' ? ref.binding : null;
          this.addExport(module, entry.name, entry.nameSpan, binding, binding === null ? entry.value : null);
        }
      } else if (statement.kind === 'FnDecl' && statement.exported) {
        const name = statement.fn.name!;
        this.addExport(module, name.name, name, this.bindings.get(name) ?? null, null);
      } else if (statement.kind === 'Let' && statement.exported) {
        eachName(statement.target, (pattern) => {
          this.addExport(module, pattern.name, pattern, this.bindings.get(pattern) ?? null, null);
        });
      }
    }
  }

  private addExport(module: Module, name: string, span: Span, binding: Binding | null, value: ast.Expr | null): void {
    const earlier = module.exports.get(name);
    if (earlier !== undefined) {
      this.module = module;
      this.report('duplicate-export', `'${name}' is exported twice`, span, 'exported again here', {
        related: [{ source: module.source, span: earlier.span, message: 'first exported here' }],
      });
      return;
    }
    if (binding !== null) {
      binding.exported ??= name;
      binding.uses++;
    }
    module.exports.set(name, { span, binding, value });
  }

  /** Names taken from other files must exist there; checked once all exports are known. */
  checkImports(module: Module): void {
    this.module = module;
    for (const [statement, target] of module.imports) {
      if (target === null) continue;
      for (const name of statement.names ?? []) {
        if (target.exports.has(name.name)) continue;
        const near = didYouMean(name.name, [...target.exports.keys()]);
        this.report(
          'unknown-export',
          `'${target.source.name}' does not export '${name.name}'`,
          name,
          'not exported there',
          {
            hint: near === null ? exportList(target) : `did you mean '${near}'?`,
          },
        );
      }
    }
    for (const { object, name, nameSpan, target } of this.memberUses.filter((use) => use.module === module)) {
      if (target === null || target.exports.has(name)) continue;
      const near = didYouMean(name, [...target.exports.keys()]);
      this.report('unknown-export', `'${object}' does not export '${name}'`, nameSpan, 'not exported there', {
        hint: near === null ? exportList(target) : `did you mean '${near}'?`,
      });
    }
  }

  private memberUses: { module: Module; object: string; name: string; nameSpan: Span; target: Module | null }[] = [];

  // ------------------------------------------------------------ scopes

  private makeBinding(name: string, kind: BindingKind, span: Span, target: ImportTarget | null): Binding {
    return {
      name,
      kind,
      span,
      owner: this.owner,
      captured: false,
      assignments: 0,
      uses: 0,
      valueUses: 0,
      fn: null,
      js: '',
      renamed: false,
      exported: null,
      target,
    };
  }

  private addName(binding: Binding): void {
    const list = this.scope.names.get(binding.name);
    // Used here before for a variable from further out: that one's JavaScript name must stay visible.
    if (this.scope.passed?.has(binding.name) === true) binding.renamed = true;
    if (list === undefined) {
      this.scope.names.set(binding.name, [binding]);
    } else {
      list.push(binding);
      binding.renamed = true;
    }
  }

  private declare(node: ast.NamePattern | ast.Ident, kind: BindingKind, target: ImportTarget | null = null): Binding {
    const binding = this.makeBinding(node.name, kind, node, target);
    const earlier = this.scope.names.get(node.name)?.at(-1);
    if (earlier !== undefined && earlier.kind !== 'session' && !this.isReported(node))
      this.warnRedeclared(node, earlier);
    if (kind === 'const') this.constants.add(binding);
    this.addName(binding);
    this.bindings.set(node, binding);
    return binding;
  }

  /** The finding made last is about this very place. */
  private isReported(node: Span): boolean {
    const last = this.diagnostics.at(-1);
    return last?.source === this.module.source && last.span.start === node.start;
  }

  private warnRedeclared(node: ast.NamePattern | ast.Ident, earlier: Binding): void {
    this.report(
      'redeclared',
      `'${node.name}' is declared again in the same scope`,
      node,
      'a new variable from here on',
      {
        severity: 'warning',
        related: [{ source: this.module.source, span: earlier.span, message: 'the earlier one' }],
        hint: `leave out '${earlier.kind === 'const' ? 'const' : 'let'}' to give the variable a new value`,
      },
    );
  }

  private inScope(body: () => void): void {
    const outer = this.scope;
    this.scope = { parent: outer, owner: this.owner, names: new Map(), passed: null };
    body();
    this.scopeEnded(this.scope);
    this.scope = outer;
  }

  /** Functions inside may use the names; those are looked up later, so the check for unused ones waits. */
  private scopeEnded(scope: Scope): void {
    for (const list of scope.names.values()) this.local.push(...list);
  }

  /** Every variable of a block or function, for the check for unused ones. */
  readonly local: Binding[] = [];

  /** The variable that `name` means for code at this place, or undefined for a built-in or nothing. */
  private find(name: string): Binding | undefined {
    for (let scope: Scope | null = this.scope; scope !== null; scope = scope.parent) {
      const list = scope.names.get(name);
      if (list === undefined) continue;
      for (let i = list.length - 1; i >= 0; i--) {
        const binding = list[i]!;
        if (!this.initialising.includes(binding)) return binding;
      }
    }
    return undefined;
  }

  private use(ident: ast.Ident, asCallee: boolean, assigns = false): void {
    const initialises = this.initialising.some((binding) => binding.name === ident.name);
    const use: Pending = { ident, scope: this.scope, owner: this.owner, asCallee, assigns, initialises };
    const found = this.find(ident.name);
    if (found !== undefined && found.owner === this.owner) {
      this.bind(use, found);
    } else if (this.inFunction) {
      this.pending.push(use);
      if (found !== undefined) this.provisional.set(ident, found);
    } else if (found !== undefined) {
      this.bind(use, found);
    } else {
      this.noVariable(use);
    }
  }

  /** What a use inside a function means by what stands before it; wins over what is declared later. */
  private readonly provisional = new Map<ast.Ident, Binding>();

  private lookUpLate(use: Pending): void {
    const before = this.provisional.get(use.ident);
    if (before !== undefined) {
      const inner = this.laterInner(use, before);
      this.bind(use, inner ?? before);
      return;
    }
    for (let scope: Scope | null = use.scope; scope !== null; scope = scope.parent) {
      const binding = scope.names.get(use.ident.name)?.[0];
      if (binding !== undefined && scope.owner !== use.owner) {
        this.bind(use, binding);
        return;
      }
    }
    this.noVariable(use);
  }

  /** A variable declared later, in a scope further in than `before` but outside the using function. */
  private laterInner(use: Pending, before: Binding): Binding | undefined {
    for (let scope: Scope | null = use.scope; scope !== null; scope = scope.parent) {
      const list = scope.names.get(use.ident.name);
      if (list === undefined) continue;
      if (list.includes(before)) return undefined;
      if (scope.owner !== use.owner) return list[0];
    }
    return undefined;
  }

  private bind(use: Pending, binding: Binding): void {
    this.refs.set(use.ident, { kind: 'binding', binding });
    if (use.assigns) {
      this.checkAssignable(use.ident, binding);
      binding.assignments++;
    } else {
      binding.uses++;
      if (!use.asCallee) binding.valueUses++;
    }
    if (binding.owner !== use.owner) binding.captured = true;
    this.keepApart(use.scope, binding);
  }

  /** A variable of the same name in a scope between a use and what it means gets another JavaScript name. */
  private keepApart(from: Scope, binding: Binding): void {
    for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
      const list = scope.names.get(binding.name);
      if (list?.includes(binding) === true) return;
      (scope.passed ??= new Set()).add(binding.name);
      for (const other of list ?? []) other.renamed = true;
    }
  }

  private checkAssignable(ident: ast.Ident, binding: Binding): void {
    const what = this.constants.has(binding) ? 'a constant' : binding.target !== null ? 'imported' : null;
    if (what === null) return;
    this.report('assign-constant', `cannot assign to '${ident.name}': it is ${what}`, ident, 'assigned here', {
      related: [{ source: this.module.source, span: binding.span, message: `declared here` }],
      ...(this.constants.has(binding) ? { hint: `declare it with 'let' if it should change` } : {}),
    });
  }

  private noVariable(use: Pending): void {
    const { ident } = use;
    const entry = this.builtins.find(ident.name);
    if (entry !== undefined && !use.assigns) {
      this.refs.set(ident, { kind: 'builtin', entry });
      this.adviseSpelling(ident.name, ident);
      if ('replacedBy' in entry && entry.replacedBy !== null) this.adviseCall(ident.name, entry.replacedBy, ident);
      for (let scope: Scope | null = use.scope; scope !== null; scope = scope.parent) {
        for (const other of scope.names.get(ident.name) ?? []) other.renamed = true;
      }
      return;
    }
    this.refs.set(ident, { kind: 'unknown' });
    this.unknown.push(use);
  }

  private adviseSpelling(name: string, span: Span): void {
    const current = this.builtins.currentSpelling(name);
    if (current === undefined) return;
    this.report('older-spelling', `'${name}' is the older spelling of '${current}'`, span, `now '${current}'`, {
      severity: 'warning',
      fix: { span, text: current },
    });
  }

  private adviseCall(name: string, call: string, span: Span): void {
    this.report('older-spelling', `'${name}' is the older spelling of '${call}'`, span, `now '${call}'`, {
      severity: 'warning',
    });
  }

  private report(code: string, message: string, span: Span, label: string, more: Partial<Diagnostic> = {}): void {
    const { start, end } = span;
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      source: this.module.source,
      span: { start, end },
      label,
      ...more,
    });
  }

  // ------------------------------------------------------------ statements

  /** A block's functions are visible in all of it, its variables from their declaration on. */
  private block(body: readonly ast.Stmt[]): void {
    for (const statement of body) {
      if (statement.kind !== 'FnDecl') continue;
      const binding = this.declare(statement.fn.name!, 'fn');
      binding.fn = statement.fn;
    }
    let ended: ast.Stmt | null = null;
    for (const statement of body) {
      if (ended !== null && statement.kind !== 'FnDecl') {
        this.report('unreachable', 'this is never reached', statement, 'never runs', {
          severity: 'warning',
          related: [{ source: this.module.source, span: ended, message: 'because of this' }],
        });
        ended = null;
      }
      this.statement(statement);
      if (['Return', 'Throw', 'Break', 'Continue'].includes(statement.kind)) ended = statement;
    }
  }

  private scopedBlock(block: ast.Block): void {
    this.inScope(() => this.block(block.body));
  }

  private statement(node: ast.Stmt): void {
    switch (node.kind) {
      case 'Let':
        return this.letStatement(node);
      case 'FnDecl':
        return this.functionLiteral(node.fn);
      case 'Assign':
        return this.assign(node);
      case 'ExprStmt':
        return this.expr(node.expr);
      case 'Block':
        return this.scopedBlock(node);
      case 'If':
        this.expr(node.test);
        this.scopedBlock(node.then);
        if (node.otherwise !== null) this.statement(node.otherwise);
        return;
      case 'While':
        this.expr(node.test);
        return this.loop(node.label, () => this.scopedBlock(node.body));
      case 'For':
        return this.inScope(() => {
          if (node.init !== null) this.statement(node.init);
          if (node.test !== null) this.expr(node.test);
          if (node.update !== null) this.statement(node.update);
          this.loop(node.label, () => this.scopedBlock(node.body));
        });
      case 'ForIn':
        this.expr(node.iterable);
        return this.inScope(() => {
          if (node.first !== null) this.declare(node.first, 'loop');
          this.pattern(node.value, 'loop');
          this.loop(node.label, () => this.scopedBlock(node.body));
        });
      case 'Break':
      case 'Continue':
        return this.jump(node);
      case 'Return':
        if (!this.inFunction)
          this.report('return-outside', `'return' stands outside of a function`, node, 'not in a function', {
            hint: `exit() ends the program`,
          });
        if (node.value !== null) this.expr(node.value);
        return;
      case 'Throw':
        return this.expr(node.value);
      case 'Try':
        return this.tryStatement(node);
      case 'Defer':
        this.owner.hasDefer = true;
        return this.expr(node.call);
      case 'Send':
        this.expr(node.channel);
        return this.expr(node.value);
      case 'Select':
        for (const selectCase of node.cases) this.selectCase(selectCase);
        return;
      case 'Import':
        return this.importStatement(node);
      case 'Export':
        if (this.scope !== this.top) this.notAtTop(node, 'export');
        for (const entry of node.entries) this.expr(entry.value);
        return;
    }
  }

  private letStatement(node: ast.Let): void {
    const declared: Binding[] = [];
    if (node.exported && this.scope !== this.top) this.notAtTop(node, 'export');
    const kind: BindingKind = node.keyword;
    if (kind === 'var') {
      this.varStatement(node);
      return;
    }
    // Declared first, so that functions in the initialiser see the variable; hidden from the rest of it.
    this.patternNames(node.target, (pattern) => declared.push(this.declare(pattern, kind)));
    this.hiding(declared, () => {
      if (node.init !== null) this.expr(node.init);
      this.patternDefaults(node.target);
    });
    if (node.init?.kind === 'Fn' && node.target.kind === 'NamePattern') declared[0]!.fn = node.init;
  }

  /** `var x` belongs to the whole function: declared again, it is the same variable. */
  private varStatement(node: ast.Let): void {
    const declared: Binding[] = [];
    const scope = this.scope;
    this.scope = this.functionScopeOf(scope);
    this.patternNames(node.target, (pattern) => {
      const earlier = this.scope.names.get(pattern.name)?.find((binding) => binding.kind === 'var');
      if (earlier !== undefined) {
        this.bindings.set(pattern, earlier);
        earlier.assignments++;
        this.keepApart(scope, earlier);
        return;
      }
      const binding = this.declare(pattern, 'var');
      binding.assignments++;
      this.owner.vars.push(binding);
      this.keepApart(scope, binding);
      declared.push(binding);
    });
    this.scope = scope;
    this.hiding(declared, () => {
      if (node.init !== null) this.expr(node.init);
      this.patternDefaults(node.target);
    });
  }

  private functionScopeOf(scope: Scope): Scope {
    let outermost = scope;
    while (outermost.parent !== null && outermost.parent.owner === this.owner) {
      if (this.session !== null && outermost.parent.parent === null) break;
      outermost = outermost.parent;
    }
    return outermost;
  }

  private assign(node: ast.Assign): void {
    if (node.target.kind === 'Ident') {
      if (node.op !== '=') this.use(node.target, false);
      this.expr(node.value);
      this.use(node.target, false, true);
    } else {
      this.expr(node.target);
      this.expr(node.value);
    }
  }

  private loop(label: string | null, body: () => void): void {
    this.owner.hasLoop = true;
    this.labels.push(label);
    body();
    this.labels.pop();
  }

  private jump(node: ast.Break | ast.Continue): void {
    const word = node.kind === 'Break' ? 'break' : 'continue';
    if (this.labels.length === 0) {
      this.report('jump-outside', `'${word}' stands outside of a loop`, node, 'not in a loop', {
        ...(this.loopAround && { hint: `the loop is outside of this function, where 'return' ends the call` }),
      });
    } else if (node.label !== null && !this.labels.includes(node.label)) {
      const known = this.labels.filter((label) => label !== null);
      const near = didYouMean(node.label, known);
      this.report(
        'unknown-label',
        `no loop around here is labelled '${node.label}'`,
        node,
        'no such label',
        near === null ? {} : { hint: `did you mean '${near}'?` },
      );
    }
  }

  private tryStatement(node: ast.Try): void {
    this.scopedBlock(node.block);
    if (node.handler !== null) {
      const handler = node.handler;
      this.inScope(() => {
        if (node.param !== null) this.declare(node.param, 'catch');
        this.scopedBlock(handler);
      });
    }
    if (node.finalizer !== null) this.scopedBlock(node.finalizer);
  }

  private selectCase(node: ast.SelectCase): void {
    if (node.kind === 'ReceiveCase' || node.kind === 'SendCase') this.expr(node.channel);
    if (node.kind === 'SendCase') this.expr(node.value);
    if (node.kind === 'TimeoutCase') this.expr(node.ms);
    this.inScope(() => {
      if (node.kind === 'ReceiveCase' && node.target !== null) this.pattern(node.target, 'let');
      this.block(node.body);
    });
  }

  private notAtTop(node: Span, word: string): void {
    this.report(
      'not-at-top',
      `'${word}' stands inside of a function or block`,
      node,
      `move it to the top level of the file`,
    );
  }

  private importStatement(node: ast.Import): void {
    if (this.scope !== this.top) this.notAtTop(node, 'import');
    if (node.path.kind === 'Ident') return this.importGroup(node, node.path);
    const module = this.module.imports.get(node) ?? null;
    if (node.local !== null) this.declare(node.local, 'namespace', { kind: 'module', module });
    for (const name of node.names ?? [])
      this.declare(name.local, 'import', { kind: 'export', module, name: name.name });
  }

  private importGroup(node: ast.Import, path: ast.Ident): void {
    const members = this.builtins.group(path.name);
    if (members === undefined) {
      const near = didYouMean(path.name, this.builtins.groupNames());
      this.report('unknown-module', `there is no module of built-ins named '${path.name}'`, path, 'no such module', {
        hint:
          near === null
            ? `a file is imported by its path in quotes: import "./${path.name}"`
            : `did you mean '${near}'?`,
      });
      if (node.local !== null) this.declare(node.local, 'namespace', { kind: 'module', module: null });
      for (const name of node.names ?? [])
        this.declare(name.local, 'import', { kind: 'export', module: null, name: name.name });
      return;
    }
    if (node.local !== null) this.declare(node.local, 'group', { kind: 'group', group: path.name });
    for (const name of node.names ?? []) {
      const entry = members.get(name.name) ?? this.builtins.find(name.name);
      if (entry === undefined) {
        const near = didYouMean(name.name, [...members.keys()]);
        this.report(
          'unknown-export',
          `the module '${path.name}' has no '${name.name}'`,
          name,
          'not in that module',
          near === null ? {} : { hint: `did you mean '${near}'?` },
        );
      }
      this.declare(
        name.local,
        'import',
        entry === undefined ? { kind: 'export', module: null, name: name.name } : { kind: 'builtin', entry },
      );
    }
  }

  // ------------------------------------------------------------ patterns

  private pattern(pattern: ast.Pattern, kind: BindingKind): void {
    const declared: Binding[] = [];
    this.patternNames(pattern, (name) => declared.push(this.declare(name, kind)));
    this.hiding(declared, () => this.patternDefaults(pattern));
  }

  /** Walks what gives new variables their values: there their names still mean what they meant before. */
  private hiding(declared: readonly Binding[], body: () => void): void {
    const outer = this.initialising;
    this.initialising = [...outer, ...declared];
    body();
    this.initialising = outer;
  }

  private patternNames(pattern: ast.Pattern, each: (name: ast.NamePattern) => void): void {
    const seen = new Set<string>();
    eachName(pattern, (name) => {
      if (seen.has(name.name))
        this.report('duplicate-name', `'${name.name}' stands twice in one pattern`, name, 'a second time');
      seen.add(name.name);
      each(name);
    });
  }

  /** A default sees the names that stand before it in the pattern. */
  private patternDefaults(pattern: ast.Pattern): void {
    if (pattern.kind === 'NamePattern') {
      const binding = this.bindings.get(pattern);
      this.initialising = this.initialising.filter((each) => each !== binding);
      return;
    }
    for (const item of pattern.kind === 'ArrayPattern' ? pattern.items : pattern.entries) {
      if (item === null) continue;
      if (item.fallback !== null) this.expr(item.fallback);
      this.patternDefaults(item.target);
    }
  }

  private matchPattern(pattern: ast.MatchPattern): void {
    switch (pattern.kind) {
      case 'NamePattern':
        // Alternatives bind the same variable: `[1, x] | [x, 1]`.
        if (this.scope.names.has(pattern.name)) this.bindings.set(pattern, this.scope.names.get(pattern.name)![0]!);
        else this.declare(pattern, 'match');
        return;
      case 'ArrayMatch':
        for (const item of pattern.items) this.matchPattern(item);
        if (pattern.rest !== null) this.matchPattern(pattern.rest);
        return;
      case 'MapMatch':
        for (const entry of pattern.entries) this.matchPattern(entry.pattern);
        if (pattern.rest !== null) this.matchPattern(pattern.rest);
        return;
      case 'Any':
      case 'Value':
      case 'RangePattern':
        return;
    }
  }

  // ------------------------------------------------------------ expressions

  private expr(node: ast.Expr): void {
    switch (node.kind) {
      case 'Null':
      case 'Bool':
      case 'Num':
      case 'Str':
        return;
      case 'Ident':
        return this.identValue(node);
      case 'Template':
        for (const part of node.exprs) this.expr(part);
        return;
      case 'Array':
        for (const item of node.items) this.expr(item.kind === 'Spread' ? item.value : item);
        return;
      case 'Map':
        for (const entry of node.entries) {
          if (entry.kind === 'Entry') this.expr(entry.key);
          this.expr(entry.value);
        }
        return;
      case 'Fn':
        return this.functionLiteral(node);
      case 'Unary':
        return this.expr(node.operand);
      case 'Binary':
      case 'Logical':
        this.expr(node.left);
        return this.expr(node.right);
      case 'Cond':
        this.expr(node.test);
        this.expr(node.then);
        return this.expr(node.otherwise);
      case 'Call':
        return this.call(node);
      case 'MethodCall':
        return this.methodCall(node);
      case 'Index':
        this.expr(node.object);
        return this.expr(node.index);
      case 'Slice':
        this.expr(node.object);
        if (node.from !== null) this.expr(node.from);
        if (node.to !== null) this.expr(node.to);
        return;
      case 'Field':
        return this.field(node);
      case 'Receive':
        return this.expr(node.channel);
      case 'Spawn':
        if (node.body.kind === 'Block') return this.spawnBlock(node, node.body);
        return this.expr(node.body);
      case 'Match':
        this.expr(node.subject);
        for (const arm of node.arms) {
          this.inScope(() => {
            for (const pattern of arm.patterns) this.matchPattern(pattern);
            if (arm.guard !== null) this.expr(arm.guard);
            if (arm.body.kind === 'Block') this.scopedBlock(arm.body);
            else this.expr(arm.body);
          });
        }
        return;
    }
  }

  private identValue(node: ast.Ident): void {
    this.use(node, false);
  }

  /** The file or group that `name` stands for, when it is the name of an import. */
  private namespaceOf(node: ast.Expr): Binding | null {
    if (node.kind !== 'Ident') return null;
    const binding = this.find(node.name);
    return binding?.kind === 'namespace' || binding?.kind === 'group' ? binding : null;
  }

  private member(object: ast.Expr, name: string, nameSpan: Span): void {
    const namespace = this.namespaceOf(object);
    if (namespace === null) return;
    const target = namespace.target!;
    if (target.kind === 'group') {
      const members = this.builtins.group(target.group)!;
      if (members.has(name)) return;
      const near = didYouMean(name, [...members.keys()]);
      this.report(
        'unknown-member',
        `the module '${target.group}' has no '${name}'`,
        nameSpan,
        'not in that module',
        near === null ? {} : { hint: `did you mean '${near}'?` },
      );
    } else if (target.kind === 'module') {
      this.memberUses.push({ module: this.module, object: namespace.name, name, nameSpan, target: target.module });
    }
  }

  private field(node: ast.Field): void {
    this.asMemberObject(node.object);
    this.member(node.object, node.name, node.nameSpan);
  }

  /** The object of `.name`: a module there is no use of it as a value. */
  private asMemberObject(node: ast.Expr): void {
    if (node.kind === 'Ident' && this.namespaceOf(node) === null && this.find(node.name) === undefined) {
      const members = this.builtins.find(node.name) === undefined ? this.builtins.group(node.name) : undefined;
      if (members !== undefined && !this.inFunction) {
        this.refs.set(node, { kind: 'unknown' });
        this.report('unknown-name', `cannot find '${node.name}'`, node, 'the module is not imported', {
          hint: `add a line at the top: import ${node.name}`,
        });
        return;
      }
    }
    if (node.kind === 'Ident') this.use(node, this.namespaceOf(node) !== null);
    else this.expr(node);
  }

  private call(node: ast.Call): void {
    if (node.callee.kind === 'Ident') this.use(node.callee, true);
    else this.expr(node.callee);
    for (const arg of node.args) this.expr(arg.kind === 'Spread' ? arg.value : arg);
  }

  private methodCall(node: ast.MethodCall): void {
    this.asMemberObject(node.object);
    this.member(node.object, node.name, node.nameSpan);
    for (const arg of node.args) this.expr(arg.kind === 'Spread' ? arg.value : arg);
  }

  /** `spawn { ... }` is a function of its own: its names, `return` and loops are apart. */
  private spawnBlock(node: ast.Spawn, block: ast.Block): void {
    this.inFunctionScope(spawnFn(node, block), () => this.block(block.body));
  }

  private functionLiteral(node: ast.Fn): void {
    this.inFunctionScope(node, () => {
      if (node.name !== null && !this.bindings.has(node.name)) {
        // A named literal sees itself: `let f = fn fact(n) { ... fact(n - 1) ... }`.
        this.scope = { parent: this.scope, owner: this.owner, names: new Map(), passed: null };
        const self = this.declare(node.name, 'fn');
        self.fn = node;
        self.uses++;
        this.scope = { parent: this.scope, owner: this.owner, names: new Map(), passed: null };
      }
      for (const param of node.params) {
        if (param.fallback !== null) this.expr(param.fallback);
        this.patternParams(param.target);
      }
      if (node.rest !== null) this.declare(node.rest, 'param');
      if (node.body.kind === 'Block') this.block(node.body.body);
      else this.expr(node.body);
    });
  }

  private patternParams(target: ast.Pattern): void {
    const declared: Binding[] = [];
    eachName(target, (name) => {
      if (this.scope.names.has(name.name)) {
        this.report('duplicate-name', `the parameter '${name.name}' stands twice`, name, 'a second time');
      }
      const binding = this.makeBinding(name.name, 'param', name, null);
      this.addName(binding);
      this.bindings.set(name, binding);
      declared.push(binding);
    });
    this.hiding(declared, () => this.patternDefaults(target));
  }

  private inFunctionScope(node: ast.Fn, body: () => void): void {
    const { scope, owner, labels, inFunction, initialising, loopAround } = this;
    this.owner = {
      node,
      module: this.module,
      parent: owner,
      vars: [],
      depth: owner.depth + 1,
      hasLoop: false,
      hasDefer: false,
    };
    this.functions.set(node, this.owner);
    this.scope = { parent: scope, owner: this.owner, names: new Map(), passed: null };
    this.labels = [];
    this.inFunction = true;
    this.initialising = [];
    this.loopAround = loopAround || labels.length > 0;
    body();
    this.scopeEnded(this.scope);
    this.scope = scope;
    this.owner = owner;
    this.labels = labels;
    this.inFunction = inFunction;
    this.initialising = initialising;
    this.loopAround = loopAround;
  }
}

const spawnFunctions = new WeakMap<ast.Block, ast.Fn>();

/** The body of `spawn { ... }` as the function that the task runs; the same object each time. */
export function spawnFn(node: ast.Spawn, block: ast.Block): ast.Fn {
  let fn = spawnFunctions.get(block);
  if (fn === undefined) {
    fn = { kind: 'Fn', name: null, params: [], rest: null, body: block, doc: null, start: node.start, end: node.end };
    spawnFunctions.set(block, fn);
  }
  return fn;
}

function exportList(module: Module): string {
  const names = [...module.exports.keys()];
  return names.length === 0
    ? `nothing is exported there: write 'export' before what others may use`
    : `it exports ${names.join(', ')}`;
}

/** Every name that a pattern binds, in source order. */
export function eachName(pattern: ast.Pattern, each: (name: ast.NamePattern) => void): void {
  if (pattern.kind === 'NamePattern') {
    each(pattern);
    return;
  }
  for (const item of pattern.kind === 'ArrayPattern' ? pattern.items : pattern.entries) {
    if (item !== null) eachName(item.target, each);
  }
  if (pattern.rest !== null) each(pattern.rest);
}
