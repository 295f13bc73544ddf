/**
 * A slow and simple evaluator of the syntax tree, written from the contract of the language: what compiled
 * programs do is compared with it. Scopes are lists of named cells, jumps are JavaScript exceptions, nothing
 * is worked out beforehand. Tasks, channels and imports are left out; a call that only lets other tasks
 * run does nothing here.
 */
import type * as ast from '../../src/syntax/ast';
import { builtins } from './builtins';
import { binary, getIndex, getMember, rangeEnds, setIndex, slice, unary } from './operate';
import { Scope, namesOf, namesWithDefaults } from './scope';
import {
  Failure, GivenUp, RefError, RefFunction, RefMap, Thrown, characters, fail, isEqual, isTruthy, isWhole, keyText, patience,
  toText, typeOf,
} from './values'; // prettier-ignore
import type { Value } from './values';

export { GivenUp };

class Jump {
  constructor(
    readonly kind: 'break' | 'continue',
    readonly label: string | null,
  ) {}
}

class Returned {
  constructor(readonly value: Value) {}
}

type Deferred = () => void;

/** What a running function has beside its scopes. */
interface Frame {
  readonly deferred: Deferred[];
}

export interface Outcome {
  /** What was printed. */
  readonly output: string;
  /** What nobody caught: thrown by the top level, and by the calls that it put off to the end. */
  readonly thrown: Value | undefined;
  readonly thrownLate: Value | undefined;
}

export interface Limits {
  readonly steps?: number;
  readonly depth?: number;
  /** Whether there is a built-in of this name that the evaluator may lack. */
  readonly isBuiltin?: (name: string) => boolean;
}

export function evaluate(program: ast.Program, limits: Limits = {}): Outcome {
  patience.left = 20_000;
  const evaluator = new Evaluator(limits.steps ?? 200_000, limits.depth ?? 200, limits.isBuiltin ?? (() => false));
  const frame: Frame = { deferred: [] };
  const thrown = thrownBy(() => evaluator.program(program, frame));
  const thrownLate = thrownBy(() => evaluator.runDeferred(frame));
  return { output: evaluator.output, thrown, thrownLate };
}

function thrownBy(body: () => void): Value | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof Thrown) return error.value;
    throw error;
  }
}

/** What built-ins see of the evaluator. */
export interface Caller {
  print(text: string): void;
  call(fn: Value, args: Value[]): Value;
  step(): void;
  /** Where the innermost operation under way stands. */
  readonly at: number;
}

class Evaluator implements Caller {
  output = '';
  private steps = 0;
  private depth = 0;
  at = 0;
  private readonly builtins: ReadonlyMap<string, RefFunction>;

  constructor(
    private readonly maxSteps: number,
    private readonly maxDepth: number,
    private readonly isBuiltin: (name: string) => boolean,
  ) {
    this.builtins = builtins(this);
  }

  print(text: string): void {
    this.output += text;
  }

  step(): void {
    if (++this.steps > this.maxSteps) throw new GivenUp('too many steps');
  }

  program(program: ast.Program, frame: Frame): void {
    const scope = new Scope(null, null);
    this.prepare(program.body, scope, scope);
    this.statements(program.body, scope, frame);
  }

  // ---------------------------------------------------------------- scopes

  /** Sets up the cells of a block; `outermost` is the function's own scope, where `var` goes. */
  private prepare(body: readonly ast.Stmt[], scope: Scope, outermost: Scope): void {
    for (const node of body) {
      if (node.kind !== 'FnDecl') continue;
      scope.declare(node.fn.name!, -1, [], new RefFunction(node.fn.name!.name, node.fn, scope, null));
    }
    for (const node of body) {
      if (node.kind === 'Let' && node.keyword !== 'var') this.declarePattern(node.target, node.init, scope);
    }
    if (scope === outermost) this.declareVars(body, scope);
    scope.cells.sort((a, b) => a.start - b.start);
  }

  /** A name is seen behind it, but not in the value that it gets. */
  private declarePattern(pattern: ast.Pattern, init: ast.Expr | null, scope: Scope): void {
    const around = init === null ? [] : [init];
    for (const [name, hidden] of namesWithDefaults(pattern, around)) scope.declare(name, name.end, hidden, undefined, pattern.start);
  }

