/** Paths as text: nothing here looks at a file. */
import { baseName, directoryOf, extensionOf, joinPath, absolutePath } from '../../host/files';
import { defineBuiltin } from '../define-builtin';
import { string } from '../types';
import { path } from './parameters';

export const pathJoin = defineBuiltin({
  name: 'path_join',
  group: 'path',
  summary: 'Puts parts of a path together',
  details: 'There is one "/" between them, and "." and ".." are worked out.',
  params: [{ name: 'parts', type: string, about: 'The parts; empty ones count for nothing', rest: true }],
  gives: { type: 'string', about: 'The path; "." for no parts' },
  example: 'log(path_join("/var", "log", "../tmp/", "x.txt"))  // expect: /var/tmp/x.txt',
  failing: 'path_join("/var", 5)  // expect error: path_join: parts must be a string, got the number 5',
  run: (parts) => joinPath(...parts),
});

export const pathBase = defineBuiltin({
  name: 'path_base',
  group: 'path',
  summary: 'Gives the last part of a path',
  params: [
    { name: 'path', type: string, about: 'The path' },
    { name: 'ending', type: string, about: 'Cut off where the name ends so, such as ".log"', optional: true },
  ],
  gives: { type: 'string', about: 'The name of the file or directory' },
  example: 'log(path_base("/var/log/app.log"), path_base("/var/log/app.log", ".log"))  // expect: app.log app',
  failing: 'path_base(null)  // expect error: path_base: path must be a string, got null',
  run: (whole, ending) => baseName(whole, ending ?? ''),
});

export const pathDir = defineBuiltin({
  name: 'path_dir',
  group: 'path',
  summary: 'Gives the directory of a path: all but its last part',
  params: [{ name: 'path', type: string, about: 'The path' }],
  gives: { type: 'string', about: 'The directory; "." where the path has only one part' },
  example: 'log(path_dir("/var/log/app.log"), path_dir("app.log"))  // expect: /var/log .',
  failing: 'path_dir(5)  // expect error: path_dir: path must be a string, got the number 5',
  run: (whole) => directoryOf(whole),
});

export const pathExt = defineBuiltin({
  name: 'path_ext',
  group: 'path',
  summary: 'Gives the ending of the name in a path, with its dot',
  params: [{ name: 'path', type: string, about: 'The path' }],
  gives: { type: 'string', about: 'Such as ".gz"; "" where there is none' },
  example:
    'log(path_ext("logs.tar.gz"), path_ext("Makefile") == "", path_ext(".profile") == "")  // expect: .gz true true',
  failing: 'path_ext([])  // expect error: path_ext: path must be a string, got',
  run: (whole) => extensionOf(whole),
});

export const pathResolve = defineBuiltin({
  name: 'path_resolve',
  group: 'path',
  summary: 'Makes a path absolute',
  details:
    'Parts are put together from the right until the path is absolute; else it begins at the working directory. Symbolic links stay as they are.',
  params: [{ name: 'parts', type: path, about: 'The path, or its parts', rest: true }],
  gives: { type: 'string', about: 'The absolute path; of no parts the working directory' },
  example: 'log(path_resolve("/var/log", "../tmp"), path_resolve("/var", "/etc"))  // expect: /var/tmp /etc',
  failing: 'path_resolve("")  // expect error: path_resolve: parts must be a path',
  run: (parts) => absolutePath(...parts),
});
