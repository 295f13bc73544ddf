/** Operators, literals, indexes and members: the forms measured to be fast, with the general case as a call. */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import { ARR, MAP, NUM, OTHER, PLAIN_TRUTH, STR } from '../analysis/types';
import { Base, numberText, objectText, propertyText, stringText } from './base';

const ARITHMETIC: Readonly<Record<string, string>> = { '-': 'sub', '*': 'mul', '/': 'div', '%': 'mod', '**': 'pow' };
const ORDER: Readonly<Record<string, string>> = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };
const BITS: Readonly<Record<string, string>> = {
  '|': 'bitOr',
  '^': 'bitXor',
  '&': 'bitAnd',
  '<<': 'shiftLeft',
  '>>': 'shiftRight',
};

/** Records are made with at most this many keys; a larger literal becomes a Map at once. */
const MAX_RECORD_KEYS = 32;

export abstract class Expressions extends Base {
  /** Writes a call of the runtime and notes what it stands for. */
  protected failing(name: string, args: string, span: Span, operands: readonly Span[]): void {
    this.out.mark(span, operands);
    this.write(`${this.op(name)}(${args})`);
  }

  protected literal(node: ast.NullLit | ast.BoolLit | ast.NumLit | ast.StrLit): void {
    switch (node.kind) {
      case 'Null':
        return this.write('null');
      case 'Bool':
        return this.write(String(node.value));
      case 'Num':
        return this.write(numberText(node.value));
      case 'Str':
        return this.write(stringText(node.value));
    }
  }

  // ---------------------------------------------------------------- conditions

  /** Writes an expression that JavaScript finds true where the language does. */
  protected condition(node: ast.Expr): void {
    if (node.kind === 'Logical' && node.op !== '??') {
      this.write('(');
      this.condition(node.left);
      this.write(` ${node.op} `);
      this.condition(node.right);
      this.write(')');
    } else if (node.kind === 'Unary' && node.op === '!') {
      this.write('!');
      this.condition(node.operand);
    } else if ((this.types(node) & ~PLAIN_TRUTH) === 0) {
      this.operand(node);
    } else {
      this.withOperands([node], ([name]) => {
        this.write(`${name} === true || ${name} !== false && ${this.op('truthy')}(${name})`);
      });
    }
  }

  /** An arrow function is no operand of JavaScript without parentheses. */
  protected operand(node: ast.Expr): void {
    if (node.kind !== 'Fn') return this.expr(node);
    this.write('(');
    this.expr(node);
    this.write(')');
  }

  protected logical(node: ast.Logical): void {
    if (node.op === '??' || (this.types(node.left) & ~PLAIN_TRUTH) === 0) {
      this.write('(');
      this.operand(node.left);
      this.write(` ${node.op} `);
      this.operand(node.right);
      this.write(')');
      return;
    }
    this.scoped(() => {
      const name = this.temporary();
      this.write(`(${this.op('truthy')}(${name} = `);
      this.expr(node.left);
      this.write(node.op === '&&' ? ') ? ' : `) ? ${name} : `);
      this.expr(node.right);
      this.write(node.op === '&&' ? ` : ${name})` : ')');
    });
  }

  protected conditional(node: ast.Cond): void {
    this.write('(');
    this.condition(node.test);
    this.write(' ? ');
    this.expr(node.then);
    this.write(' : ');
    this.expr(node.otherwise);
    this.write(')');
  }

  protected unary(node: ast.Unary): void {
    if (node.op === '!') {
      this.write('!');
      this.condition(node.operand);
    } else if (node.op === '-' && node.operand.kind === 'Num') {
      this.write(`(-${node.operand.value})`);
    } else if (node.op === '-' && this.types(node.operand) === NUM) {
      this.write('(- ');
      this.expr(node.operand);
      this.write(')');
    } else {
      this.withOperands([node.operand], ([name]) => {
        if (node.op === '-') this.write(`typeof ${name} === 'number' ? -${name} : `);
        this.failing(node.op === '-' ? 'neg' : 'bitNot', name!, node, [node.operand]);
      });
    }
  }

  // ---------------------------------------------------------------- binary operators

  protected binary(node: ast.Binary): void {
    switch (node.op) {
      case '+':
        return this.sum(node);
      case '-':
      case '*':
      case '/':
      case '%':
      case '**':
        return this.arithmetic(node, ARITHMETIC[node.op]!);
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.arithmetic(node, ORDER[node.op]!);
      case '==':
      case '!=':
        return this.equality(node);
      case 'in':
        return this.general(node, 'isIn');
      case '..':
        return this.general(node, 'range');
      case '|':
      case '^':
      case '&':
      case '<<':
      case '>>':
        return this.bits(node, BITS[node.op]!);
    }
  }

  private direct(node: ast.Binary, op: string = node.op): void {
    this.write('(');
    this.operand(node.left);
    this.write(` ${op} `);
    this.operand(node.right);
    this.write(')');
  }

  private general(node: ast.Binary, name: string): void {
    this.withOperands([node.left, node.right], ([a, b]) => {
      this.failing(name, `${a}, ${b}`, node.opSpan, [node.left, node.right]);
    });
  }

