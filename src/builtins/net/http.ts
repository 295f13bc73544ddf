export * from './http/client';
export * from './http/download';
export * from './http/server';
export * from './http/server-routes';
export * from './http/answers';
