/** Directories, and finding files in them. */
import {
  deleteDirectory,
  isThere,
  listDirectory,
  makeDirectory,
  walkDirectory,
} from '../../../host/file-system/directories';
import { globFiles } from '../../../host/file-system/glob';
import { temporaryDirectory, temporaryFile } from '../../../host/file-system/temporary';
import { watchPath } from '../../../host/file-system/watch';
import { arrayOf } from '../../core/value-types';
import { defineBuiltin } from '../../define-builtin';
import { boolean, either, option, options, string, whole } from '../../types';
import type { Type } from '../../types';
import { FILE_ERRORS, path } from '../parameters';

const directory = { name: 'path', type: path, about: 'The directory' } as const;

export const dirList = defineBuiltin({
  name: 'dir_list',
  group: 'file',
  summary: 'Gives the names of all that is in a directory, sorted',
  permission: 'read',
  params: [directory],
  gives: { type: 'array', about: 'Names without the directory, hidden ones as well' },
  errors: { ...FILE_ERRORS, ENOTDIR: 'it is no directory' },
  waits: true,
  example: `let dir = temp_dir()
for name in ["b.txt", "a.txt"] { file_write(path_join(dir, name), "") }
log(dir_list(dir))  // expect: ["a.txt", "b.txt"]`,
  failing: 'dir_list("/etc/passwd")  // expect error: dir_list: cannot list /etc/passwd',
  run: (at) => listDirectory('dir_list', at),
});

export const dirCreate = defineBuiltin({
  name: 'dir_create',
  group: 'file',
  summary: 'Makes a directory, with those above it',
  details: 'One that is there already is no error.',
  permission: 'write',
  params: [directory],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EEXIST: 'there is a file of that name', ENOTDIR: 'a part of the path is a file', EACCES: 'no permission' },
  example: `let dir = path_join(temp_dir(), "a", "b")
dir_create(dir)
log(dir_exists(dir))  // expect: true`,
  failing:
    'dir_create("/etc/passwd")  // expect error: dir_create: cannot make /etc/passwd: it exists already (EEXIST)',
  run: (at) => {
    makeDirectory('dir_create', at);
    return null;
  },
});

