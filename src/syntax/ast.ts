/**
 * The syntax tree. Plain data made by the parser and never changed afterwards; analysis keeps what it
 * finds in tables of its own, keyed by node. Every node carries its span as offsets into the source.
 */
import type { Span } from '../diagnostics/diagnostic';

interface Node extends Span {}

// ---------------------------------------------------------------- expressions

export interface NullLit extends Node { readonly kind: 'Null' }
export interface BoolLit extends Node { readonly kind: 'Bool'; readonly value: boolean }
export interface NumLit extends Node { readonly kind: 'Num'; readonly value: number }
export interface StrLit extends Node { readonly kind: 'Str'; readonly value: string }
/** `` `a ${b} c` ``: strings.length is exprs.length + 1. */
export interface Template extends Node { readonly kind: 'Template'; readonly strings: readonly string[]; readonly exprs: readonly Expr[] }
export interface Ident extends Node { readonly kind: 'Ident'; readonly name: string }
export interface Spread extends Node { readonly kind: 'Spread'; readonly value: Expr }
export interface ArrayLit extends Node { readonly kind: 'Array'; readonly items: readonly (Expr | Spread)[] }
export interface MapEntry extends Node {
  readonly kind: 'Entry';
  /** A Str for `name:`, `"key":` and the shorthand `{name}`; any expression for `[expr]:`. */
  readonly key: Expr;
  readonly value: Expr;
}
export interface MapLit extends Node { readonly kind: 'Map'; readonly entries: readonly (MapEntry | Spread)[] }
export interface Fn extends Node {
  readonly kind: 'Fn';
  /** The declared name, with the span of the name; null for a literal. */
  readonly name: Ident | null;
  readonly params: readonly Param[];
  readonly rest: Ident | null;
  /** A block, or the expression of `fn(x) => x * 2`. */
  readonly body: Block | Expr;
  readonly doc: string | null;
}
export interface Param extends Node { readonly kind: 'Param'; readonly target: Pattern; readonly fallback: Expr | null }
export interface Unary extends Node { readonly kind: 'Unary'; readonly op: '!' | '-' | '~'; readonly operand: Expr }
export type BinaryOp =
  | '+' | '-' | '*' | '/' | '%' | '**' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in'
  | '|' | '^' | '&' | '<<' | '>>' | '..';
/** `opSpan` is the operator's own place: run-time errors point at it. */
export interface Binary extends Node { readonly kind: 'Binary'; readonly op: BinaryOp; readonly opSpan: Span; readonly left: Expr; readonly right: Expr }
export interface Logical extends Node { readonly kind: 'Logical'; readonly op: '&&' | '||' | '??'; readonly left: Expr; readonly right: Expr }
export interface Cond extends Node { readonly kind: 'Cond'; readonly test: Expr; readonly then: Expr; readonly otherwise: Expr }
export interface Call extends Node { readonly kind: 'Call'; readonly callee: Expr; readonly args: readonly (Expr | Spread)[] }
/** `object.name(args)`: a function in the map, a member of a module, or the built-in `name` with object first. */
export interface MethodCall extends Node { readonly kind: 'MethodCall'; readonly object: Expr; readonly name: string; readonly nameSpan: Span; readonly args: readonly (Expr | Spread)[] }
export interface Index extends Node { readonly kind: 'Index'; readonly object: Expr; readonly index: Expr }
export interface Slice extends Node { readonly kind: 'Slice'; readonly object: Expr; readonly from: Expr | null; readonly to: Expr | null }
export interface Field extends Node { readonly kind: 'Field'; readonly object: Expr; readonly name: string; readonly nameSpan: Span }
/** `<-channel` */
export interface Receive extends Node { readonly kind: 'Receive'; readonly channel: Expr }
/** `spawn f(x)`, `spawn fn() { ... }()`, `spawn { ... }` */
export interface Spawn extends Node { readonly kind: 'Spawn'; readonly body: Call | MethodCall | Block }
export interface Match extends Node { readonly kind: 'Match'; readonly subject: Expr; readonly arms: readonly MatchArm[] }
export interface MatchArm extends Node {
  readonly kind: 'Arm';
  /** The alternatives (`2, 3` or `"x" | "y"`), at least one. */
  readonly patterns: readonly MatchPattern[];
  readonly guard: Expr | null;
  /** A block's value is that of its last statement when that is an expression, else null. */
  readonly body: Expr | Block;
}

export type Expr =
  | NullLit | BoolLit | NumLit | StrLit | Template | Ident | ArrayLit | MapLit | Fn | Unary | Binary
  | Logical | Cond | Call | MethodCall | Index | Slice | Field | Receive | Spawn | Match;

// ---------------------------------------------------------------- patterns

export interface NamePattern extends Node { readonly kind: 'NamePattern'; readonly name: string }
export interface PatternItem extends Node { readonly kind: 'PatternItem'; readonly target: Pattern; readonly fallback: Expr | null }
/** `[first, , ...tail]`: a null item is a hole; `...` without a name keeps rest null and open true. */
export interface ArrayPattern extends Node { readonly kind: 'ArrayPattern'; readonly items: readonly (PatternItem | null)[]; readonly rest: NamePattern | null }
export interface MapPatternEntry extends Node { readonly kind: 'PatternEntry'; readonly key: string; readonly target: Pattern; readonly fallback: Expr | null }
export interface MapPattern extends Node { readonly kind: 'MapPattern'; readonly entries: readonly MapPatternEntry[]; readonly rest: NamePattern | null }
/** What `let`, parameters, `for` and `select` bind. */
export type Pattern = NamePattern | ArrayPattern | MapPattern;

