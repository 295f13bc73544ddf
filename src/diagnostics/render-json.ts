/**
 * Diagnostics for programs: editors, and checks that run without a person. The shape is documented in
 * docs/diagnostics.md and only ever gains fields. Lines and columns count from 1, columns count code points,
 * an end is the place right behind the last character; what a finding does not have is null.
 */
import type { Diagnostic, Severity, Source, Span } from './diagnostic';
import { positionAt } from './lines';
import { inOrder } from './render-terminal';

interface JsonPlace {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface JsonDiagnostic extends JsonPlace {
  readonly file: string;
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly label: string | null;
  readonly hint: string | null;
  readonly notes: readonly string[];
  readonly related: readonly (JsonPlace & { readonly file: string; readonly message: string })[];
  readonly fix: (JsonPlace & { readonly text: string }) | null;
}

export function jsonDiagnostic(diagnostic: Diagnostic): JsonDiagnostic {
  const { source, span, code, severity, message, label, hint, notes, related, fix } = diagnostic;
  return {
    file: source.name,
    ...jsonPlace(source, span),
    code,
    severity,
    message,
    label: label ?? null,
    hint: hint ?? null,
    notes: notes ?? [],
    related: (related ?? []).map((each) => ({
      file: each.source.name,
      ...jsonPlace(each.source, each.span),
      message: each.message,
    })),
    fix: fix === undefined ? null : { ...jsonPlace(source, fix.span), text: fix.text },
  };
}

/** A JSON array, one element for each finding. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return JSON.stringify(inOrder(diagnostics).map(jsonDiagnostic), null, 2);
}

function jsonPlace(source: Source, span: Span): JsonPlace {
  const start = positionAt(source, span.start);
  const end = positionAt(source, span.end);
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
