/** Clocks, and waiting for time to pass. */
import { sleep as sleepFor } from '../../../runtime/timers';
import { defineBuiltin } from '../../define-builtin';
import { milliseconds } from '../../types';

export const time = defineBuiltin({
  name: 'time',
  group: 'time',
  summary: 'Gives the milliseconds since the beginning of 1970',
  details: 'The clock of the system: it can be set, also back. Use clock() to measure how long something takes.',
  params: [],
  gives: { type: 'number', about: 'Milliseconds, a whole number' },
  aliases: ['time_ms'],
  example: 'log(time() > 1700000000000)  // expect: true',
  failing: 'time(1)  // expect error: time',
  run: () => Date.now(),
});

export const clock = defineBuiltin({
  name: 'clock',
  group: 'time',
  summary: 'Gives the milliseconds of a clock that only goes forward',
  details: 'It begins anywhere: only the difference of two readings means something. It has fractions.',
  params: [],
  gives: { type: 'number', about: 'Milliseconds, with fractions' },
  example: `let start = clock()
sleep(20)
log(clock() - start >= 20)  // expect: true`,
  failing: 'clock(1)  // expect error: clock',
  run: () => performance.now(),
});

export const sleep = defineBuiltin({
  name: 'sleep',
  group: 'time',
  summary: 'Holds up the task for a time while others go on',
  details:
    'It never takes less than the time given. sleep(0) lets everything that can go on do so first, the network included. A sleep of Infinity ends only when the task is cancelled.',
  params: [{ name: 'ms', type: milliseconds, about: 'Milliseconds; fractions count' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ECANCELED: 'The task was cancelled meanwhile' },
  example: `spawn { sleep(10); log("second") }
log("first")
sleep(30)
log("third")
// expect: first
// expect: second
// expect: third`,
  failing: 'sleep("1s")  // expect error: sleep: ms must be a number of milliseconds',
  waits: true,
  run: (ms) => sleepFor(ms),
});
