/**
 * Diagnostics as a person reads them: a title, the piece of source with a caret, what else explains it, and
 * what to do. The same for findings before the run and for errors of a program that ran.
 */
import { createColors } from 'picocolors';
import type { Diagnostic, Severity } from './diagnostic';
import { displayWidth, printable, wrapped } from './display';
import type { Failure } from './failure';
import { lastLineOf, renderFrame, renderSameLine } from './frame';
import type { Frame, Paint } from './frame';
import { positionAt } from './lines';
import { foldStack } from './stack-lines';

/** How to render; whoever writes to a terminal knows what it can do. */
export interface Style {
  readonly colors: boolean;
  /** Columns of the terminal; longer lines of source are cut. */
  readonly width: number;
  /** Messages that are longer are broken at spaces, as a person at a terminal wants it; elsewhere they stay one line. */
  readonly wraps?: boolean;
}

/** For files, pipes and tests. */
export const PLAIN_STYLE: Style = { colors: false, width: 120 };

/** A terminal narrower than this breaks the lines of messages itself. */
const MIN_MESSAGE_COLUMNS = 20;

/** Errors that caused one another are shown up to this many. */
export const MAX_CAUSES = 8;

interface Colors extends Paint {
  readonly title: (text: string) => string;
  readonly message: (text: string) => string;
  readonly key: (text: string) => string;
  readonly quiet: (text: string) => string;
}

function colorsOf(style: Style, severity: Severity): Colors {
  const { bold, red, yellow, blue, cyan, dim } = createColors(style.colors);
  const main = severity === 'error' ? red : yellow;
  return {
    title: (text) => bold(main(text)),
    message: bold,
    caret: '^',
    mark: main,
    gutter: blue,
    key: cyan,
    quiet: dim,
  };
}

/** The lines of a diagnostic, without a line break at the end. */
export function renderDiagnostic(diagnostic: Diagnostic, style: Style): string {
  const { severity, code, message, source, span, label, related, notes, hint } = diagnostic;
  const colors = colorsOf(style, severity);
  const frames = [
    ...(diagnostic.ofFile === true ? [] : [{ source, span, label: label ?? '' }]),
    ...(related ?? []).map((each) => ({ ...each, label: each.message })),
  ];
  const indent = gutterOf(frames) + 1;
  return [
    ...titleLines(`${severity}${code === '' ? '' : `[${code}]`}`, message, style, colors),
    ...frameLines(frames, style, colors),
    ...(notes ?? []).flatMap((note) => keyLines('note', note, indent, style, colors)),
    ...(hint !== undefined
      ? keyLines('hint', hint, indent, style, colors)
      : fixLines(diagnostic, indent, style, colors)),
  ].join('\n');
}

/** Several diagnostics, with an empty line between them, file by file in the order of their places. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style): string {
  return inOrder(diagnostics)
    .map((each) => renderDiagnostic(each, style))
    .join('\n\n');
}

/** File by file as they first come, within a file by place. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map((each) => each.source))];
  return diagnostics.toSorted(
    (a, b) =>
      files.indexOf(a.source) - files.indexOf(b.source) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
}

/** An error that ended a program or a task, with its call stack and what caused it. */
export function renderFailure(failure: Failure, style: Style): string {
  const colors = colorsOf(style, 'error');
  const lines: string[] = [];
  let title = 'error';
  let each: Failure | null = failure;
  for (let depth = 0; each !== null && depth < MAX_CAUSES; depth++) {
    const frames = each.place === null ? [] : [{ ...each.place, label: '' }];
    const indent = gutterOf(frames) + 1;
    lines.push(
      ...titleLines(`${title}${each.code === '' ? '' : `[${each.code}]`}`, each.message, style, colors),
      ...frameLines(frames, style, colors),
      ...each.notes.flatMap((note) => keyLines('note', note, indent, style, colors)),
      ...(each.hint === null ? [] : keyLines('hint', each.hint, indent, style, colors)),
      ...foldStack(each.stack, each.stackCut).map((line) => colors.quiet(' '.repeat(indent) + printable(line))),
    );
    title = 'caused by error';
    each = each.cause;
  }
  return lines.join('\n');
}

function gutterOf(frames: readonly Frame[]): number {
  return Math.max(1, ...frames.map((frame) => String(lastLineOf(frame)).length));
}

/** The message stands behind `used` columns; what follows its first line has `indent` columns before it. */
function messageLines(text: string, used: number, indent: number, { width, wraps }: Style): string[] {
  const lines = printable(text).split('\n');
  if (wraps !== true) return lines;
  const rest = Math.max(MIN_MESSAGE_COLUMNS, width - indent);
  return lines.flatMap((line, i) => wrapped(line, i === 0 ? Math.max(1, width - used) : rest, rest));
}

function titleLines(title: string, message: string, style: Style, colors: Colors): string[] {
  const [first, ...rest] = messageLines(message, displayWidth(title) + 2, 2, style);
  return [`${colors.title(title)}${colors.message(`: ${first}`)}`, ...rest.map((line) => colors.message(`  ${line}`))];
}

function frameLines(frames: readonly Frame[], style: Style, colors: Colors): string[] {
  const [first, ...others] = frames;
  if (first === undefined) return [];
  const gutter = gutterOf(frames);
  const second: Paint = { ...colors, caret: '-', mark: colors.gutter };
  const lines = renderFrame(first, '┌', gutter, style.width, colors);
  const apart: string[] = [];
  for (const frame of others) {
    const same = renderSameLine(frame, first, gutter, style.width, second);
    if (same === null) apart.push(...renderFrame(frame, '├', gutter, style.width, second));
    else lines.push(...same);
  }
  return [...lines, ...apart];
}

function keyLines(key: string, text: string, indent: number, style: Style, colors: Colors): string[] {
  const before = indent + key.length + 2;
  const [first, ...rest] = messageLines(text, before, before, style);
  return [
    `${' '.repeat(indent)}${colors.key(`${key}:`)} ${first}`,
    ...rest.map((line) => `${' '.repeat(before)}${line}`),
  ];
}

/** A fix says itself what to do where no hint does. */
function fixLines(diagnostic: Diagnostic, indent: number, style: Style, colors: Colors): string[] {
  const { fix, source, span } = diagnostic;
  if (fix === undefined) return [];
  const { start, end } = fix.span;
  const old = source.text.slice(start, end).trim();
  const text = fix.text.trim();
  const { line, column } = positionAt(source, start);
  const where = start === span.start ? '' : ` at ${line}:${column}`;
  if (text === '') return keyLines('fix', `leave out '${old}'${where}`, indent, style, colors);
  if (old !== '') return keyLines('fix', `write '${text}'${where}`, indent, style, colors);
  const side = start === span.start ? ' before it' : start === span.end ? ' behind it' : where;
  return keyLines('fix', `insert '${text}'${side}`, indent, style, colors);
}
