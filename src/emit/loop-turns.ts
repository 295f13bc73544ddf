/** What a loop's text tells of its turns: whether it ends soon by itself, how much a turn does, whether one may wait. */
import type * as ast from '../syntax/ast';
import { isRange } from '../analysis/types';
import { visitExpr, visitStmt } from '../analysis/visit';
import type { Visited } from '../analysis/visit';
import { Matches } from './match';

type Loop = ast.While | ast.For | ast.ForIn;

export const TURNS_PER_TICK = 1000;
/** The same in loops of functions that cannot wait, with a loop inside. */
const OUTER_TURNS = 64;
/** A loop of so many turns takes a second. */
const HUGE = 1e9;
/** Turns that a loop may make in one stretch, where most likely it ends sooner: some hundredths of a second. */
export const LATE_TURNS = 1 << 24;

export interface Ticks {
  readonly first: number;
  readonly then: number;
}

export abstract class LoopTurns extends Matches {
  /** Turns up to the first question and from there on, for a loop that may take long; null for one that ends soon. */
  protected ticksOf(node: Loop): Ticks | null {
    const turns = this.turnsPerTick(node);
    if (turns !== Infinity) return { first: turns, then: turns };
    return this.endsAtRunTime(node) ? { first: LATE_TURNS, then: TURNS_PER_TICK } : null;
  }

  /** Where its end is only the run tells: it may be as good as none. */
  private endsAtRunTime(node: Loop): boolean {
    if (node.kind === 'For') {
      const { test } = node;
      if (test?.kind !== 'Binary') return false;
      // Up to a number of the text it is never far, but for a start below all that anybody counts from.
      if (numberOf(test.right) !== null || this.isLength(test.right))
        return test.op.startsWith('>') && numberOf(startOf(node)) === null;
      return true;
    }
    if (node.kind === 'While' || !isRange(node.iterable)) return false;
    return numberOf((node.iterable as ast.Binary).right) === null;
  }

  /** Infinity for a loop that comes to its end soon: the head tells where that is, and its turns do little. */
  private turnsPerTick(node: Loop): number {
    let turns = this.hasEnd(node) ? Infinity : TURNS_PER_TICK;
    const look = (at: Visited): boolean => {
      switch (at.kind) {
        case 'Fn':
        case 'FnDecl':
          return false;
        case 'While':
        case 'For':
        case 'ForIn':
          turns = OUTER_TURNS;
          return false;
        case 'Call':
          if (!this.isLight(at)) turns = Math.min(turns, TURNS_PER_TICK);
          return true;
        case 'MethodCall': {
          const builtin = this.analysis.lookup.builtin(at.name);
          if (builtin === null || builtin.inline.length === 0) turns = Math.min(turns, TURNS_PER_TICK);
          return true;
        }
        default:
          return true;
      }
    };
    visitStmt(node.body, look);
    return turns;
  }

  /** A walk, a range, or `i < n` where `i` is counted by the head alone and `n` stays what it is. */
  private hasEnd(node: Loop): boolean {
    if (node.kind === 'While') return false;
    if (node.kind === 'ForIn')
      return (
        !isRange(node.iterable) || !isHuge((node.iterable as ast.Binary).left, (node.iterable as ast.Binary).right)
      );
    const { test, update } = node;
    if (test?.kind !== 'Binary' || test.left.kind !== 'Ident' || isHuge(startOf(node), test.right)) return false;
    const { right } = test;
    const isFixed = right.kind === 'Num' || (right.kind === 'Ident' ? this.assignmentsOf(right) === 0 : this.isLength(right)); // prettier-ignore
    const direction = update?.kind === 'Assign' && this.assignmentsOf(test.left) === 1 ? stepOf(update, test.left) : 0;
    return isFixed && (test.op.startsWith('<') ? direction > 0 : test.op.startsWith('>') && direction < 0);
  }

  private isLength(node: ast.Expr): boolean {
    return node.kind === 'Call' ? this.isLight(node) : node.kind === 'MethodCall' && node.name === 'len';
  }

  private assignmentsOf(node: ast.Ident): number {
    const ref = this.analysis.program.refs.get(node);
    return ref?.kind === 'binding' ? ref.binding.assignments : Infinity;
  }

  /** Functions of the program count for themselves where they may take long; built-ins do not. */
  private isLight(call: ast.Call): boolean {
    const callee = this.analysis.lookup.callee(call.callee);
    return callee.kind === 'function' || (callee.kind === 'builtin' && callee.info.inline.length > 0);
  }

  /** Whether a wait, or a loop (which gives way itself), is inside. Only asked in functions that wait. */
  protected hasWaitOrLoop(tests: readonly ast.Expr[], body: ast.Block, update: ast.Stmt | null = null): boolean {
    if (!this.fn.waits) return false;
    let found = false;
    const look = (node: Visited): boolean => {
      switch (node.kind) {
        case 'Fn':
        case 'FnDecl':
          return false;
        case 'Call':
        case 'MethodCall':
          if (this.callWaits(node)) found = true;
          break;
        case 'Spawn':
          return node.body.kind !== 'Block';
        case 'Receive':
        case 'Send':
        case 'Select':
        case 'While':
        case 'For':
        case 'ForIn':
        case 'Defer':
          found = true;
          break;
        case 'Match':
          // It may become a generator of its own.
          found = true;
          break;
        default:
          break;
      }
      return !found;
    };
    for (const test of tests) visitExpr(test, look);
    visitStmt(body, look);
    if (update !== null) visitStmt(update, look);
    return found;
  }
}

/** Whether it is far from one number to the other, as far as the text tells. */
function isHuge(start: ast.Expr | null, end: ast.Expr): boolean {
  return Math.abs((numberOf(end) ?? 0) - (numberOf(start) ?? 0)) > HUGE;
}

/** Where the head of a loop begins to count. */
function startOf({ init }: ast.For): ast.Expr | null {
  return init?.kind === 'Let' ? init.init : init?.kind === 'Assign' ? init.value : null;
}

/** Of a literal, also with a minus before it. */
function numberOf(node: ast.Expr | null): number | null {
  if (node === null) return null;
  if (node.kind === 'Num') return node.value;
  return node.kind === 'Unary' && node.op === '-' && node.operand.kind === 'Num' ? -node.operand.value : null;
}

/** How `i += 1`, `i = i + 1` and their like change `i`; 0 for anything else. */
function stepOf({ target, op, value }: ast.Assign, counter: ast.Ident): number {
  const isCounter = (node: ast.Expr): boolean => node.kind === 'Ident' && node.name === counter.name;
  if (!isCounter(target)) return 0;
  if (value.kind === 'Num') return op === '+=' ? value.value : op === '-=' ? -value.value : 0;
  if (op !== '=' || value.kind !== 'Binary' || !isCounter(value.left) || value.right.kind !== 'Num') return 0;
  return value.op === '+' ? value.right.value : value.op === '-' ? -value.right.value : 0;
}
