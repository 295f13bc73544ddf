/** Doing something at most so many times a second. */
import { RateLimiter } from '../../../runtime/rate-limiter';
import { defineBuiltin } from '../../define-builtin';
import { whole } from '../../types';
import type { Type } from '../../types';
import { Handles } from './handles';

const limiters = new Handles<RateLimiter>('rate limiter', 'rate_limiter_create');

const rate: Type<number> = {
  name: 'number',
  takes: 'a number greater than 0',
  test: "(typeof $ === 'number' && $ > 0 && $ < Infinity)",
};

export const rateLimiterCreate = defineBuiltin({
  name: 'rate_limiter_create',
  group: 'tasks',
  summary: 'Makes a rate limiter, which lets tasks go on so many times a second',
  details: 'Without a burst they go on at even distances. With one, as many as that may go at once after a quiet time.',
  params: [
    { name: 'per_second', type: rate, about: 'How many times a second; 0.5 is once in two seconds' },
    { name: 'burst', type: whole(1), about: 'How many at once after a quiet time; 1 without it', optional: true },
  ],
  gives: { type: 'map', about: 'The rate limiter' },
  example: `let r = rate_limiter_create(100)
log(r.type)  // expect: rate limiter`,
  failing:
    'rate_limiter_create(0)  // expect error: rate_limiter_create: per_second must be a number greater than 0, got the number 0',
  run: (perSecond, burst) => limiters.make((name) => new RateLimiter(name, perSecond, burst ?? 1)),
});

export const rateLimiterWait = defineBuiltin({
  name: 'rate_limiter_wait',
  group: 'tasks',
  summary: 'Waits until the rate limiter lets the task go on',
  details: 'Tasks go on in the order in which they came.',
  params: [{ name: 'limiter', type: limiters.type, about: 'The rate limiter' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ECANCELED: 'The task was cancelled meanwhile; it takes no turn from the others' },
  example: `let r = rate_limiter_create(100)
let start = clock()
for i in 1..3 { rate_limiter_wait(r) }
log(clock() - start >= 19)  // expect: true`,
  failing:
    'rate_limiter_wait({"per_second": 5})  // expect error: rate_limiter_wait: limiter must be a rate limiter made by rate_limiter_create, got a map of 1',
  waits: true,
  run: (limiter) => limiter.take(),
});
