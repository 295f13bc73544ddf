/** What can be told before the run once names are known: calls with the wrong number of arguments, unused names. */
import type { Diagnostic, Span } from '../diagnostics/diagnostic';
import type * as ast from '../syntax/ast';
import type { Lookup } from './lookup';
import { adviseMethods } from './older-methods';
import { leavingJump, statementMatch } from './match-positions';
import type { Binding, BuiltinInfo, Module, Resolved } from './program';
import { visitProgram } from './visit';
import type { Visited } from './visit';

export function check(program: Resolved, lookup: Lookup): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const module of program.modules) {
    const blocks = new Set<ast.Match>();
    visitProgram(module.program, (node) => {
      if (node.kind === 'Call') checkCall(module, node, lookup, found);
      else if (node.kind === 'MethodCall') checkMethodCall(module, node, lookup, found);
      else checkMatch(module, node, blocks, found);
    });
  }
  for (const binding of program.local) checkUsed(binding, found);
  adviseMethods(program, lookup, found);
  return found;
}

/** `blocks` are the matches met so far whose arms are ordinary blocks; see `match-positions`. */
function checkMatch(module: Module, node: Visited, blocks: Set<ast.Match>, found: Diagnostic[]): void {
  if (node.kind === 'Fn' || node.kind === 'FnDecl') {
    const { body } = node.kind === 'Fn' ? node : node.fn;
    if (body.kind === 'Match') blocks.add(body);
  } else if (node.kind !== 'Match') {
    const match = statementMatch(node);
    if (match !== null) blocks.add(match);
  } else if (blocks.has(node)) {
    for (const arm of node.arms) if (arm.body.kind === 'Match') blocks.add(arm.body);
  } else {
    const jump = leavingJump(node);
    if (jump === null) return;
    const word = jump.kind.toLowerCase();
    found.push(
      error(
        module,
        'jump-in-expression',
        `'${word}' cannot leave a match that is part of a larger expression`,
        jump,
        'inside an expression',
        {
          hint: 'give the value of the match a name first: let value = match ...',
        },
      ),
    );
  }
}

function checkCall(module: Module, node: ast.Call, lookup: Lookup, found: Diagnostic[]): void {
  const callee = lookup.callee(node.callee);
  if (callee.kind === 'builtin') checkBuiltinCall(module, callee.info, node.callee, node.args, 0, found);
  else if (callee.kind === 'function') checkFunctionCall(module, callee.binding, node.args, found);
}

function checkMethodCall(module: Module, node: ast.MethodCall, lookup: Lookup, found: Diagnostic[]): void {
  const member = lookup.member(node.object, node.name);
  if (member?.kind === 'builtin') checkBuiltinCall(module, member.info, node.nameSpan, node.args, 0, found);
  else if (member?.kind === 'function') checkFunctionCall(module, member.binding, node.args, found);
}

function plural(count: number, word: string): string {
  return `${count === 0 ? 'no' : count} ${word}${count === 1 ? '' : 's'}`;
}

function error(
  module: Module,
  code: string,
  message: string,
  span: Span,
  label: string,
  more: Partial<Diagnostic> = {},
): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    source: module.source,
    span: { start: span.start, end: span.end },
    label,
    ...more,
  };
}

function checkBuiltinCall(
  module: Module,
  info: BuiltinInfo,
  name: Span,
  args: readonly (ast.Expr | ast.Spread)[],
  given: number,
  found: Diagnostic[],
): void {
  if (args.some((arg) => arg.kind === 'Spread')) return;
  const count = args.length + given;
  if (count > info.maxArgs) {
    const extra = { start: args[info.maxArgs - given]!.start, end: args.at(-1)!.end };
    found.push(
      error(
        module,
        'too-many-arguments',
        `${info.name} takes ${plural(info.maxArgs, 'argument')}, got ${count}`,
        extra,
        'too many',
        {
          hint: `call it as ${info.signature}`,
        },
      ),
    );
  } else if (count < info.minArgs) {
    const atLeast = info.minArgs === info.maxArgs ? '' : 'at least ';
    found.push(
      error(
        module,
        'too-few-arguments',
        `${info.name} takes ${atLeast}${plural(info.minArgs, 'argument')}, got ${count}`,
        name,
        'too few',
        {
          hint: `call it as ${info.signature}`,
        },
      ),
    );
  }
}

function checkFunctionCall(
  module: Module,
  binding: Binding,
  args: readonly (ast.Expr | ast.Spread)[],
  found: Diagnostic[],
): void {
  const fn = binding.fn!;
  if (fn.rest !== null || args.length <= fn.params.length || args.some((arg) => arg.kind === 'Spread')) return;
  const extra = { start: args[fn.params.length]!.start, end: args.at(-1)!.end };
  found.push(
    error(
      module,
      'too-many-arguments',
      `${binding.name} takes ${plural(fn.params.length, 'argument')}, got ${args.length}`,
      extra,
      'too many',
      {
        related: [{ source: binding.owner.module.source, span: binding.span, message: 'defined here' }],
      },
    ),
  );
}

function checkUsed(binding: Binding, found: Diagnostic[]): void {
  if (binding.uses > 0 || binding.name.startsWith('_') || !WARNED_KINDS.has(binding.kind)) return;
  const what = binding.kind === 'fn' ? 'function' : binding.kind === 'const' ? 'constant' : 'variable';
  found.push(
    error(binding.owner.module, 'unused', `the ${what} '${binding.name}' is never used`, binding.span, 'never used', {
      severity: 'warning',
      hint: `remove it, or begin its name with '_'`,
    }),
  );
}

/** Parameters, loop variables and what a match binds may be there for their place alone. */
const WARNED_KINDS = new Set(['let', 'const', 'var', 'fn']);
