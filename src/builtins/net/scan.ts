export * from './scan/port-scan';
