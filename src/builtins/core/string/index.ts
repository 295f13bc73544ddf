/** The group string. */
export * from './case-and-space';
export * from './code-points';
export * from './format';
export * from './parts';
