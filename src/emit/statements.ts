/** Statements: declarations, assignments, branches, errors, deferred calls, channels. */
import type * as ast from '../syntax/ast';
import { statementMatch } from '../analysis/match-positions';
import { isKnownFunction } from '../analysis/lookup';
import type { Binding } from '../analysis/program';
import { propertyText, stringText } from './base';
import { Loops } from './loops';
import { DISCARD, RETURN } from './match';
import { exportMember } from './patterns';

const SLOW: Readonly<Record<string, string>> = { '+=': 'add', '-=': 'sub', '*=': 'mul', '/=': 'div', '%=': 'mod' };

export abstract class Statements extends Loops {
  protected abstract functionDeclaration(fn: ast.Fn): void;
  /** `const f = fn ...` with its two forms. */
  protected abstract functionVariable(node: ast.Let, binding: Binding): void;

  protected statements(body: readonly ast.Stmt[]): void {
    for (const statement of body) {
      this.out.toLineOf(statement.start);
      this.statement(statement);
      this.write(' ');
    }
  }

  private block(node: ast.Block): void {
    this.write('{ ');
    this.statements(node.body);
    this.write('}');
  }

  protected statement(node: ast.Stmt): void {
    switch (node.kind) {
      case 'Let':
        return this.letStatement(node);
      case 'FnDecl':
        return this.functionDeclaration(node.fn);
      case 'Assign':
        return this.assignStatement(node);
      case 'ExprStmt':
        return this.sink(node.expr, DISCARD);
      case 'Block':
        return this.block(node);
      case 'If':
        return this.ifStatement(node);
      case 'While':
        return this.whileLoop(node);
      case 'For':
        return this.forLoop(node);
      case 'ForIn':
        return this.forInLoop(node);
      case 'Break':
      case 'Continue':
        return this.jump(node);
      case 'Return':
        return node.value === null ? this.write('return null;') : this.sink(node.value, RETURN);
      case 'Throw':
        this.write('throw ');
        this.out.mark(node, []);
        this.write(`${this.op('thrown')}(`);
        this.expr(node.value);
        return this.write(');');
      case 'Try':
        return this.tryStatement(node);
      case 'Defer':
        return this.deferStatement(node);
      case 'Send':
        return this.sendStatement(node);
      case 'Select':
        return this.selectStatement(node);
      case 'Import':
        return this.importStatement(node);
      case 'Export':
        return this.exportStatement(node);
    }
  }

  private letStatement(node: ast.Let): void {
    const { target, init } = node;
    if (target.kind === 'NamePattern') {
      const binding = this.bound(target);
      if (isKnownFunction(binding) && binding.fn === init) return this.functionVariable(node, binding);
      const match = statementMatch(node);
      if (match !== null) return this.letMatch(binding, match);
      return this.declare(binding, () => {
        if (init === null) this.write('null');
        else if (init.kind === 'Fn') this.functionValue(init, binding.name);
        else this.expr(init);
      });
    }
    const name = this.local('v');
    this.write(`const ${name} = `);
    if (init === null) this.write('null');
    else this.expr(init);
    this.write('; ');
    this.bindPattern(target, name, init ?? target);
  }

  private letMatch(binding: Binding, match: ast.Match): void {
    const value = this.matchedValue(match, binding.name);
    this.declare(binding, () => this.write(value));
  }

  /**
   * Writes a match whose value goes into a JavaScript variable of its own: the arms may declare the name that
   * the value is for, and a function called in them must not see that one yet.
   */
  private matchedValue(match: ast.Match, name: string): string {
    const value = this.local('v');
    this.write(`let ${value}; `);
    this.matchStatement(match, { kind: 'assign', to: value, name });
    this.write(' ');
    return value;
  }

  private ifStatement(node: ast.If): void {
    this.write('if (');
    this.condition(node.test);
    this.write(') ');
    this.block(node.then);
    if (node.otherwise === null) return;
    this.write(' else ');
    this.out.toLineOf(node.otherwise.start);
    this.statement(node.otherwise);
  }

  // ---------------------------------------------------------------- assignments

  private assignStatement(node: ast.Assign): void {
    const match = statementMatch(node);
    if (match !== null) {
      const binding = this.variable(node.target as ast.Ident);
      const value = this.matchedValue(match, binding.name);
      return this.write(`${this.js(binding)} = ${value};`);
    }
    this.assignment(node);
    this.write(';');
  }

