/** Calls: what flows into parameters and out of results, and what built-ins do with the functions among their arguments. */
import type * as ast from '../syntax/ast';
import { FlowContext, UNKNOWN } from './flow-graph';
import type { CallNode, CallSite, FlowNode, FnValue, ObjectValue } from './flow-graph';
import { FlowNames } from './flow-names';
import type { Lookup } from './lookup';
import type { Binding, BuiltinInfo, Resolved } from './program';
import { spawnFn } from './spawn-function';

/** Functions nested deeper than this are not told apart by context: the number of contexts doubles a level. */
const MAX_CONTEXT_DEPTH = 3;
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

export abstract class FlowCalls extends FlowNames {
  protected readonly contexts: FlowContext[] = [];
  private readonly numbers = new Map<object, number>();

  constructor(
    program: Resolved,
    lookup: Lookup,
    open: boolean,
    /** Keys of the direct calls that go to the full context. */
    protected readonly fullCalls: Set<string>,
    private readonly allFull: boolean,
  ) {
    super(program, lookup, open);
  }

  protected abstract statements(body: readonly ast.Stmt[], context: FlowContext): void;

  protected number(object: object): number {
    let id = this.numbers.get(object);
    if (id === undefined) this.numbers.set(object, (id = this.numbers.size));
    return id;
  }

  protected contextFor(value: FnValue, lean: boolean): FlowContext {
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

  protected callKey(call: CallNode, context: FlowContext): string {
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

  protected call(node: ast.Call, context: FlowContext): FlowNode | null {
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

  protected methodCall(node: ast.MethodCall, context: FlowContext): FlowNode | null {
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

  protected spawn(node: ast.Spawn, context: FlowContext): FlowNode {
    const task = this.object();
    this.hasTasks = true;
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
    if (callsBack && context !== null) context.callsBack = true;
    this.hasTasks ||= info.callbacks.includes('task');
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
}
