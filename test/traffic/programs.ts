/** Programs that tests compare with; each comes with the reason for a test that misses it to be skipped. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** False where all are there; else what misses. */
export function missing(...programs: string[]): string | false {
  const absent = programs.filter((program) => !onPath(program));
  return absent.length === 0 ? false : `${absent.join(' and ')} is not installed`;
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
