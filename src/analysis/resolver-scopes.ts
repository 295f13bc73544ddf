/**
 * Scopes and what a name means in them. A name means the variable most recently declared before it, in the innermost
 * scope; inside a function also one declared later in a scope around the function, since the function runs later. What
 * no scope has is a built-in, or nothing.
 *
 * The resolver is one object built in layers, each a class in a file of its own that extends the one before: scopes,
 * modules, code, and the walk over all modules in `resolver.ts`.
 */
import type { Diagnostic, Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import type { Binding, BindingKind, Builtins, FunctionScope, ImportTarget, Module, Ref } from './program';

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

export abstract class ResolverScopes {
  readonly refs = new Map<ast.Ident, Ref>();
  readonly bindings = new Map<ast.NamePattern | ast.Ident, Binding>();
  readonly functions = new Map<ast.Fn, FunctionScope>();
  readonly diagnostics: Diagnostic[] = [];
  /** Every variable of a block or function, for the check for unused ones. */
  readonly local: Binding[] = [];
  protected module!: Module;
  protected scope!: Scope;
  protected owner!: FunctionScope;
  /** Uses inside functions, looked up when the function's surroundings are complete. */
  protected pending: Pending[] = [];
  /** Uses that mean nothing, reported when all declarations of the module are known. */
  protected unknown: Pending[] = [];
  protected labels: (string | null)[] = [];
  protected inFunction = false;
  /** Inside of a function that stands in a loop. */
  protected loopAround = false;
  protected readonly constants = new Set<Binding>();
  /** Variables whose initialiser is being walked: not visible there, except inside functions. */
  private initialising: Binding[] = [];
  /** What a use inside a function means by what stands before it; wins over what is declared later. */
  private readonly provisional = new Map<ast.Ident, Binding>();

  constructor(
    protected readonly builtins: Builtins,
    protected readonly session: Session | null,
  ) {}

  protected makeBinding(name: string, kind: BindingKind, span: Span, target: ImportTarget | null): Binding {
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

  protected addName(binding: Binding): void {
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

  protected declare(node: ast.NamePattern | ast.Ident, kind: BindingKind, target: ImportTarget | null = null): Binding {
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

  protected inScope(body: () => void): void {
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

  protected functionScopeOf(scope: Scope): Scope {
    let outermost = scope;
    while (outermost.parent !== null && outermost.parent.owner === this.owner) {
      if (this.session !== null && outermost.parent.parent === null) break;
      outermost = outermost.parent;
    }
    return outermost;
  }

  protected inFunctionScope(node: ast.Fn, body: () => void): void {
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

  /** Walks what gives new variables their values: there their names still mean what they meant before. */
  protected hiding(declared: readonly Binding[], body: () => void): void {
    const outer = this.initialising;
    this.initialising = [...outer, ...declared];
    body();
    this.initialising = outer;
  }

  /** From here on the variable is visible in its own initialiser: it has its value. */
  protected reveal(binding: Binding): void {
    this.initialising = this.initialising.filter((each) => each !== binding);
  }

  /** The variable that `name` means for code at this place, or undefined for a built-in or nothing. */
  protected find(name: string): Binding | undefined {
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

  protected use(ident: ast.Ident, asCallee: boolean, assigns = false): void {
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

  protected lookUpLate(use: Pending): void {
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
  protected keepApart(from: Scope, binding: Binding): void {
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
      // What an earlier input declared stands in no text that could be shown.
      ...(binding.kind === 'session'
        ? {}
        : { related: [{ source: this.module.source, span: binding.span, message: `declared here` }] }),
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

  protected report(code: string, message: string, span: Span, label: string, more: Partial<Diagnostic> = {}): void {
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
}
