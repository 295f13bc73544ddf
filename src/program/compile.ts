/** A program's text compiled: from files or text to JavaScript, one text for each module, or the findings. */
import type { Diagnostic, Source } from '../diagnostics/diagnostic';
import { analyseProgram, checkProgram } from '../analysis/analyse';
import type { Checked } from '../analysis/analyse';
import type { Module } from '../analysis/program';
import type { Session } from '../analysis/resolver-scopes';
import { emitModule } from '../emit/emit';
import type { Emitted } from '../emit/emit';
import { absolutePath, directoryOf, readText } from '../host/files';
import { builtinView } from './builtin-view';
import { load } from './load';
import type { Loaded } from './load';

export interface CompiledModule extends Emitted {
  /** Its number, by which other modules name it; also its place in the order of execution. */
  readonly index: number;
  /** Absolute, or a made-up name for code without a file. */
  readonly path: string;
  readonly source: Source;
  readonly inCycle: boolean;
}

export interface CompiledProgram {
  /** In order of execution, the program's own file last. */
  readonly modules: readonly CompiledModule[];
}

export interface Compilation {
  /** Errors and warnings, in the order of the modules. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null when there are errors. */
  readonly program: CompiledProgram | null;
}

/** The path cannot be read: no program at all. */
export class UnreadableFile extends Error {
  constructor(
    readonly path: string,
    /** POSIX name: "ENOENT"... */
    readonly code: string,
  ) {
    super(`${path} cannot be read (${code})`);
  }
}

/** Throws `UnreadableFile`. */
export function compileFile(path: string): Compilation {
  return compileLoaded(loadFile(path));
}

/**
 * A file with code added at its end, as if it stood there: its lines keep their numbers. `more` is given the text
 * and makes that code. Throws `UnreadableFile`.
 */
export function compileWithMore(path: string, more: (text: string) => string): Compilation {
  const text = readText(path);
  if (typeof text !== 'string') throw new UnreadableFile(path, text.code);
  const absolute = absolutePath(path);
  return compileLoaded(load({ name: path, text: `${text}\n${more(text)}` }, absolute, directoryOf(absolute)));
}

/** Code without a file: `name` is what diagnostics show, imports are looked for from the working directory. */
export function compileText(name: string, text: string): Compilation {
  return compileLoaded(load({ name, text }, null, absolutePath('.')));
}

/** Everything that can be told without running: for `sentra check`. Throws `UnreadableFile`. */
export function checkFile(path: string): readonly Diagnostic[] {
  return checkLoaded(loadFile(path)).diagnostics;
}

function loadFile(path: string): Loaded {
  const text = readText(path);
  if (typeof text !== 'string') throw new UnreadableFile(path, text.code);
  const absolute = absolutePath(path);
  return load({ name: path, text }, absolute, directoryOf(absolute));
}

interface CheckedProgram {
  readonly checked: Checked;
  readonly diagnostics: readonly Diagnostic[];
  readonly failed: boolean;
}

function checkLoaded(loaded: Loaded, session: Session | null = null): CheckedProgram {
  const checked = checkProgram(loaded.modules, builtinView, session);
  const broken = new Set(loaded.diagnostics.filter(isError).map((each) => each.source));
  // In a file that does not parse, what is said of its names would mostly be wrong.
  const about = checked.diagnostics.filter((each) => !broken.has(each.source));
  const diagnostics = [...loaded.diagnostics, ...about];
  return { checked, diagnostics, failed: diagnostics.some(isError) };
}

export function compileLoaded(loaded: Loaded, session: Session | null = null): Compilation {
  const { checked, diagnostics, failed } = checkLoaded(loaded, session);
  if (failed) return { diagnostics, program: null };
  const analysis = { ...checked, ...analyseProgram(checked, session !== null), session: session !== null };
  const modules = loaded.modules.map((module) => compiled(module, emitModule(analysis, module)));
  return { diagnostics, program: { modules } };
}

function compiled(module: Module, emitted: Emitted): CompiledModule {
  const { index, path, source, inCycle } = module;
  return { ...emitted, index, path, source, inCycle };
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error';
}
