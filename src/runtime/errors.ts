/**
 * The error value of the language and where it came from.
 *
 * Making one is cheap: V8 notes the frames, and nothing is formatted until somebody asks. The line
 * numbers of generated code are those of the source file, so a frame is found by its script; the place
 * within the line, and the names of the operands for the message, come from the script's own tables.
 */
import type { Source, Span } from '../diagnostics/diagnostic';
import { MapValue } from './map-value';
import type { Task } from './task';
import type { Value } from './values';

/** One call of the Sentra call stack; line and column count from 1. */
export interface Frame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly source: Source;
  readonly span: Span;
  /** "spawned here" where the stack goes on in the task that started this one. */
  readonly note?: string;
}

/** A place in a program where something can fail. */
export interface Site {
  readonly source: Source;
  readonly span: Span;
  readonly line: number;
  readonly column: number;
  /** The text of the operands, for messages that name them: `a.b + 1` has `a.b` and `1`. */
  readonly operands: readonly string[];
  /** The built-in or known function that is called here, and where its arguments stand. */
  readonly callee: string | null;
  readonly args: readonly Span[];
}

/** What a compiled module tells about itself so that its frames can be shown. */
export interface Script {
  /** The site of the generated code at this line and column (from 1), or the nearest before it on its line. */
  siteAt(line: number, column: number): Site | null;
  /** The name of the Sentra function, from the name of the generated one; null for one to leave out. */
  functionName(generated: string | null): string | null;
}

const scripts = new Map<string, Script>();

/** `name` is the file name that the script was given when V8 compiled it. */
export function registerScript(name: string, script: Script): void {
  scripts.set(name, script);
}

/** Where in the program a task was spawned; `parent` leads further up. At most this many are kept. */
export interface SpawnTrace {
  readonly site: Site;
  readonly function: string;
  readonly parent: SpawnTrace | null;
  readonly depth: number;
  /** The built-in that runs a function as a task was called here: these frames stand for all the others. */
  readonly caller?: Trace;
}

/** Frames noted for an error. Deep recursion shows its innermost ones. */
export const MAX_FRAMES = 60;
// The engine's own errors (too deep a recursion) note their frames when they are thrown.
Error.stackTraceLimit = MAX_FRAMES;

/** Frames of the running Sentra code, noted now and worked out when asked for. */
export class Trace {
  private holder: { stack?: unknown } | null;
  private resolved: readonly Frame[] | null = null;
  private innermost: Site | null = null;
  private hasMore = false;
  /** Frames that V8 notes at most. */
  private readonly limit: number;

  constructor(
    private readonly spawned: SpawnTrace | null,
    failure?: Error,
  ) {
    this.limit = failure === undefined ? MAX_FRAMES : Error.stackTraceLimit;
    if (failure !== undefined) {
      this.holder = failure;
    } else {
      this.holder = {};
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = MAX_FRAMES;
      Error.captureStackTrace(this.holder);
      Error.stackTraceLimit = limit;
    }
  }

  /** Innermost first. */
  get frames(): readonly Frame[] {
    this.resolve();
    return this.resolved!;
  }

  /** The place that failed, or where its task was spawned when that has no code; null where there is neither. */
  get site(): Site | null {
    this.resolve();
    return this.innermost;
  }

  /** Whether the outermost calls are missing because there were too many. */
  get cut(): boolean {
    this.resolve();
    return this.hasMore;
  }

  private resolve(): void {
    if (this.resolved !== null) return;
    const frames: Frame[] = [];
    const calls = structuredStack(this.holder!);
    this.hasMore = calls.length >= this.limit;
    // The place in a function of ours within one of the program (a match's block) is the place in that one.
    let within: Site | null = null;
    for (const call of calls) {
      const script = scripts.get(call.getFileName() ?? '');
      if (script === undefined) continue;
      const site: Site | null = within ?? script.siteAt(call.getLineNumber() ?? 1, call.getColumnNumber() ?? 1);
      if (site === null) continue;
      this.innermost ??= site;
      const name = script.functionName(call.getFunctionName());
      within = name === null ? site : null;
      if (name !== null) frames.push(frameOf(name, site));
    }
    // A task that is a single call of a built-in has no code of its own: `spawn socket_accept(server)`.
    this.innermost ??= this.spawned?.caller?.site ?? this.spawned?.site ?? null;
    for (let spawn = this.spawned; spawn !== null; spawn = spawn.parent) {
      if (spawn.caller !== undefined) {
        frames.push(...spawn.caller.frames);
        break;
      }
      frames.push({ ...frameOf(spawn.function, spawn.site), note: 'spawned here' });
    }
    this.resolved = frames;
    this.holder = null;
  }
}

function frameOf(name: string, site: Site): Frame {
  const { source, span, line, column } = site;
  return { function: name, file: source.name, line, column, source, span };
}