  /** The `var`s in a function's blocks, not those in functions within. */
  private declareVars(body: readonly ast.Stmt[], scope: Scope): void {
    const seen = new Map<string, ReturnType<Scope['declare']>>();
    const visit = (node: ast.Stmt | null): void => {
      if (node === null) return;
      switch (node.kind) {
        case 'Let':
          if (node.keyword !== 'var') return;
          for (const name of namesOf(node.target)) {
            const earlier = seen.get(name.name);
            if (earlier === undefined) seen.set(name.name, scope.declare(name, name.end, node.init === null ? [] : [node.init], null, node.target.start));
            else scope.alias(name, earlier);
          }
          return;
        case 'Block':
          return node.body.forEach(visit);
        case 'If':
          visit(node.then);
          return visit(node.otherwise);
        case 'While':
        case 'ForIn':
          return visit(node.body);
        case 'For':
          visit(node.init);
          return visit(node.body);
        case 'Try':
          visit(node.block);
          visit(node.handler);
          return visit(node.finalizer);
        case 'ExprStmt':
          return visitMatch(node.expr);
        case 'Assign':
          return visitMatch(node.value);
        case 'Return':
          return node.value === null ? undefined : visitMatch(node.value);
        default:
          return;
      }
    };
    const visitMatch = (node: ast.Expr): void => {
      if (node.kind !== 'Match') return;
      for (const arm of node.arms) {
        if (arm.body.kind === 'Block') visit(arm.body);
        else visitMatch(arm.body);
      }
    };
    body.forEach(visit);
  }

  private functionScope(scope: Scope): Scope {
    let outermost = scope;
    while (outermost.fn === null && outermost.parent !== null) outermost = outermost.parent;
    return outermost;
  }

  private block(node: ast.Block, outer: Scope, frame: Frame): void {
    const scope = new Scope(outer, null);
    this.prepare(node.body, scope, this.functionScope(scope));
    this.statements(node.body, scope, frame);
  }

  // ---------------------------------------------------------------- failures

  /** Runs an operation; what fails in it fails at `node`. */
  private guarded<T>(node: { readonly start: number }, operation: () => T): T {
    this.at = node.start;
    try {
      return operation();
    } catch (error) {
      if (error instanceof Failure) throw new Thrown(new RefError(error.code, error.message, node.start));
      throw error;
    }
  }

  private withDeferred<T>(frame: Frame, body: () => T): T {
    try {
      return body();
    } finally {
      this.runDeferred(frame);
    }
  }

  /** Last one first; all of them run, and the last one that throws is what the function throws. */
  runDeferred(frame: Frame): void {
    const next = frame.deferred.pop();
    if (next === undefined) return;
    try {
      next();
    } finally {
      this.runDeferred(frame);
    }
  }

  // ---------------------------------------------------------------- statements

  private statements(body: readonly ast.Stmt[], scope: Scope, frame: Frame): void {
    for (const node of body) this.statement(node, scope, frame);
  }

  private statement(node: ast.Stmt, scope: Scope, frame: Frame): void {
    this.step();
    switch (node.kind) {
      case 'Let': {
        const value = node.init === null ? null : this.named(node.init, node.target, scope, frame);
        return this.bind(node.target, value, scope, frame);
      }
      case 'FnDecl':
        return;
      case 'Assign':
        return this.assign(node, scope, frame);
      case 'ExprStmt':
        this.expr(node.expr, scope, frame);
        return;
      case 'Block':
        return this.block(node, scope, frame);
      case 'If':
        if (isTruthy(this.expr(node.test, scope, frame))) this.block(node.then, scope, frame);
        else if (node.otherwise !== null) this.statement(node.otherwise, scope, frame);
        return;
      case 'While':
        while (isTruthy(this.expr(node.test, scope, frame))) {
          if (!this.turn(node.label, () => this.block(node.body, scope, frame))) return;
        }
        return;
      case 'For':
        return this.forLoop(node, scope, frame);
      case 'ForIn':
        return this.forIn(node, scope, frame);
      case 'Break':
        throw new Jump('break', node.label);
      case 'Continue':
        throw new Jump('continue', node.label);
      case 'Return':
        throw new Returned(node.value === null ? null : this.expr(node.value, scope, frame));
      case 'Throw':
        throw new Thrown(this.expr(node.value, scope, frame));
      case 'Try':
        return this.tryStatement(node, scope, frame);
      case 'Defer':
        return this.deferCall(node, scope, frame);
      default:
        throw new GivenUp(`no ${node.kind} here`);
    }
  }

