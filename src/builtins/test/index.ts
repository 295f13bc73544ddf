/** The group test: what must hold, for the files that `sentra test` runs. */
export * from './equality';
export * from './conditions';
export * from './throwing';
export * from './named-test';
