/**
 * Cuts the command into two files, so that its start does not grow with the library: `sentra.js`, which every
 * program needs, and `later.js`, read when a program first uses what is in there. Put off are the packages, the
 * groups of built-ins outside of `core` and the commands besides `run`, each where it is loaded by `require`.
 *
 * A module is in one of the two files and exists once: what both use is in `sentra.js`, from which the other
 * takes it.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { transform } from 'esbuild';
import type { OutputFile, Plugin } from 'esbuild';

/** What `bin/sentra` answers when the files require it: `later:NAME` a module put off, `sentra:start` the first file. */
const LATER = 'later:';
const START = 'sentra:start';

const ENTRY = 'later';
const PACKAGE = /^(?!node:|koffi$)[a-z@]/;
const REQUIRE = /\brequire\('([^']+)'\)/g;
const GROUP = /^import \* as \w+ from '(\.\/[\w/-]+)';$/gm;

/** The files whose own modules are put off, with the form in which they name them. */
const CUT_IN: Readonly<Record<string, RegExp>> = { 'builtins/registry.ts': GROUP, 'cli/commands.ts': REQUIRE };

function isPutOff(src: string, importer: string, path: string): boolean {
  if (PACKAGE.test(path)) return importer.startsWith(src + sep);
  return relative(src, importer).split(sep).join('/') in CUT_IN && !path.startsWith('./core/');
}

/** The name under which the second file gives a module: that of the package, or the path from `src`. */
function nameOf(src: string, importer: string, path: string): string {
  return path.startsWith('.') ? `./${relative(src, join(dirname(importer), path)).split(sep).join('/')}` : path;
}

/** The text of the second file's entry: a function for each module put off, which loads it. */
function entryText(src: string): string {
  const names = new Set<string>();
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const importer = join(src, file);
    const form = CUT_IN[file.split(sep).join('/')] ?? REQUIRE;
    for (const [, path] of readFileSync(importer, 'utf8').matchAll(form)) {
      if (isPutOff(src, importer, path!)) names.add(nameOf(src, importer, path!));
    }
  }
  const loaders = [...names].sort().map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)}),\n`);
  // With the command among its imports, all that the command uses is common to both, which is the first file.
  return `export { main } from './cli/main';\nexport const modules = {\n${loaders.join('')}};\n`;
}

/** For esbuild, with `splitting` and the entry points `src/cli/main.ts` and `later`. */
export function putOff(root: string): Plugin {
  const src = join(root, 'src');
  return {
    name: 'put-off',
    setup(build) {
      build.onResolve({ filter: /^later$/ }, ({ kind }) =>
        kind === 'entry-point' ? { path: ENTRY, namespace: ENTRY } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => ({ contents: entryText(src), resolveDir: src }));
      build.onResolve({ filter: /.*/ }, ({ path, kind, importer, namespace }) =>
        kind === 'require-call' && namespace === 'file' && isPutOff(src, importer, path)
          ? { path: LATER + nameOf(src, importer, path), external: true }
          : undefined,
      );
    },
  };
}

/**
 * Both files as the text of a function of `require`: that of the second gives what the file exports; that of the first
 * gives `main`, and `all`, a function that gives all it exports, which most programs never need.
 */
export async function asFunctions(files: readonly OutputFile[]): Promise<{ start: string; later: string }> {
  const chunks = files.filter(({ path }) => /^chunk-\w+\.js$/.test(basename(path)));
  const later = files.find(({ path }) => basename(path) === `${ENTRY}.js`);
  if (chunks.length !== 1 || later === undefined || files.length !== 3) {
    throw new Error(`the command is cut into ${files.map(({ path }) => basename(path)).join(', ')}: not what scripts/build/later.ts expects`);
  }
  return { start: await asFunction(chunks[0]!.text, exportedLater), later: await asFunction(later.text, exported) };
}

/**
 * What a file exports is read through accessors, since modules are loaded, and their variables set, one by one.
 * An object that is a prototype keeps the form in which V8 reads it quickly, however many properties it has.
 */
const exported = (accessors: string): string => `const $all = {};\n__export($all, ${accessors});\nreturn Object.create($all);`;

const exportedLater = (accessors: string): string => `return { main, all() {\n${exported(accessors)}\n} };`;

/** How esbuild writes what a file exports; all else of it stands behind. */
const EXPORTS = /^var (\w+) = \{\};\n__export\(\1, (\{\n.*?\n\})\);\nmodule\.exports = __toCommonJS\(\1\);\n/ms;

async function asFunction(text: string, given: (accessors: string) => string): Promise<string> {
  const { code } = await transform(text, { format: 'cjs', platform: 'node', target: 'node20', charset: 'ascii' });
  const [all, , accessors] = EXPORTS.exec(code) ?? [];
  if (all === undefined) throw new Error('esbuild does not write what a file exports as scripts/build/later.ts expects');
  const body = code.replace(all, '').replace(/require\("\.\/chunk-\w+\.js"\)/, `require("${START}")`);
  return `(function (require) { "use strict"; const module = {};\n${inAscii(body)}\n${given(accessors!)} })`;
}

/**
 * The files are read as Latin-1, which is the quickest, and V8 keeps such a text in half the memory. esbuild escapes
 * what is not ASCII in strings; it is left in regular expressions, where the same escapes stand for it.
 */
function inAscii(text: string): string {
  // eslint-disable-next-line no-control-regex -- all that is not ASCII is looked for
  return text.replace(/[^\x00-\x7f]/g, (char) => '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0'));
}