  /** The tests that both names hold numbers; '' where that is known. */
  private numberTests(node: ast.Binary, a: string, b: string): string {
    const tests: string[] = [];
    if (this.types(node.left) !== NUM) tests.push(`typeof ${a} === 'number'`);
    if (this.types(node.right) !== NUM) tests.push(`typeof ${b} === 'number'`);
    return tests.join(' && ');
  }

  private arithmetic(node: ast.Binary, slow: string): void {
    if (this.types(node.left) === NUM && this.types(node.right) === NUM) return this.direct(node);
    if (node.op in ORDER && (isPlainText(node.left) || isPlainText(node.right))) return this.textOrder(node, slow);
    this.withOperands([node.left, node.right], ([a, b]) => {
      this.write(`${this.numberTests(node, a!, b!)} ? ${a} ${node.op} ${b} : `);
      this.failing(slow, `${a}, ${b}`, node.opSpan, [node.left, node.right]);
    });
  }

  /** Compared with a text whose units and code points are the same, any text is in the order of its units. */
  private textOrder(node: ast.Binary, slow: string): void {
    if (this.types(node.left) === STR && this.types(node.right) === STR) return this.direct(node);
    this.withOperands([node.left, node.right], ([a, b]) => {
      this.write(`typeof ${isPlainText(node.left) ? b : a} === 'string' ? ${a} ${node.op} ${b} : `);
      this.failing(slow, `${a}, ${b}`, node.opSpan, [node.left, node.right]);
    });
  }

  private sum(node: ast.Binary): void {
    const left = this.types(node.left);
    const right = this.types(node.right);
    if (left === NUM && right === NUM) return this.direct(node);
    if (left === STR || right === STR) return this.concatenation(node, left, right);
    this.withOperands([node.left, node.right], ([a, b]) => {
      this.write(`${this.numberTests(node, a!, b!)} ? ${a} + ${b} : `);
      this.failing('add', `${a}, ${b}`, node.opSpan, [node.left, node.right]);
    });
  }

  /** One side is text: the other is turned into text. */
  private concatenation(node: ast.Binary, left: number, right: number): void {
    this.write('(');
    this.text(node.left, left);
    this.write(' + ');
    this.text(node.right, right);
    this.write(')');
  }

  /** Writes a value so that JavaScript's `+` with a string gives the language's text. */
  protected text(node: ast.Expr, kinds: number): void {
    if ((kinds & (ARR | MAP | OTHER)) === 0) {
      this.expr(node);
      return;
    }
    this.withOperands([node], ([name]) => {
      this.write(`typeof ${name} === 'string' || typeof ${name} === 'number' ? ${name} : ${this.op('str')}(${name})`);
    });
  }

  protected template(node: ast.Template): void {
    this.write(`(${stringText(node.strings[0]!)}`);
    node.exprs.forEach((part, i) => {
      this.write(' + ');
      this.text(part, this.types(part));
      const after = node.strings[i + 1]!;
      if (after !== '') this.write(` + ${stringText(after)}`);
    });
    this.write(')');
  }

  private equality(node: ast.Binary): void {
    const same = node.op === '==';
    const content = ARR | MAP;
    if ((this.types(node.left) & content) === 0 || (this.types(node.right) & content) === 0) {
      return this.direct(node, same ? '===' : '!==');
    }
    this.withOperands([node.left, node.right], ([a, b]) => {
      this.write(`${same ? '' : '!'}(${a} === ${b} || typeof ${a} === 'object' && ${this.op('eq')}(${a}, ${b}))`);
    });
  }

  private bits(node: ast.Binary, slow: string): void {
    if (node.op === '<<' || node.op === '>>') return this.shift(node, slow);
    this.withOperands([node.left, node.right], ([a, b]) => {
      const whole = `(${a} | 0) === ${a} && (${b} | 0) === ${b}`;
      this.write(`${whole} ? (${a} ${node.op} ${b}) >>> 0 : `);
      this.failing(slow, `${a}, ${b}`, node.opSpan, [node.left, node.right]);
    });
  }

  private shift(node: ast.Binary, slow: string): void {
    const count = node.right.kind === 'Num' && node.right.value >>> 0 === node.right.value && node.right.value < 32;
    if (!count) return this.general(node, slow);
    this.withOperands([node.left, node.right], ([a, b]) => {
      this.write(`(${a} | 0) === ${a} ? ${node.op === '<<' ? `(${a} << ${b}) >>> 0` : `${a} >>> ${b}`} : `);
      this.failing(slow, `${a}, ${b}`, node.opSpan, [node.left, node.right]);
    });
  }

  // ---------------------------------------------------------------- indexes and members

