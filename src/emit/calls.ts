/**
 * Calls. A call of a known function or built-in is a plain JavaScript call, or `yield*` of one that waits;
 * a call through a value tests what it calls. Arguments are always evaluated before the call, in order.
 */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import type { CallNode } from '../analysis/flow';
import type { BuiltinInfo, Module } from '../analysis/program';
import type { Meaning } from '../analysis/lookup';
import { isKnownFunction } from '../analysis/lookup';
import type { Binding } from '../analysis/program';
import { spawnFn } from '../analysis/spawn-function';
import { ARR, MAP, OTHER } from '../analysis/types';
import { Expressions } from './expressions';
import { objectText, propertyText, stringText } from './base';

type Arg = ast.Expr | ast.Spread;

export abstract class Calls extends Expressions {
  /** How a known function is named where it is called: its lean or its full form. */
  protected functionName(binding: Binding, module: Module, lean: boolean): string {
    const suffix = !lean && this.hasTwoForms(binding) ? '$w' : '';
    if (module === this.module) {
      const js = this.js(binding);
      return js + suffix;
    }
    return `${this.moduleObject(module)}.${binding.exported!}${suffix}`;
  }

  /** Whether lean and full form of a known function differ and both are written. */
  protected abstract hasTwoForms(binding: Binding): boolean;

  // ---------------------------------------------------------------- names as values

  protected ident(node: ast.Ident): void {
    const ref = this.analysis.program.refs.get(node);
    if (ref === undefined || ref.kind === 'unknown') throw new Error(`the name '${node.name}' has no meaning`);
    if (ref.kind === 'builtin') {
      const { entry } = ref;
      return this.write(
        'constant' in entry ? this.builtin(entry.constant, 'constant') : this.builtin(entry.name, 'value'),
      );
    }
    const { binding } = ref;
    if (binding.target !== null) return this.imported(node, binding);
    if (isKnownFunction(binding)) return this.write(this.functionName(binding, binding.owner.module, false));
    this.write(this.js(binding));
  }

  protected imported(node: ast.Ident, binding: Binding): void {
    const target = binding.target!;
    if (target.kind === 'group') return this.write(`${this.op('groupMap')}(${stringText(target.group)})`);
    const meant = this.analysis.lookup.imported(binding);
    if (meant === null) throw new Error(`the import '${binding.name}' leads nowhere`);
    if (meant.kind === 'namespace') {
      this.write(`${this.op('namespaceMap')}(${this.moduleObject(meant.module)})`);
    } else {
      this.meaning(meant, node);
    }
  }

  protected meaning(meant: Meaning, span: Span): void {
    switch (meant.kind) {
      case 'builtin':
        return this.write(this.builtin(meant.info.name, 'value'));
      case 'constant':
        return this.write(this.builtin(meant.name, 'constant'));
      case 'function':
        return this.exported(
          meant.module,
          meant.binding.exported!,
          this.functionName(meant.binding, meant.module, false),
          span,
        );
      case 'value':
        return this.exported(
          meant.module,
          meant.name,
          `${this.moduleObject(meant.module)}${exportText(meant.name)}`,
          span,
        );
    }
  }

  /** What another file exports may not be set yet where files import each other. */
  private exported(module: Module, name: string, js: string, span: Span): void {
    if (!module.inCycle) return this.write(js);
    this.out.mark(span);
    this.write(`${this.op('isSet')}(${js}, ${stringText(name)}, ${this.moduleObject(module)})`);
  }

  protected field(node: ast.Field): void {
    const member = this.analysis.lookup.member(node.object, node.name);
    if (member === null) this.fieldRead(node, node.object, node.name);
    else this.meaning(member, node);
  }

  // ---------------------------------------------------------------- calls

  protected call(node: ast.Call, site: CallNode = node): void {
    const callee = this.analysis.lookup.callee(node.callee);
    if (callee.kind === 'builtin') return this.builtinCall(site, node, callee.info, null, node.args);
    if (callee.kind === 'function') return this.directCall(site, node, callee.binding, callee.module, node.args);
    this.valueCall(site, node, node.callee, () => this.expr(node.callee), node.args);
  }

