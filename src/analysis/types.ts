/**
 * What kinds of value an expression can have, as a set of bits: enough to leave out tests that V8 would
 * have to make. Flow-insensitive: a variable has the kinds of all that is ever given to it; a parameter of
 * a function that is only called directly, the kinds of all arguments. Worked out by going over the
 * program until nothing changes, from "nothing yet" up, so recursion (`fib(n - 1)`) comes out precise.
 */
import type * as ast from '../syntax/ast';
import { isKnownFunction } from './lookup';
import type { Lookup } from './lookup';
import type { Binding, Resolved } from './program';
import { eachName } from './pattern-names';
import { visitFn, visitProgram } from './visit';
import type { Visited } from './visit';

export const NUM = 1;
export const STR = 2;
export const BOOL = 4;
export const NULL = 8;
export const ARR = 16;
export const MAP = 32;
export const OTHER = 64;
export const ANY = 127;

/** Values whose truth is the same in JavaScript: all but arrays and maps, which may be empty. */
export const PLAIN_TRUTH = NUM | STR | BOOL | NULL | OTHER;

/** A program that needs more passes than this has some chain of variables; what still moves becomes ANY. */
const MAX_PASSES = 12;

export class Types {
  private readonly variables = new Map<Binding, number>();
  private readonly results = new Map<ast.Fn, number>();
  /** For functions only called directly: how few arguments a call passes. */
  private readonly fewest = new Map<ast.Fn, number>();
  private changed = false;
  private widen = false;

  constructor(
    private readonly program: Resolved,
    private readonly lookup: Lookup,
    /** Code that is not seen may use and change what this declares (the REPL). */
    private readonly open: boolean,
  ) {
    for (let pass = 0; this.pass(pass >= MAX_PASSES); pass++);
  }

  /** Looks at everything once; false when it learned nothing new. */
  private pass(widen: boolean): boolean {
    this.changed = false;
    this.widen = widen;
    for (const module of this.program.modules) visitProgram(module.program, (node) => this.visit(node));
    for (const fn of this.program.functions.keys()) this.visitResult(fn);
    return this.changed;
  }

  // -------------------------------------------------------------- answers

  of(node: ast.Expr): number {
    switch (node.kind) {
      case 'Null':
        return NULL;
      case 'Bool':
        return BOOL;
      case 'Num':
        return NUM;
      case 'Str':
      case 'Template':
        return STR;
      case 'Ident':
        return this.ident(node);
      case 'Array':
        return ARR;
      case 'Map':
        return MAP;
      case 'Fn':
      case 'Spawn':
        return OTHER;
      case 'Unary':
        return node.op === '!' ? BOOL : NUM;
      case 'Binary':
        return this.binary(node);
      case 'Logical': {
        const left = this.of(node.left);
        return (node.op === '??' ? left & ~NULL : left) | this.of(node.right);
      }
      case 'Cond':
        return this.of(node.then) | this.of(node.otherwise);
      case 'Call':
        return this.call(this.lookup.callee(node.callee));
      case 'MethodCall':
        return this.methodCall(node);
      case 'Index': {
        const object = this.of(node.object);
        return object === 0 ? 0 : object === STR ? STR : ANY;
      }
      case 'Slice': {
        const object = this.of(node.object);
        return object & (ARR | STR) ? object & (ARR | STR) : object === 0 ? 0 : ARR | STR;
      }
      case 'Field':
        return this.field(node);
      case 'Receive':
        return ANY;
      case 'Match':
        return node.arms.reduce((kinds, arm) => kinds | (arm.body.kind === 'Block' ? ANY : this.of(arm.body)), NULL);
    }
  }

  /** Whether every call passes an argument for each parameter, so that none can be missing. */
  alwaysGiven(fn: ast.Fn, binding: Binding | null): boolean {
    return binding !== null && this.onlyCalled(binding) && (this.fewest.get(fn) ?? Infinity) >= fn.params.length;
  }

  // -------------------------------------------------------------- expressions