  /** One turn of a loop; false when it was left with `break`. */
  private turn(label: string | null, body: () => void): boolean {
    this.step();
    try {
      body();
      return true;
    } catch (error) {
      if (!(error instanceof Jump) || (error.label !== null && error.label !== label)) throw error;
      return error.kind === 'continue';
    }
  }

  private forLoop(node: ast.For, outer: Scope, frame: Frame): void {
    let scope = new Scope(outer, null);
    if (node.init !== null) {
      if (node.init.kind === 'Let' && node.init.keyword !== 'var') this.declarePattern(node.init.target, node.init.init, scope);
      this.statement(node.init, scope, frame);
    }
    for (;;) {
      scope = scope.copy();
      const turn = scope;
      if (node.test !== null && !isTruthy(this.expr(node.test, turn, frame))) return;
      if (!this.turn(node.label, () => this.block(node.body, turn, frame))) return;
      scope = scope.copy();
      if (node.update !== null) this.statement(node.update, scope, frame);
    }
  }

  private forIn(node: ast.ForIn, outer: Scope, frame: Frame): void {
    const run = (first: Value, value: Value): boolean => {
      const scope = new Scope(outer, null);
      if (node.first !== null) scope.declare(node.first, node.first.end);
      this.declarePattern(node.value, null, scope);
      return this.turn(node.label, () => {
        if (node.first !== null) scope.set(node.first, first);
        this.bind(node.value, value, scope, frame);
        this.block(node.body, scope, frame);
      });
    };
    if (node.iterable.kind === 'Binary' && node.iterable.op === '..') {
      const { left, right } = node.iterable;
      const ends = [this.expr(left, outer, frame), this.expr(right, outer, frame)] as const;
      const [from, to] = this.guarded(node.iterable.opSpan, () => rangeEnds(...ends));
      for (let i = from; i <= to; i++) if (!run(i - from, i)) return;
      return;
    }
    const walked = this.expr(node.iterable, outer, frame);
    if (Array.isArray(walked)) {
      for (let i = 0; i < walked.length; i++) if (!run(i, walked[i]!)) return;
    } else if (walked instanceof RefMap) {
      for (const key of [...walked.entries.keys()]) {
        if (!walked.entries.has(key)) continue;
        if (!(node.first === null ? run(null, key) : run(key, walked.entries.get(key)!))) return;
      }
    } else if (typeof walked === 'string') {
      const chars = characters(walked);
      for (let i = 0; i < chars.length; i++) if (!run(i, chars[i]!)) return;
    } else {
      this.guarded(node.iterable, () => fail('ETYPE', `cannot walk ${typeOf(walked)}`));
    }
  }

  private tryStatement(node: ast.Try, scope: Scope, frame: Frame): void {
    try {
      try {
        this.block(node.block, scope, frame);
      } catch (error) {
        if (!(error instanceof Thrown) || node.handler === null) throw error;
        const inner = new Scope(scope, null);
        if (node.param !== null) inner.declare(node.param, node.param.end, [], error.value);
        this.block(node.handler, inner, frame);
      }
    } finally {
      // A return, break or throw in here takes the place of what was under way.
      if (node.finalizer !== null) this.block(node.finalizer, scope, frame);
    }
  }

  private deferCall(node: ast.Defer, scope: Scope, frame: Frame): void {
    const [fn, args] = this.callParts(node.call, scope, frame);
    this.guarded(node.call, () => (fn instanceof RefFunction ? null : fail('ETYPE', `cannot call ${typeOf(fn)}`)));
    frame.deferred.push(() => void this.guarded(node.call, () => this.call(fn, args)));
  }

  private assign(node: ast.Assign, scope: Scope, frame: Frame): void {
    const { target } = node;
    if (target.kind === 'Ident') {
      const cell = scope.find(target.name, target.start);
      if (cell === undefined) throw new Error(`'${target.name}' is no variable`);
      const before = node.op === '=' ? null : this.expr(target, scope, frame);
      if (node.op === '??=' && before !== null) return;
      const value = this.named(node.value, node.op === '=' || (node.op === '??=' && node.value.kind === 'Fn') ? target.name : '', scope, frame);
      if (cell.value === undefined) this.guarded(target, () => fail('EUNSET', `'${target.name}' is not set yet`));
      cell.value = this.updated(node, before, value);
      return;
    }
    const object = this.expr(target.object, scope, frame);
    const key = target.kind === 'Field' ? target.name : this.expr(target.index, scope, frame);
    const before = node.op === '=' ? null : this.guarded(target, () => this.read(target, object, key));
    if (node.op === '??=' && before !== null) return;
    const name = node.op === '=' && target.kind === 'Field' && node.value.kind === 'Fn' ? target.name : '';
    const value = this.updated(node, before, this.named(node.value, name, scope, frame));
    this.guarded(target, () => setIndex(object, key, value));
  }