  private args(args: readonly Arg[]): void {
    args.forEach((arg, i) => {
      if (i > 0) this.write(', ');
      this.out.toLineOf(arg.start);
      this.spreadOrValue(arg, 'spreadArgs');
    });
  }

  private directCall(site: CallNode, node: ast.Expr, binding: Binding, module: Module, args: readonly Arg[]): void {
    const waits = this.callWaits(site);
    const lean = this.analysis.flow.callIsLean(site, this.fn.context);
    if (waits) this.write('(yield* ');
    this.out.mark(node, [], binding.name);
    if (module.inCycle && module !== this.module)
      this.exported(module, binding.exported!, this.functionName(binding, module, lean), node);
    else this.write(this.functionName(binding, module, lean));
    this.write('(');
    this.args(args);
    this.write(waits ? '))' : ')');
  }

  /** `first` is the object of `x.name(args)`, already evaluated. */
  protected builtinCall(
    site: CallNode,
    node: ast.Expr,
    info: BuiltinInfo,
    first: string | null,
    args: readonly Arg[],
  ): void {
    const waits = info.waits || (info.waitsWithCallback && this.callWaits(site));
    if (info.inline.length > 0 && !waits && args.every((arg) => arg.kind !== 'Spread')) {
      const count = args.length + (first === null ? 0 : 1);
      if (count === inlineArity(info)) return this.inlineCall(node, info, first, args);
    }
    const mark = (): void => this.out.mark(node, [], info.name, argSpans(node, first !== null, args));
    const call = (): void => {
      mark();
      this.write(`${this.builtin(info.name, waits && info.waitsWithCallback ? 'waiting' : 'plain')}(`);
      if (first !== null) this.write(args.length > 0 ? `${first}, ` : first);
      this.args(args);
      this.write(')');
    };
    this.builtinResult(info, waits, call, mark);
  }

  /** What a call of a built-in gives; one that waits with its callback is a generator, which is never ready. */
  private builtinResult(info: BuiltinInfo, waits: boolean, call: () => void, mark: () => void): void {
    if (info.waits) return this.awaited(call, mark);
    if (waits) this.write('(yield* ');
    call();
    if (waits) this.write(')');
  }

  private inlineCall(node: ast.Expr, info: BuiltinInfo, first: string | null, args: readonly ast.Expr[]): void {
    this.withOperands(args, (names) => {
      const all = first === null ? names : [first, ...names];
      const fill = (text: string): string =>
        text
          .replace(/\$([a-z]\w*)/gi, (_match, name: string) => this.op(name))
          .replace(/\$(\d)/g, (_match, digit: string) => objectText(all[Number(digit) - 1]!));
      for (const { when, code } of info.inline) this.write(`${fill(when)} ? ${fill(code)} : `);
      this.out.mark(node, [], info.name, argSpans(node, first !== null, args));
      this.write(`${this.builtin(info.name, 'plain')}(${all.join(', ')})`);
    });
  }

  /** Calls what an expression gives. */
  private valueCall(
    site: CallNode,
    node: ast.Expr,
    callee: ast.Expr,
    writeCallee: () => void,
    args: readonly Arg[],
  ): void {
    this.scoped(() => {
      const simple = this.simple(callee, args.map(argValue));
      const fn = simple ?? this.temporary();
      this.write('(');
      if (simple === null) {
        this.write(`${fn} = `);
        writeCallee();
        this.write(', ');
      }
      this.applyValue(site, node, fn, null, args, () => this.failing('notFunction', fn, node, [callee]));
      this.write(')');
    });
  }

  /** `fn` names a value that should be a function: calls it, or does what `otherwise` writes. */
  private applyValue(
    site: CallNode,
    node: ast.Expr,
    fn: string,
    first: string | null,
    args: readonly Arg[],
    otherwise: () => void,
  ): void {
    const waits = this.callWaits(site);
    if (waits) {
      const list = this.argNames(args);
      const text = first === null ? list : [first, ...list];
      this.write(`${fn} instanceof ${this.op('GeneratorFunction')} ? yield* `);
      this.out.mark(node);
      this.write(`${fn}(${text.join(', ')}) : typeof ${fn} === 'function' ? `);
      this.out.mark(node);
      this.write(`${fn}(${text.join(', ')}) : `);
    } else {
      // What cannot fail may be left undone where there is no function to call; all else runs before that shows.
      const list = args.every(isPlain) ? null : this.argNames(args);
      this.write(`typeof ${fn} === 'function' ? `);
      this.out.mark(node);
      this.write(`${fn}(`);
      if (first !== null) this.write(args.length > 0 ? `${first}, ` : first);
      if (list === null) this.args(args);
      else this.write(list.join(', '));
      this.write(') : ');
    }
    otherwise();
  }