  private ident(node: ast.Ident): number {
    const ref = this.program.refs.get(node);
    if (ref?.kind !== 'binding') return ref?.kind === 'builtin' && 'constant' in ref.entry ? NUM : OTHER;
    return this.variable(ref.binding);
  }

  private variable(binding: Binding): number {
    switch (binding.kind) {
      case 'session':
      case 'catch':
      case 'match':
      case 'namespace':
      case 'group':
        return ANY;
      case 'import': {
        const meant = this.lookup.imported(binding);
        return meant?.kind === 'value' && meant.binding !== null ? this.variable(meant.binding) : ANY;
      }
      case 'fn':
        return binding.assignments === 0 ? OTHER : ANY;
      case 'let':
      case 'const':
      case 'var':
      case 'param':
      case 'loop':
        if (this.open && binding.owner.node === null) return ANY;
        return this.variables.get(binding) ?? 0;
    }
  }

  private binary(node: ast.Binary): number {
    switch (node.op) {
      case '+':
        return this.sum(this.of(node.left), this.of(node.right));
      case '..':
        return ARR;
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
        return BOOL;
      default:
        return NUM;
    }
  }

  private sum(left: number, right: number): number {
    if (left === 0 || right === 0) return 0;
    let kinds = 0;
    if (left & NUM && right & NUM) kinds |= NUM;
    if ((left | right) & STR) kinds |= STR;
    if (left & ARR && right & ARR) kinds |= ARR;
    return kinds;
  }

  private call(callee: ReturnType<Lookup['callee']>): number {
    if (callee.kind === 'builtin') return RESULTS[callee.info.gives] ?? ANY;
    return callee.kind === 'function' ? (this.results.get(callee.binding.fn!) ?? 0) : ANY;
  }

  private methodCall(node: ast.MethodCall): number {
    const member = this.lookup.member(node.object, node.name);
    if (member !== null) return member.kind === 'builtin' || member.kind === 'function' ? this.call(member) : ANY;
    const object = this.of(node.object);
    const builtin = this.lookup.builtin(node.name);
    return builtin !== null && (object & (MAP | OTHER)) === 0 && object !== 0 ? (RESULTS[builtin.gives] ?? ANY) : ANY;
  }

  private field(node: ast.Field): number {
    const member = this.lookup.member(node.object, node.name);
    if (member?.kind === 'constant') return NUM;
    return member?.kind === 'value' && member.binding !== null ? this.variable(member.binding) : ANY;
  }

  // -------------------------------------------------------------- the passes

  private give(binding: Binding | undefined, kinds: number): void {
    if (binding === undefined) return;
    const before = this.variables.get(binding) ?? 0;
    const after = before | kinds;
    if (after === before) return;
    this.variables.set(binding, this.widen ? ANY : after);
    this.changed = true;
  }

  private givePattern(pattern: ast.Pattern, kinds: number): void {
    if (pattern.kind === 'NamePattern') this.give(this.program.bindings.get(pattern), kinds);
    else eachName(pattern, (name) => this.give(this.program.bindings.get(name), ANY));
  }

  private visit(node: Visited): void {
    switch (node.kind) {
      case 'Let':
        this.givePattern(
          node.target,
          (node.init === null ? NULL : this.of(node.init)) | (node.keyword === 'var' ? NULL : 0),
        );
        return;
      case 'Assign':
        return this.visitAssign(node);
      case 'ForIn':
        if (node.first !== null) this.give(this.program.bindings.get(node.first), isRange(node.iterable) ? NUM : ANY);
        this.givePattern(node.value, isRange(node.iterable) ? NUM : ANY);
        return;
      case 'Select':
        for (const selectCase of node.cases) {
          if (selectCase.kind === 'ReceiveCase' && selectCase.target !== null) this.givePattern(selectCase.target, ANY);
        }
        return;
      case 'FnDecl':
        return this.visitFunction(node.fn, this.program.bindings.get(node.fn.name!)!);
      case 'Fn':
        return this.visitFunction(node, this.bindingOf.get(node) ?? null);
      case 'Call':
        return this.visitCall(this.lookup.callee(node.callee), node.args);
      case 'MethodCall': {
        const member = this.lookup.member(node.object, node.name);
        if (member?.kind === 'function') this.visitCall(member, node.args);
        return;
      }
      default:
        return;
    }
  }