  private read(target: ast.Index | ast.Field, object: Value, key: Value): Value {
    return target.kind === 'Field' ? getMember(object, target.name) : getIndex(object, key);
  }

  private updated(node: ast.Assign, before: Value, value: Value): Value {
    if (node.op === '=' || node.op === '??=') return value;
    const op = node.op.slice(0, -1) as ast.BinaryOp;
    return this.guarded(node.opSpan, () => binary(op, before, value));
  }

  // ---------------------------------------------------------------- patterns

  private bind(pattern: ast.Pattern, value: Value, scope: Scope, frame: Frame): void {
    switch (pattern.kind) {
      case 'NamePattern':
        return scope.set(pattern, value);
      case 'ArrayPattern': {
        if (!Array.isArray(value)) return this.guarded(pattern, () => fail('ETYPE', `no array: ${typeOf(value)}`));
        pattern.items.forEach((item, i) => {
          if (item === null) return;
          const part = i < value.length ? value[i]! : item.fallback === null ? null : this.expr(item.fallback, scope, frame);
          this.bind(item.target, part, scope, frame);
        });
        if (pattern.rest !== null) scope.set(pattern.rest, value.slice(pattern.items.length));
        return;
      }
      case 'MapPattern': {
        if (!(value instanceof RefMap || value instanceof RefError)) {
          return this.guarded(pattern, () => fail('ETYPE', `no map: ${typeOf(value)}`));
        }
        for (const entry of pattern.entries) {
          const has = value instanceof RefMap ? value.entries.has(entry.key) : getIndex(value, entry.key) !== null;
          const part = has ? getIndex(value, entry.key) : entry.fallback === null ? null : this.expr(entry.fallback, scope, frame);
          this.bind(entry.target, part, scope, frame);
        }
        if (pattern.rest === null) return;
        const taken = pattern.entries.map((entry) => entry.key);
        const all = value instanceof RefMap ? [...value.entries] : [];
        return scope.set(pattern.rest, RefMap.of(all.filter(([key]) => !taken.includes(key))));
      }
    }
  }

  /** Whether the value fits; binds the names on the way. */
  private fits(pattern: ast.MatchPattern, value: Value, bound: Map<string, Value>): boolean {
    switch (pattern.kind) {
      case 'Any':
        return true;
      case 'NamePattern':
        bound.set(pattern.name, value);
        return true;
      case 'Value': {
        const literal = pattern.value;
        return isEqual(literal.kind === 'Null' ? null : literal.value, value);
      }
      case 'RangePattern':
        return isWhole(value) && value >= pattern.from && value <= pattern.to;
      case 'ArrayMatch': {
        if (!Array.isArray(value)) return false;
        const open = pattern.open || pattern.rest !== null;
        if (open ? value.length < pattern.items.length : value.length !== pattern.items.length) return false;
        if (!pattern.items.every((item, i) => this.fits(item, value[i]!, bound))) return false;
        if (pattern.rest !== null) bound.set(pattern.rest.name, value.slice(pattern.items.length));
        return true;
      }
      case 'MapMatch': {
        if (!(value instanceof RefMap)) return false;
        for (const entry of pattern.entries) {
          if (!value.entries.has(entry.key)) return false;
          if (!this.fits(entry.pattern, value.entries.get(entry.key)!, bound)) return false;
        }
        const taken = pattern.entries.map((entry) => entry.key);
        if (pattern.rest !== null) bound.set(pattern.rest.name, RefMap.of([...value.entries].filter(([key]) => !taken.includes(key))));
        return true;
      }
    }
  }

  /** A function that an arm gives is called by `name`. */
  private match(node: ast.Match, outer: Scope, frame: Frame, name = ''): Value {
    const subject = this.expr(node.subject, outer, frame);
    for (const arm of node.arms) {
      for (const pattern of arm.patterns) {
        const bound = new Map<string, Value>();
        if (!this.fits(pattern, subject, bound)) continue;
        const scope = new Scope(outer, null);
        for (const each of arm.patterns) {
          for (const name of namesOf(each)) {
            if (scope.cells.every((cell) => cell.name !== name.name)) scope.declare(name, -1, [], bound.get(name.name) ?? null);
          }
        }
        if (arm.guard !== null && !isTruthy(this.expr(arm.guard, scope, frame))) break;
        return arm.body.kind === 'Block' ? this.blockValue(arm.body, scope, frame, name) : this.named(arm.body, name, scope, frame);
      }
    }
    return null;
  }

