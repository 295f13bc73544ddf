/** What is said about a name that means nothing: what it most likely should have been, and why it is not that. */
import { didYouMean } from '../diagnostics/did-you-mean';
import type { Diagnostic, Source } from '../diagnostics/diagnostic';
import { foreignName } from './foreign-names';
import type { Binding, Builtins } from './program';
import type { Pending, Scope } from './resolver-scopes';

/** `ended` are the variables of blocks and functions. */
export function unknownName(use: Pending, source: Source, ended: readonly Binding[], builtins: Builtins): Diagnostic {
  const { start, end } = use.ident;
  const finding = use.assigns
    ? undeclared(use, builtins)
    : (tooEarly(use, source) ??
      fromElsewhere(use, builtins) ??
      insideOnly(use, source, ended) ??
      misspelt(use, builtins));
  return { code: 'unknown-name', severity: 'error', source, span: { start, end }, ...finding };
}

type Finding = Omit<Diagnostic, 'code' | 'severity' | 'source' | 'span'>;

function notFound({ ident, asCallee }: Pending): Finding {
  const message = asCallee ? `cannot find a function named '${ident.name}'` : `cannot find '${ident.name}'`;
  return { message, label: 'not defined here' };
}

/** Assigned to, which declares nothing. */
function undeclared({ ident, scope }: Pending, builtins: Builtins): Finding {
  const { name, start, end } = ident;
  const letBefore = { span: { start, end: start }, text: 'let ' };
  if (builtins.find(name) !== undefined) {
    return {
      message: `cannot assign to the built-in '${name}'`,
      label: 'not a variable',
      hint: `declare a variable of this name: let ${name} = ...`,
      fix: letBefore,
    };
  }
  const near = didYouMean(name, variableNames(scope));
  return {
    message: `cannot assign to '${name}': there is no such variable`,
    label: 'not declared',
    ...(near === null
      ? { hint: `declare it: let ${name} = ...`, fix: letBefore }
      : { hint: `did you mean '${near}'?`, fix: { span: { start, end }, text: near } }),
  };
}

/** The name of a variable that is declared further down, or whose own value this is. */
function tooEarly({ ident, scope: from, initialises }: Pending, source: Source): Finding | null {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
    const later = scope.names.get(ident.name)?.find((binding) => initialises || binding.span.start > ident.start);
    if (later === undefined) continue;
    return {
      message: initialises
        ? `cannot find '${ident.name}' in its own value`
        : `'${ident.name}' is used before it is declared`,
      label: 'not known yet',
      related: [{ source, span: later.span, message: 'declared here' }],
    };
  }
  return null;
}

/** A word of another language. */
function fromElsewhere(use: Pending, builtins: Builtins): Finding | null {
  const { name, start, end } = use.ident;
  const foreign = foreignName(name, builtins);
  if (foreign === null) return null;
  const fix = foreign.instead === null ? {} : { fix: { span: { start, end }, text: foreign.instead } };
  return { ...notFound(use), hint: foreign.hint, ...fix };
}

/** The name of a variable in a block or function that has ended. */
function insideOnly(use: Pending, source: Source, ended: readonly Binding[]): Finding | null {
  const { ident, owner } = use;
  const inner = ended.findLast(
    (binding) =>
      binding.name === ident.name && binding.owner.module === owner.module && binding.span.start < ident.start,
  );
  if (inner === undefined) return null;
  const message = `known only inside of its ${inner.owner === owner ? 'block' : 'function'}`;
  return { ...notFound(use), related: [{ source, span: inner.span, message }] };
}

function misspelt(use: Pending, builtins: Builtins): Finding {
  const { name, start, end } = use.ident;
  const near = builtins.near(name, variableNames(use.scope));
  if (near !== null) {
    const hint = `did you mean '${near}'?${lookalike(name, near)}`;
    return { ...notFound(use), hint, fix: { span: { start, end }, text: near } };
  }
  const related = use.asCallee ? builtins.related(name) : null;
  return { ...notFound(use), ...(related !== null && { hint: related }) };
}

/** Letters of another alphabet that look like those of the name that was meant, which nobody would find by eye. */
function lookalike(name: string, meant: string): string {
  if (name.length !== meant.length) return '';
  for (let i = 0; i < name.length; i++) {
    if (name[i] === meant[i] || /[\0-\x7f]/.test(name[i]!) === /[\0-\x7f]/.test(meant[i]!)) continue;
    const number = `U+${name.charCodeAt(i).toString(16).toUpperCase().padStart(4, '0')}`;
    return ` '${name[i]}' in it is ${number}, not '${meant[i]}'`;
  }
  return '';
}

/** Innermost first. */
function variableNames(from: Scope): string[] {
  const names: string[] = [];
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) names.push(...scope.names.keys());
  return names;
}
