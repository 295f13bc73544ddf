/** `sentra run` and `sentra FILE`: runs a program, or shows what becomes of it. */
import { openInspector, parseInspectorAddress } from '../host/inspector';
import { exit, setArgs, writeOut } from '../host/process';
import { readInputNow } from '../host/read-input';
import { compileFile, compileText, UnreadableFile } from '../program/compile';
import type { Compilation, CompiledProgram } from '../program/compile';
import { setDebugging } from '../program/debugging';
import { reportDiagnostics } from '../program/report';
import { runProgram } from '../program/run';
import { unreadable } from './unreadable-file';
import { helpHint, readCommandLine, UsageError } from './usage';
import type { OptionSpec } from './usage';

const OPTIONS: readonly OptionSpec[] = [
  { names: ['-e', '--eval'], takes: 'a value' },
  { names: ['--emit-js'], takes: 'nothing' },
  { names: ['--inspect'], takes: 'maybe a value' },
  { names: ['--inspect-brk'], takes: 'maybe a value' },
];

export function run(args: readonly string[]): void {
  const { options, operands } = readCommandLine('sentra run', args, OPTIONS);
  const code = options.get('-e');
  const program = compiled(code === undefined ? compileOperand(operands[0]) : compileText('<command line>', code));
  setArgs(code === undefined ? operands.slice(1) : operands);
  if (options.has('--emit-js')) {
    writeOut(javaScriptOf(program));
    exit(0);
  }
  inspect(options);
  runProgram(program);
}

function compileOperand(operand: string | undefined): Compilation {
  if (operand === undefined)
    throw new UsageError(
      'sentra run: which program? Give a file, - for standard input, or -e CODE',
      helpHint('sentra run'),
    );
  if (operand === '-') return compileText('<stdin>', readInputNow());
  try {
    return compileFile(operand);
  } catch (error) {
    if (error instanceof UnreadableFile) throw unreadable(error);
    throw error;
  }
}

/** Ends the process with status 2 when the program has errors, showing them all. */
function compiled({ program, diagnostics }: Compilation): CompiledProgram {
  if (program !== null) return program;
  reportDiagnostics(diagnostics.filter((each) => each.severity === 'error'));
  exit(2);
}

/** One module is printed as it is, so that line N is line N of the file; more of them under their names. */
function javaScriptOf({ modules }: CompiledProgram): string {
  if (modules.length === 1) return `${modules[0]!.code}\n`;
  return modules.map(({ source, code }) => `// ${source.name}\n${code}\n`).join('\n');
}

function inspect(options: ReadonlyMap<string, string>): void {
  const stops = options.has('--inspect-brk');
  const option = stops ? '--inspect-brk' : '--inspect';
  const value = options.get(option);
  if (value === undefined) return;
  const address = parseInspectorAddress(value);
  if (address === null)
    throw new UsageError(`sentra run: ${option} takes a port from 0 to 65535 or host:port, got '${value}'`);
  setDebugging(stops ? 'stop at the start' : 'on');
  if (!openInspector(address, stops))
    throw new UsageError(`sentra run: cannot listen on ${address.host}:${address.port} for a debugger`);
}