  private visitAssign(node: ast.Assign): void {
    if (node.target.kind !== 'Ident') return;
    const ref = this.program.refs.get(node.target);
    if (ref?.kind !== 'binding') return;
    const value = this.of(node.value);
    const kinds =
      node.op === '=' || node.op === '??='
        ? value
        : node.op === '+='
          ? this.sum(this.variable(ref.binding), value)
          : NUM;
    this.give(ref.binding, kinds);
  }

  /** The variable of `let f = fn ...`, by its literal. */
  private get bindingOf(): ReadonlyMap<ast.Fn, Binding> {
    if (this.literals === null) {
      this.literals = new Map();
      for (const binding of this.program.bindings.values())
        if (binding.fn !== null) this.literals.set(binding.fn, binding);
    }
    return this.literals;
  }
  private literals: Map<ast.Fn, Binding> | null = null;

  private onlyCalled(binding: Binding): boolean {
    return !this.open && isKnownFunction(binding) && binding.valueUses === 0 && binding.exported === null;
  }

  private visitFunction(fn: ast.Fn, binding: Binding | null): void {
    const known = binding !== null && this.onlyCalled(binding);
    for (const param of fn.params) {
      if (!known || param.target.kind !== 'NamePattern') this.givePattern(param.target, ANY);
      if (param.fallback !== null) this.givePattern(param.target, this.of(param.fallback));
    }
    if (fn.rest !== null) this.give(this.program.bindings.get(fn.rest), ARR);
    if (fn.name !== null) this.give(this.program.bindings.get(fn.name), OTHER);
  }

  private visitCall(callee: ReturnType<Lookup['callee']>, args: readonly (ast.Expr | ast.Spread)[]): void {
    if (callee.kind !== 'function') return;
    const fn = callee.binding.fn!;
    const spread = args.some((arg) => arg.kind === 'Spread');
    const given = spread ? 0 : args.length;
    if (given < (this.fewest.get(fn) ?? Infinity)) this.fewest.set(fn, given);
    fn.params.forEach((param, i) => {
      const arg = args[i];
      const missing = param.fallback === null ? NULL : 0;
      this.givePattern(param.target, spread ? ANY : arg === undefined ? missing : this.of(arg as ast.Expr));
    });
  }

  private visitResult(fn: ast.Fn): void {
    let kinds = 0;
    if (fn.body.kind !== 'Block') {
      kinds = this.of(fn.body);
    } else {
      const last = fn.body.body.at(-1)?.kind;
      if (last !== 'Return' && last !== 'Throw') kinds = NULL;
      visitFn(fn, (node) => {
        if (node.kind === 'Return') kinds |= node.value === null ? NULL : this.of(node.value);
        return node.kind !== 'Fn' && node.kind !== 'FnDecl' && !(node.kind === 'Spawn' && node.body.kind === 'Block');
      });
    }
    const before = this.results.get(fn) ?? 0;
    if ((before | kinds) === before) return;
    this.results.set(fn, this.widen ? ANY : before | kinds);
    this.changed = true;
  }
}

/** `for` walks it by counting. */
export function isRange(node: ast.Expr): boolean {
  return node.kind === 'Binary' && node.op === '..';
}

const RESULTS: Readonly<Record<string, number>> = {
  number: NUM,
  string: STR,
  boolean: BOOL,
  null: NULL,
  array: ARR,
  map: MAP,
  function: OTHER,
  error: OTHER,
  task: OTHER,
  channel: OTHER,
  'string or null': STR | NULL,
  'number or null': NUM | NULL,
};
