/** Expressions, patterns and calls of the reference evaluator. */
import type * as ast from '../../src/syntax/ast';
import { builtins } from './builtins';
import { EvaluatorBase, Returned } from './evaluator-base';
import type { Caller, Frame, Limits } from './evaluator-base';
import { binary, getIndex, getMember, slice, unary } from './operate';
import { Scope, namesOf } from './scope';
import {
  GivenUp, RefError, RefFunction, RefMap, characters, fail, isEqual, isTruthy, isWhole, keyText, toText, typeOf,
} from './values'; // prettier-ignore
import type { Value } from './values';

export abstract class ExpressionEvaluator extends EvaluatorBase implements Caller {
  private depth = 0;
  private readonly maxDepth: number;
  private readonly builtins: ReadonlyMap<string, RefFunction>;

  constructor(limits: Limits) {
    super(limits);
    this.maxDepth = limits.depth ?? 200;
    this.builtins = builtins(this);
  }

  // ---------------------------------------------------------------- expressions

  /** A function literal that is given to a name at once is called by it. */
  protected named(node: ast.Expr, target: ast.Pattern | string, scope: Scope, frame: Frame): Value {
    const name = typeof target === 'string' ? target : target.kind === 'NamePattern' ? target.name : '';
    if (node.kind === 'Fn' && node.name === null) return new RefFunction(name, node, scope, null);
    if (node.kind === 'Match') return this.match(node, scope, frame, name);
    return this.expr(node, scope, frame);
  }

  protected expr(node: ast.Expr, scope: Scope, frame: Frame): Value {
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

  protected ident(node: ast.Ident, scope: Scope): Value {
    const cell = scope.find(node.name, node.start);
    if (cell === undefined) {
      const builtin = this.builtins.get(node.name);
      if (builtin === undefined) throw new GivenUp(`no built-in '${node.name}' here`);
      return builtin;
    }
    if (cell.value === undefined) return this.guarded(node, () => fail('EUNSET', `'${node.name}' is not set yet`));
    return cell.value;
  }

  protected items(nodes: readonly (ast.Expr | ast.Spread)[], scope: Scope, frame: Frame): Value[] {
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

  protected mapLiteral(node: ast.MapLit, scope: Scope, frame: Frame): RefMap {
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

  protected functionLiteral(node: ast.Fn, scope: Scope): RefFunction {
    if (node.name === null) return new RefFunction('', node, scope, null);
    const own = new Scope(scope, null);
    const fn = new RefFunction(node.name.name, node, own, null);
    own.declare(node.name, -1, [], fn);
    return fn;
  }

  // ---------------------------------------------------------------- calls

  protected callParts(node: ast.Call | ast.MethodCall, scope: Scope, frame: Frame): [Value, Value[]] {
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
      if (this.limits.isBuiltin?.(node.name) === true) throw new GivenUp(`no built-in '${node.name}' here`);
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

  protected invoke(node: ast.Fn, outer: Scope, args: Value[]): Value {
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
          const value =
            i < args.length ? args[i]! : param.fallback === null ? null : this.expr(param.fallback, scope, frame);
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

  // ---------------------------------------------------------------- patterns

  protected bind(pattern: ast.Pattern, value: Value, scope: Scope, frame: Frame): void {
    switch (pattern.kind) {
      case 'NamePattern':
        return scope.set(pattern, value);
      case 'ArrayPattern': {
        if (!Array.isArray(value)) return this.guarded(pattern, () => fail('ETYPE', `no array: ${typeOf(value)}`));
        pattern.items.forEach((item, i) => {
          if (item === null) return;
          const part =
            i < value.length ? value[i]! : item.fallback === null ? null : this.expr(item.fallback, scope, frame);
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
          const part = has
            ? getIndex(value, entry.key)
            : entry.fallback === null
              ? null
              : this.expr(entry.fallback, scope, frame);
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
  protected fits(pattern: ast.MatchPattern, value: Value, bound: Map<string, Value>): boolean {
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
        if (pattern.rest !== null)
          bound.set(pattern.rest.name, RefMap.of([...value.entries].filter(([key]) => !taken.includes(key))));
        return true;
      }
    }
  }

  /** A function that an arm gives is called by `name`. */
  protected match(node: ast.Match, outer: Scope, frame: Frame, name = ''): Value {
    const subject = this.expr(node.subject, outer, frame);
    for (const arm of node.arms) {
      for (const pattern of arm.patterns) {
        const bound = new Map<string, Value>();
        if (!this.fits(pattern, subject, bound)) continue;
        const scope = new Scope(outer, null);
        for (const each of arm.patterns) {
          for (const name of namesOf(each)) {
            if (scope.cells.every((cell) => cell.name !== name.name))
              scope.declare(name, -1, [], bound.get(name.name) ?? null);
          }
        }
        if (arm.guard !== null && !isTruthy(this.expr(arm.guard, scope, frame))) break;
        return arm.body.kind === 'Block'
          ? this.blockValue(arm.body, scope, frame, name)
          : this.named(arm.body, name, scope, frame);
      }
    }
    return null;
  }

  protected blockValue(node: ast.Block, outer: Scope, frame: Frame, name: string): Value {
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
}
