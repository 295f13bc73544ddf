/**
 * A built-in is defined once: its name, parameters, what it gives, its errors, whether it waits, an
 * example and a failing example. All else is derived from that: the checked forms that compiled programs
 * call, arity errors before the run, `sentra doc`, the reference pages, completion, did-you-mean, tests.
 */
import { fault } from '../runtime/errors';
import type { Steps } from '../runtime/task';
import { MapValue } from '../runtime/values';
import type { FunctionValue, Value } from '../runtime/values';
import { compileTests, refusal } from './types';
import type { Type } from './types';

export interface Param<T = unknown> {
  readonly name: string;
  readonly type: Type<T>;
  /** One sentence without a full stop, with the unit where there is one. */
  readonly about: string;
  /** May be left out, or be null: the function gets null. Only at the end. */
  readonly optional?: boolean;
  /** Takes all further arguments, as an array. Only the last one. */
  readonly rest?: boolean;
  /**
   * For a function that the built-in calls: with what, for the reference ("item, [index]"), and whether in
   * the caller's task (then the caller waits when it does) or as a task of its own. What stands in brackets
   * is for functions of the program that declare it: a built-in passed there gets it only when it requires
   * it, so that `each(items, log)` prints items and `map(texts, parse_int)` takes no index for a base.
   */
  readonly calls?: {
    readonly with: string;
    readonly as: 'call' | 'task';
    /** Among what it is called with is a function of the host that waits: `next`, `write`. */
    readonly givesWaitingFunction?: boolean;
  };
}

type ArgOf<P> = P extends { readonly type: Type<infer T> }
  ? P extends { readonly rest: true }
    ? T[]
    : P extends { readonly type: { readonly convert: unknown } }
      ? T
      : P extends { readonly optional: true }
        ? T | null
        : T
  : never;
export type ArgsOf<P extends readonly Param[]> = { readonly [K in keyof P]: ArgOf<P[K]> };

interface Described<P extends readonly Param[]> {
  readonly name: string;
  /** The module it belongs to: `import math`. */
  readonly group: string;
  /** More modules that have it: `min` is `array.min` and `math.min`. */
  readonly alsoIn?: readonly string[];
  /** One sentence: what it does. */
  readonly summary: string;
  /** More paragraphs for the reference. */
  readonly details?: string;
  readonly params: P;
  readonly gives: { readonly type: string; readonly about: string };
  /** Code to when it is thrown; ETYPE for arguments goes without saying. */
  readonly errors?: Readonly<Record<string, string>>;
  /** What the host's policy must allow: "net", "read", "write", "run", "env". */
  readonly permission?: string;
  /** Older spellings, accepted everywhere; `sentra check` suggests the name. */
  readonly aliases?: readonly string[];
  /** The whole of it is an older spelling: the call that is written now, which `sentra check` suggests. */
  readonly replacedBy?: string;
  /** A runnable program with its expectation in comments: `log(len("abc"))  // expect: 3`. */
  readonly example: string;
  /** A runnable program that fails: `len(5)  // expect error: len: value must be ...`. */
  readonly failing: string;
  /**
   * JavaScript for calls whose arguments pass `when`, put in place of them: `$1`, `$2` stand for the
   * arguments, which are plain variables or constants, `$name` for an operator of the runtime. For what hot
   * loops call.
   */
  readonly inline?: readonly { readonly when: string; readonly code: string }[];
}

/** How the function behind a built-in runs. */
type Body<P extends readonly Param[]> =
  | { readonly run: (...args: ArgsOf<P>) => Value; readonly waits?: false }
  /** It may wait: a generator that yields what it waits for. */
  | { readonly run: (...args: ArgsOf<P>) => Steps<Value>; readonly waits: true }
  /** It waits only when a function that it calls does; see `dual`. */
  | { readonly run: Dual<ArgsOf<P>>; readonly waits: 'with its callback' };

export type Definition<P extends readonly Param[] = readonly Param[]> = Described<P> & Body<P>;

/** A function in two forms, for callbacks that never wait and for those that may. */
export interface Dual<A extends readonly unknown[]> {
  readonly plain: (...args: A) => Value;
  readonly waiting: (...args: A) => Steps<Value>;
}

