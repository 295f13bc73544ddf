/**
 * The graph that functions are followed through: nodes hold the functions, arrays and maps that an expression or a
 * variable may have, edges say where those go. Objects are told apart by the place that makes them, map entries by key.
 *
 * The analysis is one object built in layers, each a class in a file of its own that extends the one before: the graph,
 * names, calls, code, and the rounds in `flow.ts`.
 */
import type * as ast from '../syntax/ast';
import type { Binding, BuiltinInfo, FunctionScope } from './program';

/** A function as looked at for one kind of caller, inside one such context of the function around it. */
export interface Context {
  readonly scope: FunctionScope;
  readonly outer: Context | null;
  readonly lean: boolean;
  /** Same text, same context in every round. */
  readonly key: string;
  waits: boolean;
}

export type CallNode = ast.Call | ast.MethodCall | ast.Spawn;

export interface FnValue {
  readonly kind: 'fn';
  readonly fn: ast.Fn;
  readonly outer: FlowContext;
}
export interface ObjectValue {
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
export type AbstractValue = FnValue | ObjectValue | BuiltinValue | UnknownValue;

export const UNKNOWN: UnknownValue = { kind: 'unknown' };

export class FlowNode {
  readonly values = new Set<AbstractValue>();
  readonly targets = new Set<FlowNode>();
  readonly watchers: ((value: AbstractValue) => void)[] = [];
}

export class FlowContext implements Context {
  waits = false;
  /** A built-in calls functions for it. */
  callsBack = false;
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

export interface CallSite {
  /** The known function called, and its context. */
  direct: FlowContext | null;
  /** Nodes whose functions are called here, by the caller or by a built-in for it. */
  callees: FlowNode[];
  /** A built-in that waits, or something unknown. */
  waits: boolean;
  args: FlowNode[];
}

export abstract class FlowGraph {
  private readonly work: (() => void)[] = [];

  /** It spawns, or gives a function to a built-in that runs it as a task. */
  protected hasTasks = false;

  /** `open`: further code that is not seen may put anything anywhere. */
  constructor(protected readonly open: boolean) {}

  protected drain(): void {
    for (let next = this.work.pop(); next !== undefined; next = this.work.pop()) next();
  }

  protected put(node: FlowNode, value: AbstractValue): void {
    if (node.values.has(value)) return;
    node.values.add(value);
    for (const target of node.targets) this.work.push(() => this.put(target, value));
    for (const watcher of node.watchers) this.work.push(() => watcher(value));
  }

  protected flow(from: FlowNode | null, to: FlowNode | null): void {
    if (from === null || to === null || from === to || from.targets.has(to)) return;
    from.targets.add(to);
    for (const value of from.values) this.put(to, value);
  }

  protected watch(node: FlowNode, watcher: (value: AbstractValue) => void): void {
    node.watchers.push(watcher);
    for (const value of [...node.values]) watcher(value);
  }

  protected node(value?: AbstractValue): FlowNode {
    const node = new FlowNode();
    if (value !== undefined) node.values.add(value);
    if (this.open) node.values.add(UNKNOWN);
    return node;
  }

  protected object(channel = false): ObjectValue {
    return { kind: 'object', fields: new Map(), elements: this.node(), channel, fieldWatchers: [] };
  }

  protected field(object: ObjectValue, key: string): FlowNode {
    let node = object.fields.get(key);
    if (node === undefined) {
      node = this.node();
      object.fields.set(key, node);
      for (const watcher of object.fieldWatchers) watcher(node);
    }
    return node;
  }

  /** Every field of the object, present and to come, and its elements. */
  protected eachField(object: ObjectValue, use: (field: FlowNode) => void): void {
    use(object.elements);
    object.fieldWatchers.push(use);
    for (const field of [...object.fields.values()]) use(field);
  }

  protected load(from: FlowNode | null, key: string | null): FlowNode | null {
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

  protected store(into: FlowNode | null, key: string | null, value: FlowNode | null): void {
    if (into === null || value === null) return;
    this.watch(into, (target) => {
      if (target.kind === 'object') this.flow(value, key === null ? target.elements : this.field(target, key));
    });
  }

  /** `a + b` of arrays: a new array with the elements of both. */
  protected joined(left: FlowNode | null, right: FlowNode | null): FlowNode | null {
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

  protected either(nodes: readonly (FlowNode | null)[]): FlowNode | null {
    const some = nodes.filter((node) => node !== null);
    if (some.length < 2) return some[0] ?? null;
    const result = this.node();
    for (const node of some) this.flow(node, result);
    return result;
  }
}

export function holdsChannel(node: FlowNode): boolean {
  for (const value of node.values) {
    if (value.kind === 'unknown' || (value.kind === 'object' && value.channel)) return true;
  }
  return false;
}

export function constantKey(key: ast.Expr): string | null {
  return key.kind === 'Str' ? key.value : null;
}
