/** Run as a child by root: gives up its rights and prints how the functions for files answer without them. */
import { join } from 'node:path';
import { ErrorValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { builtin, run } from './run-tasks';

const place = process.argv[2]!;
const NOBODY = 65534;

// What is loaded later must be loaded by now: the directories of the repository may be closed to others.
const tries: [string, ...Value[]][] = [
  ['file_read', join(place, 'secret')],
  ['file_write', join(place, 'secret'), 'x'],
  ['file_append', join(place, 'secret'), 'x'],
  ['file_lines', join(place, 'secret')],
  ['hash_file', 'md5', join(place, 'secret')],
  ['file_write', join(place, 'new'), 'x'],
  ['dir_list', join(place, 'closed')],
  ['file_exists', join(place, 'closed', 'x')],
  ['dir_create', join(place, 'more')],
  ['file_delete', join(place, 'secret')],
  ['dir_walk', place],
];

process.setgroups!([]);
process.setgid!(NOBODY);
process.setuid!(NOBODY);

void run(function* () {
  for (const [name, ...args] of tries) {
    let answer = 'no error';
    try {
      yield* builtin(name, ...args);
    } catch (error) {
      answer = error instanceof ErrorValue ? error.code : String(error);
    }
    process.stdout.write(`${name} ${answer}\n`);
  }
});
