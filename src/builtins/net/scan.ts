export * from './scan/port-scan';
export * from './scan/network';
export * from './scan/reach';
export * from './scan/ssl';
