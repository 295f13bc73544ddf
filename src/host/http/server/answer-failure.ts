/** The answer where a file cannot be sent: what was set for the file is taken back. */
import { node } from '../../node';
import type { Exchange } from './exchange';

export function answerFailure(exchange: Exchange, status: number, more: readonly string[] = []): void {
  const { res } = exchange;
  if (res.headersSent) {
    exchange.connection.socket.destroy();
    return;
  }
  const range = status === 416 ? res.getHeader('Content-Range') : undefined;
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  const text = `${status} ${node.http.STATUS_CODES[status] ?? ''}\n`;
  const fields = [...more, ...exchange.ownFields(), 'Content-Type', 'text/plain; charset=utf-8'];
  if (typeof range === 'string') fields.push('Content-Range', range);
  res.writeHead(status, [...fields, 'Content-Length', String(text.length)]);
  if (exchange.req.method === 'HEAD') res.end();
  else res.end(text);
}
