/** Numbers with a name. */
import { Constant } from '../../define-builtin';

export const PI = new Constant('PI', 'math', Math.PI, 'The ratio of the circumference of a circle to its diameter');
export const E = new Constant('E', 'math', Math.E, 'The base of the natural logarithm');
export const INF = new Constant('INF', 'math', Infinity, 'Greater than every other number, as 1 / 0 is');
export const NAN = new Constant(
  'NAN',
  'math',
  NaN,
  'What is no number, as 0 / 0 is; it equals nothing, itself included',
);
