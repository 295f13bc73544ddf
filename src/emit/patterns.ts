/** Declarations: names given values, and values taken apart by patterns. */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import type { Binding } from '../analysis/program';
import { isKnownFunction } from '../analysis/lookup';
import { Calls } from './calls';
import { stringText } from './base';

export abstract class Patterns extends Calls {
  /** Writes a variable's declaration up to its value; `body` writes the value. */
  protected declare(binding: Binding, body: () => void): void {
    const js = this.js(binding);
    if (!this.isMember(js) && binding.kind !== 'var') {
      this.write(binding.assignments > 0 ? 'let ' : 'const ');
    }
    this.write(`${js} = `);
    body();
    this.write(';');
    this.exportValue(binding, js);
  }

  /** A variable that other files see and that never changes is put among the exports when it is set. */
  protected exportValue(binding: Binding, js: string): void {
    if (binding.exported === null || js.startsWith('$x.')) return;
    for (const [name, exported] of this.module.exports) {
      if (exported.binding === binding) this.write(` ${exportMember(name)} = ${js};`);
    }
    if (isKnownFunction(binding) && this.hasTwoForms(binding)) {
      this.write(` ${exportMember(binding.exported + '$w')} = ${js}$w;`);
    }
  }

  /** Binds the value named `from` (a plain JavaScript name) to a pattern. */
  protected bindPattern(pattern: ast.Pattern, from: string, operand: Span): void {
    switch (pattern.kind) {
      case 'NamePattern':
        return this.declare(this.bound(pattern), () => this.write(from));
      case 'ArrayPattern':
        return this.arrayPattern(pattern, from, operand);
      case 'MapPattern':
        return this.mapPattern(pattern, from, operand);
    }
  }

  private checked(op: string, pattern: ast.Pattern, from: string, operand: Span): string {
    const name = this.local('p');
    this.write(`const ${name} = `);
    // Without a text of its own the value is not named.
    this.failing(op, from, pattern, operand === pattern ? [] : [operand]);
    this.write('; ');
    return name;
  }

  private arrayPattern(pattern: ast.ArrayPattern, from: string, operand: Span): void {
    const name = this.checked('asArray', pattern, from, operand);
    pattern.items.forEach((item, i) => {
      if (item !== null) this.part(item.target, item.fallback, `${name}[${i}]`);
    });
    if (pattern.rest !== null)
      this.declare(this.bound(pattern.rest), () => this.write(`${name}.slice(${pattern.items.length})`));
  }

  private mapPattern(pattern: ast.MapPattern, from: string, operand: Span): void {
    const name = this.checked('asMap', pattern, from, operand);
    for (const entry of pattern.entries) {
      this.part(entry.target, entry.fallback, `${this.op('entry')}(${name}, ${stringText(entry.key)})`);
    }
    if (pattern.rest === null) return;
    const taken = pattern.entries.map((entry) => stringText(entry.key)).join(', ');
    this.declare(this.bound(pattern.rest), () => this.write(`${this.op('restOf')}(${name}, [${taken}])`));
  }

  /** A part of what is taken apart: `read` gives undefined where it is missing. */
  private part(target: ast.Pattern, fallback: ast.Expr | null, read: string): void {
    this.out.toLineOf(target.start);
    if (target.kind === 'NamePattern') {
      this.declare(this.bound(target), () => this.orFallback(read, fallback));
    } else {
      const name = this.local('p');
      this.write(`const ${name} = `);
      this.orFallback(read, fallback);
      this.write('; ');
      this.bindPattern(target, name, target);
    }
    this.write(' ');
  }

  private orFallback(read: string, fallback: ast.Expr | null): void {
    if (fallback === null) return this.write(`${read} ?? null`);
    this.scoped(() => {
      const value = this.temporary();
      this.write(`(${value} = ${read}) !== undefined ? ${value} : `);
      this.expr(fallback);
    });
  }
}

/** Where the module's exports keep this name. */
export function exportMember(name: string): string {
  return /^[A-Za-z_][\w$]*$/.test(name) ? `$x.${name}` : `$x[${stringText(name)}]`;
}