function structuredStack(holder: { stack?: unknown }): NodeJS.CallSite[] {
  const own = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  Error.prepareStackTrace = (_error, sites) => sites;
  try {
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    if (own === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    else Object.defineProperty(Error, 'prepareStackTrace', own);
  }
}

/** Says a message once the place is known: `(site) => "cannot call 'f': it is null"`. */
export type Wording = (site: Site | null) => string;

export interface ErrorDetails {
  /** The built-in that failed. */
  readonly function?: string;
  /** What the built-in adds: `{host, port}`. */
  readonly fields?: Readonly<Record<string, Value>>;
  readonly cause?: Value;
  /** What a person can do about it; shown as the diagnostic's hint. */
  readonly hint?: string | ((site: Site | null) => string | null);
}

/** The error value: `e.message`, `e.code`, `e.function`, `e.line`, `e.file`, `e.stack`, `e.cause`, `e.hint` and its own fields. */
export class ErrorValue {
  readonly fields: MapValue;
  private readonly advice: ErrorDetails['hint'];
  private text: string | Wording;

  constructor(
    readonly code: string,
    message: string | Wording,
    readonly trace: Trace,
    details: ErrorDetails = {},
  ) {
    this.text = message;
    this.fields = MapValue.from(details.fields ?? {});
    this.advice = details.hint;
    this.function = details.function ?? null;
    this.cause = details.cause ?? null;
  }

  readonly function: string | null;
  readonly cause: Value;
  /** The argument that the built-in has refused, counted from 0: diagnostics point at it. */
  argument: number | null = null;

  get hint(): string | null {
    return typeof this.advice === 'function' ? this.advice(this.trace.site) : (this.advice ?? null);
  }

  get message(): string {
    if (typeof this.text !== 'string') this.text = this.text(this.trace.site);
    return this.text;
  }

  /** A member by name; null where there is none, as for a map. */
  get(key: string): Value {
    switch (key) {
      case 'message':
        return this.message;
      case 'code':
        return this.code;
      case 'function':
        return this.function;
      case 'cause':
        return this.cause;
      case 'hint':
        return this.hint;
      case 'line':
        return this.trace.site?.line ?? null;
      case 'file':
        return this.trace.site?.source.name ?? null;
      case 'stack':
        return this.trace.frames.map((frame) =>
          MapValue.from({ function: frame.function, file: frame.file, line: frame.line, column: frame.column }),
        );
      default:
        return this.fields.get(key) ?? null;
    }
  }
}

/** The task whose code is running now; set by the scheduler, so that errors know where it was spawned. */
export const running: { task: Task | null } = { task: null };

function traceHere(failure?: Error): Trace {
  return new Trace(running.task?.spawned ?? null, failure);
}

/** An error of the language, to be thrown: `throw fault('ETYPE', ...)`. */
export function fault(code: string, message: string | Wording, details?: ErrorDetails): ErrorValue {
  return new ErrorValue(code, message, traceHere(), details);
}

/**
 * What a `catch` of the program gets for what was thrown underneath it: values and error values as they
 * are, the engine's own limits as errors of the language. Anything else is a mistake in Sentra itself.
 */
export function caught(thrown: unknown): Value {
  if (thrown instanceof Error) return engineError(thrown);
  return thrown as Value;
}

function tooDeep(trace: Trace, details?: ErrorDetails): ErrorValue {
  const message = 'the calls are nested too deeply: a function probably calls itself without end';
  return new ErrorValue('ESTACK', message, trace, details);
}

/** Calls that wait inside of each other are too many before the stack is full: see `waiting-calls`. */
export function tooDeepToWait(): ErrorValue {
  return tooDeep(traceHere(), {
    hint: 'it waits in every call, and each wait goes through all calls around it: a loop takes less',
  });
}

/** How many frames the engine has for what runs now; no more than `most` are counted. */
export function framesNow(most: number): number {
  const holder: { stack?: unknown } = {};
  const limit = Error.stackTraceLimit;
  // The stack may be full, which ends this anywhere.
  try {
    Error.stackTraceLimit = most;
    Error.captureStackTrace(holder);
  } finally {
    Error.stackTraceLimit = limit;
  }
  return structuredStack(holder).length;
}

function engineError(error: Error): ErrorValue {
  const trace = traceHere(error);
  if (error instanceof RangeError) {
    if (error.message.startsWith('Maximum call stack')) {
      return tooDeep(trace);
    }
    if (/string length/.test(error.message)) {
      return new ErrorValue(
        'ENOMEM',
        'the text would be longer than 512 million characters, the most a string can hold',
        trace,
      );
    }
    if (/array length|Map maximum size|Set maximum size|allocation failed/i.test(error.message)) {
      return new ErrorValue('ENOMEM', 'the array or map would be larger than the most one can hold', trace);
    }
  }
  const unset =
    error instanceof ReferenceError ? /^Cannot access '([^']+)' before initialization$/.exec(error.message) : null;
  if (unset !== null) {
    return new ErrorValue('EUNSET', `'${unset[1]!.split('$')[0]}' is used before it is set`, trace, {
      hint: 'its declaration runs later: move it up, or call the function after it',
    });
  }
  return new ErrorValue('EINTERNAL', `Sentra itself failed: ${error.message}`, trace, {
    hint: 'this is a mistake in Sentra, not in the program: please report it with the program that shows it',
  });
}
