/** The group time: clocks, dates, waiting, and doing something later. */
export * from './clocks';
export * from './dates';
export * from './later';
