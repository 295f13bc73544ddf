/**
 * Expressions of generated programs. They are of the kind asked for wherever the variables hold what the
 * generator believes, and now and then of another kind on purpose. Nothing in them runs without end: text and
 * arrays that could grow are cut, ranges are short.
 */
import type { Choices } from './choices';
import { Names } from './generate-scopes';
import type { Kind } from './generate-scopes';

const NUMBERS = ['1', '0', '2', '3', '-1', '0.5', '10', '255', '4294967295', '1e21', '(0 / 0)', '-0'];
const STRINGS = ['"a"', '""', '"b c"', "'😀x'", '"1"', '`t\\n`', '"ß"', '"__proto__"', '"\\udcff"', '"${a}"'];
const KEYS = ['a', 'b', 'c', '"k 1"', '"1"', '"__proto__"', 'constructor', 'if'];
const KINDS: readonly Kind[] = ['number', 'string', 'boolean', 'array', 'map', 'function'];

export abstract class ExpressionGenerator {
  protected readonly names = new Names();
  protected depth = 0;
  /** Only forms that cannot fail where the variables hold what the generator believes. */
  protected safe = false;

  constructor(protected readonly choices: Choices) {}

  /** A function's block from `{` to `}`, over several lines; in a scope of its own. */
  protected abstract functionBlock(parameters: readonly { name: string; kind: Kind }[]): string;
  /** `{ ... }` with a value as its last statement, for an arm. */
  protected abstract valueBlock(kind: Kind): string;
  protected abstract freshName(): string;

  expr(kind: Kind): string {
    const { choices } = this;
    if (!this.safe && choices.chance(3)) kind = choices.of(KINDS);
    if (this.depth > 3 || choices.exhausted) return this.leaf(kind);
    this.depth++;
    const text = choices.chance(45) ? this.leaf(kind) : choices.chance(35) ? this.common(kind) : this.compound(kind);
    this.depth--;
    return text;
  }

  private leaf(kind: Kind): string {
    const { choices } = this;
    const variables = this.safe ? this.names.certain(kind) : this.names.ofKind(kind);
    if (variables.length > 0 && choices.chance(70)) return choices.of(variables).name;
    switch (kind) {
      case 'number':
        return choices.of(NUMBERS);
      case 'string':
        return choices.of(STRINGS);
      case 'boolean':
        return choices.of(['true', 'false']);
      case 'array':
        return choices.of(['[1, 2]', '[]', '["a", 1]', '[[1], [2, 3]]', '[null]']);
      case 'map':
        return choices.of(['({"a": 1})', '({})', '({a: 1, b: "x"})', '({"b": [1], "a": {"c": 2}})']);
      case 'function':
        return choices.of(['(fn() => 1)', '(fn(x) => x)', '(fn(x, y = 2) => [x, y])', 'str', 'len']);
      case 'any':
        return choices.of(['null', ...NUMBERS.slice(0, 3), ...STRINGS.slice(0, 3), 'true', '[1]', '({a: 1})']);
    }
  }

  /** An expression that may fail, in a call that catches the error. */
  private attempted(kind: Kind): string {
    const outer = this.safe;
    this.safe = false;
    const tried = this.expr(kind);
    this.safe = outer;
    return `attempt(fn() => ${tried}, ${this.expr(kind)})`;
  }