/**
 * Makes both forms of a built-in that calls functions from one generator. The callbacks are called as
 * `yield* call(f, x)` and nothing else is yielded. The build derives the plain form, where that reads
 * `f(x)`, and passes it in; without the build the generator itself is run to its end.
 */
export function dual<A extends readonly unknown[]>(
  waiting: (...args: A) => Steps<Value>,
  plain: (...args: A) => Value = (...args) => {
    const result = waiting(...args).next();
    if (result.done !== true) throw new Error('a function that waits was called where none may');
    return result.value;
  },
): Dual<A> {
  return { plain, waiting };
}

/** The prototype of what `function*` makes: how a function value that may wait is known. */
export const GeneratorFunction = (Object.getPrototypeOf(function* () {}) as GeneratorFunction)
  .constructor as GeneratorFunctionConstructor;

/** Calls a function value, waiting when it waits. */
export function* call(f: FunctionValue, ...args: Value[]): Steps<Value> {
  const result = f instanceof GeneratorFunction ? yield* f(...args) as unknown as Steps<Value> : f(...args);
  return result as Value;
}

/** On the value of a built-in that takes further arguments: the built-in. No key of a program is a symbol. */
const FLEXIBLE = Symbol('built-in that takes further arguments');

/** A built-in passed as a callback takes what it requires, and of its further parameters the `main` arguments. */
function fitted(f: FunctionValue & { readonly [FLEXIBLE]?: Builtin }, main: number): FunctionValue {
  const builtin = f[FLEXIBLE];
  if (builtin === undefined) return f;
  const count = Math.max(builtin.minArgs, Math.min(main, builtin.maxArgs));
  if (f instanceof GeneratorFunction) {
    return function* (...args: Value[]) {
      return yield* f(...args.slice(0, count)) as Steps<Value>;
    };
  }
  if (count === 1) return (a) => f(a);
  if (count === 2) return (a, b) => f(a, b);
  return (...args) => f(...args.slice(0, count));
}

/** How many of the arguments in "item, [index]" stand outside of brackets. */
function mainArguments(calls: string): number {
  return calls.split(',').filter((name) => name.trim() !== '' && !name.includes('[')).length;
}

/** A definition with the forms derived from it, made when first asked for. */
export class Builtin {
  readonly name: string;
  readonly minArgs: number;
  /** Infinity with a rest parameter. */
  readonly maxArgs: number;
  private plainForm: CheckedFunction | null = null;
  private waitingForm: CheckedFunction | null = null;
  private valueForm: FunctionValue | null = null;

  constructor(readonly definition: Definition) {
    this.name = definition.name;
    const params = definition.params;
    this.minArgs = params.filter((param) => param.optional !== true && param.rest !== true).length;
    this.maxArgs = params.at(-1)?.rest === true ? Infinity : params.length;
  }

  /** Whether a call waits, whatever is passed. */
  get waits(): boolean {
    return this.definition.waits === true;
  }

  /** Whether a call waits when a function passed to it does. */
  get waitsWithCallback(): boolean {
    return this.definition.waits === 'with its callback';
  }

  /** Checks the arguments and runs. For one that waits: gives the generator, to be run with `yield*`. */
  get checked(): CheckedFunction {
    return (this.plainForm ??= this.compile(
      this.definition.waits === 'with its callback' ? this.definition.run.plain : this.definition.run,
      false,
    ));
  }

  /** As `checked`, for callbacks that may wait: always gives a generator. */
  get checkedWaiting(): CheckedFunction {
    return this.definition.waits === 'with its callback'
      ? (this.waitingForm ??= this.compile(this.definition.run.waiting, false))
      : this.checked;
  }

  /** The built-in as a value of the language: a generator function when it may wait. */
  get value(): FunctionValue {
    if (this.valueForm === null) {
      const { waits, run } = this.definition;
      this.valueForm =
        waits === 'with its callback'
          ? this.compile(run.waiting, true)
          : waits === true
            ? this.compile(run, true)
            : this.checked;
      if (this.minArgs < this.maxArgs) Object.defineProperty(this.valueForm, FLEXIBLE, { value: this });
    }
    return this.valueForm;
  }

