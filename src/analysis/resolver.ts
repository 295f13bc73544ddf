/** Gives every name its meaning: one walk over each module in source order. */
import type { Builtins, Module, Resolved } from './program';
import { ResolverCode } from './resolver-code';
import type { Pending, Session } from './resolver-scopes';
import { unknownName } from './unknown-names';

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

class Resolver extends ResolverCode {
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
    for (const use of withoutConsequences(this.unknown))
      this.diagnostics.push(unknownName(use, module.source, this.local, this.builtins));
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
}

/** What is assigned without a declaration is told of once: with it, all other uses of the name are right too. */
function withoutConsequences(unknown: readonly Pending[]): readonly Pending[] {
  const told = new Map<string, Pending>();
  for (const use of unknown) if (use.assigns && !told.has(use.ident.name)) told.set(use.ident.name, use);
  if (told.size === 0) return unknown;
  return unknown.filter((use) => {
    const first = told.get(use.ident.name);
    return first === undefined || use === first || use.ident.start < first.ident.start;
  });
}
