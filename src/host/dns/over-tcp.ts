/** A question to a name server over a TCP connection of its own, and its answer (RFC 7766). */
import { decodeMessage } from '../../wire/dns/message';
import { MAX_QUERY_BYTES, writeQuery } from '../../wire/dns/query';
import { reportBytes, reportClosed, tap } from '../events';
import { failureOf } from '../failure';
import type { Failure } from '../failure';
import { node } from '../node';
import { answers, Channel, randomNumber, UDP_BYTES } from './asked';
import type { Asker, Sent } from './asked';
import type { Nameserver } from './configuration';

export function askOverTcp(server: Nameserver, asker: Asker): Sent {
  const id = randomNumber();
  const channel = new Channel(server, 'tcp');
  const socket = node.net.connect({ host: server.host, port: server.port, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let over = false;
  const end = (): void => {
    over = true;
    socket.destroy();
    if (tap.on !== null) reportClosed(channel, channel.opened);
  };
  const fail = (failure: Failure): void => {
    if (over) return;
    end();
    asker.failed(failure, server);
  };
  socket.on('connect', () => {
    const framed = Buffer.alloc(2 + MAX_QUERY_BYTES);
    const length = writeQuery(framed.subarray(2), id, asker.name, asker.typeNumber, UDP_BYTES);
    framed.writeUInt16BE(length);
    const bytes = framed.subarray(0, 2 + length);
    if (tap.on !== null) reportBytes(channel, 'out', bytes, null, channel.opened);
    socket.write(bytes);
  });
  socket.on('data', (piece: Buffer) => {
    if (over) return;
    if (tap.on !== null) reportBytes(channel, 'in', piece, null, channel.opened);
    received = Buffer.concat([received, piece]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const messageEnd = 2 + received.readUInt16BE(0);
      const message = decodeMessage(received, 2, messageEnd);
      received = received.subarray(messageEnd);
      if (message?.id !== id || !answers(message, asker)) continue;
      end();
      asker.answered(message, server);
      return;
    }
  });
  socket.on('error', (error) => fail(failureOf(error)));
  socket.on('close', () => fail({ code: 'ECONNRESET', message: '' }));
  return {
    forget: () => {
      if (!over) end();
    },
  };
}
