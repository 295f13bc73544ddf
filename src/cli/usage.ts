/**
 * How a command line is read. Options come before the first operand, so that what stands behind a program's
 * name belongs to the program. A mistake is a `UsageError`, which `main` words in one way and ends with
 * status 2.
 */
import { didYouMean } from '../diagnostics/did-you-mean';

export class UsageError extends Error {
  constructor(
    message: string,
    readonly hint: string | null = null,
  ) {
    super(message);
  }
}

export interface OptionSpec {
  /** "--json"; a short one beside it: "-e". */
  readonly names: readonly string[];
  /** What it takes: nothing, always something (`-e CODE`), or something behind `=` or nothing. */
  readonly takes: 'nothing' | 'a value' | 'maybe a value';
}

export interface CommandLine {
  /** By the first of an option's names; '' for one without a value. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** `command` is how the person called it: "sentra check". `-` alone is an operand, `--` ends the options. */
export function readCommandLine(command: string, args: readonly string[], specs: readonly OptionSpec[]): CommandLine {
  const options = new Map<string, string>();
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') {
      at++;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const spec = specs.find((each) => each.names.includes(name));
    if (spec === undefined) throw unknownOption(command, name, specs);
    let value = equals < 0 ? null : arg.slice(equals + 1);
    if (spec.takes === 'nothing' && value !== null)
      throw new UsageError(`${command}: ${name} takes no value, got '${value}'`);
    if (spec.takes === 'a value' && value === null) {
      value = args[++at] ?? null;
      if (value === null) throw new UsageError(`${command}: ${name} needs a value`, helpHint(command));
    }
    options.set(spec.names[0]!, value ?? '');
  }
  return { options, operands: args.slice(at) };
}

/** For commands whose options may stand behind the files as well: `sentra check scan.sn --json`. */
export function optionsFirst(args: readonly string[], specs: readonly OptionSpec[]): string[] {
  const options: string[] = [];
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg);
      continue;
    }
    options.push(arg);
    const takesValue = specs.find(({ names }) => names.includes(arg))?.takes === 'a value';
    if (takesValue && i + 1 < args.length) options.push(args[++i]!);
  }
  return [...options, '--', ...operands];
}

function unknownOption(command: string, name: string, specs: readonly OptionSpec[]): UsageError {
  const near = didYouMean(
    name,
    specs.flatMap((each) => each.names),
  );
  return new UsageError(
    `${command}: there is no option '${name}'`,
    near === null ? helpHint(command) : `did you mean '${near}'?`,
  );
}

/** Which command explains another. */
export function helpHint(command: string): string {
  const name = command.replace(/^sentra ?/, '');
  return name === '' ? `'sentra help' lists what there is` : `'sentra help ${name}' explains it`;
}
