/** From an error that nobody caught to what is shown of it: where it happened, the calls that led there, its causes. */
import type { Diagnostic, Source, Span } from '../diagnostics/diagnostic';
import type { Failure, StackCall } from '../diagnostics/failure';
import { MAX_CAUSES, renderFailure } from '../diagnostics/render-terminal';
import type { Style } from '../diagnostics/render-terminal';
import { describe } from './describe-value';
import type { Frame, Trace } from './errors';
import { placeThrown } from './thrown-values';
import { ErrorValue, inspect } from './values';
import type { Value } from './values';

const STACK_OVERFLOW = 'ESTACK';

/** An error value, or any other value that a program has thrown. */
export function failureOf(thrown: Value): Failure {
  return thrown instanceof ErrorValue ? errorFailure(thrown, []) : valueFailure(thrown);
}

/** As a person reads it. */
export function renderError(thrown: Value, style: Style): string {
  return renderFailure(failureOf(thrown), style);
}

/** The error at its place, for tools that show findings in a text; null where it has no place. */
export function diagnosticOf(error: ErrorValue): Diagnostic | null {
  const { code, message, place, hint } = errorFailure(error, []);
  if (place === null) return null;
  return { code, severity: 'error', message, ...place, ...(hint === null ? {} : { hint }) };
}

/** `outer` are the errors that this one caused. */
function errorFailure(error: ErrorValue, outer: readonly ErrorValue[]): Failure {
  const { trace, cause } = error;
  return {
    code: error.code,
    message: error.message,
    place: placeOf(error),
    hint: error.hint,
    notes: [],
    stack: error.code === STACK_OVERFLOW ? callsOf(trace).slice(1) : callsOf(trace),
    stackCut: trace.cut,
    cause: cause === null ? null : causeOf(cause, [...outer, error]),
  };
}

function causeOf(cause: Value, outer: readonly ErrorValue[]): Failure | null {
  if (!(cause instanceof ErrorValue)) return { ...valueFailure(cause), message: inspect(cause), hint: null, place: null, stack: [] }; // prettier-ignore
  return outer.length > MAX_CAUSES || outer.includes(cause) ? null : errorFailure(cause, outer);
}

function valueFailure(value: Value): Failure {
  const trace = placeThrown(value);
  const site = trace?.site ?? null;
  return {
    code: '',
    message: `the program threw ${describe(value)}, and nothing caught it`,
    place: site === null ? null : { source: site.source, span: firstLine(site.source, site.span) },
    hint: 'throw error("...") gives whoever catches it a message and a code as well',
    notes: [],
    stack: trace === null ? [] : callsOf(trace),
    stackCut: trace?.cut ?? false,
    cause: null,
  };
}

/** The argument that a built-in has refused, or the operation that failed. */
function placeOf(error: ErrorValue): Failure['place'] {
  const { trace, argument } = error;
  // Where the stack has run out is of no matter, only which call went too deep.
  const site = error.code === STACK_OVERFLOW ? (trace.frames[1] ?? trace.site) : trace.site;
  if (site === null) return null;
  const refused = argument !== null && trace.site?.callee === error.function ? trace.site.args[argument] : undefined;
  return { source: site.source, span: firstLine(site.source, refused ?? unsetName(error, site) ?? site.span) };
}

/** Within the place that failed, the variable that has no value yet. */
function unsetName(error: ErrorValue, { source, span }: { readonly source: Source; readonly span: Span }): Span | null {
  const name = error.code === 'EUNSET' ? /^'([^']+)'/.exec(error.message)?.[1] : undefined;
  if (name === undefined) return null;
  const text = source.text.slice(span.start, span.end);
  const at = text.search(new RegExp(`(?<![\\p{L}\\p{N}_.])${name}(?![\\p{L}\\p{N}_])`, 'u'));
  return at < 0 ? null : { start: span.start + at, end: span.start + at + name.length };
}

/** A call may go over many lines (a function is passed): its first one tells which it is. */
export function firstLine(source: Source, { start, end: last }: Span): Span {
  const end = source.text.indexOf('\n', start);
  if (end < 0 || end >= last) return { start, end: last };
  const text = source.text.slice(start, end);
  return { start, end: start + text.trimEnd().length };
}

/** A frame tells where it has got to; a call, where it was made: in the frame around it. */
function callsOf(trace: Trace): StackCall[] {
  const { frames } = trace;
  return frames.slice(0, -1).map((frame, i) => {
    const { source, span, note } = frames[i + 1]!;
    // Of a stack that was cut it is not known which function the task began with.
    const unknown = trace.cut && note !== undefined && frame.note === undefined;
    return { function: unknown ? '' : nameOf(frame), source, span, spawned: note !== undefined };
  });
}

function nameOf(frame: Frame): string {
  return frame.function.startsWith('<') ? '' : frame.function;
}