  /** Forms that give any kind. */
  private common(kind: Kind): string {
    const { choices } = this;
    const e = (of: Kind): string => this.expr(of);
    if (this.safe) {
      switch (choices.below(8)) {
        case 0:
          return `(${e('boolean')} ? ${e(kind)} : ${e(kind)})`;
        case 1:
          return `slow(${e(kind)})`;
        case 2:
          return `(fn(g) => g(${e(kind)}))(${this.lambda([kind], kind)})`;
        case 3:
          return `twice(${this.lambda([kind], kind)}, ${e(kind)})`;
        case 4:
          return `reduce(${e('array')}, ${this.lambda([kind, 'any'], kind)}, ${e(kind)})`;
        case 5:
          return `[${e(kind)}, ${e(kind)}][${choices.of(['0', '1', '-1', '-2'])}]`;
        case 6:
          return `({"f": ${this.lambda([kind], kind)}}).f(${e(kind)})`;
        default:
          return this.attempted(kind);
      }
    }
    switch (choices.below(18)) {
      case 14:
        return `${choices.of(['first', 'last'])}(${e('array')})`;
      case 15:
        return `reduce([${e(kind)}, ${e(kind)}], ${this.lambda([kind, kind], kind)})`;
      case 0:
        return `(${e('boolean')} ? ${e(kind)} : ${e(kind)})`;
      case 1:
        return `(${e('any')} ${choices.of(['??', '||', '&&'])} ${e(kind)})`;
      case 2:
        return this.call(kind);
      case 3:
        return `slow(${e(kind)})`;
      case 4:
        return this.match(kind);
      case 5:
        return `[${e(kind)}, ${e(kind)}][${choices.of(['0', '1', '-1', e('number')])}]`;
      case 6:
        return `({a: ${e(kind)}, "b": ${e(kind)}}).${choices.of(['a', 'b', 'c'])}`;
      case 7:
        return `({[${e('any')}]: ${e(kind)}})[${e('string')}]`;
      case 8:
        return `twice(${this.lambda([kind], kind)}, ${e(kind)})`;
      case 9:
        return this.attempted(kind);
      case 10:
        return `(fn(${choices.of(['', '...r'])}) => ${e(kind)})()`;
      case 11:
        return `reduce(${e('array')}, ${this.lambda([kind, 'any'], kind)}, ${e(kind)})`;
      case 12:
        return `({"f": ${this.lambda(['any'], kind)}}).f(${e('any')})`;
      case 13:
        return `find(${e('array')}, ${this.lambda(['any', 'number'], 'boolean')})`;
      case 16:
        return `[${this.lambda(['any'], kind)}, ${e('function')}][${choices.below(2)}](${e('any')})`;
      default:
        return `(fn(g) => g(${e(kind)}))(${this.lambda([kind], kind)})`;
    }
  }

  private call(kind: Kind): string {
    const { choices } = this;
    const functions = this.names.ofKind('function');
    if (functions.length === 0) return this.leaf(kind);
    const { name, arity } = choices.of(functions);
    const count = Math.min(choices.below(4), arity ?? 3);
    const args = Array.from({ length: count }, () =>
      choices.chance(8) ? `...${this.expr('array')}` : this.expr('any'),
    );
    return `${name}(${args.join(', ')})`;
  }

  private compound(kind: Kind): string {
    switch (kind) {
      case 'number':
        return this.number();
      case 'string':
        return this.string();
      case 'boolean':
        return this.boolean();
      case 'array':
        return this.array();
      case 'map':
        return this.map();
      case 'function':
        return this.lambda(
          Array.from({ length: this.choices.below(3) }, () => 'any' as const),
          this.choices.of(KINDS),
        );
      case 'any':
        return this.expr(this.choices.of(KINDS));
    }
  }

  private number(): string {
    const { choices } = this;
    const e = (of: Kind): string => this.expr(of);
    switch (choices.below(this.safe ? 6 : 8)) {
      case 0:
      case 1:
        return `(${e('number')} ${choices.of(['+', '-', '*', '/', '%', '**'])} ${e('number')})`;
      case 2:
        return `${choices.of(['-', '- '])}(${e('number')})`;
      case 3:
        return `len(${e(choices.of(['array', 'string', 'map'] as const))})`;
      case 4:
        return `(${e('number')} ?? ${e('number')})`;
      case 5:
        return choices.chance(50) ? `index_of(${e('array')}, ${e('any')})` : `index_of(${e('string')}, ${e('string')})`;
      case 6:
        return `~(${e('number')})`;
      default:
        return `(${e('number')} ${choices.of(['&', '|', '^', '<<', '>>'])} ${e('number')})`;
    }
  }

