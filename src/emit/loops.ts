/**
 * Loops. In a function that can wait, a loop gives way to other tasks when its time is over. The loop asks
 * for the time after a number of turns that `pace` adapts, kept for each loop in a variable of the module
 * (`$k1`). The innermost loops, when they contain no wait, run those turns in a loop of their own without
 * any `yield`, which costs next to nothing; others count in their body, but only the turns between which they
 * did not wait: after a wait the scheduler has looked at the clock.
 */
import type * as ast from '../syntax/ast';
import { isRange } from '../analysis/types';
import { ARR, NUM, OTHER, STR } from '../analysis/types';
import { eachName } from '../analysis/pattern-names';
import { LATE_TURNS, LoopTurns, TURNS_PER_TICK } from './loop-turns';

/** The parts of a loop as writers; null for a part that is not there. */
interface LoopParts {
  readonly node: ast.While | ast.For | ast.ForIn;
  readonly label: string | null;
  /** Declarations before the loop that all turns share. */
  readonly before: (() => void) | null;
  /** A `let` of the head, of which closures see each turn's own, or nothing. */
  readonly init: (() => void) | null;
  readonly test: (() => void) | null;
  readonly update: (() => void) | null;
  readonly body: () => void;
  /** After the loop, where it began something in `before`. */
  readonly after?: (() => void) | null;
  /** Runs without waits and without inner loops, and no closure sees the head's variables. */
  readonly tight: boolean;
  /** How its head counts, where that is all the head does, and where it ends only the run tells. */
  readonly counts?: Counts | null;
  /** Nothing in its head makes it end some time. */
  readonly mayBeEndless?: boolean;
}

/** Numbers, all three of them; the end stays what it is. */
interface Counts {
  readonly counter: string;
  readonly op: '<' | '<=' | '>' | '>=';
  readonly end: () => string;
}

export abstract class Loops extends LoopTurns {
  /** How many loops ask for the time: each has its `$k` in the module. */
  pacedLoops = 0;
  /** Of these, the ones that count their turns in `$g`. */
  readonly countedLoops: number[] = [];

  protected abstract assignment(node: ast.Assign): void;

  private loop(parts: LoopParts): void {
    this.write('{ ');
    parts.before?.();
    if (!this.fn.waits) this.plainLoop(parts);
    else if (parts.tight) this.chunkedLoop(parts);
    else this.countedLoop(parts);
    parts.after?.();
    this.write(' }');
  }

  private head(parts: LoopParts): void {
    this.write('for (');
    parts.init?.();
    this.write('; ');
    parts.test?.();
    this.write('; ');
    parts.update?.();
    this.write(') ');
  }

  private within(label: string | null, breakText: string, continueText: string, body: () => void): void {
    this.fn.loops.push({ label, breakText, continueText });
    body();
    this.fn.loops.pop();
  }

  private labelFor(parts: LoopParts): string {
    return this.local(parts.label === null ? 'l' : `l$${parts.label}$`);
  }

  private plainLoop(parts: LoopParts): void {
    if (parts.mayBeEndless && parts.init === null && parts.update === null) return this.tickingLoop(parts);
    const label = this.labelFor(parts);
    const ticks = this.analysis.flow.mayPause ? this.ticksOf(parts.node) : null;
    if (ticks?.first === LATE_TURNS && parts.counts != null) return this.stretchedLoop(parts, parts.counts);
    const left = ticks === null ? null : this.local('n');
    if (ticks !== null) this.write(`let ${left!} = ${ticks.first}; `);
    this.write(`${label}: `);
    this.head(parts);
    this.write('{ ');
    if (ticks !== null) this.write(`if (--${left!} === 0) { ${this.op('tick')}(); ${left!} = ${ticks.then}; } `);
    this.within(parts.label, `break ${label}`, `continue ${label}`, parts.body);
    this.write(' }');
  }

  /**
   * Counts to its end in stretches, between which it notices how long it takes. Where the end is not very far, the
   * first is all there is, and its turns do nothing but what they would do anyway.
   */
  private stretchedLoop(parts: LoopParts, { counter, op, end }: Counts): void {
    const outer = this.labelFor(parts);
    const inner = this.local('l');
    const stop = this.local('b');
    const last = end();
    const left = op.startsWith('<') ? `${last} - ${counter}` : `${counter} - ${last}`;
    if (parts.init !== null) {
      parts.init();
      this.write('; ');
    }
    this.write(`${outer}: for (;;) { `);
    this.write(`const ${stop} = ${left} > ${LATE_TURNS} ? ${this.op('stretch')}(${counter}, ${last}) : ${last}; `);
    this.write(`${inner}: for (; ${counter} ${op} ${stop}; `);
    parts.update?.();
    this.write(') { ');
    this.within(parts.label, `break ${outer}`, `continue ${inner}`, parts.body);
    this.write(` } if (${stop} === ${last} || !(${left} >= 0)) break; ${this.op('tick')}(); }`);
  }

