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
import type { Binding, BuiltinInfo, FunctionScope, Module, Resolved } from './program';
import { spawnFn } from './resolver';
import type { Lookup } from './lookup';

/** A function as looked at for one kind of caller, inside one such context of the function around it. */
export interface Context {
  readonly scope: FunctionScope;
  readonly outer: Context | null;
  readonly lean: boolean;
  /** Same text, same context in every round. */
  readonly key: string;
  waits: boolean;
}

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
  /** Whether a function reads differently in its two contexts, so that both must be compiled. */
  differ(lean: Context, full: Context): boolean;
}

export type CallNode = ast.Call | ast.MethodCall | ast.Spawn;

// ---------------------------------------------------------------- the graph

interface FnValue {
  readonly kind: 'fn';
  readonly fn: ast.Fn;
  readonly outer: FlowContext;
}
interface ObjectValue {
  readonly kind: 'object';
  readonly fields: Map<string, FlowNode>;
  /** Array elements, entries under computed keys, a channel's messages, a task's result. */
  readonly elements: FlowNode;
  readonly channel: boolean;
  /** Told of each field, present and to come. */
  readonly fieldWatchers: ((field: FlowNode) => void)[];
}
interface BuiltinValue {
  readonly kind: 'builtin';
  readonly info: BuiltinInfo;
}
/** A function or object of unknown origin; calling it may wait. */
interface UnknownValue {
  readonly kind: 'unknown';
}
type AbstractValue = FnValue | ObjectValue | BuiltinValue | UnknownValue;

const UNKNOWN: UnknownValue = { kind: 'unknown' };

class FlowNode {
  readonly values = new Set<AbstractValue>();
  readonly targets = new Set<FlowNode>();
  readonly watchers: ((value: AbstractValue) => void)[] = [];
}

class FlowContext implements Context {
  waits = false;
  readonly nodes = new Map<Binding, FlowNode>();
  readonly result = new FlowNode();
  readonly callers = new Set<FlowContext>();
  readonly functionValues = new Map<ast.Fn, FnValue>();
  readonly inner = new Map<string, FlowContext>();
  readonly calls = new Map<CallNode, CallSite>();
  readonly walks = new Map<ast.ForIn, FlowNode>();
  readonly patterns = new Map<ast.Pattern, FlowNode>();
  rest: ObjectValue | null = null;

  constructor(
    readonly scope: FunctionScope,
    readonly outer: FlowContext | null,
    readonly lean: boolean,
    readonly key: string,
  ) {}
}

interface CallSite {
  /** The known function called, and its context. */
  direct: FlowContext | null;
  /** Nodes whose functions are called here, by the caller or by a built-in for it. */
  callees: FlowNode[];
  /** A built-in that waits, or something unknown. */
  waits: boolean;
  args: FlowNode[];
}

/** Rounds after which every call goes to the full context: far more than programs need. */
const MAX_ROUNDS = 12;
/** Functions nested deeper than this are not told apart by context: the number of contexts doubles a level. */
const MAX_CONTEXT_DEPTH = 3;

/** `open`: further code that is not seen may call what this declares (the REPL). */
export function analyseFlow(program: Resolved, lookup: Lookup, open: boolean): Flow {
  if (!open && !lookup.programMayWait) return new NothingWaits(program);
  const full = new Set<string>();
  for (let round = 0; ; round++) {
    const solver = new Solver(program, lookup, open, full, round >= MAX_ROUNDS);
    solver.solve();
    if (round > MAX_ROUNDS || !solver.moveCalls()) return solver;
  }
}

/** The quick answer for programs in which nothing waits. */
class NothingWaits implements Flow {
  private readonly contexts = new Map<FunctionScope, Context>();

  constructor(private readonly program: Resolved) {}

  moduleContext(module: Module): Context {
    return this.contextOf(module.scope, null);
  }

  contextsOf(fn: ast.Fn, outer: Context): { lean: Context | null; full: Context | null } {
    return { lean: null, full: this.contextOf(this.program.functions.get(fn)!, outer) };
  }

  private contextOf(scope: FunctionScope, outer: Context | null): Context {
    let context = this.contexts.get(scope);
    if (context === undefined) {
      context = { scope, outer, lean: false, key: '', waits: false };
      this.contexts.set(scope, context);
    }
    return context;
  }

