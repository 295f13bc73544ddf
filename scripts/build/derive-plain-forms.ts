/**
 * Derives the second form of the built-ins that call functions. Each is written once, as a generator:
 *
 *   dual(function* (items, f) { ... yield* call(f, item, i) ... })
 *
 * The build writes out both forms: where the callback may wait, the test for that stands in place of `call`
 * (a generator less for each callback); where it cannot, the function is no generator at all and reads
 * `f(item, i)`. Generators of the same file that are used through `yield* name(...)` get a plain twin.
 *
 * The pattern is kept simple and enforced: anything else that is yielded, or a `call` of something that is
 * not a plain name, stops the build.
 */
import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/** A piece of the file to be replaced. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The file with both forms in it. Throws for what the pattern does not allow. */
export function derivePlainForms(fileName: string, text: string): string {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  const edits: Edit[] = [];
  const helpers = generatorsOf(file);
  const pending: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isDualCall(node)) {
      const body = node.arguments[0];
      if (node.arguments.length !== 1 || body === undefined || !isGenerator(body)) {
        throw complaint(file, node, 'dual() takes one function*');
      }
      const both = new Forms(file, body, helpers);
      pending.push(...both.used);
      edits.push({ start: body.getStart(file), end: body.end, text: `${both.waiting}, ${both.plain('')}` });
    } else {
      ts.forEachChild(node, visit);
    }
  };
  visit(file);
  if (edits.length === 0) return text;
  const done = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (done.has(name)) continue;
    done.add(name);
    const helper = helpers.get(name)!;
    const both = new Forms(file, helper, helpers);
    pending.push(...both.used);
    edits.push({ start: helper.getStart(file), end: helper.end, text: `${both.waiting}\n${both.plain(twin(name))}` });
  }
  return apply(text, 0, [...edits, importOfTest(file)]);
}

function twin(name: string): string {
  return `${name}$plain`;
}

/** The two forms of one generator. */
class Forms {
  readonly waiting: string;
  /** Generators of the file that it uses. */
  readonly used: string[] = [];
  private readonly plainEdits: Edit[] = [];

  constructor(
    private readonly file: ts.SourceFile,
    private readonly generator: ts.FunctionDeclaration | ts.FunctionExpression,
    private readonly helpers: ReadonlyMap<string, ts.FunctionDeclaration>,
  ) {
    const waitingEdits: Edit[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isYieldExpression(node)) this.rewrite(node, waitingEdits);
      else if (ts.isFunctionLike(node) && 'asteriskToken' in node && node.asteriskToken !== undefined) {
        throw complaint(file, node, 'no generator may stand inside of one that has a plain form');
      } else ts.forEachChild(node, visit);
    };
    ts.forEachChild(generator, visit);
    this.waiting = this.textOf(generator, waitingEdits);
  }

  /** The plain form, under another name where one is given. */
  plain(name: string): string {
    const edits = [...this.plainEdits];
    const star = this.generator.asteriskToken!;
    edits.push({ start: star.getStart(this.file), end: star.end, text: '' });
    if (name !== '') edits.push({ start: this.generator.name!.getStart(this.file), end: this.generator.name!.end, text: name });
    return this.textOf(this.generator, edits).replace(/^export\s+/, '');
  }

  private rewrite(node: ts.YieldExpression, waitingEdits: Edit[]): void {
    const { file } = this;
    const target = node.expression;
    if (node.asteriskToken === undefined || target === undefined || !ts.isCallExpression(target) || !ts.isIdentifier(target.expression)) {
      throw complaint(file, node, 'only call(f, ...) and generators of the same file are yielded here');
    }
    const args = target.arguments;
    if (args.some(containsYield)) throw complaint(file, node, 'a yield inside of the arguments of another');
    const start = node.getStart(file);
    const name = target.expression.text;
    if (name === 'call') {
      const f = args[0];
      if (f === undefined || !ts.isIdentifier(f)) throw complaint(file, node, 'call() takes the function as a plain name');
      const passed = args.slice(1).map((arg) => arg.getText(file)).join(', ');
      const direct = `${f.text}(${passed})`;
      this.plainEdits.push({ start, end: node.end, text: direct });
      waitingEdits.push({ start, end: node.end, text: `(${f.text} instanceof GeneratorFunction$ ? yield* ${direct} : ${direct})` });
      return;
    }
    if (!this.helpers.has(name)) throw complaint(file, node, `${name} is no generator of this file`);
    this.used.push(name);
    const passed = args.map((arg) => arg.getText(file)).join(', ');
    this.plainEdits.push({ start, end: node.end, text: `${twin(name)}(${passed})` });
  }

  private textOf(node: ts.Node, edits: readonly Edit[]): string {
    const start = node.getStart(this.file);
    return apply(node.getText(this.file), start, edits);
  }
}

function containsYield(node: ts.Node): boolean {
  return ts.isYieldExpression(node) || (ts.forEachChild(node, containsYield) ?? false);
}

/** `text` begins at `offset` of the file that the edits count in. */
function apply(text: string, offset: number, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    out += text.slice(at, edit.start - offset) + edit.text;
    at = edit.end - offset;
  }
  return out + text.slice(at);
}

function isDualCall(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'dual';
}

function isGenerator(node: ts.Node): node is ts.FunctionExpression {
  return ts.isFunctionExpression(node) && node.asteriskToken !== undefined;
}

function generatorsOf(file: ts.SourceFile): Map<string, ts.FunctionDeclaration> {
  const found = new Map<string, ts.FunctionDeclaration>();
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.asteriskToken !== undefined && statement.name !== undefined) {
      found.set(statement.name.text, statement);
    }
  }
  return found;
}

/** `GeneratorFunction` comes from where `dual` comes from. */
function importOfTest(file: ts.SourceFile): Edit {
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const names = statement.importClause?.namedBindings;
    if (names === undefined || !ts.isNamedImports(names)) continue;
    const dual = names.elements.find((element) => element.name.text === 'dual');
    if (dual !== undefined) {
      return { start: dual.getStart(file), end: dual.getStart(file), text: 'GeneratorFunction as GeneratorFunction$, ' };
    }
  }
  throw complaint(file, file, 'dual is not imported by name');
}

function complaint(file: ts.SourceFile, node: ts.Node, message: string): Error {
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
  return new Error(`${file.fileName}:${line + 1}:${character + 1}: ${message}`);
}

/** For esbuild: applies to the files of `src/builtins` that use `dual`. */
export function plainForms(): Plugin {
  return {
    name: 'plain-forms',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!path.includes(`${sep}src${sep}builtins${sep}`) || path.endsWith('define-builtin.ts')) return undefined;
        const text = readFileSync(path, 'utf8');
        if (!text.includes('dual(')) return undefined;
        return { contents: derivePlainForms(path, text), loader: 'ts' };
      });
    },
  };
}
