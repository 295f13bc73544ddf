/**
 * Which functions may wait. Those become generators, ten times slower to call than plain functions, so
 * this looks closely: it follows every function value through variables, parameters, maps, arrays and
 * built-ins to the calls it may reach (a subset-based flow analysis over the whole program; objects are
 * told apart by the place that makes them, map entries by key).
 *
 * A function that calls its parameters is looked at in two *contexts*: `lean`, for direct calls that pass
 * no function that waits, and `full`, for all other calls. Where the two differ both are compiled, so one
 * callback that waits somewhere does not slow down the others. Which call belongs to which context depends
 * on the result, so the analysis runs in rounds: calls found to pass a waiting function move to `full`,
 * never back, until nothing moves.
 *
 * Sound: a call that may reach a waiting function is always found. What comes from outside the analysis
 * (variables of earlier REPL inputs, functions of the host) counts as waiting.
 */
import type * as ast from '../syntax/ast';
import { FlowCode } from './flow-code';
import { FlowContext, holdsChannel } from './flow-graph';
import type { AbstractValue, CallNode, Context, FlowNode } from './flow-graph';
import type { Lookup } from './lookup';
import type { Module, Resolved } from './program';
import { recursive } from './recursion';

export type { CallNode, Context } from './flow-graph';

/** What the emitter asks. */
export interface Flow {
  /** The context of a module's top level. */
  moduleContext(module: Module): Context;
  /** The contexts in which a function literal is compiled; `full` is null when only `lean` is needed. */
  contextsOf(fn: ast.Fn, outer: Context): { lean: Context | null; full: Context | null };
  /** Whether this call may wait. */
  callWaits(call: CallNode, context: Context): boolean;
  /** For a direct call: whether it goes to the lean form. */
  callIsLean(call: CallNode, context: Context): boolean;
  /** Whether a `for` may walk a channel. */
  walksChannel(loop: ast.ForIn, context: Context): boolean;
  /** Whether the program may run on after a pause, where Ctrl-C no longer ends whatever it computes. */
  readonly mayPause: boolean;
  /** Whether the function may take long without a loop of its own: it calls itself, or a built-in calls others for it. */
  mayTakeLong(context: Context): boolean;
  /** Whether a function reads differently in its two contexts, so that both must be compiled. */
  differ(lean: Context, full: Context): boolean;
}

/** Rounds after which every call goes to the full context: far more than programs need. */
const MAX_ROUNDS = 12;

/** `open`: further code that is not seen may call what this declares (the REPL). */
export function analyseFlow(program: Resolved, lookup: Lookup, open: boolean): Flow {
  const full = new Set<string>();
  for (let round = 0; ; round++) {
    const solver = new Solver(program, lookup, open, full, round >= MAX_ROUNDS);
    solver.solve();
    if (round > MAX_ROUNDS || !solver.moveCalls()) return solver;
  }
}

class Solver extends FlowCode implements Flow {
  private readonly differences = new Map<FlowContext, boolean>();
  private recursive: ReadonlySet<FlowContext['scope']> | null = null;

  solve(): void {
    for (const module of this.program.modules) {
      const context = new FlowContext(module.scope, null, false, `m${module.index}`);
      this.modules.set(module, context);
      this.contexts.push(context);
    }
    for (const module of this.program.modules) {
      const context = this.modules.get(module)!;
      this.statements(module.program.body, context);
    }
    this.drain();
    this.reachTheRest();
    this.spreadWaits();
  }

  /** Functions that nothing calls are compiled too: they get a context like any other. */
  private reachTheRest(): void {
    for (let i = 0; i < this.contexts.length; i++) {
      const context = this.contexts[i]!;
      for (const value of context.functionValues.values()) {
        const id = this.number(value.fn);
        if (!context.inner.has(`${id}f`) && !context.inner.has(`${id}l`)) this.contextFor(value, false);
      }
      this.drain();
    }
  }

