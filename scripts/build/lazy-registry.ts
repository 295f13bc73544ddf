/**
 * Writes the registry of built-ins anew for the build: the names are listed, and a file of definitions is loaded
 * when a program uses one of its built-ins. So the start of a program does not grow with the library.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { entriesOf, listingOf } from '../../src/builtins/catalogue';

const REGISTRY = join('src', 'builtins', 'registry.ts');
const IMPORT = /^import \* as (\w+) from '(\.\/[\w/-]+)';\n/gm;
const FILES = /^const files: [^=]+ = \[([\w, \n]+)\];\n\nfor \(const file of files\) [^\n]+\n/m;

/** The text of the registry with its files loaded lazily; `load` gives what a file exports. */
export function lazyRegistry(text: string, load: (path: string) => Readonly<Record<string, unknown>>): string {
  const paths = new Map([...text.matchAll(IMPORT)].map(([, name, path]) => [name!, path!]));
  const list = FILES.exec(text)?.[1]?.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (list === undefined || list.length === 0 || list.length !== paths.size) {
    throw new Error(`${REGISTRY} is not written as scripts/build/lazy-registry.ts knows it: imports of files, then one list of them`);
  }
  const files = list.map((name) => {
    const path = paths.get(name)!;
    const listings = entriesOf(load(path)).map((entry) => JSON.stringify(listingOf(entry)));
    if (listings.length === 0) throw new Error(`${path} defines no built-in`);
    return `addLater([\n${listings.join(',\n')}\n], () => entriesOf(require('${path}')));\n`;
  });
  return text
    .replace(IMPORT, '')
    .replace(FILES, () => files.join(''))
    .replace('import { add, entriesOf }', 'import { addLater, entriesOf }');
}

/** For esbuild. */
export function registryPlugin(): Plugin {
  return {
    name: 'lazy-registry',
    setup(build) {
      build.onLoad({ filter: /registry\.ts$/ }, ({ path }) => {
        if (!path.endsWith(sep + REGISTRY)) return undefined;
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- which files, the registry says
        const load = (file: string): Record<string, unknown> => require(join(dirname(path), file)) as Record<string, unknown>;
        return { contents: lazyRegistry(readFileSync(path, 'utf8'), load), loader: 'ts' };
      });
    },
  };
}
