/**
 * `match`. As a statement, or where its value goes straight into a variable or a `return`, it is a chain of
 * `if`s in a labelled block, and its arms are ordinary blocks. Inside a larger expression it is a chain of
 * `?:`, or, where an arm has statements or binds names, a function called on the spot.
 */
import type * as ast from '../syntax/ast';
import { leavingJump } from '../analysis/match-positions';
import { literalText, numberText, objectText, stringText } from './base';
import { Patterns } from './patterns';

/** Where a value goes: nowhere, into a JavaScript variable or member, or out of the function. */
export type Sink =
  | { readonly kind: 'discard' }
  | { readonly kind: 'assign'; readonly to: string; readonly name: string }
  | { readonly kind: 'return' };

export const DISCARD: Sink = { kind: 'discard' };
export const RETURN: Sink = { kind: 'return' };

/** Longer chains of `?:` nest deeper than the engine's parser can go. */
const MAX_CHAIN = 100;

export abstract class Matches extends Patterns {
  protected abstract statements(body: readonly ast.Stmt[]): void;
  protected abstract statement(node: ast.Stmt): void;

  /** Writes an expression as a statement whose value goes into the sink. */
  protected sink(node: ast.Expr, sink: Sink): void {
    if (node.kind === 'Match') return this.matchStatement(node, sink);
    this.write(sink.kind === 'assign' ? `${sink.to} = ` : sink.kind === 'return' ? 'return ' : this.opening(node));
    if (node.kind === 'Fn' && sink.kind === 'assign') this.functionValue(node, sink.name);
    else this.operand(node);
    this.write(';');
  }

  /** A statement of JavaScript must not begin with `function` or `{`; these begin with a parenthesis or name. */
  private opening(node: ast.Expr): string {
    return node.kind === 'Fn' || node.kind === 'Map' || node.kind === 'Str' ? 'void ' : '';
  }

  private sinkNull(sink: Sink): void {
    if (sink.kind === 'assign') this.write(`${sink.to} = null;`);
    else if (sink.kind === 'return') this.write('return null;');
  }

  protected matchStatement(node: ast.Match, sink: Sink): void {
    const label = this.local('m');
    this.write(`${label}: { `);
    const subject = this.subject(node.subject);
    for (const arm of node.arms) this.arm(arm, subject, label, sink);
    this.sinkNull(sink);
    this.write(' }');
  }

  private subject(node: ast.Expr): string {
    const simple = this.simple(node, []);
    if (simple !== null && node.kind === 'Ident') {
      const ref = this.analysis.program.refs.get(node);
      // One of a function around may not be set yet: that must show even where no arm looks at it.
      const own = ref?.kind === 'binding' && ref.binding.owner === this.fn.context.scope;
      if (own && ref.binding.assignments === 0) return simple;
    }
    const name = this.local('v');
    this.write(`const ${name} = `);
    this.expr(node);
    this.write('; ');
    return name;
  }

  private arm(arm: ast.MatchArm, subject: string, label: string, sink: Sink): void {
    this.out.toLineOf(arm.start);
    this.scoped(() => {
      const bound = new Map<string, string>();
      this.write('if (');
      this.alternatives(arm.patterns, subject, bound);
      this.write(') { ');
      for (const pattern of arm.patterns) this.declareBound(pattern, bound);
      if (arm.guard !== null) {
        this.write('if (');
        this.condition(arm.guard);
        this.write(') { ');
      }
      this.armBody(arm.body, sink);
      if (sink.kind !== 'return') this.write(` break ${label};`);
      this.write(arm.guard === null ? ' } ' : ' } } ');
    });
  }

  private armBody(body: ast.Expr | ast.Block, sink: Sink): void {
    if (body.kind !== 'Block') {
      this.out.toLineOf(body.start);
      return this.sink(body, sink);
    }
    const last = body.body.at(-1);
    this.write('{ ');
    if (last?.kind === 'ExprStmt' && sink.kind !== 'discard') {
      this.statements(body.body.slice(0, -1));
      this.out.toLineOf(last.start);
      this.sink(last.expr, sink);
    } else {
      this.statements(body.body);
      this.sinkNull(sink);
    }
    this.write(' }');
  }

  /** Names are bound to temporaries while the pattern is tested; the arm's own variables get them after. */
  private declareBound(pattern: ast.MatchPattern, bound: Map<string, string>): void {
    eachMatchName(pattern, (name) => {
      const temporary = bound.get(name.name);
      if (temporary === undefined) return;
      bound.delete(name.name);
      this.declare(this.bound(name), () => this.write(temporary));
      this.write(' ');
    });
  }

  // ---------------------------------------------------------------- tests

  private alternatives(patterns: readonly ast.MatchPattern[], subject: string, bound: Map<string, string>): void {
    const names = patterns.length > 1 ? patterns.flatMap(namesIn) : [];
    patterns.forEach((pattern, i) => {
      if (i > 0) this.write(' || ');
      const own = new Set(names.length > 0 ? namesIn(pattern).map(({ name }) => name) : []);
      // What only another alternative binds is null here, whatever that one had bound before it failed.
      const missing = names.filter(({ name }) => !own.has(name));
      if (missing.length > 0) this.write('(');
      for (const name of missing) this.write(`(${this.boundName(name, bound)} = null, true) && `);
      this.test(pattern, subject, bound);
      if (missing.length > 0) this.write(')');
    });
  }

