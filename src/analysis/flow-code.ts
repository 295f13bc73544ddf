/** Statements and expressions: where their values come from and go to. */
import type * as ast from '../syntax/ast';
import { FlowCalls } from './flow-calls';
import { constantKey, FlowNode } from './flow-graph';
import type { FlowContext } from './flow-graph';

export abstract class FlowCode extends FlowCalls {
  /** What is thrown anywhere. */
  private readonly thrown = new FlowNode();

  protected statements(body: readonly ast.Stmt[], context: FlowContext): void {
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

  /** The node of an expression's values, or null where it can hold no function, array or map. */
  protected expr(node: ast.Expr, context: FlowContext): FlowNode | null {
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
}
