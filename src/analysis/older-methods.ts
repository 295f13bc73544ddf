/**
 * Older spellings behind a dot: `text.startsWith("a")`. The call may also mean a function that a map of the
 * program holds under this name, so a name that the program itself gives to an entry is left alone.
 */
import type { Diagnostic } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import type { Lookup } from './lookup';
import type { Module, Resolved } from './program';
import { visitProgram } from './visit';

export function adviseMethods(program: Resolved, lookup: Lookup, found: Diagnostic[]): void {
  const own = new Set<string>();
  const calls: { readonly module: Module; readonly call: ast.MethodCall; readonly current: string }[] = [];
  for (const module of program.modules) {
    visitProgram(module.program, (node) => {
      if (node.kind === 'Map') {
        for (const entry of node.entries)
          if (entry.kind === 'Entry' && entry.key.kind === 'Str') own.add(entry.key.value);
      } else if (node.kind === 'Assign') {
        if (node.target.kind === 'Field') own.add(node.target.name);
        if (node.target.kind === 'Index' && node.target.index.kind === 'Str') own.add(node.target.index.value);
      } else if (node.kind === 'MethodCall') {
        const current = lookup.currentSpelling(node.name);
        if (current !== undefined && lookup.member(node.object, node.name) === null)
          calls.push({ module, call: node, current });
      }
    });
  }
  for (const { module, call, current } of calls) {
    if (own.has(call.name)) continue;
    const { start, end } = call.nameSpan;
    found.push({
      code: 'older-spelling',
      severity: 'warning',
      message: `'${call.name}' is the older spelling of '${current}'`,
      source: module.source,
      span: { start, end },
      label: `now '${current}'`,
      fix: { span: { start, end }, text: current },
    });
  }
}