  private blockValue(node: ast.Block, outer: Scope, frame: Frame, name: string): Value {
    const scope = new Scope(outer, null);
    this.prepare(node.body, scope, this.functionScope(scope));
    const last = node.body.at(-1);
    if (last?.kind !== 'ExprStmt') {
      this.statements(node.body, scope, frame);
      return null;
    }
    this.statements(node.body.slice(0, -1), scope, frame);
    return this.named(last.expr, name, scope, frame);
  }

  // ---------------------------------------------------------------- expressions

  /** A function literal that is given to a name at once is called by it. */
  private named(node: ast.Expr, target: ast.Pattern | string, scope: Scope, frame: Frame): Value {
    const name = typeof target === 'string' ? target : target.kind === 'NamePattern' ? target.name : '';
    if (node.kind === 'Fn' && node.name === null) return new RefFunction(name, node, scope, null);
    if (node.kind === 'Match') return this.match(node, scope, frame, name);
    return this.expr(node, scope, frame);
  }

  private expr(node: ast.Expr, scope: Scope, frame: Frame): Value {
    this.step();
    switch (node.kind) {
      case 'Null':
        return null;
      case 'Bool':
      case 'Num':
      case 'Str':
        return node.value;
      case 'Template': {
        let text = node.strings[0]!;
        node.exprs.forEach((part, i) => (text += toText(this.expr(part, scope, frame)) + node.strings[i + 1]!));
        return text;
      }
      case 'Ident':
        return this.ident(node, scope);
      case 'Array':
        return this.items(node.items, scope, frame);
      case 'Map':
        return this.mapLiteral(node, scope, frame);
      case 'Fn':
        return this.functionLiteral(node, scope);
      case 'Unary': {
        const value = this.expr(node.operand, scope, frame);
        return node.op === '!' ? !isTruthy(value) : this.guarded(node, () => unary(node.op, value));
      }
      case 'Binary': {
        const left = this.expr(node.left, scope, frame);
        const right = this.expr(node.right, scope, frame);
        return this.guarded(node.opSpan, () => binary(node.op, left, right));
      }
      case 'Logical': {
        const left = this.expr(node.left, scope, frame);
        const decided = node.op === '??' ? left !== null : isTruthy(left) === (node.op === '||');
        return decided ? left : this.expr(node.right, scope, frame);
      }
      case 'Cond':
        return this.expr(isTruthy(this.expr(node.test, scope, frame)) ? node.then : node.otherwise, scope, frame);
      case 'Call':
      case 'MethodCall': {
        const [fn, args] = this.callParts(node, scope, frame);
        return this.guarded(node, () => this.call(fn, args));
      }
      case 'Index': {
        const object = this.expr(node.object, scope, frame);
        const index = this.expr(node.index, scope, frame);
        return this.guarded(node, () => getIndex(object, index));
      }
      case 'Slice': {
        const object = this.expr(node.object, scope, frame);
        const from = node.from === null ? null : this.expr(node.from, scope, frame);
        const to = node.to === null ? null : this.expr(node.to, scope, frame);
        return this.guarded(node, () => slice(object, from, to));
      }
      case 'Field': {
        const object = this.expr(node.object, scope, frame);
        return this.guarded(node, () => getMember(object, node.name));
      }
      case 'Match':
        return this.match(node, scope, frame);
      case 'Spawn':
        // A task that does nothing, to be waited for.
        if (node.body.kind === 'Block' && node.body.body.length === 0) return null;
        throw new GivenUp('no tasks here');
      case 'Receive':
        throw new GivenUp(`no ${node.kind} here`);
    }
  }

  private ident(node: ast.Ident, scope: Scope): Value {
    const cell = scope.find(node.name, node.start);
    if (cell === undefined) {
      const builtin = this.builtins.get(node.name);
      if (builtin === undefined) throw new GivenUp(`no built-in '${node.name}' here`);
      return builtin;
    }
    if (cell.value === undefined) return this.guarded(node, () => fail('EUNSET', `'${node.name}' is not set yet`));
    return cell.value;
  }