  private variable(node: ast.Ident): Binding {
    const ref = this.analysis.program.refs.get(node);
    if (ref?.kind !== 'binding') throw new Error(`'${node.name}' cannot be assigned to`);
    return ref.binding;
  }

  /** As an expression of JavaScript, so that it can stand in the head of a `for` too. */
  protected assignment(node: ast.Assign): void {
    switch (node.target.kind) {
      case 'Ident':
        return this.assignVariable(node, node.target);
      case 'Field':
        return this.assignField(node, node.target.object, node.target.name);
      case 'Index':
        if (node.target.index.kind === 'Str')
          return this.assignField(node, node.target.object, node.target.index.value);
        return this.assignIndex(node, node.target);
    }
  }

  private assignVariable(node: ast.Assign, target: ast.Ident): void {
    const js = this.js(this.variable(target));
    if (node.op === '??=') {
      this.write(`${js} ??= `);
      return this.expr(node.value);
    }
    this.write(`${js} = `);
    if (node.op === '=') {
      if (node.value.kind === 'Fn') return this.functionValue(node.value, target.name);
      return this.expr(node.value);
    }
    const { opSpan } = node;
    this.binary({
      kind: 'Binary', op: node.op.slice(0, -1) as ast.BinaryOp, opSpan, left: target, right: node.value,
      start: node.start, end: node.end,
    }); // prettier-ignore
  }

  private assignField(node: ast.Assign, object: ast.Expr, key: string): void {
    const property = propertyText(key);
    this.scoped(() => {
      const o = this.temporary();
      const v = this.temporary();
      this.write(`(${o} = `);
      this.expr(object);
      this.write(', ');
      this.assignedValue(node, v, (old) => {
        this.write(`${o} !== null && (${old} = ${o}${property}) !== undefined ? ${old} : `);
        this.failing('getField', `${o}, ${stringText(key)}`, node.target, [object]);
      });
      this.write(`${o} !== null && ${o}${property} !== undefined ? ${o}${property} = ${v} : `);
      this.failing('setField', `${o}, ${stringText(key)}, ${v}`, node.target, [object]);
      this.write(')');
    });
  }

  private assignIndex(node: ast.Assign, target: ast.Index): void {
    const operands = [target.object, target.index];
    this.scoped(() => {
      const o = this.temporary();
      const i = this.temporary();
      const v = this.temporary();
      this.write(`(${o} = `);
      this.expr(target.object);
      this.write(`, ${i} = `);
      this.expr(target.index);
      this.write(', ');
      const entry = this.mayBeEntry(target);
      const entries = entry ? this.temporary() : '';
      const test = entry ? this.entriesTest(target, o, i, entries) : '';
      this.assignedValue(node, v, (old) => {
        if (entry) this.write(`${test} && (${old} = ${entries}.get(${i})) !== undefined ? ${old} : `);
        else {
          this.write(
            `typeof ${i} === 'number' && ${this.op('isArray')}(${o}) && (${old} = ${o}[${i}]) !== undefined ? ${old} : `,
          );
        }
        this.failing('index', `${o}, ${i}`, target, operands);
      });
      if (entry) this.write(`${test} ? ${entries}.set(${i}, ${v}) : `);
      else
        this.write(`${this.op('isArray')}(${o}) && ${i} >>> 0 === ${i} && ${i} < ${o}.length ? ${o}[${i}] = ${v} : `);
      this.failing('setIndex', `${o}, ${i}, ${v}`, target, operands);
      this.write(')');
    });
  }

  /** Writes `v = value, `, where a compound operator first reads what is there, with a temporary to do so. */
  private assignedValue(node: ast.Assign, v: string, writeRead: (temporary: string) => void): void {
    if (node.op === '=') {
      this.write(`${v} = `);
      if (node.value.kind === 'Fn' && node.target.kind === 'Field') this.functionValue(node.value, node.target.name);
      else this.expr(node.value);
    } else if (node.op === '??=') {
      this.write(`${v} = `);
      writeRead(v);
      this.write(`, ${v} = ${v} === null ? `);
      this.expr(node.value);
      this.write(` : ${v}`);
    } else {
      const old = this.temporary();
      this.write(`${old} = `);
      writeRead(old);
      this.write(`, ${v} = `);
      this.expr(node.value);
      this.write(
        `, ${v} = typeof ${old} === 'number' && typeof ${v} === 'number' ? ${old} ${node.op.slice(0, -1)} ${v} : `,
      );
      this.failing(SLOW[node.op]!, `${old}, ${v}`, node.opSpan, [node.target, node.value]);
    }
    this.write(', ');
  }

