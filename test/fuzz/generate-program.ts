/**
 * Well-formed programs that end: functions called too often give null, loops count, text and arrays are cut.
 * They print what they work out and catch most of their errors, so that much happens before the first one that
 * ends them.
 *
 * A program is made once and written in variants of the same lines: in the first no call can wait, in others
 * some places wait, so that the functions around them are compiled as generators.
 */
import { Choices } from './choices';
import { ExpressionGenerator } from './generate-expressions';
import type { Kind } from './generate-scopes';

const WAIT = '\u0001';
const NAMES = ['a', 'b', 'c', 'd', 'x', 'y', 'len', 'type', 'class', 'arguments', 'π'];
const KINDS: readonly Kind[] = ['number', 'string', 'boolean', 'array', 'map', 'function', 'any'];

const HEAD = `let _fuel = 60
fn slow(x) { ${WAIT}return x }
fn twice(f, x) { return f(f(x)) }
fn attempt(f, other) { try { return f() } catch e { return other } }
let a = 3
let b = "ab"
let c = [1, 2, 3]
let d = {"a": 1, "b": "x"}
let x = fn(x) => x
let y = true
`;

const HEAD_VARIABLES: readonly (readonly [string, Kind])[] = [
  ['a', 'number'], ['b', 'string'], ['c', 'array'], ['d', 'map'], ['x', 'function'], ['y', 'boolean'],
]; // prettier-ignore

export class GeneratedProgram {
  private readonly parts: readonly string[];

  constructor(data: readonly number[]) {
    this.parts = new ProgramGenerator(new Choices(data)).program().split(WAIT);
  }

  get plain(): string {
    return this.parts.join('');
  }

  /** The places where `waits` says so call a built-in that waits. */
  waiting(waits: (place: number) => boolean): string {
    return this.parts
      .map((part, i) => (i > 0 && waits(i) ? (i % 2 === 0 ? 'yield_now(); ' : 'wait(spawn { }); ') + part : part))
      .join('');
  }
}

/** The program with the helpers of its head in a file of their own, `plain` or `waiting`. */
export function importing(text: string, helpers: string): string {
  const lines = text.split('\n');
  return [lines[0], `import { slow, twice, attempt } from "${helpers}"`, '', '', ...lines.slice(4)].join('\n');
}

/** The program as the body of a function. */
export function inFunction(text: string): string {
  return `fn main() { ${text}\n}\nmain()\n`;
}

interface Surroundings {
  /** `return` is possible. */
  readonly inFunction: boolean;
  /** Labels of the loops that `break` and `continue` reach; '' for one without. */
  readonly loops: readonly string[];
  /** Within an expression: no jump leaves it, no `var` is declared. */
  readonly enclosed: boolean;
}

class ProgramGenerator extends ExpressionGenerator {
  private around: Surroundings = { inFunction: false, loops: [], enclosed: false };
  private counters = 0;
  private blockDepth = 0;

  program(): string {
    for (const [name, kind] of HEAD_VARIABLES)
      this.names.declare({ name, kind, constant: false, arity: kind === 'function' ? 1 : null });
    const body = this.statements(10 + this.choices.below(25));
    return HEAD + body + this.logAll();
  }

  protected freshName(): string {
    return this.choices.of(NAMES);
  }

  // ---------------------------------------------------------------- blocks

  private within<T>(around: Partial<Surroundings>, body: () => T): T {
    const outer = this.around;
    this.around = { ...outer, ...around };
    const result = body();
    this.around = outer;
    return result;
  }

  protected override functionBlock(parameters: readonly { name: string; kind: Kind }[]): string {
    return this.within({ inFunction: true, loops: [], enclosed: false }, () => {
      this.names.enter(true);
      for (const { name, kind } of parameters) this.names.declare({ name, kind, constant: false, arity: null });
      const start = `{ ${WAIT}_fuel -= 1; if _fuel < 0 { return null }\n`;
      const body = this.statements(1 + this.choices.below(4));
      const end = this.choices.chance(75) ? `return ${this.expr('any')}\n` : '';
      this.names.leave();
      return `${start}${body}${end}}`;
    });
  }

  protected override valueBlock(kind: Kind): string {
    return this.within({ loops: [], enclosed: true }, () => {
      this.names.enter();
      const body = this.statements(this.choices.below(3));
      const value = this.expr(kind);
      this.names.leave();
      return `{\n${body}${value}\n}`;
    });
  }

