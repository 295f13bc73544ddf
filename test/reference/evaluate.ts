/**
 * A slow and simple evaluator of the syntax tree, written from the contract of the language: what compiled
 * programs do is compared with it. Scopes are lists of named cells, jumps are JavaScript exceptions, nothing
 * is worked out beforehand. Tasks, channels and imports are left out; a call that only lets other tasks
 * run does nothing here.
 */
import type * as ast from '../../src/syntax/ast';
import { ExpressionEvaluator } from './evaluate-expressions';
import { Jump, Returned, endsEvaluation } from './evaluator-base';
import type { Frame, Limits } from './evaluator-base';
import { binary, getIndex, getMember, rangeEnds, setIndex } from './operate';
import { Scope } from './scope';
import { GivenUp, RefFunction, RefMap, Thrown, characters, fail, isTruthy, patience, typeOf } from './values';
import type { Value } from './values';

export { GivenUp };

export interface Outcome {
  /** What was printed. */
  readonly output: string;
  /** What nobody caught: thrown by the top level, and by the calls that it put off to the end. */
  readonly thrown: Value | undefined;
  readonly thrownLate: Value | undefined;
}

/** Throws `GivenUp` where the limits are passed or the program uses what the evaluator lacks. */
export function evaluate(program: ast.Program, limits: Limits = {}): Outcome {
  patience.left = 20_000;
  const evaluator = new Evaluator(limits);
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

class Evaluator extends ExpressionEvaluator {
  program(program: ast.Program, frame: Frame): void {
    const scope = new Scope(null, null);
    this.prepare(program.body, scope, scope);
    this.statements(program.body, scope, frame);
  }

  protected override statements(body: readonly ast.Stmt[], scope: Scope, frame: Frame): void {
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
      if (node.init.kind === 'Let' && node.init.keyword !== 'var')
        this.declarePattern(node.init.target, node.init.init, scope);
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
    let over = false;
    try {
      try {
        this.block(node.block, scope, frame);
      } catch (error) {
        over = endsEvaluation(error);
        if (!(error instanceof Thrown) || node.handler === null) throw error;
        const inner = new Scope(scope, null);
        if (node.param !== null) inner.declare(node.param, node.param.end, [], error.value);
        this.block(node.handler, inner, frame);
      }
    } finally {
      // A return, break or throw in here takes the place of what was under way.
      if (node.finalizer !== null && !over) this.block(node.finalizer, scope, frame);
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
      const value = this.named(
        node.value,
        node.op === '=' || (node.op === '??=' && node.value.kind === 'Fn') ? target.name : '',
        scope,
        frame,
      );
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
}