  // ---------------------------------------------------------------- errors and deferred calls

  private tryStatement(node: ast.Try): void {
    this.write('try ');
    this.block(node.block);
    if (node.handler !== null) {
      const thrown = this.local('x');
      this.write(` catch (${thrown}) { `);
      if (node.param === null) {
        this.write(`${this.op('caught')}(${thrown}); `);
      } else {
        this.declare(this.bound(node.param), () => this.write(`${this.op('caught')}(${thrown})`));
        this.write(' ');
      }
      this.out.toLineOf(node.handler.start);
      this.block(node.handler);
      this.write(' }');
    }
    if (node.finalizer !== null) {
      this.write(' finally ');
      this.out.toLineOf(node.finalizer.start);
      this.block(node.finalizer);
    }
  }

  private deferStatement(node: ast.Defer): void {
    this.write(this.fn.outer === null ? `${this.op('deferToEnd')}(` : '$d.push(');
    this.laterCall(node.call, node.call);
    this.write(');');
  }

  // ---------------------------------------------------------------- channels

  private sendStatement(node: ast.Send): void {
    this.withOperands([node.channel, node.value], ([channel, value]) => {
      this.awaited(
        () => this.failing('send', `${channel}, ${value}`, node, [node.channel]),
        () => this.out.mark(node, [node.channel]),
      );
    });
    this.write(';');
  }

  private selectStatement(node: ast.Select): void {
    const chosen = this.local('s');
    const waiting = node.cases.filter((each) => each.kind === 'ReceiveCase' || each.kind === 'SendCase');
    this.write(`{ const ${chosen} = yield* `);
    this.out.mark(
      node,
      waiting.map((each) => each.channel),
    );
    this.write(`${this.op('select')}([`);
    waiting.forEach((each, i) => {
      this.write(i > 0 ? ', ' : '');
      this.expr(each.channel);
    });
    this.write('], [');
    waiting.forEach((each, i) => {
      this.write(i > 0 ? ', ' : '');
      if (each.kind === 'SendCase') this.expr(each.value);
      else this.write('undefined');
    });
    this.write('], ');
    const timeout = node.cases.find((each) => each.kind === 'TimeoutCase');
    if (timeout === undefined) this.write('undefined');
    else this.expr(timeout.ms);
    this.write(`, ${node.cases.some((each) => each.kind === 'DefaultCase')}); `);
    let index = 0;
    node.cases.forEach((each, i) => {
      const number = each.kind === 'TimeoutCase' ? -1 : each.kind === 'DefaultCase' ? -2 : index++;
      this.out.toLineOf(each.start);
      this.write(`${i > 0 ? ' else ' : ''}if (${chosen}.index === ${number}) { `);
      if (each.kind === 'ReceiveCase' && each.target !== null)
        this.bindPattern(each.target, `${chosen}.value`, each.channel);
      this.statements(each.body);
      this.write('}');
    });
    this.write(' }');
  }

  // ---------------------------------------------------------------- modules

  /** Imports are links, no code; in the REPL their names are variables for the inputs to come. */
  private importStatement(node: ast.Import): void {
    if (!this.analysis.session) return;
    const locals = [...(node.local === null ? [] : [node.local]), ...(node.names ?? []).map((each) => each.local)];
    for (const local of locals) {
      const binding = this.bound(local);
      this.write(`${this.js(binding)} = `);
      this.imported(local, binding);
      this.write('; ');
    }
  }

  private exportStatement(node: ast.Export): void {
    for (const entry of node.entries) {
      const exported = this.module.exports.get(entry.name);
      if (exported === undefined || (exported.binding !== null && exported.binding.target === null)) continue;
      this.write(`${exportMember(entry.name)} = `);
      this.expr(entry.value);
      this.write('; ');
    }
  }
}
