/**
 * What all of the emitter shares: the text being written, the function it is in, names, and temporaries.
 *
 * In the generated code every name that is not the program's own contains a `$`, which no name of a
 * program can: `$1` are temporaries, `$add` the operators of the runtime, `b$len` built-ins.
 */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import type { CallNode, Context, Flow } from '../analysis/flow';
import type { Lookup } from '../analysis/lookup';
import type { Binding, Module, Resolved } from '../analysis/program';
import type { Types } from '../analysis/types';
import type { Writer } from './writer';

/** What the emitter knows of a whole program. */
export interface Analysis {
  readonly program: Resolved;
  readonly lookup: Lookup;
  readonly flow: Flow;
  readonly types: Types;
  /** A REPL input: top-level variables live in the session. */
  readonly session: boolean;
}

/** The function whose body is being written. */
export interface FunctionState {
  readonly context: Context;
  /** It is written as a generator. */
  readonly waits: boolean;
  readonly outer: FunctionState | null;
  temporaries: number;
  temporariesInUse: number;
  /** Names of helper variables that must outlive expressions (loops, defer) are numbered. */
  locals: number;
  /** The name a person knows it by; '' for none. */
  readonly name: string;
  /** Loops around the statement being written, innermost last. */
  readonly loops: LoopState[];
}

/** How `break` and `continue` of a loop are written. */
export interface LoopState {
  readonly label: string | null;
  readonly breakText: string;
  readonly continueText: string;
}

export type BuiltinForm = 'plain' | 'waiting' | 'value' | 'constant';

/** JavaScript's own words, and the names that generated code uses of it. */
const TAKEN = new Set(
  `abstract arguments await boolean break byte case catch char class const continue debugger default delete do
  double else enum eval export extends false final finally float for function goto if implements import in
  instanceof int interface let long native new null package private protected public return short static super
  switch synchronized this throw throws transient true try typeof undefined var void volatile while with yield
  NaN Infinity Array Math Number Object String Symbol globalThis constructor prototype async of get set`.split(/\s+/),
);

export abstract class Base {
  protected fn!: FunctionState;
  readonly usedOperators = new Set<string>();
  /** By its name in the generated code. */
  readonly usedBuiltins = new Map<string, { readonly name: string; readonly form: BuiltinForm }>();
  readonly usedRecords = new Map<string, number>();
  readonly usedModules = new Set<Module>();
  readonly spawnSites: { readonly span: Span; readonly function: string }[] = [];
  private readonly nameCounts = new Map<string, number>();

  constructor(
    protected readonly analysis: Analysis,
    protected readonly module: Module,
    protected readonly out: Writer,
  ) {}

  protected abstract expr(node: ast.Expr): void;
  protected abstract functionValue(fn: ast.Fn, name: string): void;
  protected abstract matchValue(node: ast.Match): void;

  protected write(text: string): void {
    this.out.write(text);
  }

  /** An operator of the runtime: `$add`. */
  protected op(name: string): string {
    this.usedOperators.add(name);
    return '$' + name;
  }

  protected builtin(name: string, form: BuiltinForm): string {
    const js = form === 'plain' ? `b$${name}` : `b$${name}$${form}`;
    this.usedBuiltins.set(js, { name, form });
    return js;
  }

  /** The constructor of records with these keys, in this order. */
  protected record(keys: readonly string[]): string {
    const id = JSON.stringify(keys);
    let number = this.usedRecords.get(id);
    if (number === undefined) this.usedRecords.set(id, (number = this.usedRecords.size + 1));
    return `R$${number}`;
  }

  protected moduleObject(module: Module): string {
    this.usedModules.add(module);
    return `m$${module.index}`;
  }

  protected types(node: ast.Expr): number {
    return this.analysis.types.of(node);
  }

  // ---------------------------------------------------------------- names

  protected js(binding: Binding): string {
    if (binding.js === '') binding.js = this.makeName(binding);
    return binding.js;
  }

  private makeName(binding: Binding): string {
    const atTop = binding.owner.node === null;
    if (binding.kind === 'session' || (this.analysis.session && atTop && !LOCAL_KINDS.has(binding.kind))) {
      return `$s.${binding.name}`;
    }
    if (binding.exported !== null && binding.assignments > 0) return `$x.${binding.exported}`;
    if (binding.renamed) {
      const count = (this.nameCounts.get(binding.name) ?? 1) + 1;
      this.nameCounts.set(binding.name, count);
      return `${binding.name}$${count}`;
    }
    return TAKEN.has(binding.name) ? binding.name + '$' : binding.name;
  }

  protected isMember(js: string): boolean {
    return js.startsWith('$s.') || js.startsWith('$x.');
  }

  protected bound(node: ast.NamePattern | ast.Ident): Binding {
    return this.analysis.program.bindings.get(node)!;
  }

