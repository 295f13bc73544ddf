/** `sentra version`. */
import { version } from '../../package.json';
import { exit, writeOut } from '../host/process';
import { UsageError } from './usage';

export { version };

export function showVersion(args: readonly string[]): void {
  if (args.length > 0) throw new UsageError(`sentra version takes no arguments, got '${args[0]}'`);
  writeOut(`sentra ${version}\n`);
  exit(0);
}
