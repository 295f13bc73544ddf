/** The group math: numbers, functions of them, random ones and statistics. */
export * from './constants';
export * from './functions';
export * from './rounding';
export * from './kinds';
export * from './random';
export * from './statistics';