export const dirDelete = defineBuiltin({
  name: 'dir_delete',
  group: 'file',
  summary: 'Deletes an empty directory, or with an option all that is in it as well',
  permission: 'write',
  params: [
    directory,
    {
      name: 'options',
      type: options({ recursive: option(boolean, 'True deletes all that is in it', false) }),
      about: 'How much',
      optional: true,
    },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: {
    ...FILE_ERRORS,
    ENOTEMPTY: 'there is something in it, and "recursive" is not true',
    ENOTDIR: 'it is a file, or a symbolic link',
    EINVAL: 'it is the root of all files',
  },
  waits: true,
  example: `let dir = temp_dir()
file_write(path_join(dir, "file"), "")
dir_delete(dir, {"recursive": true})
log(dir_exists(dir))  // expect: false`,
  failing: `let dir = temp_dir()
file_write(path_join(dir, "file"), "")
dir_delete(dir)  // expect error: the directory is not empty (ENOTEMPTY)`,
  run: (at, settings) => deleteDirectory('dir_delete', at, settings.recursive),
});

export const dirExists = defineBuiltin({
  name: 'dir_exists',
  group: 'file',
  summary: 'Tells whether there is a directory at a path',
  permission: 'read',
  params: [{ name: 'path', type: path, about: 'The path' }],
  gives: { type: 'boolean', about: 'False for nothing and for a file' },
  errors: { EACCES: 'it cannot be known: a directory on the way may not be looked into' },
  example: 'log(dir_exists("/"), dir_exists("/no/such/place"), dir_exists(temp_file()))  // expect: true false false',
  failing: 'dir_exists(null)  // expect error: dir_exists: path must be a path',
  run: (at) => isThere('dir_exists', at, 'directory'),
});

export const dirWalk = defineBuiltin({
  name: 'dir_walk',
  group: 'file',
  summary: 'Gives the paths of all below a directory',
  details:
    'Files of a directory come first, sorted, then each directory in it with what is below it. Symbolic links are given and not followed.',
  permission: 'read',
  params: [
    directory,
    {
      name: 'options',
      type: options({
        files: option(boolean, 'Give files', true),
        dirs: option(boolean, 'Give directories, each before what is in it', true),
        depth: option(whole(1), 'Levels below the directory; all where it is left out'),
      }),
      about: 'What to give',
      optional: true,
    },
  ],
  gives: { type: 'array', about: 'Paths that begin with the directory as it was given' },
  errors: { ...FILE_ERRORS, ENOTDIR: 'it is no directory' },
  waits: true,
  example: `let dir = temp_dir()
dir_create(path_join(dir, "sub"))
for name in ["z", "sub/y"] { file_write(path_join(dir, name), "") }
log(dir_walk(dir).map(fn(p) => substring(p, len(dir), len(p))))  // expect: ["/z", "/sub", "/sub/y"]`,
  failing: 'dir_walk("/no/such/place")  // expect error: dir_walk: cannot list /no/such/place',
  run: (at, settings) =>
    walkDirectory('dir_walk', at, {
      files: settings.files,
      directories: settings.dirs,
      depth: settings.depth ?? Infinity,
    }),
});

export const glob = defineBuiltin({
  name: 'glob',
  group: 'file',
  summary: 'Finds files by a pattern',
  details:
    '* stands for any part of a name, ** for any directories, ? for one character, [a-z] for one of these, {a,b} for either; a pattern that begins with ! takes away what it finds. Names that begin with a dot are left out unless the pattern says the dot or the option is set.',
  permission: 'read',
  params: [
    { name: 'pattern', type: either(string, arrayOf(string, 'patterns')), about: 'A pattern, or an array of them' },
    {
      name: 'options',
      type: options({
        cwd: option(path, 'Where relative patterns begin; the working directory where it is left out'),
        dot: option(boolean, 'Hidden names as well', false),
        dirs: option(boolean, 'Directories as well', false),
      }),
      about: 'Where, and what to find',
      optional: true,
    },
  ],
  gives: { type: 'array', about: 'Paths, sorted: absolute ones where a pattern is absolute, else relative to cwd' },
  waits: true,
  example: `let dir = temp_dir()
dir_create(path_join(dir, "logs"))
for name in ["a.log", "b.txt", "logs/c.log"] { file_write(path_join(dir, name), "") }
log(glob("**/*.log", {"cwd": dir}))  // expect: ["a.log", "logs/c.log"]`,
  failing: 'glob(["*.log", 5])  // expect error: glob: pattern must be a string or an array of patterns',
  run: (pattern, settings) =>
    globFiles('glob', typeof pattern === 'string' ? [pattern] : pattern, {
      cwd: settings.cwd,
      dot: settings.dot,
      directories: settings.dirs,
    }),
});

const suffix: Type<string> = {
  name: 'string',
  takes: 'a string without "/" and NUL',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => !/[/\0]/.test(value as string) && (value as string).length < 100,
};

export const tempFile = defineBuiltin({
  name: 'temp_file',
  group: 'file',
  summary: 'Makes an empty file that is removed at the end of the program',
  details: 'Only the user who runs the program can read it.',
  permission: 'write',
  params: [{ name: 'suffix', type: suffix, about: 'The end of its name, such as ".json"', optional: true }],
  gives: { type: 'string', about: 'Its path' },
  errors: { EACCES: 'no permission in the directory for such files', ENOSPC: 'the disk is full' },
  example: `let file = temp_file(".json")
log(path_ext(file), file_stat(file).size)  // expect: .json 0`,
  failing: 'temp_file("/x")  // expect error: temp_file: suffix must be a string without "/" and NUL',
  run: (end) => temporaryFile('temp_file', end ?? ''),
});

export const tempDir = defineBuiltin({
  name: 'temp_dir',
  group: 'file',
  summary: 'Makes an empty directory that is removed at the end of the program, with all that is in it',
  details: 'Only the user who runs the program can look into it.',
  permission: 'write',
  params: [],
  gives: { type: 'string', about: 'Its path' },
  errors: { EACCES: 'no permission in the directory for such files', ENOSPC: 'the disk is full' },
  example: 'log(dir_list(temp_dir()))  // expect: []',
  failing: 'temp_dir("name")  // expect error: temp_dir',
  run: () => temporaryDirectory('temp_dir'),
});

export const watch = defineBuiltin({
  name: 'watch',
  group: 'file',
  summary: 'Tells what happens to a file, or in a directory and all below it',
  details:
    'Each event is a map {type, path, is_dir}; the type is "create", "change" or "delete", or "overflow" where the program did not take events fast enough and some are missing. Changes that follow each other within a moment may come as one. close(channel) ends the watch.',
  permission: 'read',
  params: [
    { name: 'path', type: path, about: 'The file or directory; it must be there' },
    {
      name: 'options',
      type: options({ depth: option(whole(0), 'Levels below the directory; all where it is left out') }),
      about: 'How deep',
      optional: true,
    },
  ],
  gives: { type: 'channel', about: 'The events' },
  errors: { ...FILE_ERRORS, ENOSPC: 'the system watches as many files as it may (fs.inotify.max_user_watches)' },
  waits: true,
  example: `let dir = temp_dir()
let events = watch(dir)
file_write(path_join(dir, "news"), "text")
let event = receive(events, 10)
log(event.type, path_base(event.path))  // expect: create news
close(events)`,
  failing: 'watch("/no/such/place")  // expect error: watch: cannot watch /no/such/place',
  run: (at, settings) => watchPath('watch', at, { depth: settings.depth ?? Infinity }),
});
