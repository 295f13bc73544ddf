/** The call stack in words, a line for each call, with what repeats in a recursion told in one line. */
import type { StackCall } from './failure';
import { positionAt } from './lines';

/** Functions that call each other in turn are seen as one recursion up to this many. */
const MAX_CYCLE = 4;
/** Fewer repetitions are shown as they are. */
const MIN_REPEATS = 4;
/** Of a long stack without repetitions, this many calls are shown from either end. */
const MAX_INNER = 16;
const MAX_OUTER = 8;

/** `in start (server.sn:9:1)`; `cut` when the outermost calls are not known. */
export function foldStack(stack: readonly StackCall[], cut: boolean): string[] {
  const lines = foldRecursion(stack, cut);
  const hidden = lines.length - MAX_INNER - MAX_OUTER;
  if (hidden > 1) lines.splice(MAX_INNER, hidden, `… ${hidden} more calls`);
  return lines;
}

function foldRecursion(stack: readonly StackCall[], cut: boolean): string[] {
  const spawn = stack.findIndex((call) => call.spawned);
  // What is cut off are the outermost calls of the task; where it was spawned is known all the same.
  const calls = spawn < 0 ? stack : stack.slice(0, spawn);
  const lines: string[] = [];
  let at = 0;
  let folded = false;
  while (at < calls.length) {
    const cycle = cycleAt(calls, at);
    folded = cycle !== null;
    if (cycle === null) {
      lines.push(callLine(calls[at++]!));
      continue;
    }
    const shown = Math.max(2, cycle.length);
    for (const call of calls.slice(at, at + shown)) lines.push(callLine(call));
    at += cycle.length * cycle.repeats;
    const names = [...new Set(calls.slice(at - cycle.length, at).map(nameOf))];
    const more = cycle.length * cycle.repeats - shown;
    lines.push(`… ${cut && at === calls.length ? 'at least ' : ''}${more} more calls of ${names.join(' and ')}`);
  }
  if (cut && !folded) lines.push('… and the calls before');
  return [...lines, ...stack.slice(calls.length).map(callLine)];
}

interface Cycle {
  readonly length: number;
  readonly repeats: number;
}

/** The shortest run of calls that repeats from here on. */
function cycleAt(stack: readonly StackCall[], at: number): Cycle | null {
  for (let length = 1; length <= MAX_CYCLE; length++) {
    let end = at + length;
    while (end < stack.length && sameCall(stack[end]!, stack[end - length]!)) end++;
    const repeats = Math.floor((end - at) / length);
    if (repeats >= MIN_REPEATS) return { length, repeats };
  }
  return null;
}

function sameCall(a: StackCall, b: StackCall): boolean {
  return (
    a.function === b.function && a.source === b.source && a.span.start === b.span.start && !a.spawned && !b.spawned
  );
}

function nameOf(call: StackCall): string {
  return call.function === '' ? 'an unnamed function' : call.function;
}

function callLine(call: StackCall): string {
  const { line, column } = positionAt(call.source, call.span.start);
  const place = `${call.source.name}:${line}:${column}`;
  if (!call.spawned) return `in ${nameOf(call)} (${place})`;
  return call.function === '' ? `in a task (spawned at ${place})` : `in ${call.function} (task spawned at ${place})`;
}
