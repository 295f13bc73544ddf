/** The commands of the prompt, which start with a dot. */
import { laidOut } from './laid-out';

export interface ReplCommand {
  readonly name: string;
  readonly takes: string;
  readonly about: string;
}

export const REPL_COMMANDS: readonly ReplCommand[] = [
  { name: '.help', takes: '', about: 'shows these commands' },
  { name: '.doc', takes: 'NAME', about: 'explains a built-in; without a name, lists them' },
  { name: '.type', takes: 'EXPR', about: 'the type of a value' },
  { name: '.load', takes: 'FILE', about: 'runs a file as if it had been typed' },
  { name: '.clear', takes: '', about: 'forgets all variables' },
  { name: '.exit', takes: '', about: 'ends (or Ctrl-D)' },
];

export function replHelp(width: number): string {
  const rows = REPL_COMMANDS.map(({ name, takes, about }) => `  ${`${name} ${takes}`.padEnd(14)}${about}`);
  const about =
    'Type an expression or a statement. An open bracket goes on in the next line; Tab completes; Ctrl-C stops what runs.';
  return laidOut([about, ...rows, ''].join('\n'), width);
}