  /** Writes the wrapper out as JavaScript of its own, so that V8 can inline the checks into the caller. */
  private compile(run: (...args: never) => unknown, asGenerator: boolean): CheckedFunction {
    const { name, params } = this.definition;
    const lines: string[] = [];
    params.forEach((param, i) => {
      const variable = `$${i}`;
      if (param.rest === true) {
        lines.push(`for (const $ of ${variable}) if (!(T${i}($))) refuse(${i}, $);`);
        return;
      }
      const refused = `if (!(T${i}(${variable}))) refuse(${i}, ${variable});`;
      if (param.optional === true) {
        lines.push(`if (${variable} === undefined) ${variable} = null; else if (${variable} !== null) { ${refused} }`);
      } else if (param.type.test === 'true') {
        lines.push(`if (${variable} === undefined) ${variable} = missing(${i});`);
      } else {
        lines.push(`if (!(T${i}(${variable}))) refuse(${i}, ${variable});`);
      }
      if (param.calls !== undefined) {
        const fit = `${variable} = fitted(${variable}, ${mainArguments(param.calls.with)});`;
        lines.push(`if (typeof ${variable} === 'function' && ${variable}[FLEXIBLE] !== undefined) ${fit}`);
      }
      if (param.type.convert !== undefined)
        lines.push(`${variable} = convert${i}(${variable}, ${JSON.stringify(name)});`);
    });
    const names = params.map((param, i) => (param.rest === true ? `...$${i}` : `$${i}`)).join(', ');
    const passed = params.map((_param, i) => `$${i}`).join(', ');
    const star = asGenerator ? '*' : '';
    lines.push(`return ${asGenerator ? 'yield* ' : ''}run(${passed});`);
    // The `$` keeps names such as `delete` apart from JavaScript's own words; `functionName` cuts it off.
    const body = `return function${star} ${name}$(${names}) {\n${lines.join('\n')}\n}`;
    const scope: Record<string, unknown> = {
      run,
      FLEXIBLE,
      fitted,
      refuse: (index: number, value: Value | undefined) => this.refuse(index, value),
      missing: (index: number) => this.refuse(index, undefined),
    };
    params.forEach((param, i) => (scope[`convert${i}`] = param.type.convert));
    return compileTests(
      params.map((param) => param.type),
      body,
      scope,
    ) as CheckedFunction;
  }

  private refuse(index: number, value: Value | undefined): never {
    const param = this.definition.params[index]!;
    if (value !== undefined) {
      const error = refusal(this.name, param.name, param.type, value, this.misplaced(index, value));
      // Of a rest parameter it is not known which of its arguments it was.
      if (param.rest !== true) error.argument = index;
      throw error;
    }
    throw fault('ETYPE', `${this.name}: ${param.name} is missing: it must be ${param.type.takes}`, {
      function: this.name,
      hint: `call it as ${this.signature}`,
    });
  }

  /** Options that stand in the place of an argument before them. */
  private misplaced(index: number, value: Value): string | null {
    const place = this.definition.params.findIndex(({ type }, i) => i > index && type.options !== undefined);
    if (place < 0 || !(value instanceof MapValue)) return null;
    return `options are argument ${place + 1} of ${this.signature}; null stands for what is left out before`;
  }

  /** `substring(s, start, [end])` */
  get signature(): string {
    const params = this.definition.params.map((param) =>
      param.rest === true ? `...${param.name}` : param.optional === true ? `[${param.name}]` : param.name,
    );
    return `${this.name}(${params.join(', ')})`;
  }
}

export type CheckedFunction = (...args: Value[]) => unknown;

export function defineBuiltin<const P extends readonly Param[]>(definition: Definition<P>): Builtin {
  return new Builtin(definition as unknown as Definition);
}

/** A constant of a group: `PI`. */
export class Constant {
  constructor(
    readonly name: string,
    readonly group: string,
    readonly value: Value,
    readonly summary: string,
  ) {}
}
