/** What a program prints to standard error about its own failure. */
import { PLAIN_STYLE, renderDiagnostic } from '../../src/diagnostics/render-terminal';
import type { CompiledProgram } from '../../src/program/compile';
import { deadlockDiagnostic } from '../../src/program/deadlock';
import { renderError } from '../../src/runtime/failures';
import { execute } from '../lang/execute';

export async function failureOutput(program: CompiledProgram): Promise<string> {
  const reports: string[] = [];
  const ran = await execute(program, (tasks) => {
    const deadlock = deadlockDiagnostic(tasks);
    if (deadlock !== null) reports.push(renderDiagnostic(deadlock, PLAIN_STYLE));
  });
  // After a deadlock the tasks are cancelled, and end with that.
  const failures = reports.length > 0 ? [] : [...ran.failed, ...(ran.thrown === undefined ? [] : [ran.thrown])];
  reports.push(...failures.map((each) => renderError(each, PLAIN_STYLE)));
  return reports.length === 0 ? 'no failure' : numbered(reports.join('\n\n'));
}

/** Tasks and channels are counted through the whole process: here they are numbered anew, as in a process of its own. */
function numbered(text: string): string {
  const count = (pattern: RegExp): string => {
    const ids = [...new Set([...text.matchAll(pattern)].map((match) => Number(match[1])))].sort((a, b) => a - b);
    return text.replace(pattern, (all, id: string) => all.replace(id, String(ids.indexOf(Number(id)) + 1)));
  };
  text = count(/\btask (\d+)\b/g);
  return count(/<channel (\d+)>/g);
}