  /** Evaluates arguments into temporaries, written before what follows; gives their texts. */
  private argNames(args: readonly Arg[]): string[] {
    return args.map((arg, i) => {
      if (arg.kind !== 'Spread') {
        const simple = this.simple(arg, args.slice(i + 1).map(argValue));
        if (simple !== null) return simple;
      }
      const name = this.temporary();
      this.write(`${name} = `);
      if (arg.kind === 'Spread') {
        this.out.mark(arg, [arg.value]);
        this.write(`${this.op('spreadArgs')}(`);
        this.expr(arg.value);
        this.write(')');
      } else {
        this.expr(arg);
      }
      this.write(', ');
      return arg.kind === 'Spread' ? `...${name}` : name;
    });
  }

  // ---------------------------------------------------------------- methods

  protected methodCall(node: ast.MethodCall, site: CallNode = node): void {
    const member = this.analysis.lookup.member(node.object, node.name);
    if (member !== null) return this.memberCall(node, member, site);
    const builtin = this.analysis.lookup.builtin(node.name);
    const kinds = this.types(node.object);
    this.scoped(() => {
      const simple = this.simple(node.object, node.args.map(argValue));
      const object = simple ?? this.temporary();
      this.write('(');
      if (simple === null) {
        this.write(`${object} = `);
        this.expr(node.object);
        this.write(', ');
      }
      if (builtin !== null && (kinds & (MAP | OTHER)) === 0) {
        this.builtinCall(site, node, builtin, object, node.args);
      } else {
        this.ownOrBuiltin(node, site, object, builtin, kinds);
      }
      this.write(')');
    });
  }

  /** The map's own function where it has the key, else the built-in. */
  private ownOrBuiltin(
    node: ast.MethodCall,
    site: CallNode,
    object: string,
    builtin: BuiltinInfo | null,
    kinds: number,
  ): void {
    const fn = this.temporary();
    const lookUp = (): void => {
      this.write(
        `${fn} = ${object} !== null && (${fn} = ${objectText(object)}${propertyText(node.name)}) !== undefined ? ${fn} : `,
      );
      this.failing('method', `${object}, ${stringText(node.name)}`, node.nameSpan, [node.object]);
    };
    if (builtin === null) {
      lookUp();
      this.write(', ');
      this.applyValue(site, node, fn, null, node.args, () => {
        this.failing('noMethod', `${object}, ${stringText(node.name)}, ${fn}`, node, [node.object]);
      });
      return;
    }
    // The arguments stand in both arms, so they are evaluated first; an array goes the short way.
    const names = this.argNames(node.args);
    const texts = [object, ...names];
    const waits = builtin.waits || (builtin.waitsWithCallback && this.callWaits(site));
    const mark = (): void => this.out.mark(node, [], builtin.name, argSpans(node, true, node.args));
    const call = (): void => {
      mark();
      this.write(
        `${this.builtin(builtin.name, waits && builtin.waitsWithCallback ? 'waiting' : 'plain')}(${texts.join(', ')})`,
      );
    };
    const direct = (): void => this.builtinResult(builtin, waits, call, mark);
    if (kinds & ARR) {
      this.write(`${this.op('isArray')}(${object}) ? `);
      direct();
      this.write(' : ');
    }
    this.write('(');
    lookUp();
    this.write(`, ${fn} === undefined) ? `);
    direct();
    this.write(' : ');
    if (this.callWaits(site)) {
      this.write(`${fn} instanceof ${this.op('GeneratorFunction')} ? yield* `);
      this.out.mark(node);
      this.write(`${fn}(${names.join(', ')}) : `);
    }
    this.write(`typeof ${fn} === 'function' ? `);
    this.out.mark(node);
    this.write(`${fn}(${names.join(', ')}) : `);
    this.failing('noMethod', `${object}, ${stringText(node.name)}, ${fn}`, node, [node.object]);
  }

