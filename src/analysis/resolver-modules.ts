/** Modules: what files export and import, and the members of groups of built-ins. */
import { didYouMean } from '../diagnostics/did-you-mean';
import { foreignModule } from './foreign-names';
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import { eachName } from './pattern-names';
import type { Binding, Module } from './program';
import { ResolverScopes } from './resolver-scopes';
import type { Scope } from './resolver-scopes';

export abstract class ResolverModules extends ResolverScopes {
  /** The scope of the module itself. */
  protected top!: Scope;
  private memberUses: { module: Module; object: string; name: string; nameSpan: Span; target: Module | null }[] = [];

  protected importStatement(node: ast.Import): void {
    if (this.scope !== this.top) this.notAtTop(node, 'import');
    if (node.path.kind === 'Ident') return this.importGroup(node, node.path);
    const module = this.module.imports.get(node) ?? null;
    if (node.local !== null) this.declare(node.local, 'namespace', { kind: 'module', module });
    for (const name of node.names ?? [])
      this.declare(name.local, 'import', { kind: 'export', module, name: name.name });
  }

  private importGroup(node: ast.Import, path: ast.Ident): void {
    const members = this.builtins.group(path.name);
    if (members === undefined) {
      const near = didYouMean(path.name, this.builtins.groupNames());
      this.report('unknown-module', `there is no module of built-ins named '${path.name}'`, path, 'no such module', {
        hint:
          foreignModule(path.name) ??
          (near === null
            ? `a file is imported by its path in quotes: import "./${path.name}"`
            : `did you mean '${near}'?`),
      });
      if (node.local !== null) this.declare(node.local, 'namespace', { kind: 'module', module: null });
      for (const name of node.names ?? [])
        this.declare(name.local, 'import', { kind: 'export', module: null, name: name.name });
      return;
    }
    if (node.local !== null) this.declare(node.local, 'group', { kind: 'group', group: path.name });
    for (const name of node.names ?? []) {
      const entry = members.get(name.name) ?? this.builtins.find(name.name);
      if (entry === undefined) {
        this.notInGroup('unknown-export', path.name, members.keys(), name.name, name);
      }
      this.declare(
        name.local,
        'import',
        entry === undefined ? { kind: 'export', module: null, name: name.name } : { kind: 'builtin', entry },
      );
    }
  }

  private notInGroup(
    code: 'unknown-export' | 'unknown-member',
    group: string,
    members: Iterable<string>,
    name: string,
    span: Span,
  ): void {
    const near = didYouMean(name, [...members]);
    const hint = near === null ? {} : { hint: `did you mean '${near}'?` };
    this.report(code, `the module '${group}' has no '${name}'`, span, 'not in that module', hint);
  }

  protected notAtTop(node: Span, word: string): void {
    this.report(
      'not-at-top',
      `'${word}' stands inside of a function or block`,
      node,
      `move it to the top level of the file`,
    );
  }

  protected collectExports(module: Module): void {
    for (const statement of module.program.body) {
      if (statement.kind === 'Export') {
        for (const entry of statement.entries) {
          const ref = entry.value.kind === 'Ident' ? this.refs.get(entry.value) : undefined;
          const binding = ref?.kind === 'binding' ? ref.binding : null;
          this.addExport(module, entry.name, entry.nameSpan, binding, binding === null ? entry.value : null);
        }
      } else if (statement.kind === 'FnDecl' && statement.exported) {
        const name = statement.fn.name!;
        this.addExport(module, name.name, name, this.bindings.get(name) ?? null, null);
      } else if (statement.kind === 'Let' && statement.exported) {
        eachName(statement.target, (pattern) => {
          this.addExport(module, pattern.name, pattern, this.bindings.get(pattern) ?? null, null);
        });
      }
    }
  }

  private addExport(module: Module, name: string, span: Span, binding: Binding | null, value: ast.Expr | null): void {
    const earlier = module.exports.get(name);
    if (earlier !== undefined) {
      this.module = module;
      this.report('duplicate-export', `'${name}' is exported twice`, span, 'exported again here', {
        related: [{ source: module.source, span: earlier.span, message: 'first exported here' }],
      });
      return;
    }
    if (binding !== null) {
      binding.exported ??= name;
      binding.uses++;
    }
    module.exports.set(name, { span, binding, value });
  }

  /** Names taken from other files must exist there; checked once all exports are known. */
  checkImports(module: Module): void {
    this.module = module;
    for (const [statement, target] of module.imports) {
      if (target === null) continue;
      for (const name of statement.names ?? []) {
        if (target.exports.has(name.name)) continue;
        const near = didYouMean(name.name, [...target.exports.keys()]);
        this.report(
          'unknown-export',
          `'${target.source.name}' does not export '${name.name}'`,
          name,
          'not exported there',
          {
            hint: near === null ? exportList(target) : `did you mean '${near}'?`,
          },
        );
      }
    }
    for (const { object, name, nameSpan, target } of this.memberUses.filter((use) => use.module === module)) {
      if (target === null || target.exports.has(name)) continue;
      const near = didYouMean(name, [...target.exports.keys()]);
      this.report('unknown-export', `'${object}' does not export '${name}'`, nameSpan, 'not exported there', {
        hint: near === null ? exportList(target) : `did you mean '${near}'?`,
      });
    }
  }

  /** The file or group that `name` stands for, when it is the name of an import. */
  protected namespaceOf(node: ast.Expr): Binding | null {
    if (node.kind !== 'Ident') return null;
    const binding = this.find(node.name);
    return binding?.kind === 'namespace' || binding?.kind === 'group' ? binding : null;
  }

  protected member(object: ast.Expr, name: string, nameSpan: Span): void {
    const namespace = this.namespaceOf(object);
    if (namespace === null) return;
    const target = namespace.target!;
    if (target.kind === 'group') {
      const members = this.builtins.group(target.group)!;
      if (members.has(name)) return;
      this.notInGroup('unknown-member', target.group, members.keys(), name, nameSpan);
    } else if (target.kind === 'module') {
      this.memberUses.push({ module: this.module, object: namespace.name, name, nameSpan, target: target.module });
    }
  }
}

function exportList(module: Module): string {
  const names = [...module.exports.keys()];
  return names.length === 0
    ? `nothing is exported there: write 'export' before what others may use`
    : `it exports ${names.join(', ')}`;
}
