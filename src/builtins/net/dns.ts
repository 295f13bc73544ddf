export * from './dns/lookup';
