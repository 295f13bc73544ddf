/** The group array. */
export * from './callbacks';
export * from './change';
export * from './order';
export * from './parts';
