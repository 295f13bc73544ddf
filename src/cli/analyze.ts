/**
 * `sentra analyze`: what a capture file holds, or what passes an interface; as a report on the terminal, as JSON, as a
 * page. Exit status: 1 when it cannot be read or captured; findings change nothing about it.
 */
import { writeJson } from '../builtins/data/json/write';
import { reportValue } from '../builtins/net/capture/values';
import { analyzeFile, analyzeInterface } from '../host/capture/analyze';
import type { Analyzed } from '../host/capture/analyze';
import { writeTextFile } from '../host/capture/file';
import { exit, onSignal, writeErr, writeOut } from '../host/process';
import { reportFailure } from '../program/report';
import { setHooks, spawnTask, watchTask } from '../runtime/scheduler';
import type { Steps } from '../runtime/task';
import type { Value } from '../runtime/values';
import { analysisPage } from './analyze-page';
import { analysisText } from './analyze-report';
import { outputStyle } from './output-style';
import { helpHint, optionsFirst, readCommandLine, UsageError } from './usage';
import type { OptionSpec } from './usage';

const NAME = 'sentra analyze';
const OPTIONS: readonly OptionSpec[] = [
  { names: ['--live'], takes: 'nothing' },
  { names: ['--json'], takes: 'nothing' },
  { names: ['--html'], takes: 'a value' },
  { names: ['--filter'], takes: 'a value' },
  { names: ['--top'], takes: 'a value' },
  { names: ['--promiscuous'], takes: 'nothing' },
  { names: ['--libpcap'], takes: 'nothing' },
];
const TOP = 10;
/** Without a number of seconds: until Ctrl-C, at most this long. */
const MAX_SECONDS = 2_000_000;

export function analyze(args: readonly string[]): void {
  const { options, operands } = readCommandLine(NAME, optionsFirst(args, OPTIONS), OPTIONS);
  const top = whole('--top', options.get('--top'), TOP);
  const settings = { filter: options.get('--filter') ?? '', top, decode: true };
  let stop: (() => void) | null = null;
  let steps: Steps<Analyzed>;
  if (options.has('--live')) {
    const [name, seconds, ...more] = operands;
    if (name === undefined || more.length > 0)
      throw new UsageError(`${NAME}: --live takes an interface, and how many seconds to look`, helpHint(NAME));
    if (seconds === undefined) writeErr(`${NAME}: looking at ${name} until Ctrl-C\n`);
    const engine = options.has('--libpcap') ? 'libpcap' : 'auto';
    const live = { promiscuous: options.has('--promiscuous'), snapLength: 262_144, bufferMiB: 64, engine } as const;
    onSignal(() => (stop === null ? exit(130) : stop()), ['SIGINT']);
    const until = (end: () => void): void => void (stop = end);
    const duration = seconds === undefined ? MAX_SECONDS : secondsOf(seconds);
    steps = analyzeInterface(NAME, name, duration, { ...settings, ...live, until });
  } else {
    const [path, ...more] = operands;
    if (path === undefined || more.length > 0)
      throw new UsageError(`${NAME}: it takes a capture file, or --live and an interface`, helpHint(NAME));
    steps = analyzeFile(NAME, path, { ...settings, progress: true });
  }
  perform(steps, (analyzed) => {
    const page = options.get('--html');
    if (options.has('--json')) writeOut(`${writeJson(NAME, reportValue(analyzed, options.has('--live')), '  ')}\n`);
    else writeOut(analysisText(analyzed, outputStyle()));
    if (page === undefined) return;
    writeTextFile(NAME, page, analysisPage(analyzed));
    writeErr(`${NAME}: wrote ${page}\n`);
  });
}

function whole(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`${NAME}: ${option} takes a whole number from 1 to 999999, got '${text}'`);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`${NAME}: how long to look is a number of seconds, got '${text}'`);
}

/** Runs to the end and ends the process. */
function perform(steps: Steps<Analyzed>, show: (analyzed: Analyzed) => void): void {
  setHooks({ unobservedFailure() {}, idle() {}, pause() {} });
  const task = spawnTask(
    (function* (): Steps<null> {
      show(yield* steps);
      return null;
    })(),
    null,
  );
  watchTask(task, {
    taskEnded: () => {
      if (task.state === 'failed') reportFailure(task.value as Value);
      exit(task.state === 'failed' ? 1 : 0);
    },
  });
}
