/** Random numbers and orders. They are not for secrets: see generator.ts. */
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { array, whole } from '../../types';
import { failure, finite } from '../../core/value-types';
import { below, fraction, seed } from './generator';

export const random = defineBuiltin({
  name: 'random',
  group: 'math',
  summary: 'Gives a random number from 0 up to 1',
  details:
    'Good for games, samples and pauses, not for passwords and keys: those come from random_bytes, random_hex and uuid. After random_seed the numbers are the same in each run.',
  params: [],
  gives: { type: 'number', about: 'At least 0 and less than 1' },
  example: `let r = random()
log(r >= 0 && r < 1)  // expect: true`,
  failing: 'random(10)  // expect error: random',
  run: fraction,
});

export const random_int = defineBuiltin({
  name: 'random_int',
  group: 'math',
  summary: 'Gives a random whole number between two numbers, both included',
  params: [
    { name: 'low', type: whole(), about: 'The least it may be' },
    { name: 'high', type: whole(), about: 'The most it may be' },
  ],
  gives: { type: 'number', about: 'A whole number, each as likely as every other' },
  errors: { ERANGE: 'low is above high, or there are more than 2 ** 53 numbers between them' },
  aliases: ['randomInt', 'randint'],
  example: `let die = random_int(1, 6)
log(die >= 1 && die <= 6, random_int(3, 3))  // expect: true 3`,
  failing: 'random_int(6, 1)  // expect error: random_int: low is 6 and high is 1: low must not be above high',
  run: (low, high) => {
    if (low > high) {
      throw failure('ERANGE', 'random_int', `low is ${low} and high is ${high}: low must not be above high`);
    }
    const count = high - low + 1;
    if (count > 2 ** 53) {
      throw failure('ERANGE', 'random_int', `there are more than 2 ** 53 whole numbers from ${low} to ${high}`);
    }
    return low + below(count);
  },
});

export const random_choice = defineBuiltin({
  name: 'random_choice',
  group: 'math',
  summary: 'Gives a random element of an array',
  params: [{ name: 'items', type: array, about: 'The array' }],
  gives: { type: 'any', about: 'One of its elements, each as likely as every other' },
  errors: { EEMPTY: 'the array is empty' },
  example: 'log(["a", "b"].contains(random_choice(["a", "b"])))  // expect: true',
  failing: 'random_choice([])  // expect error: random_choice: the array is empty',
  run: (items) => {
    if (items.length === 0) throw failure('EEMPTY', 'random_choice', 'the array is empty, so there is none to choose');
    return items[below(items.length)]!;
  },
});

export const shuffle = defineBuiltin({
  name: 'shuffle',
  group: 'math',
  summary: 'Puts the elements of an array into a random order, in place',
  params: [{ name: 'items', type: array, about: 'The array, which is changed' }],
  gives: { type: 'array', about: 'The same array' },
  example: `let cards = [1, 2, 3, 4]
shuffle(cards)
log(sorted(cards))  // expect: [1, 2, 3, 4]`,
  failing: 'shuffle("abc")  // expect error: shuffle: items must be an array, got the string "abc"',
  run: (items: Value[]) => {
    for (let last = items.length - 1; last > 0; last--) {
      const chosen = below(last + 1);
      const item = items[last]!;
      items[last] = items[chosen]!;
      items[chosen] = item;
    }
    return items;
  },
});

export const random_seed = defineBuiltin({
  name: 'random_seed',
  group: 'math',
  summary: 'Makes the random numbers that follow the same in each run',
  details: 'Without a seed they cannot be foretold again, as at the start of a program.',
  params: [{ name: 'seed', type: finite, about: 'Any number: each has its own sequence', optional: true }],
  gives: { type: 'null', about: 'Nothing' },
  example: `random_seed(42)
let first = random_int(1, 1000000)
random_seed(42)
log(random_int(1, 1000000) == first)  // expect: true`,
  failing: 'random_seed("lucky")  // expect error: random_seed: seed must be a finite number, got the string "lucky"',
  run: (value) => {
    seed(value);
    return null;
  },
});