  protected index(node: ast.Index): void {
    if (node.index.kind === 'Str') return this.fieldRead(node, node.object, node.index.value);
    const known = this.types(node.object);
    const operands = [node.object, node.index];
    this.withOperands(operands, ([a, i]) => {
      if (known === STR) return this.failing('textIndex', `${a}, ${i}`, node, operands);
      const value = this.temporary();
      if ((known & ARR) !== 0 && (this.types(node.index) & NUM) !== 0) {
        const tests = [];
        if (this.types(node.index) !== NUM) tests.push(`typeof ${i} === 'number'`);
        if (known !== ARR) tests.push(`$isArray(${a})`);
        tests.push(`(${value} = ${a}[${i}]) !== undefined`);
        this.usedOperators.add('isArray');
        this.write(`${tests.join(' && ')} ? ${value} : `);
      } else if (this.mayBeEntry(node)) {
        this.write(
          `${this.entriesTest(node, a!, i!, value)} && (${value} = ${value}.get(${i})) !== undefined ? ${value} : `,
        );
      }
      this.failing('index', `${a}, ${i}`, node, operands);
    });
  }

  /** Whether it can be an entry of a map under a computed key, and no element of an array. */
  protected mayBeEntry(node: ast.Index): boolean {
    const known = this.types(node.object);
    return (known & MAP) !== 0 && (known & ARR) === 0 && (this.types(node.index) & STR) !== 0;
  }

  /**
   * The test that `object` is a map that keeps its entries in `m` and `key` a text, where `m` goes into `entries`:
   * what gets there is what `MapValue` would do too. No other value has a property of that name.
   */
  protected entriesTest(node: ast.Index, object: string, key: string, entries: string): string {
    const tests = [];
    if (this.types(node.index) !== STR) tests.push(`typeof ${key} === 'string'`);
    if (this.types(node.object) !== MAP) tests.push(`${object} !== null`);
    tests.push(`(${entries} = ${object}.m) !== undefined`);
    return tests.join(' && ');
  }

  protected fieldRead(node: ast.Expr, object: ast.Expr, key: string): void {
    this.scoped(() => {
      const simple = this.simple(object, []);
      const name = simple ?? this.temporary();
      const value = this.temporary();
      this.write('(');
      if (simple === null) {
        this.write(`${name} = `);
        this.expr(object);
        this.write(', ');
      }
      // A record's own property; null has none, so it goes the general way too.
      this.write(
        `${name} !== null && (${value} = ${objectText(name)}${propertyText(key)}) !== undefined ? ${value} : `,
      );
      this.failing('getField', `${name}, ${stringText(key)}`, node, [object]);
      this.write(')');
    });
  }

  protected slice(node: ast.Slice): void {
    const parts = [node.object, ...(node.from === null ? [] : [node.from]), ...(node.to === null ? [] : [node.to])];
    this.withOperands(parts, (names) => {
      const object = names.shift()!;
      const from = node.from === null ? 'null' : names.shift()!;
      const to = node.to === null ? 'null' : names.shift()!;
      this.failing('slice', `${object}, ${from}, ${to}`, node, [node.object]);
    });
  }

  // ---------------------------------------------------------------- arrays and maps

  protected array(node: ast.ArrayLit): void {
    this.write('[');
    node.items.forEach((item, i) => {
      if (i > 0) this.write(', ');
      this.out.toLineOf(item.start);
      this.spreadOrValue(item);
    });
    this.write(']');
  }

  protected spreadOrValue(item: ast.Expr | ast.Spread, spread = 'spreadItems'): void {
    if (item.kind !== 'Spread') return this.expr(item);
    this.write('...');
    this.out.mark(item, [item.value]);
    this.write(`${this.op(spread)}(`);
    this.expr(item.value);
    this.write(')');
  }

  protected map(node: ast.MapLit): void {
    const keys = node.entries.map((entry) =>
      entry.kind === 'Entry' && entry.key.kind === 'Str' ? entry.key.value : null,
    );
    const isRecord =
      keys.every((key) => key !== null) && new Set(keys).size === keys.length && keys.length <= MAX_RECORD_KEYS;
    if (!isRecord) return this.builtMap(node);
    this.write(`new ${this.record(keys)}(`);
    node.entries.forEach((entry, i) => {
      if (i > 0) this.write(', ');
      this.out.toLineOf(entry.start);
      this.mapValue(entry as ast.MapEntry);
    });
    this.write(')');
  }

  private mapValue(entry: ast.MapEntry): void {
    if (entry.value.kind === 'Fn') this.functionValue(entry.value, entry.key.kind === 'Str' ? entry.key.value : '');
    else this.expr(entry.value);
  }

  /** Computed keys, spreads, repeated keys: keys and values one after the other, a spread under no key. */
  private builtMap(node: ast.MapLit): void {
    this.out.mark(
      node,
      node.entries.filter((entry) => entry.kind === 'Spread').map((entry) => entry.value),
    );
    this.write(`${this.op('buildMap')}([`);
    node.entries.forEach((entry, i) => {
      if (i > 0) this.write(', ');
      this.out.toLineOf(entry.start);
      if (entry.kind === 'Spread') {
        this.write('undefined, ');
        this.expr(entry.value);
      } else {
        this.expr(entry.key);
        this.write(', ');
        this.mapValue(entry);
      }
    });
    this.write('])');
  }
}

/** A literal of characters that are one unit each and come before all surrogates. */
function isPlainText(node: ast.Expr): boolean {
  return node.kind === 'Str' && !/[\ud800-\uffff]/.test(node.value);
}
