/** The group ws: WebSocket clients and servers (RFC 6455, permessage-deflate RFC 7692). */
export * from './connection';
export * from './server';
export * from './serve';
export * from './http-route';
