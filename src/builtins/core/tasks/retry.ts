/** Trying again what may fail. */
import { caught, ErrorValue } from '../../../runtime/errors';
import type { Steps } from '../../../runtime/task';
import { sleep } from '../../../runtime/timers';
import type { FunctionValue, Value } from '../../../runtime/values';
import { call, defineBuiltin } from '../../define-builtin';
import { fn, option, options, seconds, whole } from '../../types';
import type { OptionsOf, Type } from '../../types';

const factor: Type<number> = {
  name: 'number',
  takes: 'a number of at least 1',
  test: "(typeof $ === 'number' && $ >= 1 && $ < Infinity)",
};

const share: Type<number> = {
  name: 'number',
  takes: 'a number from 0 to 1',
  test: "(typeof $ === 'number' && $ >= 0 && $ <= 1)",
};

const shape = {
  pause: option(seconds, 'Seconds before the second attempt', 0.1),
  factor: option(factor, 'Each pause is so many times as long as the one before', 2),
  max_pause: option(seconds, 'No pause is longer than this many seconds', 30),
  jitter: option(
    share,
    'Up to this share of a pause is left out at random, so that many do not try again at the same time',
    0.5,
  ),
  on_error: option(
    fn,
    'Called with the error and the number of the attempt after each failure but the last; when it gives false, no further attempt is made',
  ),
};

type Options = OptionsOf<typeof shape>;

export const retry = defineBuiltin({
  name: 'retry',
  group: 'tasks',
  summary: 'Calls a function until it succeeds, with growing pauses between the attempts',
  details: 'When the last attempt fails as well, its error is thrown. ECANCELED is never tried again.',
  params: [
    { name: 'times', type: whole(1), about: 'How many attempts to make, at most' },
    { name: 'f', type: fn, about: 'The function', calls: { with: '[attempt]', as: 'call' } },
    {
      name: 'options',
      type: options(shape),
      about: 'The pauses between the attempts',
      optional: true,
      calls: { with: 'error, attempt', as: 'call' },
    },
  ],
  gives: { type: 'any', about: 'What the function returned' },
  errors: { ECANCELED: 'The task was cancelled, in an attempt or in a pause' },
  example: `fn unsteady(attempt) {
  if attempt < 3 { throw "not yet" }
  return "done at attempt " + attempt
}
log(retry(5, unsteady, {"pause": 0.001}))  // expect: done at attempt 3`,
  failing: 'retry(2, fn() { throw error("still down") }, {"pause": 0})  // expect error: still down',
  waits: true,
  run: runRetry,
});

function* runRetry(times: number, f: FunctionValue, settings: Options): Steps<Value> {
  let pauseSeconds = settings.pause;
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* call(f, attempt);
    } catch (thrown) {
      const error = caught(thrown);
      if (attempt >= times || (error instanceof ErrorValue && error.code === 'ECANCELED')) throw error;
      if (settings.on_error !== null && (yield* call(settings.on_error, error, attempt)) === false) throw error;
    }
    const longest = Math.min(pauseSeconds, settings.max_pause) * 1000;
    yield* sleep(longest * (1 - settings.jitter * Math.random()));
    pauseSeconds *= settings.factor;
  }
}
