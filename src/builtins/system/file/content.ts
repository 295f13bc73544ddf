/** What is in files: reading, writing, and walking through their lines. */
import { fileLines } from '../../../host/file-system/lines';
import { readFile } from '../../../host/file-system/read';
import { appendFile, writeFile } from '../../../host/file-system/write';
import { bytesOf } from '../../../host/text';
import { defineBuiltin } from '../../define-builtin';
import { boolean, data, option, options } from '../../types';
import { FILE_ERRORS, mode, path } from '../parameters';

const content = { name: 'data', type: data, about: 'Text, written in UTF-8, or byte values' } as const;

export const fileRead = defineBuiltin({
  name: 'file_read',
  group: 'file',
  summary: 'Reads a whole file as text',
  details:
    'Bytes that are no UTF-8 survive in the string: file_write writes them back as they were. Pipes and what the system makes up (/proc) can be read too.',
  permission: 'read',
  params: [{ name: 'path', type: path, about: 'The file' }],
  gives: { type: 'string', about: 'Its content' },
  errors: { ...FILE_ERRORS, EISDIR: 'it is a directory', ERANGE: 'it is larger than a string can be (512 MiB)' },
  aliases: ['read_file', 'readfile'],
  waits: true,
  example: `let file = temp_file()
file_write(file, "one\\ntwo\\n")
log(lines(file_read(file)))  // expect: ["one", "two"]`,
  failing:
    'file_read("/no/such/file")  // expect error: file_read: cannot read /no/such/file: the directory /no does not exist (ENOENT)',
  run: (file) => readFile('file_read', file),
});

export const fileWrite = defineBuiltin({
  name: 'file_write',
  group: 'file',
  summary: 'Writes a whole file, in the place of what was in it',
  details:
    'The content is written under another name in the same directory, which then takes the place of the file. So nobody ever sees half of it, and after an error, or when the program is killed, the old content is still there, whole. The rights of a file that is replaced stay, and a symbolic link leads to the new content. Devices, pipes and the switches in /proc and /sys are written into.',
  permission: 'write',
  params: [
    { name: 'path', type: path, about: 'The file; its directory must be there' },
    content,
    {
      name: 'options',
      type: options({
        mode: option(mode, 'Its rights, such as "600"; else those of the old file, or the usual ones'),
        sync: option(boolean, 'Waits until the disk has it, so that it survives a power failure too', false),
      }),
      about: 'Rights, and how safe',
      optional: true,
    },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ...FILE_ERRORS, EISDIR: 'it is a directory', ENOSPC: 'the disk is full', EROFS: 'the disk is read-only' },
  aliases: ['write_file', 'writefile'],
  waits: true,
  example: `let file = temp_file()
file_write(file, "first")
file_write(file, "second", {"mode": "600"})
log(file_read(file), file_stat(file).mode)  // expect: second 0600`,
  failing: 'file_write("/", "text")  // expect error: file_write: cannot write /: it is a directory (EISDIR)',
  run: (file, bytes, settings) => writeFile('file_write', file, bytesOf(bytes), settings),
});

export const fileAppend = defineBuiltin({
  name: 'file_append',
  group: 'file',
  summary: 'Adds to the end of a file, which is made where there is none',
  details: 'When the disk becomes full in between, what was added is taken back.',
  permission: 'write',
  params: [{ name: 'path', type: path, about: 'The file; its directory must be there' }, content],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ...FILE_ERRORS, EISDIR: 'it is a directory', ENOSPC: 'the disk is full' },
  waits: true,
  example: `let file = temp_file()
for i in 1..3 { file_append(file, "line " + i + "\\n") }
log(len(lines(file_read(file))))  // expect: 3`,
  failing: 'file_append("/no/such/file", "x")  // expect error: file_append: cannot write to /no/such/file',
  run: (file, bytes) => appendFile('file_append', file, bytesOf(bytes)),
});

export const fileLinesBuiltin = defineBuiltin({
  name: 'file_lines',
  group: 'file',
  summary: 'Gives the lines of a file one after the other, to go through with for, without holding the file in memory',
  details:
    'A line comes without its end, LF or CR LF. What it gives is a channel: receive takes a single line, null at the end. The file is closed at its end and when the for over it ends, by break as well; lines that were not taken are gone then. An error in the midst of the file comes after the lines before it.',
  permission: 'read',
  params: [{ name: 'path', type: path, about: 'The file' }],
  gives: { type: 'channel', about: 'The lines' },
  errors: { ...FILE_ERRORS, EISDIR: 'it is a directory', ERANGE: 'a line is longer than a string can be (512 MiB)' },
  example: `let file = temp_file()
file_write(file, "GET /\\nPOST /form\\nGET /about\\n")
let count = 0
for line in file_lines(file) {
  if line.starts_with("GET") { count++ }
}
log(count)  // expect: 2`,
  failing:
    'for line in file_lines("/") { log(line) }  // expect error: file_lines: cannot read /: it is a directory (EISDIR)',
  run: (file) => fileLines('file_lines', file),
});
