/**
 * The source of random numbers: xoshiro128** 1.1 by David Blackman and Sebastiano Vigna (public domain,
 * https://prng.di.unimi.it), its state filled from a seed by splitmix32. Quick and even, but whoever has seen some
 * numbers can work out all others: for secrets there are random_bytes and its kin.
 *
 * Always: the same seed gives the same numbers, on every machine and in every version.
 */

const state = new Uint32Array(4);
let seeded = false;

/** With null: a seed that nobody knows. */
export function seed(value: number | null): void {
  // Two 32-bit halves, so that seeds that differ anywhere give different sequences.
  const bits = new Uint32Array(new Float64Array([(value ?? Math.random()) + 0]).buffer);
  let mixed = (bits[0]! ^ Math.imul(bits[1]!, 0x9e3779b9)) | 0;
  if (value === null) mixed ^= Date.now();
  for (let i = 0; i < 4; i++) {
    mixed = (mixed + 0x9e3779b9) | 0;
    let word = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    state[i] = word ^ (word >>> 15) ^ (i === 3 ? bits[1]! : 0);
  }
  // All zeros is the one state that leads nowhere.
  if (state.every((word) => word === 0)) state[0] = 1;
  seeded = true;
}

/** 32 random bits, as a number from 0 on. */
function next(): number {
  if (!seeded) seed(null);
  const scrambled = Math.imul(state[1]!, 5);
  const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
  const shifted = state[1]! << 9;
  state[2]! ^= state[0]!;
  state[3]! ^= state[1]!;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= shifted;
  const last = state[3]!;
  state[3] = (last << 11) | (last >>> 21);
  return result >>> 0;
}

/** A whole number from 0 up to 2 ** 53. */
function next53(): number {
  return (next() >>> 5) * 0x4000000 + (next() >>> 6);
}

/** From 0 up to 1, in steps of 2 ** -53. */
export function fraction(): number {
  return next53() / 2 ** 53;
}

/** A whole number from 0 up to `count` (at most 2 ** 53), each as likely as every other. */
export function below(count: number): number {
  const source = count <= 2 ** 32 ? next : next53;
  const range = count <= 2 ** 32 ? 2 ** 32 : 2 ** 53;
  // What lies beyond the last whole multiple of the count would make the first numbers more likely.
  const limit = range - (range % count);
  let drawn = source();
  while (drawn >= limit) drawn = source();
  return drawn % count;
}