  private string(): string {
    const { choices } = this;
    const e = (of: Kind): string => this.expr(of);
    switch (choices.below(this.safe ? 8 : 9)) {
      case 0:
        return `(${e('string')} + ${e('any')})[:12]`;
      case 1:
        return `(${e('any')} + ${e('string')})[:12]`;
      case 2:
        return (
          '`' +
          choices.of(['', 'n=', '\\${']) +
          '${' +
          e('any') +
          '}' +
          choices.of(['', ';', '${' + e('string') + '}']) +
          '`[:20]'
        );
      case 3:
        return `str(${e('any')})[${choices.of(['', '1', '-3'])}:${choices.of(['9', '-1'])}]`;
      case 4:
        return `type(${e('any')})`;
      case 5:
        return `join(${e('array')}, ${choices.of(['","', '""', 'null'])})[:15]`;
      case 6:
        return `${e('string')}.${choices.of(['upper', 'lower'])}()`;
      case 7:
        return `repeat(${e('string')}, ${choices.below(3)})[:12]`;
      default:
        return `${e('string')}[${choices.of(['0', '-1', '1:', ':2', e('number')])}]`;
    }
  }

  private boolean(): string {
    const { choices } = this;
    const e = (of: Kind): string => this.expr(of);
    switch (choices.below(11)) {
      case 8:
        return `${e('string')}.${choices.of(['starts_with', 'ends_with'])}(${e('string')})`;
      case 9:
        return `delete(${e('map')}, ${e('string')})`;
      case 0:
        return `(${e('number')} ${choices.of(['<', '<=', '>', '>='])} ${e('number')})`;
      case 1:
        return `(${e('string')} ${choices.of(['<', '<=', '>', '>='])} ${e('string')})`;
      case 2:
      case 3:
        return `(${e('any')} ${choices.of(['==', '!='])} ${e('any')})`;
      case 4:
        return `!${e('any')}`;
      case 5:
        return `(${e('any')} in ${e(this.safe || choices.chance(50) ? 'array' : 'map')})`;
      case 6:
        return `(${e('string')} in ${e('string')})`;
      case 7:
        return `${e('array')}.${choices.of(['any', 'all'])}(${this.lambda(['any'], 'boolean')})`;
      default:
        return choices.chance(50) ? `has(${e('map')}, ${e('string')})` : `bool(${e('any')})`;
    }
  }

  private array(): string {
    const { choices } = this;
    const e = (of: Kind): string => this.expr(of);
    switch (choices.below(20)) {
      case 13:
        return `concat(${e('array')}, ${e('array')})[:5]`;
      case 14:
        return `flatten(${e('array')})[:5]`;
      case 15:
        return `${choices.of(['unique', 'enumerate'])}(${e('array')})`;
      case 16:
        return `zip(${e('array')}, ${e('array')})`;
      case 17:
        return `partition(${e('array')}, ${this.lambda(['any'], 'boolean')})`;
      case 18:
        return `entries(${e('map')})`;
      case 0: {
        const items = Array.from({ length: choices.below(4) }, () =>
          choices.chance(15) ? `...${e('array')}[:3]` : e('any'),
        );
        return `[${items.join(', ')}]`;
      }
      case 1:
        return `map(${e('array')}, ${this.lambda(['any'], 'any')})`;
      case 2:
        return `${e('array')}.map(${this.lambda(['any', 'number'], 'any')})`;
      case 3:
        return `filter(${e('array')}, ${this.lambda(['any'], 'boolean')})`;
      case 4:
        return `(${e('array')} + ${e('array')})[:5]`;
      case 5:
        return `${e('array')}[${choices.of(['', '0', '1', '-2'])}:${choices.of(['', '2', '-1', '9'])}]`;
      case 6:
        return `(${choices.of(['0', '1', '-1', '3'])}..${choices.of(['2', '0', '4', '3'])})`;
      case 7:
        return choices.chance(50) ? `keys(${e('map')})` : `values(${e('map')})`;
      case 8:
        return `sorted(map(${e('array')}, fn(x) => len(str(x))))`;
      case 9:
        return `range(${choices.below(4)})`;
      case 10:
        return `split(${e('string')}, ${choices.of(['""', '"a"', '" "'])})`;
      case 11:
        return `(each(${e('array')}, ${this.lambda(['any', 'number'], 'any')}) ?? ${e('array')})`;
      case 12:
        return `sort_by(${e('array')}, fn(x) => slow(len(str(x)) % 3))`;
      default:
        return `reverse(${e('array')}[:])`;
    }
  }

