/**
 * What all layers of the reference evaluator stand on: steps and their limit, where failures happened,
 * deferred calls, and the cells that blocks and functions set up when they are entered.
 */
import type * as ast from '../../src/syntax/ast';
import { Scope, namesOf, namesWithDefaults } from './scope';
import { Failure, GivenUp, RefError, RefFunction, Thrown } from './values';
import type { Value } from './values';

export interface Limits {
  readonly steps?: number;
  readonly depth?: number;
  /** Whether there is a built-in of this name that the evaluator may lack. */
  readonly isBuiltin?: (name: string) => boolean;
}

/** What built-ins see of the evaluator. */
export interface Caller {
  print(text: string): void;
  call(fn: Value, args: Value[]): Value;
  /** Where the innermost operation under way stands. */
  readonly at: number;
}

export class Jump {
  constructor(
    readonly kind: 'break' | 'continue',
    readonly label: string | null,
  ) {}
}

export class Returned {
  constructor(readonly value: Value) {}
}

/** What a running function has beside its scopes. */
export interface Frame {
  /** Calls put off to its end. */
  readonly deferred: (() => void)[];
}

export abstract class EvaluatorBase {
  output = '';
  at = 0;
  private steps = 0;
  private readonly maxSteps: number;

  constructor(protected readonly limits: Limits) {
    this.maxSteps = limits.steps ?? 200_000;
  }

  print(text: string): void {
    this.output += text;
  }

  protected step(): void {
    if (++this.steps > this.maxSteps) throw new GivenUp('too many steps');
  }

  protected abstract statements(body: readonly ast.Stmt[], scope: Scope, frame: Frame): void;

  // ---------------------------------------------------------------- scopes

  /** Sets up the cells of a block; `outermost` is the function's own scope, where `var` goes. */
  protected prepare(body: readonly ast.Stmt[], scope: Scope, outermost: Scope): void {
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
  protected declarePattern(pattern: ast.Pattern, init: ast.Expr | null, scope: Scope): void {
    const around = init === null ? [] : [init];
    for (const [name, hidden] of namesWithDefaults(pattern, around))
      scope.declare(name, name.end, hidden, undefined, pattern.start);
  }

  /** The `var`s in a function's blocks, not those in functions within. */
  protected declareVars(body: readonly ast.Stmt[], scope: Scope): void {
    const seen = new Map<string, ReturnType<Scope['declare']>>();
    const visit = (node: ast.Stmt | null): void => {
      if (node === null) return;
      switch (node.kind) {
        case 'Let':
          if (node.keyword !== 'var') return;
          for (const name of namesOf(node.target)) {
            const earlier = seen.get(name.name);
            if (earlier === undefined)
              seen.set(
                name.name,
                scope.declare(name, name.end, node.init === null ? [] : [node.init], null, node.target.start),
              );
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

  protected functionScope(scope: Scope): Scope {
    let outermost = scope;
    while (outermost.fn === null && outermost.parent !== null) outermost = outermost.parent;
    return outermost;
  }

  protected block(node: ast.Block, outer: Scope, frame: Frame): void {
    const scope = new Scope(outer, null);
    this.prepare(node.body, scope, this.functionScope(scope));
    this.statements(node.body, scope, frame);
  }

  // ---------------------------------------------------------------- failures

  /** Runs an operation; what fails in it fails at `node`. */
  protected guarded<T>(node: { readonly start: number }, operation: () => T): T {
    this.at = node.start;
    try {
      return operation();
    } catch (error) {
      if (error instanceof Failure) throw new Thrown(new RefError(error.code, error.message, node.start));
      throw error;
    }
  }

  protected withDeferred<T>(frame: Frame, body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (endsEvaluation(error)) frame.deferred.length = 0;
      throw error;
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
    } catch (error) {
      if (endsEvaluation(error)) frame.deferred.length = 0;
      throw error;
    } finally {
      this.runDeferred(frame);
    }
  }
}

/** The evaluator's own limits: nothing of the program runs any more that could put its error in their place. */
export function endsEvaluation(error: unknown): boolean {
  return error instanceof GivenUp || error instanceof RangeError;
}