  /** Writes a JavaScript condition: whether the value fits. Binding assigns temporaries on the way. */
  private test(pattern: ast.MatchPattern, value: string, bound: Map<string, string>): void {
    switch (pattern.kind) {
      case 'Any':
        return this.write('true');
      case 'NamePattern':
        return this.write(`(${this.boundName(pattern, bound)} = ${value}, true)`);
      case 'Value':
        return this.write(`${value} === ${literalText(pattern.value)}`);
      case 'RangePattern':
        return this.write(
          `(Number.isInteger(${value}) && ${value} >= ${numberText(pattern.from)} && ${value} <= ${numberText(pattern.to)})`,
        );
      case 'ArrayMatch':
        return this.arrayTest(pattern, value, bound);
      case 'MapMatch':
        return this.mapTest(pattern, value, bound);
    }
  }

  private boundName(pattern: ast.NamePattern, bound: Map<string, string>): string {
    let name = bound.get(pattern.name);
    if (name === undefined) bound.set(pattern.name, (name = this.temporary()));
    return name;
  }

  private arrayTest(pattern: ast.ArrayMatch, value: string, bound: Map<string, string>): void {
    const open = pattern.open || pattern.rest !== null;
    this.write(
      `(${this.op('isArray')}(${value}) && ${objectText(value)}.length ${open ? '>=' : '==='} ${pattern.items.length}`,
    );
    pattern.items.forEach((item, i) => {
      if (item.kind === 'Any') return;
      this.write(' && ');
      this.inner(item, `${value}[${i}]`, bound);
    });
    if (pattern.rest !== null)
      this.write(
        ` && (${this.boundName(pattern.rest, bound)} = ${objectText(value)}.slice(${pattern.items.length}), true)`,
      );
    this.write(')');
  }

  private inner(pattern: ast.MatchPattern, read: string, bound: Map<string, string>): void {
    if (pattern.kind === 'Value' || pattern.kind === 'NamePattern') return this.test(pattern, read, bound);
    const name = this.temporary();
    this.write(`(${name} = ${read}, `);
    this.test(pattern, name, bound);
    this.write(')');
  }

  private mapTest(pattern: ast.MapMatch, value: string, bound: Map<string, string>): void {
    this.write(`(${this.op('isMapLike')}(${value})`);
    for (const entry of pattern.entries) {
      const name = this.temporary();
      this.write(` && (${name} = ${this.op('entry')}(${value}, ${stringText(entry.key)})) !== undefined && `);
      this.test(entry.pattern, name, bound);
    }
    if (pattern.rest !== null) {
      const taken = pattern.entries.map((entry) => stringText(entry.key)).join(', ');
      this.write(` && (${this.boundName(pattern.rest, bound)} = ${this.op('restOf')}(${value}, [${taken}]), true)`);
    }
    this.write(')');
  }

  // ---------------------------------------------------------------- inside expressions

  protected matchValue(node: ast.Match): void {
    const simple = node.arms.every((arm) => arm.body.kind !== 'Block' && arm.patterns.every(bindsNothing));
    if (simple && node.arms.length <= MAX_CHAIN) return this.matchChain(node);
    if (leavingJump(node) !== null) throw new Error('a jump leaves a match inside an expression');
    this.write(this.fn.waits ? '(yield* (function* $block() { ' : '((function $block() { ');
    this.matchStatement(node, RETURN);
    this.write(this.fn.waits ? ' })())' : ' })())');
  }

  private matchChain(node: ast.Match): void {
    this.withOperands([node.subject], ([subject]) => {
      if (node.subject.kind === 'Ident' && node.arms[0]?.patterns[0]?.kind === 'Any') this.write(`${subject}, `);
      for (const arm of node.arms) {
        this.out.toLineOf(arm.start);
        this.write('(');
        this.alternatives(arm.patterns, subject!, new Map());
        this.write(')');
        if (arm.guard !== null) {
          this.write(' && (');
          this.condition(arm.guard);
          this.write(')');
        }
        this.write(' ? ');
        this.expr(arm.body as ast.Expr);
        this.write(' : ');
      }
      this.write('null');
    });
  }
}

function bindsNothing(pattern: ast.MatchPattern): boolean {
  let binds = false;
  eachMatchName(pattern, () => (binds = true));
  return !binds;
}

export function eachMatchName(pattern: ast.MatchPattern, each: (name: ast.NamePattern) => void): void {
  switch (pattern.kind) {
    case 'NamePattern':
      return each(pattern);
    case 'ArrayMatch':
      for (const item of pattern.items) eachMatchName(item, each);
      if (pattern.rest !== null) each(pattern.rest);
      return;
    case 'MapMatch':
      for (const entry of pattern.entries) eachMatchName(entry.pattern, each);
      if (pattern.rest !== null) each(pattern.rest);
      return;
    case 'Any':
    case 'Value':
    case 'RangePattern':
      return;
  }
}

function namesIn(pattern: ast.MatchPattern): ast.NamePattern[] {
  const names: ast.NamePattern[] = [];
  eachMatchName(pattern, (name) => names.push(name));
  return names;
}