  /** Notices now and then how long it takes: see `runtime/overrun`. */
  private tickingLoop(parts: LoopParts): void {
    const outer = this.labelFor(parts);
    const inner = this.local('l');
    const left = this.local('n');
    this.write(
      `${outer}: for (;; ${this.op('tick')}()) { ${inner}: for (let ${left} = ${TURNS_PER_TICK}; ${left} > 0; ${left}--) `,
    );
    this.turnOf(parts, outer, inner);
    this.write(' }');
  }

  /** The inner loop's body: the test, and in a block of its own, since it may declare the test's names, a turn. */
  private turnOf(parts: LoopParts, outer: string, inner: string): void {
    this.write('{ ');
    if (parts.test !== null) {
      this.write('if (!(');
      parts.test();
      this.write(`)) break ${outer}; `);
    }
    this.write('{ ');
    this.within(parts.label, `break ${outer}`, `continue ${inner}`, parts.body);
    this.write(' } }');
  }

  /** Counts the turns that it makes without a wait between them, in all tasks together. */
  private countedLoop(parts: LoopParts): void {
    const label = this.labelFor(parts);
    const number = ++this.pacedLoops;
    this.countedLoops.push(number);
    const [pace, left] = [`$k${number}`, `$g${number}`];
    const step = this.local('n');
    this.write(`let ${step} = -1; ${label}: `);
    this.head(parts);
    this.write(`{ if (${step} === (${step} = ${this.op('present')}.step) && --${left} <= 0) `);
    this.write(`{ ${this.giveWay(pace)} ${left} = ${pace}; } `);
    this.within(parts.label, `break ${label}`, `continue ${label}`, parts.body);
    this.write(' }');
  }

  private giveWay(pace: string): string {
    return `if ((${pace} = ${this.op('pace')}(${pace})) < 0) yield null;`;
  }

  private chunkedLoop(parts: LoopParts): void {
    const outer = this.labelFor(parts);
    const inner = this.local('l');
    const pace = `$k${++this.pacedLoops}`;
    const left = this.local('n');
    parts.init?.();
    this.write(`; ${outer}: for (;;) { ${inner}: for (let ${left} = ${pace}; ${left} > 0; ${left}--`);
    if (parts.update !== null) {
      this.write(', ');
      parts.update();
    }
    this.write(') ');
    this.turnOf(parts, outer, inner);
    this.write(` ${this.giveWay(pace)} }`);
  }

  protected jump(node: ast.Break | ast.Continue): void {
    const loop =
      node.label === null ? this.fn.loops.at(-1) : this.fn.loops.findLast((each) => each.label === node.label);
    if (loop === undefined) throw new Error(`a ${node.kind} has no loop`);
    this.write(node.kind === 'Break' ? `${loop.breakText};` : `${loop.continueText};`);
  }

  // ---------------------------------------------------------------- the kinds of loop

  protected whileLoop(node: ast.While): void {
    this.loop({
      node,
      label: node.label,
      before: null,
      init: null,
      test: () => this.condition(node.test),
      update: null,
      body: () => this.statements(node.body.body),
      tight: !this.hasWaitOrLoop([node.test], node.body),
      mayBeEndless: true,
    });
  }

  protected forLoop(node: ast.For): void {
    const captured = node.init?.kind === 'Let' && this.someCaptured(node.init.target);
    // A head that is one declaration of a name stays in the head, so that closures see each turn's own.
    const inHead = node.init?.kind === 'Let' && node.init.target.kind === 'NamePattern' && node.init.keyword !== 'var';
    this.loop({
      node,
      label: node.label,
      before: node.init !== null && !inHead ? () => this.statement(node.init!) : null,
      init: inHead ? () => this.headLet(node.init as ast.Let) : null,
      test: node.test === null ? null : () => this.condition(node.test!),
      update: node.update === null ? null : () => this.updatePart(node.update!),
      body: () => this.statements(node.body.body),
      tight: !captured && !this.hasWaitOrLoop(node.test === null ? [] : [node.test], node.body, node.update),
      counts: captured ? null : this.countsOf(node),
      mayBeEndless: node.test === null,
    });
  }