  private items(nodes: readonly (ast.Expr | ast.Spread)[], scope: Scope, frame: Frame): Value[] {
    const items: Value[] = [];
    for (const node of nodes) {
      if (node.kind !== 'Spread') {
        items.push(this.expr(node, scope, frame));
        continue;
      }
      const value = this.expr(node.value, scope, frame);
      if (Array.isArray(value)) items.push(...value);
      else if (typeof value === 'string') items.push(...characters(value));
      else this.guarded(node, () => fail('ETYPE', `... of ${typeOf(value)}`));
    }
    return items;
  }

  private mapLiteral(node: ast.MapLit, scope: Scope, frame: Frame): RefMap {
    const parts = node.entries.map((entry): { readonly key: Value | undefined; readonly value: Value } => {
      if (entry.kind !== 'Entry') return { key: undefined, value: this.expr(entry.value, scope, frame) };
      const key = this.expr(entry.key, scope, frame);
      const name = typeof key === 'string' && entry.key.kind === 'Str' && /^[A-Za-z_]\w*$/.test(key) ? key : '';
      return { key, value: this.named(entry.value, entry.value.kind === 'Fn' ? name : '', scope, frame) };
    });
    return this.guarded(node, () => {
      const map = new RefMap();
      for (const { key, value } of parts) {
        if (key !== undefined) map.entries.set(keyText(key), value);
        else if (value instanceof RefMap) for (const [each, item] of value.entries) map.entries.set(each, item);
        else if (value !== null) fail('ETYPE', `... of ${typeOf(value)}`);
      }
      return map;
    });
  }

  private functionLiteral(node: ast.Fn, scope: Scope): RefFunction {
    if (node.name === null) return new RefFunction('', node, scope, null);
    const own = new Scope(scope, null);
    const fn = new RefFunction(node.name.name, node, own, null);
    own.declare(node.name, -1, [], fn);
    return fn;
  }

  // ---------------------------------------------------------------- calls

  private callParts(node: ast.Call | ast.MethodCall, scope: Scope, frame: Frame): [Value, Value[]] {
    if (node.kind === 'Call') {
      const fn = this.expr(node.callee, scope, frame);
      return [fn, this.items(node.args, scope, frame)];
    }
    const object = this.expr(node.object, scope, frame);
    if (object instanceof RefMap && object.entries.has(node.name)) {
      const fn = object.entries.get(node.name)!;
      return [fn, this.items(node.args, scope, frame)];
    }
    const builtin = this.builtins.get(node.name);
    if (builtin === undefined) {
      if (this.isBuiltin(node.name)) throw new GivenUp(`no built-in '${node.name}' here`);
      const code = object === null ? 'ENULL' : 'ETYPE';
      return this.guarded(node, () => fail(code, `no '${node.name}' of ${typeOf(object)}`));
    }
    return [builtin, [object, ...this.items(node.args, scope, frame)]];
  }

  call(fn: Value, args: Value[]): Value {
    this.step();
    if (!(fn instanceof RefFunction)) return fail('ETYPE', `cannot call ${typeOf(fn)}`);
    if (fn.native !== null) return fn.native(args);
    if (++this.depth > this.maxDepth) throw new GivenUp('too deep');
    try {
      return this.invoke(fn.node!, fn.scope!, args);
    } finally {
      this.depth--;
    }
  }

  private invoke(node: ast.Fn, outer: Scope, args: Value[]): Value {
    const frame: Frame = { deferred: [] };
    const scope = new Scope(outer, node);
    const body = node.body;
    try {
      return this.withDeferred(frame, () => {
        for (const param of node.params) this.declarePattern(param.target, param.fallback, scope);
        if (node.rest !== null) scope.declare(node.rest, node.rest.end, [], args.slice(node.params.length));
        const params = scope.cells.length;
        if (body.kind === 'Block') {
          this.prepare(body.body, scope, scope);
          // A function declared in the body takes its parameter's name over, but only for the body.
          const declared = scope.cells.filter((cell) => cell.start < 0);
          scope.cells.splice(0, declared.length);
          scope.cells.splice(params, 0, ...declared);
        }
        node.params.forEach((param, i) => {
          const value = i < args.length ? args[i]! : param.fallback === null ? null : this.expr(param.fallback, scope, frame);
          this.bind(param.target, value, scope, frame);
        });
        if (body.kind !== 'Block') return this.expr(body, scope, frame);
        this.statements(body.body, scope, frame);
        return null;
      });
    } catch (error) {
      if (error instanceof Returned) return error.value;
      throw error;
    }
  }
}
