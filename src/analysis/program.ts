/**
 * The program as analysis sees it: modules, the names each declares, and what every identifier means.
 * These are plain tables beside the syntax tree; later passes (flow, types, emit) read and extend them.
 */
import type { Diagnostic, Source, Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';

/** A built-in as the language sees it; the registry of built-ins gives these. */
export interface BuiltinInfo {
  readonly name: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly waits: boolean;
  readonly waitsWithCallback: boolean;
  readonly signature: string;
  /** By parameter: how a function passed there is called. */
  readonly callbacks: readonly ('call' | 'task' | null)[];
  /** The callbacks get functions of the host that wait (`next` of a middleware). */
  readonly givesWaitingFunctions: boolean;
  readonly gives: string;
  readonly inline: readonly { readonly when: string; readonly code: string }[];
  /** It is an older spelling of this call; null where it is not. */
  readonly replacedBy: string | null;
}

export interface ConstantInfo {
  readonly constant: string;
}

export type BuiltinEntry = BuiltinInfo | ConstantInfo;

/** Where names of built-ins come from. */
export interface Builtins {
  find(name: string): BuiltinEntry | undefined;
  /** The present name of an older spelling. */
  currentSpelling(name: string): string | undefined;
  group(name: string): ReadonlyMap<string, BuiltinEntry> | undefined;
  groupNames(): readonly string[];
  /** The built-in, as it is spelt now, or the one of the other names that somebody most likely meant. */
  near(name: string, others: readonly string[]): string | null;
  /** Says which built-ins share a part of their name with it; null where none or too many do. */
  related(name: string): string | null;
}

export interface Module {
  /** Dense, in order of execution: what a module imports comes before it, cycles aside. */
  index: number;
  /** The absolute path, or a made-up name for code without a file. */
  readonly path: string;
  readonly source: Source;
  readonly program: ast.Program;
  /** What each import statement of a file leads to; null where that failed. */
  readonly imports: Map<ast.Import, Module | null>;
  /** By exported name; filled by the resolver. */
  readonly exports: Map<string, Exported>;
  /** It takes part in a cycle of imports: names may be read before they are set. */
  inCycle: boolean;
  readonly scope: FunctionScope;
}

export interface Exported {
  readonly span: Span;
  /** The variable behind it, or the expression of `export {"name": value}`. */
  readonly binding: Binding | null;
  readonly value: ast.Expr | null;
}

/** A function's body, or a module's top level (node is null). */
export interface FunctionScope {
  readonly node: ast.Fn | null;
  readonly module: Module;
  readonly parent: FunctionScope | null;
  /** `var` declarations and, for functions, nothing else: emitted at the top. */
  readonly vars: Binding[];
  readonly depth: number;
  /** It has a loop of its own: as a task it must give way to others. */
  hasLoop: boolean;
  /** It has a `defer` of its own. */
  hasDefer: boolean;
}

export type BindingKind =
  'let' | 'const' | 'var' | 'fn' | 'param' | 'catch' | 'loop' | 'match' | 'import' | 'namespace' | 'group' | 'session';

export interface Binding {
  readonly name: string;
  readonly kind: BindingKind;
  readonly span: Span;
  /** The function whose variable it is. */
  readonly owner: FunctionScope;
  /** A function nested in the owner uses it. */
  captured: boolean;
  /** Assignments other than the declaration. */
  assignments: number;
  uses: number;
  /** Uses other than as the callee of a call. */
  valueUses: number;
  /** The literal it always holds: `fn f`, or `const f = fn ...` and never assigned. */
  fn: ast.Fn | null;
  /** The name in the generated JavaScript; given when everything is known. */
  js: string;
  /** Its JavaScript name must differ from its own: see `Resolver.keepApart`. */
  renamed: boolean;
  exported: string | null;
  /** For imports: where it leads. */
  readonly target: ImportTarget | null;
}

export type ImportTarget =
  | { readonly kind: 'module'; readonly module: Module | null }
  | { readonly kind: 'export'; readonly module: Module | null; readonly name: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'builtin'; readonly entry: BuiltinEntry };

/** What an identifier means. */
export type Ref =
  | { readonly kind: 'binding'; readonly binding: Binding }
  | { readonly kind: 'builtin'; readonly entry: BuiltinEntry }
  | { readonly kind: 'unknown' };

/** What analysis knows of a whole program. */
export interface Resolved {
  readonly modules: readonly Module[];
  readonly refs: ReadonlyMap<ast.Ident, Ref>;
  /** What a pattern, a declaration or an import binds, by its NamePattern or naming Ident. */
  readonly bindings: ReadonlyMap<ast.NamePattern | ast.Ident, Binding>;
  readonly functions: ReadonlyMap<ast.Fn, FunctionScope>;
  /** The variables of blocks and functions (not of a file's top level). */
  readonly local: readonly Binding[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A name of a module of built-ins or of a file: `math.PI`, `lib.start`. */
export type Member =
  | { readonly kind: 'builtin'; readonly entry: BuiltinEntry }
  | { readonly kind: 'export'; readonly module: Module; readonly exported: Exported; readonly name: string };
