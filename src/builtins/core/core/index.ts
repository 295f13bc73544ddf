/** The group core: what every program uses. */
export * from './console';
export * from './process';
export * from './sequences';
export * from './values';