  private block(count = 1 + this.choices.below(3), declare: () => void = () => {}): string {
    this.names.enter();
    declare();
    this.names.enter();
    this.blockDepth++;
    const body = this.statements(count);
    this.blockDepth--;
    this.names.leave();
    this.names.leave();
    return `{ ${this.choices.chance(30) ? WAIT : ''}\n${body}}`;
  }

  private statements(count: number): string {
    let text = '';
    const outer = this.depth;
    this.depth = Math.min(this.blockDepth, 3);
    const functions = this.choices.chance(25) ? [this.functionDeclaration()] : [];
    for (let i = 0; i < count; i++) text += this.statement();
    if (functions.length > 0) {
      const at = this.choices.chance(50) ? 0 : text.length;
      text = text.slice(0, at) + functions.join('') + text.slice(at);
    }
    this.depth = outer;
    return text;
  }

  // ---------------------------------------------------------------- statements

  /** Most cannot fail; of those that can, most fail where it is caught. */
  private statement(): string {
    const { choices } = this;
    const outer = this.safe;
    this.safe = !choices.chance(this.blockDepth === 0 ? 25 : 40);
    let text = this.anyStatement();
    const alone = !/^(let|const|var|fn|defer|\w+:|for|while|\{|match) ?/.test(text) && text !== '';
    if (!this.safe && alone && choices.chance(70))
      text = `try { ${text.trimEnd()} } catch e { log(type(e), "failed") }\n`;
    this.safe = outer;
    return text;
  }

  private anyStatement(): string {
    const { choices } = this;
    if (choices.exhausted) return '';
    if (this.blockDepth < 4 && choices.chance(40)) return this.nested();
    switch (choices.below(14)) {
      case 12:
      case 13:
        return `log(${this.variable('any')}, ${this.expr('any')})\n`;
      case 0:
      case 1:
      case 2:
        return this.declaration();
      case 3:
      case 4:
        return this.assignment();
      case 5:
      case 6:
        return `log(${this.expr('any')}, ${this.expr(choices.of(KINDS.slice(0, 5)))})\n`;
      case 7:
        return this.destructuring();
      case 8:
        return this.jump();
      case 9:
        return `attempt(fn() { log(${this.expr('any')}); return 1 }, 2)\n`;
      case 10:
        return this.deferred();
      default:
        return `try { log(${this.expr('any')}) } catch e { log(type(e)) }\n`;
    }
  }

  private declaration(): string {
    const { choices } = this;
    const kind = choices.of(KINDS);
    const keyword = choices.of(['let', 'let', 'const', this.around.enclosed ? 'let' : 'var'] as const);
    const name = this.freshName();
    const value = this.expr(kind);
    const variable = {
      name,
      kind,
      constant: keyword === 'const',
      arity: kind === 'function' ? this.arityOf(value) : null,
    };
    if (keyword === 'var') this.names.declareInFunction(variable);
    else this.names.declare(variable);
    return `${keyword} ${name} = ${value}\n`;
  }

  /** The checker knows the function of a variable that is never assigned: no more arguments than it has. */
  private arityOf(value: string): number {
    const parameters = /^\(?fn\((.*?)\)/.exec(value)?.[1];
    return parameters === undefined || parameters.trim() === '' ? 0 : parameters.split(',').length;
  }

  private functionDeclaration(): string {
    const { choices } = this;
    const name = this.freshName();
    const parameters = [...new Set(Array.from({ length: choices.below(3) }, () => this.freshName()))];
    this.names.declare({ name, kind: 'function', constant: true, arity: parameters.length });
    const block = this.functionBlock(parameters.map((each) => ({ name: each, kind: 'any' })));
    return `fn ${name}(${parameters.join(', ')}) ${block}\n`;
  }

  private assignment(): string {
    const { choices } = this;
    const targets = this.names.assignable();
    if (targets.length === 0) return this.declaration();
    const target = choices.of(targets);
    const { name, kind } = target;
    switch (choices.below(8)) {
      case 0:
        return `${name} += ${this.expr('number')}\n`.replace(
          '+=',
          choices.of(kind === 'number' ? ['+=', '-=', '*=', '/=', '%='] : ['??=']),
        );
      case 1:
        return kind === 'number' ? `${name}${choices.of(['++', '--'])}\n` : `${name} ??= ${this.expr(kind)}\n`;
      case 2:
        return this.guarded(
          `${this.variable('map')}.${choices.of(['a', 'b', 'c'])} ${choices.of(['=', '+=', '??='])} ${this.expr('number')}`,
        );
      case 3:
        return this.guarded(
          `${this.variable('array')}[${choices.of(['0', '-1', '1', this.expr('number')])}] ${choices.of(['=', '=', '-='])} ${this.expr('any')}`,
        );
      case 4:
        return this.guarded(`${this.variable('map')}[${this.expr('string')}] = ${this.expr('any')}`);
      case 5: {
        const array = this.variable('array');
        return this.guarded(`if len(${array}) < 6 { push(${array}, ${this.expr('any')}) }`);
      }
      case 6:
        return this.guarded(`pop(${this.variable('array')})`);
      default:
        return `${name} = ${this.expr(kind)}\n`;
    }
  }

  private variable(kind: Kind): string {
    const variables = this.safe ? this.names.certain(kind) : this.names.ofKind(kind);
    return variables.length === 0 ? this.expr(kind) : this.choices.of(variables).name;
  }

  private guarded(text: string): string {
    return !this.safe && this.choices.chance(30) ? `${text}\n` : `try { ${text} } catch e { log("failed") }\n`;
  }

  private destructuring(): string {
    const { choices } = this;
    const keyword = choices.of(['let', 'const']);
    const names = [...new Set([this.freshName(), this.freshName(), this.freshName()])];
    const fallback = (): string => (choices.chance(35) ? ` = ${this.expr('any')}` : '');
    let pattern: string;
    let value: string;
    if (choices.chance(50)) {
      const items = names.map((name, i) => (i === 2 && choices.chance(50) ? `...${name}` : `${name}${fallback()}`));
      if (choices.chance(20)) items.unshift('');
      pattern = `[${items.join(', ')}]`;
      value = this.expr('array');
    } else {
      const entries = names.map((name, i) => {
        if (i === 2 && choices.chance(50)) return `...${name}`;
        return choices.chance(50) ? `"${choices.of(['a', 'b', 'c'])}": ${name}${fallback()}` : `${name}${fallback()}`;
      });
      pattern = `{${entries.join(', ')}}`;
      value = this.expr('map');
    }
    for (const name of names) this.names.declare({ name, kind: 'any', constant: keyword === 'const', arity: null });
    return `${keyword} ${pattern} = ${value}\n`;
  }

  private jump(): string {
    const { choices, around } = this;
    const forms: string[] = [];
    for (const label of around.loops) {
      const suffix = label === '' ? '' : ` ${label}`;
      forms.push(`break${suffix}`, `continue${suffix}`);
    }
    if (around.inFunction && !around.enclosed) forms.push(`return ${this.expr('any')}`);
    const thrown = `throw ${this.expr('any')}`;
    if (choices.chance(25)) forms.push(thrown);
    if (forms.length === 0) return `try { ${thrown} } catch e { log(type(e)) }\n`;
    if (choices.chance(50)) return `if ${this.expr('boolean')} { ${choices.of(forms)} }\n`;
    return `if ${this.expr('number')} == 1 { ${choices.of(forms)} }\n`;
  }

  private deferred(): string {
    const { choices } = this;
    if (choices.chance(60)) return `defer log("deferred", ${this.expr('any')})\n`;
    return `defer fn() ${this.functionBlock([])}()\n`;
  }

  private nested(): string {
    const { choices } = this;
    switch (choices.below(11)) {
      case 0:
        return `if ${this.expr('boolean')} ${this.block()}${choices.chance(50) ? ` else ${this.block()}` : ''}\n`;
      case 1:
      case 2:
        return this.loop();
      case 3:
        return this.countedLoop();
      case 4:
        return this.whileLoop();
      case 5:
      case 6:
        return this.tryStatement();
      case 7:
        return this.matchStatement();
      case 8:
        return `${this.block()}\n`;
      case 9:
        return this.closures();
      default:
        return this.functionDeclaration();
    }
  }

  private loopBody(label: string, declare: () => void): string {
    return this.within({ loops: [...this.around.loops.filter((each) => each !== ''), label, ''] }, () =>
      this.block(undefined, declare),
    );
  }

  private label(): string {
    return this.choices.chance(25) ? `l${++this.counters}` : '';
  }

  private loop(): string {
    const { choices } = this;
    const walked = choices.of<Kind>(['array', 'map', 'string', 'array']);
    const range = choices.chance(30);
    const value = range
      ? `${choices.of(['0', '1', this.expr('number')])}..${choices.of(['2', '3'])}`
      : this.expr(walked);
    const two = choices.chance(30);
    const names = [...new Set(two ? [this.freshName(), this.freshName()] : [this.freshName()])];
    const label = this.label();
    const body = this.loopBody(label, () => {
      for (const name of names) this.names.declare({ name, kind: 'any', constant: false, arity: null });
    });
    const walk = `for ${names.join(', ')} in ${range ? value : `(${value})`} ${body}`;
    const text = `${label === '' ? '' : `${label}: `}${walk}`;
    return this.safe || choices.chance(50) ? `${text}\n` : `try { ${text} } catch e { log("loop failed") }\n`;
  }

  private countedLoop(): string {
    const { choices } = this;
    const name = this.freshName();
    const label = this.label();
    const counter = `_n${++this.counters}`;
    const body = this.loopBody(label, () => this.names.declare({ name, kind: 'number', constant: false, arity: null }));
    const head = `for (let ${name} = ${choices.below(2)}; ${name} < ${1 + choices.below(4)} && ${counter} < 5; ${name} += 1) `;
    return `let ${counter} = 0\n${label === '' ? '' : `${label}: `}${head}${body.replace('{', `{ ${counter} += 1; `)}\n`;
  }

  private whileLoop(): string {
    const label = this.label();
    const counter = `_n${++this.counters}`;
    const test = this.expr('boolean');
    const body = this.loopBody(label, () => {});
    return `let ${counter} = 0\n${label === '' ? '' : `${label}: `}while ${counter} < 3 && ${test} ${body.replace('{', `{ ${counter} += 1; `)}\n`;
  }

  private tryStatement(): string {
    const { choices } = this;
    const name = this.freshName();
    const form = choices.below(4);
    let text = `try ${this.block()}`;
    if (form !== 3) {
      text +=
        form === 2
          ? ` catch ${this.block()}`
          : ` catch ${name} { log(type(${name}), type(${name}) == "error" ? ${name}.code : 0)\n${this.caughtBody(name)}}`;
    }
    if (form === 3 || choices.chance(35)) text += ` finally ${this.block()}`;
    return `${text}\n`;
  }

  /** The error itself is only asked for its type and code: messages are not part of what is compared. */
  private caughtBody(name: string): string {
    this.names.enter();
    this.names.declare({ name, kind: 'any', constant: true, arity: 0 });
    this.names.enter();
    const hidden = `_hidden${++this.counters}`;
    this.names.declare({ name: hidden, kind: 'any', constant: false, arity: null });
    const rethrow = this.choices.chance(20) ? `throw ${name}\n` : '';
    const body = `let ${hidden} = type(${name})\nlet ${name} = ${hidden}\n${this.statements(1 + this.choices.below(2))}`;
    this.names.leave();
    this.names.leave();
    return rethrow === '' ? body : rethrow;
  }

  private matchStatement(): string {
    const { choices } = this;
    const arms = Array.from({ length: 1 + choices.below(3) }, () => this.arm(() => this.block()));
    const subject = this.expr(choices.of(['any', 'number', 'array', 'map', 'string'] as const));
    return `match ${subject} {\n${arms.map((arm) => `${arm}\n`).join('')}}\n`;
  }

  /** Closures gathered in a loop and called behind it. */
  private closures(): string {
    const { choices } = this;
    const list = `_f${++this.counters}`;
    const name = this.freshName();
    this.names.enter();
    this.names.declare({ name, kind: 'number', constant: false, arity: null });
    const body = choices.chance(50)
      ? `fn() => ${this.expr('any')}`
      : `fn() { ${name} += 1; return ${this.expr('any')} }`;
    const changes = choices.chance(30) ? `${name} += 1` : '';
    this.names.leave();
    const head = choices.of([
      `for ${name} in 0..2`,
      `for (let ${name} = 0; ${name} < 3; ${name}++)`,
      `for ${name} in [1, 2, 3]`,
      `for ${name}, _v in [5, 6]`,
    ]);
    const call = `for _g in ${list} { try { log(_g(), _g()) } catch e { log("closure failed") } }`;
    return `let ${list} = []\n${head} { push(${list}, ${body}); ${changes} }\n${call}\n`;
  }

  private logAll(): string {
    return this.names
      .visible()
      .map(({ name }) => `log(${name})\n`)
      .join('');
  }
}
