/** Progress bars. */
import { Progress } from '../../host/progress';
import { failure } from '../core/value-types';
import { Handles } from '../core/tasks/handles';
import { defineBuiltin } from '../define-builtin';
import { number, oneOf, option, options, string } from '../types';
import type { Type } from '../types';

interface Bar {
  readonly name: string;
  readonly progress: Progress;
}

const bars = new Handles<Bar>('progress', 'progress');

const total: Type<number | null> = {
  name: 'number or null',
  takes: 'a number, 0 or more, or null where it is not known',
  test: '($ === null || (Number.isFinite($) && $ >= 0))',
};

const amount: Type<number> = { ...number, takes: 'a finite number', test: 'Number.isFinite($)' };

export const progress = defineBuiltin({
  name: 'progress',
  group: 'terminal',
  summary: 'Shows a progress bar on the terminal',
  details:
    'It shows how much is done, how fast, and the time that is left, and is drawn on standard error; where that is no terminal, nothing is shown at all. What the program prints meanwhile appears above it. Several bars may be shown at once.\nA bar goes away at progress_done, which leaves a line that says how long it took, and without that at the end of the program.',
  params: [
    {
      name: 'total',
      type: total,
      about: 'What makes it complete; null where that is not known: then there is no bar, but a count',
    },
    { name: 'label', type: string, about: 'What stands before it', optional: true },
    {
      name: 'options',
      type: options({
        unit: option(oneOf('items', 'bytes'), 'How amounts are shown: "bytes" as kB and MB', 'items'),
      }),
      about: 'How it is shown',
      optional: true,
    },
  ],
  gives: { type: 'map', about: 'The bar, for progress_step and progress_done' },
  example: `let hosts = ["192.0.2.1", "192.0.2.2"]
let bar = progress(len(hosts), "hosts")
for host in hosts { progress_step(bar) }
progress_done(bar)
log("looked at", len(hosts))  // expect: looked at 2`,
  failing:
    'progress("all")  // expect error: progress: total must be a number, 0 or more, or null where it is not known',
  run: (complete, label, given) =>
    bars.make((name) => ({
      name,
      progress: new Progress({ total: complete, label: label ?? '', unit: given.unit }),
    })),
});

function underWay(builtin: string, { name, progress: bar }: Bar): Progress {
  if (bar.over) throw failure('ECLOSED', builtin, `${name} is done`, 'progress makes a new one');
  return bar;
}

export const progressStep = defineBuiltin({
  name: 'progress_step',
  group: 'terminal',
  summary: 'Moves a progress bar on',
  details: 'It costs next to nothing, since the bar is drawn at most ten times a second.',
  params: [
    { name: 'bar', type: bars.type, about: 'The bar' },
    {
      name: 'by',
      type: amount,
      about: 'How much was done since the last step; 1 where it is left out',
      optional: true,
    },
    { name: 'label', type: string, about: 'What stands before the bar from now on', optional: true },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ECLOSED: 'The bar is done' },
  example: `let bar = progress(1000, "bytes", {"unit": "bytes"})
for piece in ["abc", "defg"] { progress_step(bar, len(piece), piece) }
progress_done(bar)
log("done")  // expect: done`,
  failing:
    'progress_step(5)  // expect error: progress_step: bar must be a progress made by progress, got the number 5',
  run: (bar, by, label) => {
    const shown = underWay('progress_step', bar);
    if (label !== null) shown.label = label;
    shown.step(by ?? 1);
    return null;
  },
});

export const progressDone = defineBuiltin({
  name: 'progress_done',
  group: 'terminal',
  summary: 'Ends a progress bar; a line says what was done in which time',
  details: 'Ending it again changes nothing.',
  params: [{ name: 'bar', type: bars.type, about: 'The bar' }],
  gives: { type: 'null', about: 'Nothing' },
  example: `let bar = progress(null, "requests")
defer progress_done(bar)
progress_step(bar)
log("one request")  // expect: one request`,
  failing:
    'progress_done({})  // expect error: progress_done: bar must be a progress made by progress, got an empty map',
  run: ({ progress: bar }) => {
    if (!bar.over) bar.done();
    return null;
  },
});
