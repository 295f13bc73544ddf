/**
 * What a callee or a member of a module stands for, through imports: the one place that follows a name to
 * the function, built-in or variable behind it. Flow, types, checks and the emitter all ask here.
 */
import type * as ast from '../syntax/ast';
import type { Binding, BuiltinEntry, BuiltinInfo, Builtins, Module, Resolved } from './program';

export type Meaning =
  | { readonly kind: 'builtin'; readonly info: BuiltinInfo }
  | { readonly kind: 'constant'; readonly name: string }
  /** A function of the program, known to be always this one. */
  | { readonly kind: 'function'; readonly binding: Binding; readonly module: Module }
  /** A variable or expression that a file exports. */
  | {
      readonly kind: 'value';
      readonly name: string;
      readonly binding: Binding | null;
      readonly expr: ast.Expr | null;
      readonly module: Module;
    };

export type Imported = Meaning | { readonly kind: 'namespace'; readonly module: Module };
export type Callee = Extract<Meaning, { kind: 'builtin' | 'function' }> | { readonly kind: 'other' };

const OTHER: Callee = { kind: 'other' };

/** A function that a name always stands for: declared so, never given another value. */
export function isKnownFunction(binding: Binding): boolean {
  return binding.fn !== null && binding.assignments === 0;
}

export class Lookup {
  constructor(
    private readonly program: Resolved,
    private readonly builtins: Builtins,
  ) {}

  private entry(entry: BuiltinEntry): Meaning {
    return 'constant' in entry ? { kind: 'constant', name: entry.constant } : { kind: 'builtin', info: entry };
  }

  /** What an import's variable stands for; null where the import failed. */
  imported(binding: Binding): Imported | null {
    const target = binding.target!;
    switch (target.kind) {
      case 'builtin':
        return this.entry(target.entry);
      case 'module':
        return target.module === null ? null : { kind: 'namespace', module: target.module };
      case 'export':
        return target.module === null ? null : this.exported(target.module, target.name);
      case 'group':
        return null;
    }
  }

  private exported(module: Module, name: string): Meaning | null {
    const exported = module.exports.get(name);
    if (exported === undefined) return null;
    const { binding, value } = exported;
    if (binding?.target != null) {
      const further = this.imported(binding);
      if (further === null || further.kind !== 'namespace') return further;
    }
    if (binding !== null && isKnownFunction(binding))
      return { kind: 'function', binding, module: binding.owner.module };
    return { kind: 'value', name, binding, expr: value, module };
  }

  /** `object.name` where object is the name of an imported module; null where it is an ordinary value. */
  member(object: ast.Expr, name: string): Meaning | null {
    if (object.kind !== 'Ident') return null;
    const ref = this.program.refs.get(object);
    if (ref?.kind !== 'binding' || ref.binding.target === null) return null;
    const target = ref.binding.target;
    if (target.kind === 'group') {
      const entry = this.builtins.group(target.group)?.get(name);
      return entry === undefined ? null : this.entry(entry);
    }
    return target.kind === 'module' && target.module !== null ? this.exported(target.module, name) : null;
  }

  /** What a call calls, where that is known before the run. */
  callee(callee: ast.Expr): Callee {
    if (callee.kind === 'Field') return this.asCallee(this.member(callee.object, callee.name));
    if (callee.kind !== 'Ident') return OTHER;
    const ref = this.program.refs.get(callee);
    if (ref === undefined || ref.kind === 'unknown') return OTHER;
    if (ref.kind === 'builtin') return this.asCallee(this.entry(ref.entry));
    const { binding } = ref;
    if (isKnownFunction(binding)) return { kind: 'function', binding, module: binding.owner.module };
    return binding.target === null ? OTHER : this.asCallee(this.imported(binding));
  }

  private asCallee(meaning: Imported | null): Callee {
    return meaning?.kind === 'builtin' || meaning?.kind === 'function' ? meaning : OTHER;
  }

  /** The members of a module of built-ins. */
  group(name: string): ReadonlyMap<string, BuiltinEntry> {
    return this.builtins.group(name) ?? new Map();
  }

  /** The present name of an older spelling of a built-in; undefined for any other name. */
  currentSpelling(name: string): string | undefined {
    return this.builtins.currentSpelling(name);
  }

  /** The built-in that `x.name(...)` may mean. */
  builtin(name: string): BuiltinInfo | null {
    const entry = this.builtins.find(name);
    return entry === undefined || 'constant' in entry ? null : entry;
  }
}