  private countsOf({ test }: ast.For): Counts | null {
    if (test?.kind !== 'Binary' || test.left.kind !== 'Ident') return null;
    const { left, op, right } = test;
    if (op !== '<' && op !== '<=' && op !== '>' && op !== '>=') return null;
    if (this.types(left) !== NUM || this.types(right) !== NUM) return null;
    const [counter, end] = [this.simple(left, []), this.simple(right, [])];
    return counter === null || end === null ? null : { counter, op, end: () => end };
  }

  private headLet(node: ast.Let): void {
    const js = this.js(this.bound(node.target as ast.NamePattern));
    this.write(this.isMember(js) ? `${js} = ` : `let ${js} = `);
    if (node.init === null) this.write('null');
    else this.expr(node.init);
  }

  private updatePart(node: ast.Assign | ast.ExprStmt): void {
    if (node.kind === 'Assign') this.assignment(node);
    else this.expr(node.expr);
  }

  private someCaptured(pattern: ast.Pattern): boolean {
    if (pattern.kind === 'NamePattern') return this.bound(pattern).captured;
    return true;
  }

  protected forInLoop(node: ast.ForIn): void {
    const mayBeChannel = this.analysis.flow.walksChannel(node, this.fn.context);
    const tight = !this.hasWaitOrLoop([], node.body) && !mayBeChannel;
    const kinds = this.types(node.iterable);
    if (isRange(node.iterable)) this.rangeLoop(node, node.iterable as ast.Binary, tight);
    else if ((kinds & ~(ARR | STR)) === 0) this.arrayLoop(node, tight);
    else if (mayBeChannel && (kinds & ~OTHER) === 0) this.channelLoop(node);
    else this.walkLoop(node, tight, mayBeChannel);
  }

  private rangeLoop(node: ast.ForIn, range: ast.Binary, tight: boolean): void {
    const i = this.local('i');
    const from = this.local('a');
    const to = this.local('b');
    this.loop({
      node,
      label: node.label,
      before: () => {
        this.write(`const ${from} = `);
        this.rangeEnd(range, range.left, 0);
        this.write(`, ${to} = `);
        this.rangeEnd(range, range.right, 1);
        this.write('; ');
      },
      init: () => this.write(`let ${i} = ${from}`),
      test: () => this.write(`${i} <= ${to}`),
      update: () => this.write(`${i}++`),
      body: () => {
        if (node.first !== null) this.declare(this.bound(node.first), () => this.write(`${i} - ${from}`));
        this.bindPattern(node.value, i, node.iterable);
        this.walkedBody(node);
      },
      tight,
      counts: { counter: i, op: '<=', end: () => to },
    });
  }

  private rangeEnd(range: ast.Binary, end: ast.Expr, operand: number): void {
    if (end.kind === 'Num' && Number.isSafeInteger(end.value)) return this.expr(end);
    // As the range itself does, an end that is none is told of at the operator.
    this.withOperands([end], ([value]) => {
      this.out.mark(range.opSpan, [range.left, range.right]);
      this.write(`${this.op('rangeEnd')}(${value!}, ${operand})`);
    });
  }

  /** An array or a string, known to be one. */
  private arrayLoop(node: ast.ForIn, tight: boolean): void {
    const items = this.local('a');
    const i = this.local('i');
    this.loop({
      node,
      label: node.label,
      before: () => {
        this.write(`const ${items} = `);
        if (this.types(node.iterable) === ARR) {
          this.expr(node.iterable);
        } else {
          this.write(`${this.op('walk')}(`);
          this.expr(node.iterable);
          this.write(')');
        }
        this.write('; ');
      },
      init: () => this.write(`let ${i} = 0`),
      test: () => this.write(`${i} < ${items}.length`),
      update: () => this.write(`${i}++`),
      body: () => {
        if (node.first !== null) this.declare(this.bound(node.first), () => this.write(i));
        this.write(' ');
        this.loopValue(node, `${items}[${i}]`);
        this.walkedBody(node);
      },
      tight,
    });
  }

  private loopValue(node: ast.ForIn, read: string): void {
    if (node.value.kind === 'NamePattern') {
      this.declare(this.bound(node.value), () => this.write(read));
      this.write(' ');
      return;
    }
    const name = this.local('e');
    this.write(`const ${name} = ${read}; `);
    this.bindPattern(node.value, name, node.value);
  }