  // ---------------------------------------------------------------- temporaries

  protected temporary(): string {
    const number = ++this.fn.temporariesInUse;
    if (number > this.fn.temporaries) this.fn.temporaries = number;
    return `$${number}`;
  }

  /** A helper variable for the rest of the function: `$i2`. */
  protected local(prefix: string): string {
    return `$${prefix}${++this.fn.locals}`;
  }

  /** Temporaries taken within `body` are free again after it. */
  protected scoped(body: () => void): void {
    const before = this.fn.temporariesInUse;
    body();
    this.fn.temporariesInUse = before;
  }

  /**
   * Writes what `call` gives once it is there. `call` writes a call that gives `Steps`, and these say with `done`
   * how they are waited for: those that are over at once are not, and those that park once are yielded here (see
   * `runtime/park`); `yield*`, which costs much more, is left for the others and for interruptions. `mark` notes where the task waits:
   * V8 reports the operand of `yield*`, while it calls at the call.
   */
  protected awaited(call: () => void, mark: () => void): void {
    this.scoped(() => {
      const steps = this.temporary();
      const given = this.temporary();
      this.write(`((${steps} = `);
      call();
      this.write(`).done === true ? ${steps}.value : `);
      mark();
      this.write(`${steps}.done === false && (${given} = yield ${steps}.value) !== undefined`);
      this.write(` ? ${steps}.result(${given}) : yield* ${this.op('left')}(${steps}))`);
    });
  }

  /**
   * Writes `(t1 = a, t2 = b, ` for the operands that must be evaluated first, lets `body` write the rest
   * with their names, and closes the parenthesis. Constants and variables that cannot change meanwhile are
   * used as they are.
   */
  protected withOperands(nodes: readonly ast.Expr[], body: (names: string[]) => void): void {
    this.scoped(() => {
      const names: string[] = [];
      this.write('(');
      nodes.forEach((node, i) => {
        const simple = this.simple(node, nodes.slice(i + 1));
        if (simple !== null) {
          names.push(simple);
          return;
        }
        const name = this.temporary();
        this.write(`${name} = `);
        this.expr(node);
        this.write(', ');
        names.push(name);
      });
      body(names);
      this.write(')');
    });
  }

  /** The text of an operand that may be written more than once; null for one that must be evaluated once. */
  protected simple(node: ast.Expr, later: readonly ast.Expr[]): string | null {
    switch (node.kind) {
      case 'Null':
      case 'Bool':
      case 'Num':
        return literalText(node);
      case 'Str':
        return node.value.length <= 40 ? literalText(node) : null;
      case 'Ident': {
        const ref = this.analysis.program.refs.get(node);
        if (ref?.kind !== 'binding' || ref.binding.target !== null) return null;
        const { binding } = ref;
        const js = this.js(binding);
        if (this.isMember(js)) return null;
        return binding.assignments > 0 && later.some((other) => !isCallFree(other)) ? null : js;
      }
      default:
        return null;
    }
  }

  // ---------------------------------------------------------------- calls

  protected callWaits(call: CallNode): boolean {
    return this.analysis.flow.callWaits(call, this.fn.context);
  }
}

const LOCAL_KINDS: ReadonlySet<string> = new Set(['param', 'catch', 'loop', 'match']);

export function literalText(node: ast.NullLit | ast.BoolLit | ast.NumLit | ast.StrLit): string {
  switch (node.kind) {
    case 'Null':
      return 'null';
    case 'Bool':
      return String(node.value);
    case 'Num':
      return numberText(node.value);
    case 'Str':
      return stringText(node.value);
  }
}

/** Evaluating it can change no variable. */
function isCallFree(node: ast.Expr): boolean {
  switch (node.kind) {
    case 'Null':
    case 'Bool':
    case 'Num':
    case 'Str':
    case 'Ident':
    case 'Fn':
      return true;
    case 'Unary':
      return isCallFree(node.operand);
    case 'Binary':
      return isCallFree(node.left) && isCallFree(node.right);
    case 'Field':
      return isCallFree(node.object);
    case 'Index':
      return isCallFree(node.object) && isCallFree(node.index);
    default:
      return false;
  }
}

export function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return value < 0 || !Number.isFinite(value) ? `(${value})` : String(value);
}

/** A JavaScript string literal in plain ASCII, so that one character is one column. */
export function stringText(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}

/** The text of an operand before a `.`: a number needs parentheses there. */
export function objectText(text: string): string {
  return /^[\d-]/.test(text) ? `(${text})` : text;
}

/** `.$name` or `["$name"]`. */
export function propertyText(key: string): string {
  return /^[A-Za-z0-9_]*$/.test(key) ? `.$${key}` : `[${stringText('$' + key)}]`;
}
