/** Tasks: waiting for them, ending them, channels, what they share, and running many at once. */
export * from './waiting';
export * from './channels';
export * from './locks';
export * from './rate-limiter';
export * from './parallel';
export * from './retry';
