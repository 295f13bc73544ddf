/**
 * Finds and parses the files of a program: the one that is run and all it imports. A path is looked for
 * beside the importing file, then from the project's root (the nearest directory above with a `sentra.toml`);
 * `.sn` may be left out. The modules come in the order in which they run: what a file imports runs before
 * it, except where files import each other.
 */
import { didYouMean } from '../diagnostics/did-you-mean';
import type { Diagnostic, Source } from '../diagnostics/diagnostic';
import { foreignModule } from '../analysis/foreign-names';
import type { Module } from '../analysis/program';
import {
  absolutePath,
  baseName,
  directoryOf,
  isAbsolute,
  isFile,
  joinPath,
  listDirectory,
  readText,
  realPath,
} from '../host/files';
import type * as ast from '../syntax/ast';
import { parse } from '../syntax/parser';

const EXTENSION = '.sn';
const PROJECT_FILE = 'sentra.toml';

export interface Loaded {
  /** In order of execution, the program's own file last. */
  readonly modules: readonly Module[];
  readonly diagnostics: readonly Diagnostic[];
}

/** `path` is absolute, or null for code without a file, whose imports are looked for from `directory`. */
export function load(source: Source, path: string | null, directory: string): Loaded {
  return new Loader().load(source, path, directory);
}

export function makeModule(source: Source, path: string, program: ast.Program): Module {
  const scope: Module['scope'] = {
    node: null, module: null as never, parent: null, vars: [], depth: 0, hasLoop: false, hasDefer: false,
  }; // prettier-ignore
  const module: Module = {
    index: 0,
    path,
    source,
    program,
    imports: new Map(),
    exports: new Map(),
    inCycle: false,
    scope,
  };
  (scope as { module: Module }).module = module;
  return module;
}

class Loader {
  private readonly modules: Module[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private readonly byPath = new Map<string, Module>();
  /** Imports that lead to a file whose own imports are still being followed, for finding cycles (Tarjan). */
  private readonly numbers = new Map<Module, number>();
  private readonly lowest = new Map<Module, number>();
  private readonly stack: Module[] = [];

  load(source: Source, path: string | null, directory: string): Loaded {
    this.visit(source, path === null ? source.name : realPath(path), directory);
    return { modules: this.modules, diagnostics: this.diagnostics };
  }

  private visit(source: Source, path: string, directory: string): Module {
    const parsed = parse(source);
    this.diagnostics.push(...parsed.diagnostics);
    const module = makeModule(source, path, parsed.program);
    this.byPath.set(path, module);
    const number = this.numbers.size;
    this.numbers.set(module, number);
    this.lowest.set(module, number);
    this.stack.push(module);
    for (const statement of importsOf(parsed.program)) this.follow(module, statement, directory);
    module.index = this.modules.length;
    this.modules.push(module);
    if (this.lowest.get(module) === number) this.closeComponent(module);
    return module;
  }

  /** The files from this one on import each other, when there is more than one. */
  private closeComponent(root: Module): void {
    const members = this.stack.splice(this.stack.indexOf(root));
    if (members.length > 1) for (const member of members) member.inCycle = true;
  }

  private follow(module: Module, statement: ast.Import, directory: string): void {
    if (statement.path.kind !== 'Str') return;
    const spec = statement.path.value;
    const path = find(spec, directory);
    let target: Module | null = null;
    if (path === null) {
      this.reportMissing(module, statement.path, directory);
    } else {
      const known = this.byPath.get(path);
      if (known === undefined) {
        target = this.open(module, statement.path, path);
        if (target !== null) this.lower(module, this.lowest.get(target)!);
      } else {
        target = known;
        if (this.stack.includes(known)) this.lower(module, this.numbers.get(known)!);
        if (known === module) module.inCycle = true;
      }
    }
    module.imports.set(statement, target);
  }

  private lower(module: Module, number: number): void {
    if (number < this.lowest.get(module)!) this.lowest.set(module, number);
  }

  private open(importer: Module, spec: ast.StrLit, path: string): Module | null {
    const text = readText(path);
    if (typeof text !== 'string') {
      this.report(importer, spec, 'unreadable-file', `'${spec.value}' cannot be read (${text.code})`, 'imported here');
      return null;
    }
    return this.visit({ name: nameFor(importer, spec.value, path), text }, path, directoryOf(path));
  }

  private reportMissing(module: Module, spec: ast.StrLit, directory: string): void {
    const wanted = joinPath(directory, spec.value);
    const near = didYouMean(baseName(wanted).replace(/\.sn$/, ''), sentraFilesIn(directoryOf(wanted)));
    const beside = spec.value.includes('/') ? spec.value.slice(0, spec.value.lastIndexOf('/') + 1) : '';
    this.report(module, spec, 'unknown-file', `there is no file '${spec.value}' to import`, 'not found', {
      hint:
        near !== null
          ? `did you mean "${beside}${near}"?`
          : (foreignModule(spec.value) ?? `looked for ${shownPath(module, spec.value)}`),
    });
  }

  private report(
    module: Module,
    spec: ast.StrLit,
    code: string,
    message: string,
    label: string,
    more: Partial<Diagnostic> = {},
  ): void {
    const { start, end } = spec;
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      source: module.source,
      span: { start, end },
      label,
      ...more,
    });
  }
}

function importsOf(program: ast.Program): ast.Import[] {
  return program.body.filter((statement) => statement.kind === 'Import');
}

function withExtension(path: string): string {
  return path.endsWith(EXTENSION) ? path : path + EXTENSION;
}

/** The real path of the file that an import means; null where there is none. */
function find(spec: string, directory: string): string | null {
  if (spec === '' || spec.includes('\0')) return null;
  if (isAbsolute(spec)) return existing(spec);
  const beside = existing(joinPath(directory, spec));
  if (beside !== null) return beside;
  const root = projectRoot(directory);
  return root === null ? null : existing(joinPath(root, spec));
}

function existing(path: string): string | null {
  for (const candidate of [withExtension(path), path]) if (isFile(candidate)) return realPath(candidate);
  return null;
}

function projectRoot(directory: string): string | null {
  for (let at = absolutePath(directory); ; at = directoryOf(at)) {
    if (isFile(joinPath(at, PROJECT_FILE))) return at;
    if (directoryOf(at) === at) return null;
  }
}

function sentraFilesIn(directory: string): string[] {
  return listDirectory(directory)
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => name.slice(0, -EXTENSION.length));
}

/** How an imported file is shown: as the importing file is, with the import's path put on. */
function nameFor(importer: Module, spec: string, path: string): string {
  if (isAbsolute(spec)) return path;
  const beside = shownPath(importer, spec);
  return realPath(absolutePath(beside)) === path ? beside : path;
}

/** The path that an import asks for, from where the importing file is named from. */
function shownPath(importer: Module, spec: string): string {
  return isAbsolute(spec) ? withExtension(spec) : joinPath(directoryOf(importer.source.name), withExtension(spec));
}