  private spreadWaits(): void {
    const queue = this.contexts.filter((context) => context.waits);
    const note = (context: FlowContext): void => {
      if (context.waits) return;
      context.waits = true;
      queue.push(context);
    };
    for (let context = queue.pop(); context !== undefined; context = queue.pop()) {
      for (const caller of context.callers) note(caller);
    }
  }

  /** Direct calls that pass a function that waits go to the full context from now on. True if any moved. */
  moveCalls(): boolean {
    let moved = false;
    for (const context of this.contexts) {
      for (const [call, site] of context.calls) {
        if (site.direct?.lean !== true) continue;
        if (!site.args.some((arg) => this.reachesWaiting(arg))) continue;
        this.fullCalls.add(this.callKey(call, context));
        moved = true;
      }
    }
    return moved;
  }

  /** Whether a function that waits can be got at from the values of this node. */
  private reachesWaiting(node: FlowNode): boolean {
    const seen = new Set<FlowNode>();
    const visit = (at: FlowNode): boolean => {
      if (seen.has(at)) return false;
      seen.add(at);
      for (const value of at.values) {
        if (value.kind === 'object') {
          if (visit(value.elements)) return true;
          for (const field of value.fields.values()) if (visit(field)) return true;
        } else if (this.valueWaits(value)) {
          return true;
        }
      }
      return false;
    };
    return visit(node);
  }

  private valueWaits(value: AbstractValue): boolean {
    switch (value.kind) {
      case 'unknown':
        return true;
      case 'builtin':
        return value.info.waits || value.info.waitsWithCallback;
      case 'object':
        return false;
      case 'fn':
        return value.outer.inner.get(`${this.number(value.fn)}f`)?.waits === true;
    }
  }

  // -------------------------------------------------------------- answers

  moduleContext(module: Module): Context {
    return this.modules.get(module)!;
  }

  contextsOf(fn: ast.Fn, outer: Context): { lean: Context | null; full: Context | null } {
    const id = this.number(fn);
    const inner = (outer as FlowContext).inner;
    return { lean: inner.get(`${id}l`) ?? null, full: inner.get(`${id}f`) ?? null };
  }

  callWaits(call: CallNode, context: Context): boolean {
    const site = (context as FlowContext).calls.get(call);
    if (site === undefined) return this.open;
    if (site.waits || site.direct?.waits === true) return true;
    return site.callees.some((node) => [...node.values].some((value) => this.valueWaits(value)));
  }

  callIsLean(call: CallNode, context: Context): boolean {
    return (context as FlowContext).calls.get(call)?.direct?.lean === true;
  }

  walksChannel(loop: ast.ForIn, context: Context): boolean {
    const node = (context as FlowContext).walks.get(loop);
    return node !== undefined && holdsChannel(node);
  }

  get mayPause(): boolean {
    return this.open || this.hasTasks || this.contexts.some(({ waits }) => waits);
  }

  mayTakeLong(context: Context): boolean {
    // A call may lead from one context of a function to its other one, of which only one is compiled.
    this.recursive ??= new Set(Array.from(recursive(this.contexts), ({ scope }) => scope));
    const { callsBack, scope } = context as FlowContext;
    return callsBack || this.recursive.has(scope);
  }

  differ(lean: Context, full: Context): boolean {
    const a = lean as FlowContext;
    let known = this.differences.get(a);
    if (known === undefined) {
      known = this.compare(a, full as FlowContext);
      this.differences.set(a, known);
    }
    return known;
  }

  private compare(a: FlowContext, b: FlowContext): boolean {
    if (a.waits !== b.waits) return true;
    for (const call of a.calls.keys()) {
      if (this.callWaits(call, a) !== this.callWaits(call, b) || this.callIsLean(call, a) !== this.callIsLean(call, b))
        return true;
    }
    for (const loop of a.walks.keys()) if (this.walksChannel(loop, a) !== this.walksChannel(loop, b)) return true;
    if (a.inner.size !== b.inner.size) return true;
    for (const [key, inner] of a.inner) {
      const other = b.inner.get(key);
      if (other === undefined || this.compare(inner, other)) return true;
    }
    return false;
  }
}
