/** What names stand for, in code and in patterns: the nodes of variables, members of modules and function literals. */
import type * as ast from '../syntax/ast';
import { FlowGraph, UNKNOWN } from './flow-graph';
import type { FlowContext, FlowNode, FnValue } from './flow-graph';
import type { Lookup } from './lookup';
import type { Binding, Module, Resolved } from './program';

export abstract class FlowNames extends FlowGraph {
  protected readonly modules = new Map<Module, FlowContext>();
  private readonly exportValues = new Map<ast.Expr, FlowNode | null>();

  constructor(
    protected readonly program: Resolved,
    protected readonly lookup: Lookup,
    open: boolean,
  ) {
    super(open);
  }

  protected abstract expr(node: ast.Expr, context: FlowContext): FlowNode | null;

  protected variable(binding: Binding, context: FlowContext): FlowNode {
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

  protected functionValue(fn: ast.Fn, outer: FlowContext): FnValue {
    let value = outer.functionValues.get(fn);
    if (value === undefined) {
      value = { kind: 'fn', fn, outer };
      outer.functionValues.set(fn, value);
    }
    return value;
  }

  /** The context around a function literal, seen from code that can name it. */
  protected homeOf(fn: ast.Fn, context: FlowContext): FlowContext {
    const parent = this.program.functions.get(fn)!.parent!;
    let home: FlowContext | null = context;
    while (home !== null && home.scope !== parent) home = home.outer;
    return home ?? this.modules.get(parent.module)!;
  }

  protected ident(node: ast.Ident, context: FlowContext): FlowNode | null {
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

  protected memberNode(
    member: { kind: 'value'; binding: Binding | null; expr: ast.Expr | null; module: Module } | { kind: 'constant' },
    context: FlowContext,
  ): FlowNode | null {
    if (member.kind === 'constant') return null;
    if (member.binding !== null) return this.variable(member.binding, context);
    return member.expr === null ? null : this.exportValue(member.expr, this.modules.get(member.module)!);
  }

  protected exportValue(expr: ast.Expr, context: FlowContext): FlowNode | null {
    if (!this.exportValues.has(expr)) {
      this.exportValues.set(expr, null);
      this.exportValues.set(expr, this.expr(expr, context));
    }
    return this.exportValues.get(expr)!;
  }

  /** The node that a value bound to a pattern flows into; made once for each context. */
  protected patternNode(pattern: ast.Pattern, context: FlowContext): FlowNode {
    if (pattern.kind === 'NamePattern') return this.variable(this.program.bindings.get(pattern)!, context);
    let node = context.patterns.get(pattern);
    if (node === undefined) {
      node = this.node();
      context.patterns.set(pattern, node);
      this.bindPattern(pattern, node, context);
    }
    return node;
  }

  protected bindPattern(pattern: ast.Pattern, from: FlowNode | null, context: FlowContext): void {
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

  protected matchPattern(pattern: ast.MatchPattern, from: FlowNode | null, context: FlowContext): void {
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
