export * from './socket/open';
export * from './socket/data';
export * from './socket/datagram';
export * from './socket/control';
export * from './socket/serve';
