/** Files as a whole: whether they are there, copying, moving, deleting. */
import { deleteFile, fileInfo, isThere } from '../../../host/file-system/directories';
import { copyFile, moveFile } from '../../../host/file-system/write';
import { MapValue } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { boolean, option, options } from '../../types';
import { FILE_ERRORS, path } from '../parameters';

const from = { name: 'from', type: path, about: 'The file as it is now' } as const;

export const fileExists = defineBuiltin({
  name: 'file_exists',
  group: 'file',
  summary: 'Tells whether there is a file at a path',
  details: 'A directory is none: dir_exists asks for those. A symbolic link counts as what it leads to.',
  permission: 'read',
  params: [{ name: 'path', type: path, about: 'The path' }],
  gives: { type: 'boolean', about: 'True where there is a file of any kind' },
  errors: { EACCES: 'it cannot be known: a directory on the way may not be looked into' },
  example: 'log(file_exists(temp_file()), file_exists("/no/such/file"), file_exists("/"))  // expect: true false false',
  failing: 'file_exists("")  // expect error: file_exists: path must be a path',
  run: (file) => isThere('file_exists', file, 'file'),
});

export const fileStat = defineBuiltin({
  name: 'file_stat',
  group: 'file',
  summary: 'Tells what the system knows of a file or directory',
  permission: 'read',
  params: [
    { name: 'path', type: path, about: 'The path' },
    {
      name: 'options',
      type: options({ follow: option(boolean, 'False looks at a symbolic link itself', true) }),
      about: 'What to look at',
      optional: true,
    },
  ],
  gives: {
    type: 'map',
    about:
      '{size (bytes), modified, accessed, created (milliseconds since 1970), is_file, is_dir, is_link, mode ("0644"), owner, group}',
  },
  errors: FILE_ERRORS,
  example: `let file = temp_file()
file_write(file, "12345")
let stat = file_stat(file)
log(stat.size, stat.is_dir, stat.mode, time() - stat.modified < 60000)  // expect: 5 false 0600 true`,
  failing: 'file_stat("/no/such/file")  // expect error: file_stat: cannot look at /no/such/file',
  run: (file, settings) => MapValue.from({ ...fileInfo('file_stat', file, settings.follow) }),
});

export const fileDelete = defineBuiltin({
  name: 'file_delete',
  group: 'file',
  summary: 'Deletes a file',
  details: 'Of a symbolic link the link itself.',
  permission: 'write',
  params: [{ name: 'path', type: path, about: 'The file' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ...FILE_ERRORS, EISDIR: 'it is a directory: dir_delete deletes those' },
  example: `let file = temp_file()
file_delete(file)
log(file_exists(file))  // expect: false`,
  failing: 'file_delete("/no/such/file")  // expect error: file_delete: cannot delete /no/such/file',
  run: (file) => {
    deleteFile('file_delete', file);
    return null;
  },
});

export const fileCopy = defineBuiltin({
  name: 'file_copy',
  group: 'file',
  summary: 'Copies a file with its rights',
  details: 'A file that is there already is replaced once the copy is complete.',
  permission: 'read, write',
  params: [from, { name: 'to', type: path, about: 'Where the copy goes: a path, not its directory' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ...FILE_ERRORS, EISDIR: 'one of them is a directory', ENOSPC: 'the disk is full' },
  waits: true,
  example: `let file = temp_file()
file_write(file, "content")
let copy = path_join(temp_dir(), "copy")
file_copy(file, copy)
log(file_read(copy))  // expect: content`,
  failing: 'file_copy("/", "/tmp/copy")  // expect error: file_copy: cannot copy /: it is a directory (EISDIR)',
  run: (file, to) => copyFile('file_copy', file, to),
});

export const fileMove = defineBuiltin({
  name: 'file_move',
  group: 'file',
  summary: 'Gives a file or a directory another name or place, also on another disk',
  details:
    'A file that is there already is replaced. On another disk it is copied first, and removed once that is complete.',
  permission: 'write',
  params: [from, { name: 'to', type: path, about: 'The new path, not its directory' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ...FILE_ERRORS, EISDIR: 'there is a directory at the new path', ENOSPC: 'the disk is full' },
  waits: true,
  example: `let file = temp_file()
file_write(file, "content")
let moved = path_join(temp_dir(), "moved")
file_move(file, moved)
log(file_exists(file), file_read(moved))  // expect: false content`,
  failing: 'file_move("/no/such/file", "/tmp/x")  // expect error: file_move: cannot move /no/such/file',
  run: (file, to) => moveFile('file_move', file, to),
});