  /** Only a channel can come here, or what cannot be walked. */
  private channelLoop(node: ast.ForIn): void {
    const value = this.local('v');
    const i = node.first === null ? null : this.local('i');
    this.loop({
      node,
      label: node.label,
      before: () => {
        this.write(`const ${value} = `);
        this.expr(node.iterable);
        this.write('; try { ');
      },
      after: () => this.leaveWalk(value),
      init: i === null ? null : () => this.write(`let ${i} = 0`),
      test: null,
      update: i === null ? null : () => this.write(`${i}++`),
      body: () => {
        const item = this.local('e');
        this.write(`const ${item} = `);
        this.receiveNext(node, value);
        this.write(`; if (${item} === undefined) ${this.fn.loops.at(-1)!.breakText}; `);
        if (i !== null) this.declare(this.bound(node.first!), () => this.write(i));
        this.bindPattern(node.value, item, node.value);
        this.walkedBody(node);
      },
      tight: false,
    });
  }

  private receiveNext(node: ast.ForIn, channel: string): void {
    this.awaited(
      () => this.failing('receiveNext', channel, node.iterable, [node.iterable]),
      () => this.out.mark(node.iterable, [node.iterable]),
    );
  }

  /** A channel that reads a file closes it when the walk ends, also in its midst. */
  private leaveWalk(channel: string): void {
    this.write(` } finally { ${this.op('leaveWalk')}(${channel}); }`);
  }

  /** Whatever can be walked: array, string, map; a channel where one may come. */
  private walkLoop(node: ast.ForIn, tight: boolean, mayBeChannel: boolean): void {
    const value = this.local('v');
    const items = this.local('a');
    const map = this.local('q');
    const i = this.local('i');
    const channel = mayBeChannel ? this.local('c') : null;
    this.loop({
      node,
      label: node.label,
      before: () => {
        this.write(`const ${value} = `);
        this.expr(node.iterable);
        if (channel !== null) this.write(`, ${channel} = ${this.op('isChannel')}(${value})`);
        this.write(`, ${items} = ${channel === null ? '' : `${channel} ? [] : `}`);
        this.failing('walk', value, node.iterable, [node.iterable]);
        this.write(`, ${map} = ${this.op('walkedMap')}(${value}); `);
        if (channel !== null) this.write('try { ');
      },
      after: channel === null ? null : () => this.leaveWalk(value),
      init: () => this.write(`let ${i} = 0`),
      test: () => this.write(`${channel === null ? '' : `${channel} || `}${i} < ${items}.length`),
      update: () => this.write(`${i}++`),
      body: () => this.walkBody(node, { value, items, map, i, channel }),
      tight,
    });
  }

  private walkBody(
    node: ast.ForIn,
    names: { value: string; items: string; map: string; i: string; channel: string | null },
  ): void {
    const { value, items, map, i, channel } = names;
    const item = this.local('e');
    const { breakText, continueText } = this.fn.loops.at(-1)!;
    if (channel === null) {
      this.write(`const ${item} = ${items}[${i}]; `);
    } else {
      this.write(`const ${item} = ${channel} ? `);
      this.receiveNext(node, value);
      this.write(` : ${items}[${i}]; if (${item} === undefined) ${breakText}; `);
    }
    if (node.first === null) {
      this.write(`if (${map} !== null && !${map}.has(${item})) ${continueText}; `);
      this.bindPattern(node.value, item, node.value);
    } else {
      const under = this.local('e');
      this.write(
        `const ${under} = ${map} === null ? ${item} : ${map}.get(${item}); if (${under} === undefined) ${continueText}; `,
      );
      this.declare(this.bound(node.first), () => this.write(`${map} === null ? ${i} : ${item}`));
      this.bindPattern(node.value, under, node.value);
    }
    this.walkedBody(node);
  }

  /** The body may declare the loop's own names anew: then it needs a block of its own. */
  private walkedBody(node: ast.ForIn): void {
    const own = new Set<string>();
    if (node.first !== null) own.add(node.first.name);
    eachName(node.value, (name) => own.add(name.name));
    let again = false;
    for (const statement of node.body.body) {
      if (statement.kind === 'FnDecl' && own.has(statement.fn.name!.name)) again = true;
      if (statement.kind === 'Let') eachName(statement.target, (name) => (again ||= own.has(name.name)));
    }
    if (again) this.write('{ ');
    this.statements(node.body.body);
    if (again) this.write(' }');
  }
}