export interface AnyPattern extends Node { readonly kind: 'Any' }
/** A literal (number with optional minus, string, boolean, null); compared with `==`. */
export interface ValuePattern extends Node { readonly kind: 'Value'; readonly value: NullLit | BoolLit | NumLit | StrLit }
/** `1..5`, both ends inclusive. */
export interface RangePattern extends Node { readonly kind: 'RangePattern'; readonly from: number; readonly to: number }
/** `[x, ...]`: without `rest` (open false) the length must be equal. `rest` names the remaining elements. */
export interface ArrayMatch extends Node { readonly kind: 'ArrayMatch'; readonly items: readonly MatchPattern[]; readonly open: boolean; readonly rest: NamePattern | null }
/** `{"status": 200, body}`: the keys must be there; others may be too. */
export interface MapMatch extends Node { readonly kind: 'MapMatch'; readonly entries: readonly { readonly key: string; readonly pattern: MatchPattern }[]; readonly rest: NamePattern | null }
/** A NamePattern here binds the value; `_` is Any. */
export type MatchPattern = AnyPattern | NamePattern | ValuePattern | RangePattern | ArrayMatch | MapMatch;

// ---------------------------------------------------------------- statements

export interface Let extends Node {
  readonly kind: 'Let';
  readonly keyword: 'let' | 'const' | 'var';
  readonly target: Pattern;
  readonly init: Expr | null;
  readonly exported: boolean;
  readonly doc: string | null;
}
/** `fn name() { }`; `fn.name` is never null here. */
export interface FnDecl extends Node { readonly kind: 'FnDecl'; readonly fn: Fn; readonly exported: boolean }
export type AssignOp = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '??=';
/** `i++` is `+=` with a Num 1 whose span is the operator's. */
export interface Assign extends Node { readonly kind: 'Assign'; readonly target: Ident | Index | Field; readonly op: AssignOp; readonly opSpan: Span; readonly value: Expr }
export interface ExprStmt extends Node { readonly kind: 'ExprStmt'; readonly expr: Expr }
export interface Block extends Node { readonly kind: 'Block'; readonly body: readonly Stmt[] }
export interface If extends Node { readonly kind: 'If'; readonly test: Expr; readonly then: Block; readonly otherwise: Block | If | null }
export interface While extends Node { readonly kind: 'While'; readonly label: string | null; readonly test: Expr; readonly body: Block }
/** `for (init; test; update) { }` */
export interface For extends Node { readonly kind: 'For'; readonly label: string | null; readonly init: Let | Assign | ExprStmt | null; readonly test: Expr | null; readonly update: Assign | ExprStmt | null; readonly body: Block }
/** `for x in v`, `for i, x in v`: first is the index or key, value the element. With one name, `value` holds it. */
export interface ForIn extends Node { readonly kind: 'ForIn'; readonly label: string | null; readonly first: NamePattern | null; readonly value: Pattern; readonly iterable: Expr; readonly body: Block }
export interface Break extends Node { readonly kind: 'Break'; readonly label: string | null }
export interface Continue extends Node { readonly kind: 'Continue'; readonly label: string | null }
export interface Return extends Node { readonly kind: 'Return'; readonly value: Expr | null }
export interface Throw extends Node { readonly kind: 'Throw'; readonly value: Expr }
export interface Try extends Node { readonly kind: 'Try'; readonly block: Block; readonly param: NamePattern | null; readonly handler: Block | null; readonly finalizer: Block | null }
export interface Defer extends Node { readonly kind: 'Defer'; readonly call: Call | MethodCall }
/** `channel <- value` */
export interface Send extends Node { readonly kind: 'Send'; readonly channel: Expr; readonly value: Expr }
export interface Select extends Node { readonly kind: 'Select'; readonly cases: readonly SelectCase[] }
export type SelectCase =
  | (Node & { readonly kind: 'ReceiveCase'; readonly target: Pattern | null; readonly channel: Expr; readonly body: readonly Stmt[] })
  | (Node & { readonly kind: 'SendCase'; readonly channel: Expr; readonly value: Expr; readonly body: readonly Stmt[] })
  /** milliseconds */
  | (Node & { readonly kind: 'TimeoutCase'; readonly ms: Expr; readonly body: readonly Stmt[] })
  | (Node & { readonly kind: 'DefaultCase'; readonly body: readonly Stmt[] });
export interface ImportName extends Node { readonly kind: 'ImportName'; readonly name: string; readonly local: Ident }
/**
 * `import "path"`, `import "path" as name`, `import { a, b as c } from "path"`, `import math`.
 * `path` is a Str for a file and an Ident for a group of built-ins. `local` names the whole module
 * (the path's last part where no `as` stands), null when single names are taken.
 */
export interface Import extends Node { readonly kind: 'Import'; readonly path: StrLit | Ident; readonly local: Ident | null; readonly names: readonly ImportName[] | null }
/** `export { a, b as c }` (value is an Ident) and `export {"name": value}`. */
export interface Export extends Node { readonly kind: 'Export'; readonly entries: readonly { readonly name: string; readonly nameSpan: Span; readonly value: Expr }[] }

export type Stmt =
  | Let | FnDecl | Assign | ExprStmt | Block | If | While | For | ForIn | Break | Continue | Return
  | Throw | Try | Defer | Send | Select | Import | Export;

export interface Program extends Node { readonly kind: 'Program'; readonly body: readonly Stmt[] }