  callWaits(): boolean {
    return false;
  }
  callIsLean(): boolean {
    return false;
  }
  walksChannel(): boolean {
    return false;
  }
  differ(): boolean {
    return false;
  }
}

class Solver implements Flow {
  private readonly modules = new Map<Module, FlowContext>();
  private readonly contexts: FlowContext[] = [];
  private readonly thrown = new FlowNode();
  private readonly work: (() => void)[] = [];
  private readonly numbers = new Map<object, number>();

  constructor(
    private readonly program: Resolved,
    private readonly lookup: Lookup,
    private readonly open: boolean,
    /** Keys of the direct calls that go to the full context. */
    private readonly fullCalls: Set<string>,
    private readonly allFull: boolean,
  ) {}

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

  private drain(): void {
    for (let next = this.work.pop(); next !== undefined; next = this.work.pop()) next();
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

  differ(lean: Context, full: Context): boolean {
    const a = lean as FlowContext;
    let known = this.differences.get(a);
    if (known === undefined) {
      known = this.compare(a, full as FlowContext);
      this.differences.set(a, known);
    }
    return known;
  }

  private readonly differences = new Map<FlowContext, boolean>();

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

  // -------------------------------------------------------------- nodes and edges

  private number(object: object): number {
    let id = this.numbers.get(object);
    if (id === undefined) this.numbers.set(object, (id = this.numbers.size));
    return id;
  }

  private put(node: FlowNode, value: AbstractValue): void {
    if (node.values.has(value)) return;
    node.values.add(value);
    for (const target of node.targets) this.work.push(() => this.put(target, value));
    for (const watcher of node.watchers) this.work.push(() => watcher(value));
  }

  private flow(from: FlowNode | null, to: FlowNode | null): void {
    if (from === null || to === null || from === to || from.targets.has(to)) return;
    from.targets.add(to);
    for (const value of from.values) this.put(to, value);
  }

  private watch(node: FlowNode, watcher: (value: AbstractValue) => void): void {
    node.watchers.push(watcher);
    for (const value of [...node.values]) watcher(value);
  }

  private node(value?: AbstractValue): FlowNode {
    const node = new FlowNode();
    if (value !== undefined) node.values.add(value);
    if (this.open) node.values.add(UNKNOWN);
    return node;
  }

  private object(channel = false): ObjectValue {
    return { kind: 'object', fields: new Map(), elements: this.node(), channel, fieldWatchers: [] };
  }

  private field(object: ObjectValue, key: string): FlowNode {
    let node = object.fields.get(key);
    if (node === undefined) {
      node = this.node();
      object.fields.set(key, node);
      for (const watcher of object.fieldWatchers) watcher(node);
    }
    return node;
  }

  /** Every field of the object, present and to come, and its elements. */
  private eachField(object: ObjectValue, use: (field: FlowNode) => void): void {
    use(object.elements);
    object.fieldWatchers.push(use);
    for (const field of [...object.fields.values()]) use(field);
  }

  private load(from: FlowNode | null, key: string | null): FlowNode | null {
    if (from === null) return null;
    const result = this.node();
    this.watch(from, (value) => {
      if (value.kind === 'unknown') this.put(result, UNKNOWN);
      if (value.kind !== 'object') return;
      if (key === null) {
        this.eachField(value, (field) => this.flow(field, result));
      } else {
        this.flow(this.field(value, key), result);
        this.flow(value.elements, result);
      }
    });
    return result;
  }

  private store(into: FlowNode | null, key: string | null, value: FlowNode | null): void {
    if (into === null || value === null) return;
    this.watch(into, (target) => {
      if (target.kind === 'object') this.flow(value, key === null ? target.elements : this.field(target, key));
    });
  }

  private variable(binding: Binding, context: FlowContext): FlowNode {
    let home: FlowContext | null = context;
    while (home !== null && home.scope !== binding.owner) home = home.outer;
    home ??= this.modules.get(binding.owner.module)!;
    let node = home.nodes.get(binding);
    if (node === undefined) {
      node = this.node(binding.kind === 'session' ? UNKNOWN : undefined);
      home.nodes.set(binding, node);
      if (binding.fn !== null && binding.kind === 'fn') {
        const scope = this.program.functions.get(binding.fn);
        // A named literal's own name lives inside the function: the value belongs to the context around it.
        const around = scope === binding.owner ? home.outer! : home;
        node.values.add(this.functionValue(binding.fn, around));
      }
    }
    return node;
  }

  private functionValue(fn: ast.Fn, outer: FlowContext): FnValue {
    let value = outer.functionValues.get(fn);
    if (value === undefined) {
      value = { kind: 'fn', fn, outer };
      outer.functionValues.set(fn, value);
    }
    return value;
  }

  // -------------------------------------------------------------- calls

  private contextFor(value: FnValue, lean: boolean): FlowContext {
    const key = `${this.number(value.fn)}${lean ? 'l' : 'f'}`;
    let context = value.outer.inner.get(key);
    if (context === undefined) {
      const scope = this.program.functions.get(value.fn)!;
      context = new FlowContext(scope, value.outer, lean, `${value.outer.key}>${key}`);
      value.outer.inner.set(key, context);
      this.contexts.push(context);
      this.functionBody(value.fn, context);
    }
    return context;
  }

  private functionBody(fn: ast.Fn, context: FlowContext): void {
    for (const param of fn.params) {
      if (param.fallback !== null)
        this.flow(this.expr(param.fallback, context), this.patternNode(param.target, context));
    }
    if (fn.body.kind === 'Block') this.statements(fn.body.body, context);
    else this.flow(this.expr(fn.body, context), context.result);
  }

  /** The node that a value bound to a pattern flows into; made once for each context. */
  private patternNode(pattern: ast.Pattern, context: FlowContext): FlowNode {
    if (pattern.kind === 'NamePattern') return this.variable(this.program.bindings.get(pattern)!, context);
    let node = context.patterns.get(pattern);
    if (node === undefined) {
      node = this.node();
      context.patterns.set(pattern, node);
      this.bindPattern(pattern, node, context);
    }
    return node;
  }

  private bindPattern(pattern: ast.Pattern, from: FlowNode | null, context: FlowContext): void {
    if (pattern.kind === 'NamePattern') {
      this.flow(from, this.variable(this.program.bindings.get(pattern)!, context));
      return;
    }
    if (pattern.rest !== null) this.flow(from, this.variable(this.program.bindings.get(pattern.rest)!, context));
    const items = pattern.kind === 'ArrayPattern' ? pattern.items : pattern.entries;
    for (const item of items) {
      if (item === null) continue;
      const key = item.kind === 'PatternEntry' ? item.key : null;
      this.bindPattern(item.target, this.load(from, key), context);
      if (item.fallback !== null) this.bindPattern(item.target, this.expr(item.fallback, context), context);
    }
  }

  private passArgs(fn: ast.Fn, callee: FlowContext, args: readonly (FlowNode | null)[], spread: boolean): void {
    fn.params.forEach((param, i) => {
      const target = this.patternNode(param.target, callee);
      if (spread) for (const arg of args) this.flow(arg, target);
      else this.flow(args[i] ?? null, target);
    });
    if (fn.rest === null) return;
    const rest = this.restObject(fn, callee);
    for (const arg of spread ? args : args.slice(fn.params.length)) this.flow(arg, rest.elements);
  }

  private restObject(fn: ast.Fn, callee: FlowContext): ObjectValue {
    if (callee.rest === null) {
      callee.rest = this.object();
      this.put(this.variable(this.program.bindings.get(fn.rest!)!, callee), callee.rest);
    }
    return callee.rest;
  }

  private site(call: CallNode, context: FlowContext): CallSite {
    let site = context.calls.get(call);
    if (site === undefined) {
      site = { direct: null, callees: [], waits: false, args: [] };
      context.calls.set(call, site);
    }
    return site;
  }

  /** Calls whatever functions `callee` holds. With a context, that caller waits with them. */
  private callValues(
    callee: FlowNode,
    args: readonly (FlowNode | null)[],
    spread: boolean,
    result: FlowNode,
    context: FlowContext | null,
  ): void {
    this.watch(callee, (value) => {
      switch (value.kind) {
        case 'unknown':
          if (context !== null) context.waits = true;
          for (const arg of args) this.escape(arg);
          this.put(result, UNKNOWN);
          return;
        case 'builtin':
          this.builtinFlow(value.info, args, result, context, null);
          if (context !== null && (value.info.waits || value.info.waitsWithCallback)) context.waits = true;
          return;
        case 'object':
          return;
        case 'fn': {
          const target = this.contextFor(value, false);
          this.passArgs(value.fn, target, args, spread);
          this.flow(target.result, result);
          if (context !== null) this.callsInto(context, target);
        }
      }
    });
  }

  private callsInto(caller: FlowContext, callee: FlowContext): void {
    callee.callers.add(caller);
  }

  /** Passed to something unknown: any function in it may be called with anything. */
  private escape(node: FlowNode | null): void {
    if (node === null) return;
    this.watch(node, (value) => {
      if (value.kind !== 'fn') return;
      const target = this.contextFor(value, false);
      this.passArgs(value.fn, target, [this.node(UNKNOWN)], true);
    });
  }

  private callKey(call: CallNode, context: FlowContext): string {
    return `${context.key}:${call.start}:${call.end}:${call.kind}`;
  }

  private args(
    args: readonly (ast.Expr | ast.Spread)[],
    context: FlowContext,
  ): { nodes: (FlowNode | null)[]; spread: boolean } {
    let spread = false;
    const nodes = args.map((arg) => {
      if (arg.kind !== 'Spread') return this.expr(arg, context);
      spread = true;
      return this.load(this.expr(arg.value, context), null);
    });
    return { nodes, spread };
  }

  private call(node: ast.Call, context: FlowContext): FlowNode | null {
    const callee = this.lookup.callee(node.callee);
    const { nodes, spread } = this.args(node.args, context);
    if (callee.kind === 'builtin') return this.builtinCall(node, callee.info, nodes, context);
    if (callee.kind === 'function') return this.directCall(node, callee.binding, nodes, spread, context);
    const site = this.site(node, context);
    const target = this.expr(node.callee, context);
    const result = this.node();
    if (target === null) return result;
    site.callees.push(target);
    this.callValues(target, nodes, spread, result, context);
    return result;
  }

  private directCall(
    node: CallNode,
    binding: Binding,
    args: (FlowNode | null)[],
    spread: boolean,
    context: FlowContext,
  ): FlowNode {
    const fn = binding.fn!;
    const outer = this.homeOf(fn, context);
    const depth = this.program.functions.get(fn)!.depth;
    const site = this.site(node, context);
    site.args = args.filter((arg) => arg !== null);
    const lean =
      !this.allFull &&
      !this.open &&
      depth <= MAX_CONTEXT_DEPTH &&
      node.kind !== 'Spawn' &&
      !this.fullCalls.has(this.callKey(node, context));
    const target = this.contextFor(this.functionValue(fn, outer), lean);
    this.passArgs(fn, target, args, spread);
    if (node.kind === 'Spawn') {
      // A task that loops must be able to give way, so it is a generator even when it never waits.
      if (target.scope.hasLoop) target.waits = true;
    } else {
      site.direct = target;
      this.callsInto(context, target);
    }
    return target.result;
  }

  /** The context around a function literal, seen from code that can name it. */
  private homeOf(fn: ast.Fn, context: FlowContext): FlowContext {
    const parent = this.program.functions.get(fn)!.parent!;
    let home: FlowContext | null = context;
    while (home !== null && home.scope !== parent) home = home.outer;
    return home ?? this.modules.get(parent.module)!;
  }

  private builtinCall(
    node: CallNode,
    info: BuiltinInfo,
    args: readonly (FlowNode | null)[],
    context: FlowContext,
  ): FlowNode | null {
    const site = this.site(node, context);
    const result = this.builtinFlow(info, args, null, node.kind === 'Spawn' ? null : context, site);
    if (info.waits && node.kind !== 'Spawn') {
      site.waits = true;
      context.waits = true;
    }
    return result;
  }

  /**
   * What a built-in does with the functions among its arguments: it may give back anything within reach of
   * them, put later arguments into the first one, and call its callbacks with anything within reach.
   */
  private builtinFlow(
    info: BuiltinInfo,
    args: readonly (FlowNode | null)[],
    into: FlowNode | null,
    context: FlowContext | null,
    site: CallSite | null,
  ): FlowNode | null {
    const callsBack = info.callbacks.some((kind) => kind !== null);
    if (!callsBack && args.every((arg) => arg === null) && info.gives !== 'channel') {
      if (!NEW_CONTAINERS.has(info.gives)) return null;
    }
    if (PLAIN_RESULTS.has(info.gives) && !callsBack && args.length < 2) return null;
    const reach = into ?? this.node();
    const seen = new Set<ObjectValue>();
    this.watch(reach, (value) => {
      if (value.kind !== 'object' || seen.has(value)) return;
      seen.add(value);
      this.eachField(value, (field) => this.flow(field, reach));
    });
    if (NEW_CONTAINERS.has(info.gives)) {
      const made = this.object(info.gives === 'channel');
      this.flow(reach, made.elements);
      this.put(reach, made);
    }
    for (const [i, arg] of args.entries()) {
      if (arg === null) continue;
      const kind = info.callbacks[Math.min(i, info.callbacks.length - 1)] ?? null;
      if (kind === null) {
        this.flow(arg, reach);
        if (i > 0) this.storeInto(args[0] ?? null, arg);
        continue;
      }
      // Options maps hold callbacks too: `{on_chunk: fn ...}`.
      const called = this.node();
      this.flow(arg, called);
      this.watch(arg, (value) => {
        if (value.kind === 'object') this.eachField(value, (field) => this.flow(field, called));
      });
      const given = this.node(info.givesWaitingFunctions ? UNKNOWN : undefined);
      this.flow(reach, given);
      this.callValues(called, [given], true, reach, kind === 'call' ? context : null);
      if (kind === 'call' && site !== null) site.callees.push(called);
    }
    return PLAIN_RESULTS.has(info.gives) ? null : reach;
  }

  private storeInto(container: FlowNode | null, value: FlowNode): void {
    if (container === null) return;
    this.watch(container, (target) => {
      if (target.kind !== 'object') return;
      this.watch(value, (item) => {
        this.put(target.elements, item);
        if (item.kind === 'object' && item !== target) this.flow(item.elements, target.elements);
      });
    });
  }

  private methodCall(node: ast.MethodCall, context: FlowContext): FlowNode | null {
    const member = this.lookup.member(node.object, node.name);
    if (member !== null) {
      const { nodes, spread } = this.args(node.args, context);
      if (member.kind === 'builtin') return this.builtinCall(node, member.info, nodes, context);
      if (member.kind === 'function') return this.directCall(node, member.binding, nodes, spread, context);
      return this.callNode(node, this.memberNode(member, context), nodes, spread, context);
    }
    const object = this.expr(node.object, context);
    const { nodes, spread } = this.args(node.args, context);
    const builtin = this.lookup.builtin(node.name);
    const result = this.node();
    this.flow(this.callNode(node, this.load(object, node.name), nodes, spread, context), result);
    if (builtin !== null) this.flow(this.builtinCall(node, builtin, [object, ...nodes], context), result);
    return result;
  }

  private callNode(
    node: CallNode,
    callee: FlowNode | null,
    args: (FlowNode | null)[],
    spread: boolean,
    context: FlowContext,
  ): FlowNode {
    const result = this.node();
    if (callee === null) return result;
    this.site(node, context).callees.push(callee);
    this.callValues(callee, args, spread, result, node.kind === 'Spawn' ? null : context);
    return result;
  }

  private memberNode(
    member: { kind: 'value'; binding: Binding | null; expr: ast.Expr | null; module: Module } | { kind: 'constant' },
    context: FlowContext,
  ): FlowNode | null {
    if (member.kind === 'constant') return null;
    if (member.binding !== null) return this.variable(member.binding, context);
    return member.expr === null ? null : this.exportValue(member.expr, this.modules.get(member.module)!);
  }

  private readonly exportValues = new Map<ast.Expr, FlowNode | null>();

  private exportValue(expr: ast.Expr, context: FlowContext): FlowNode | null {
    if (!this.exportValues.has(expr)) {
      this.exportValues.set(expr, null);
      this.exportValues.set(expr, this.expr(expr, context));
    }
    return this.exportValues.get(expr)!;
  }

  private spawn(node: ast.Spawn, context: FlowContext): FlowNode {
    const task = this.object();
    if (node.body.kind === 'Block') {
      const fn = spawnFn(node, node.body);
      const target = this.contextFor(this.functionValue(fn, context), false);
      target.waits = true;
      this.flow(target.result, task.elements);
      return this.node(task);
    }
    const result = this.spawnedCall(node, node.body, context);
    this.flow(result, task.elements);
    return this.node(task);
  }

  /** The call of `spawn f(x)`: run as a task of its own, so the spawning function does not wait with it. */
  private spawnedCall(node: ast.Spawn, call: ast.Call | ast.MethodCall, context: FlowContext): FlowNode | null {
    const { nodes, spread } = this.args(call.args, context);
    const callee = call.kind === 'Call' ? this.lookup.callee(call.callee) : this.lookup.member(call.object, call.name);
    if (callee?.kind === 'builtin') return this.builtinCall(node, callee.info, nodes, context);
    if (callee?.kind === 'function') return this.directCall(node, callee.binding, nodes, spread, context);
    if (call.kind === 'Call') return this.callNode(node, this.expr(call.callee, context), nodes, spread, context);
    if (callee?.kind === 'value') return this.callNode(node, this.memberNode(callee, context), nodes, spread, context);
    const object = this.expr(call.object, context);
    const result = this.callNode(node, this.load(object, call.name), nodes, spread, context);
    const builtin = this.lookup.builtin(call.name);
    if (builtin !== null) this.flow(this.builtinCall(node, builtin, [object, ...nodes], context), result);
    return result;
  }

  // -------------------------------------------------------------- statements

  private statements(body: readonly ast.Stmt[], context: FlowContext): void {
    for (const statement of body) this.statement(statement, context);
  }

  private block(block: ast.Block, context: FlowContext): void {
    this.statements(block.body, context);
  }

  private statement(node: ast.Stmt, context: FlowContext): void {
    switch (node.kind) {
      case 'Let':
        return this.bindPattern(node.target, node.init === null ? null : this.expr(node.init, context), context);
      case 'FnDecl':
        this.variable(this.program.bindings.get(node.fn.name!)!, context);
        return;
      case 'Assign':
        return this.assign(node, context);
      case 'ExprStmt':
        this.expr(node.expr, context);
        return;
      case 'Block':
        return this.block(node, context);
      case 'If':
        this.expr(node.test, context);
        this.block(node.then, context);
        if (node.otherwise !== null) this.statement(node.otherwise, context);
        return;
      case 'While':
        this.expr(node.test, context);
        return this.block(node.body, context);
      case 'For':
        if (node.init !== null) this.statement(node.init, context);
        if (node.test !== null) this.expr(node.test, context);
        if (node.update !== null) this.statement(node.update, context);
        return this.block(node.body, context);
      case 'ForIn':
        return this.forIn(node, context);
      case 'Break':
      case 'Continue':
        return;
      case 'Return':
        if (node.value !== null) this.flow(this.expr(node.value, context), context.result);
        return;
      case 'Throw':
        this.flow(this.expr(node.value, context), this.thrown);
        return;
      case 'Try':
        this.block(node.block, context);
        if (node.param !== null) this.flow(this.thrown, this.variable(this.program.bindings.get(node.param)!, context));
        if (node.handler !== null) this.block(node.handler, context);
        if (node.finalizer !== null) this.block(node.finalizer, context);
        return;
      case 'Defer':
        this.expr(node.call, context);
        return;
      case 'Send':
        context.waits = true;
        this.store(this.expr(node.channel, context), null, this.expr(node.value, context));
        return;
      case 'Select':
        context.waits = true;
        for (const selectCase of node.cases) this.selectCase(selectCase, context);
        return;
      case 'Import':
        return;
      case 'Export':
        for (const entry of node.entries) if (entry.value.kind !== 'Ident') this.exportValue(entry.value, context);
        return;
    }
  }

  private selectCase(node: ast.SelectCase, context: FlowContext): void {
    if (node.kind === 'ReceiveCase') {
      const received = this.load(this.expr(node.channel, context), null);
      if (node.target !== null) this.bindPattern(node.target, received, context);
    } else if (node.kind === 'SendCase') {
      this.store(this.expr(node.channel, context), null, this.expr(node.value, context));
    } else if (node.kind === 'TimeoutCase') {
      this.expr(node.ms, context);
    }
    this.statements(node.body, context);
  }

  private assign(node: ast.Assign, context: FlowContext): void {
    const value = this.expr(node.value, context);
    if (node.target.kind === 'Ident') {
      const ref = this.program.refs.get(node.target);
      if (ref?.kind !== 'binding') return;
      const variable = this.variable(ref.binding, context);
      this.flow(node.op === '+=' ? this.joined(variable, value) : value, variable);
    } else if (node.target.kind === 'Field') {
      this.store(this.expr(node.target.object, context), node.target.name, value);
    } else {
      const object = this.expr(node.target.object, context);
      this.expr(node.target.index, context);
      this.store(object, constantKey(node.target.index), value);
    }
  }

  private forIn(node: ast.ForIn, context: FlowContext): void {
    const iterable = this.expr(node.iterable, context);
    if (iterable !== null) {
      context.walks.set(node, iterable);
      this.watch(iterable, (value) => {
        if (value.kind === 'unknown' || (value.kind === 'object' && value.channel)) context.waits = true;
      });
    }
    this.bindPattern(node.value, this.load(iterable, null), context);
    this.block(node.body, context);
  }

  // -------------------------------------------------------------- expressions

  /** The node of an expression's values, or null where it can hold no function, array or map. */
  private expr(node: ast.Expr, context: FlowContext): FlowNode | null {
    switch (node.kind) {
      case 'Null':
      case 'Bool':
      case 'Num':
      case 'Str':
        return null;
      case 'Template':
        for (const part of node.exprs) this.expr(part, context);
        return null;
      case 'Ident':
        return this.ident(node, context);
      case 'Array':
        return this.arrayLiteral(node, context);
      case 'Map':
        return this.mapLiteral(node, context);
      case 'Fn':
        return this.node(this.functionValue(node, context));
      case 'Unary':
        this.expr(node.operand, context);
        return null;
      case 'Binary': {
        const left = this.expr(node.left, context);
        const right = this.expr(node.right, context);
        return node.op === '+' ? this.joined(left, right) : null;
      }
      case 'Logical':
        return this.either([this.expr(node.left, context), this.expr(node.right, context)]);
      case 'Cond':
        this.expr(node.test, context);
        return this.either([this.expr(node.then, context), this.expr(node.otherwise, context)]);
      case 'Call':
        return this.call(node, context);
      case 'MethodCall':
        return this.methodCall(node, context);
      case 'Index': {
        const object = this.expr(node.object, context);
        this.expr(node.index, context);
        return this.load(object, constantKey(node.index));
      }
      case 'Slice':
        if (node.from !== null) this.expr(node.from, context);
        if (node.to !== null) this.expr(node.to, context);
        return this.expr(node.object, context);
      case 'Field': {
        const member = this.lookup.member(node.object, node.name);
        if (member === null) return this.load(this.expr(node.object, context), node.name);
        if (member.kind === 'builtin') return this.node({ kind: 'builtin', info: member.info });
        if (member.kind === 'function') return this.variable(member.binding, context);
        return this.memberNode(member, context);
      }
      case 'Receive':
        context.waits = true;
        return this.load(this.expr(node.channel, context), null);
      case 'Spawn':
        return this.spawn(node, context);
      case 'Match':
        return this.match(node, context);
    }
  }

  private ident(node: ast.Ident, context: FlowContext): FlowNode | null {
    const ref = this.program.refs.get(node);
    if (ref === undefined || ref.kind === 'unknown') return null;
    if (ref.kind === 'builtin') return 'constant' in ref.entry ? null : this.node({ kind: 'builtin', info: ref.entry });
    const { binding } = ref;
    if (binding.target === null) return this.variable(binding, context);
    if (binding.target.kind === 'group') return this.groupObject(binding.target.group);
    const meant = this.lookup.imported(binding);
    if (meant === null) return null;
    if (meant.kind === 'namespace') return this.namespaceObject(meant.module);
    if (meant.kind === 'builtin') return this.node({ kind: 'builtin', info: meant.info });
    if (meant.kind === 'function') return this.variable(meant.binding, context);
    return this.memberNode(meant, context);
  }

  /** A module of built-ins used as a value. */
  private groupObject(group: string): FlowNode {
    const object = this.object();
    for (const [name, entry] of this.lookup.group(group)) {
      if (!('constant' in entry)) this.flow(this.node({ kind: 'builtin', info: entry }), this.field(object, name));
    }
    return this.node(object);
  }

  /** A module used as a value: a map of what it exports. */
  private namespaceObject(module: Module): FlowNode {
    const object = this.object();
    for (const [name, exported] of module.exports) {
      const member = { kind: 'value' as const, binding: exported.binding, expr: exported.value, module };
      this.flow(this.memberNode(member, this.modules.get(module)!), this.field(object, name));
    }
    return this.node(object);
  }

  private arrayLiteral(node: ast.ArrayLit, context: FlowContext): FlowNode {
    const object = this.object();
    for (const item of node.items) {
      const value = item.kind === 'Spread' ? this.load(this.expr(item.value, context), null) : this.expr(item, context);
      this.flow(value, object.elements);
    }
    return this.node(object);
  }

  private mapLiteral(node: ast.MapLit, context: FlowContext): FlowNode {
    const object = this.object();
    const result = this.node(object);
    for (const entry of node.entries) {
      const value = this.expr(entry.value, context);
      if (entry.kind === 'Spread') {
        this.flow(this.load(value, null), object.elements);
      } else {
        this.expr(entry.key, context);
        this.store(result, constantKey(entry.key), value);
      }
    }
    return result;
  }

  /** `a + b` of arrays: a new array with the elements of both. */
  private joined(left: FlowNode | null, right: FlowNode | null): FlowNode | null {
    // Only two arrays make an array: made when both sides turn out to hold one, for most sums are of numbers.
    if (left === null || right === null) return null;
    const result = this.node();
    const arrays = new Set<FlowNode>();
    const join = (side: FlowNode, value: AbstractValue): void => {
      if ((value.kind !== 'object' && value.kind !== 'unknown') || arrays.has(side)) return;
      arrays.add(side);
      if (!arrays.has(left) || !arrays.has(right)) return;
      const object = this.object();
      this.flow(this.load(left, null), object.elements);
      this.flow(this.load(right, null), object.elements);
      this.put(result, object);
    };
    this.watch(left, (value) => join(left, value));
    if (right !== left) this.watch(right, (value) => join(right, value));
    return result;
  }

  private either(nodes: readonly (FlowNode | null)[]): FlowNode | null {
    const some = nodes.filter((node) => node !== null);
    if (some.length < 2) return some[0] ?? null;
    const result = this.node();
    for (const node of some) this.flow(node, result);
    return result;
  }

  private match(node: ast.Match, context: FlowContext): FlowNode | null {
    const subject = this.expr(node.subject, context);
    const results: (FlowNode | null)[] = [];
    for (const arm of node.arms) {
      for (const pattern of arm.patterns) this.matchPattern(pattern, subject, context);
      if (arm.guard !== null) this.expr(arm.guard, context);
      if (arm.body.kind !== 'Block') {
        results.push(this.expr(arm.body, context));
        continue;
      }
      const last = arm.body.body.at(-1);
      this.statements(last?.kind === 'ExprStmt' ? arm.body.body.slice(0, -1) : arm.body.body, context);
      if (last?.kind === 'ExprStmt') results.push(this.expr(last.expr, context));
    }
    return this.either(results);
  }

  private matchPattern(pattern: ast.MatchPattern, from: FlowNode | null, context: FlowContext): void {
    switch (pattern.kind) {
      case 'NamePattern':
        this.flow(from, this.variable(this.program.bindings.get(pattern)!, context));
        return;
      case 'ArrayMatch':
        for (const item of pattern.items) this.matchPattern(item, this.load(from, null), context);
        if (pattern.rest !== null) this.matchPattern(pattern.rest, from, context);
        return;
      case 'MapMatch':
        for (const entry of pattern.entries) this.matchPattern(entry.pattern, this.load(from, entry.key), context);
        if (pattern.rest !== null) this.matchPattern(pattern.rest, from, context);
        return;
      case 'Any':
      case 'Value':
      case 'RangePattern':
        return;
    }
  }
}

/** Results of built-ins that hold no function. */
const PLAIN_RESULTS = new Set([
  'number',
  'string',
  'boolean',
  'null',
  'string or null',
  'number or null',
  'nothing',
  'never',
]);
/** Results that are containers made by the built-in. */
const NEW_CONTAINERS = new Set(['array', 'map', 'channel', 'task']);

function holdsChannel(node: FlowNode): boolean {
  for (const value of node.values) {
    if (value.kind === 'unknown' || (value.kind === 'object' && value.channel)) return true;
  }
  return false;
}

function constantKey(key: ast.Expr): string | null {
  return key.kind === 'Str' ? key.value : null;
}