  private memberCall(node: ast.MethodCall, member: Meaning, site: CallNode): void {
    if (member.kind === 'builtin') return this.builtinCall(site, node, member.info, null, node.args);
    if (member.kind === 'function') return this.directCall(site, node, member.binding, member.module, node.args);
    this.scoped(() => {
      const fn = this.temporary();
      this.write(`(${fn} = `);
      this.meaning(member, node);
      this.write(', ');
      this.applyValue(site, node, fn, null, node.args, () =>
        this.failing('notFunction', fn, node, [{ start: node.object.start, end: node.nameSpan.end }]),
      );
      this.write(')');
    });
  }

  // ---------------------------------------------------------------- spawn and defer

  /**
   * Writes `callee, [arguments]` for a call that is made later: everything is evaluated now. The callee is a
   * function value; for a built-in or a known function, the form that the call needs.
   */
  protected laterCall(node: ast.Call | ast.MethodCall, site: CallNode): void {
    const member = node.kind === 'MethodCall' ? this.analysis.lookup.member(node.object, node.name) : null;
    const callee = node.kind === 'Call' ? this.analysis.lookup.callee(node.callee) : member;
    if (callee !== null && callee.kind === 'function') {
      const lean = this.analysis.flow.callIsLean(site, this.fn.context);
      this.write(this.functionName(callee.binding, callee.module, lean));
    } else if (callee !== null && callee.kind === 'builtin') {
      this.write(this.builtin(callee.info.name, 'value'));
    } else if (callee !== null && callee.kind !== 'other') {
      this.meaning(callee, node);
    } else if (node.kind === 'Call') {
      this.checkedCallee(node.callee);
    } else {
      return this.laterMethod(node);
    }
    this.write(', [');
    this.args(node.args);
    this.write(']');
  }

  private checkedCallee(callee: ast.Expr): void {
    this.out.mark(callee, [callee]);
    this.write(`${this.op('callable')}(`);
    this.expr(callee);
    this.write(')');
  }

  private laterMethod(node: ast.MethodCall): void {
    const builtin = this.analysis.lookup.builtin(node.name);
    const name = builtin === null ? 'null' : this.builtin(builtin.name, 'value');
    this.out.mark(node, [node.object]);
    this.write(`...${this.op('laterMethod')}(`);
    this.expr(node.object);
    this.write(`, ${stringText(node.name)}, ${name}, [`);
    this.args(node.args);
    this.write('])');
  }

  protected spawn(node: ast.Spawn): void {
    const site = this.spawnSites.length;
    this.spawnSites.push({ span: node, function: this.currentFunctionName() });
    if (node.body.kind === 'Block') {
      this.write(`${this.op('spawn')}((`);
      this.functionValue(spawnFn(node, node.body), '');
      this.write(`)(), $self, ${site})`);
      return;
    }
    this.write(`${this.op('spawnCall')}($self, ${site}, `);
    this.laterCall(node.body, node);
    this.write(')');
  }

  protected abstract currentFunctionName(): string;
}

/** Where the arguments of a built-in stand, as far as each is one expression; the object of a method comes first. */
function argSpans(node: ast.Expr, isMethod: boolean, args: readonly Arg[]): readonly Span[] {
  const spread = args.findIndex((arg) => arg.kind === 'Spread');
  const single = spread < 0 ? args : args.slice(0, spread);
  return isMethod && node.kind === 'MethodCall' ? [node.object, ...single] : single;
}

/** For how many arguments the inline forms of a built-in are: the highest that they name. */
function inlineArity(info: BuiltinInfo): number {
  let highest = 0;
  for (const { when, code } of info.inline) {
    for (const [, digit] of `${when} ${code}`.matchAll(/\$(\d)/g)) highest = Math.max(highest, Number(digit));
  }
  return highest;
}

function exportText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${stringText(name)}]`;
}

function argValue(arg: Arg): ast.Expr {
  return arg.kind === 'Spread' ? arg.value : arg;
}

/** Evaluating it does nothing and cannot fail. */
function isPlain(arg: Arg): boolean {
  return ['Null', 'Bool', 'Num', 'Str', 'Ident', 'Fn'].includes(arg.kind);
}
