export * from './scan/port-scan';
export * from './scan/ssl';