  private map(): string {
    const { choices } = this;
    if (choices.chance(10)) return `merge(${this.expr('map')}, ${this.expr('map')})`;
    if (choices.chance(8)) return `count_by(${this.expr('array')}, ${this.lambda(['any'], 'string')})`;
    const entries = Array.from({ length: choices.below(4) }, () => {
      if (choices.chance(15)) return `...${this.expr('map')}`;
      if (choices.chance(15)) return `[${this.expr(this.safe ? 'string' : 'any')}]: ${this.expr('any')}`;
      return `${choices.of(KEYS)}: ${this.expr('any')}`;
    });
    return `({${entries.join(', ')}})`;
  }

  protected lambda(parameters: readonly Kind[], result: Kind): string {
    const { choices } = this;
    const named = parameters.map((kind) => ({ name: this.freshName(), kind }));
    const distinct = named.filter(({ name }, i) => named.findIndex((other) => other.name === name) === i);
    const list = distinct.map(({ name }) => (choices.chance(10) ? `${name} = ${this.leaf('any')}` : name)).join(', ');
    if (choices.chance(this.safe ? 8 : 25)) return `fn(${list}) ${this.functionBlock(distinct)}`;
    this.names.enter(true);
    for (const { name, kind } of distinct) this.names.declare({ name, kind, constant: false, arity: null });
    const body = this.expr(result);
    this.names.leave();
    return `(fn(${list}) => ${body})`;
  }

  // ---------------------------------------------------------------- match

  protected match(kind: Kind): string {
    const { choices } = this;
    const subject = this.expr(choices.of(['any', 'number', 'array', 'map', 'string'] as const));
    const arms = Array.from({ length: 1 + choices.below(4) }, () => this.arm(() => this.armValue(kind)));
    return (
      `match ${subject} { ${arms.join(', ')}${choices.chance(50) ? `, _ => ${this.expr(kind)}` : ''} }`.replace(
        /^/,
        '(',
      ) + ')'
    );
  }

  private armValue(kind: Kind): string {
    return this.choices.chance(15) ? this.valueBlock(kind) : this.expr(kind);
  }

  /** `pattern if guard => body` */
  protected arm(body: () => string): string {
    const { choices } = this;
    const bound: string[] = [];
    const alternatives = [this.pattern(bound, 0)];
    if (bound.length === 0 && choices.chance(20)) alternatives.push(this.pattern(null, 0));
    this.names.enter();
    for (const name of bound) this.names.declare({ name, kind: 'any', constant: false, arity: null });
    const guard = choices.chance(25) ? ` if ${this.expr('boolean')}` : '';
    const text = `${alternatives.join(' | ')}${guard} => ${body()}`;
    this.names.leave();
    return text;
  }

  /** `bound` gets the names; null where none may be bound. */
  private pattern(bound: string[] | null, level: number): string {
    const { choices } = this;
    const inner = (): string => this.pattern(bound, level + 1);
    const name = (): string => {
      const fresh = this.freshName();
      if (bound === null || bound.includes(fresh)) return '_';
      bound.push(fresh);
      return fresh;
    };
    switch (choices.below(level > 2 ? 5 : 8)) {
      case 0:
        return choices.of(['1', '2', '-1', '0', '0.5', '"a"', '""', 'true', 'null']);
      case 1:
        return name();
      case 2:
        return '_';
      case 3:
        return choices.of(['0..2', '1..9', '-3..-1']);
      case 4:
        return choices.of(['1', '"b c"', 'false', 'null']);
      case 5:
      case 6: {
        const items = Array.from({ length: choices.below(3) }, inner);
        if (choices.chance(40)) items.push(choices.chance(50) && bound !== null ? `...${restName(name())}` : '...');
        return `[${items.join(', ')}]`;
      }
      default: {
        const used = new Set<string>();
        const entries = Array.from({ length: 1 + choices.below(2) }, () => choices.of(['a', 'b', '"1"']))
          .filter((key) => !used.has(key) && used.add(key))
          .map((key) => `${key.startsWith('"') ? key : `"${key}"`}: ${inner()}`);
        return `{${entries.join(', ')}}`;
      }
    }
  }
}

/** `..._` is `...`. */
function restName(name: string): string {
  return name === '_' ? '' : name;
}
