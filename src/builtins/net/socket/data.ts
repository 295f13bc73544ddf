/** Data through sockets: send, receive, and the framed reads. */
import { Connection } from '../../../host/net/connection';
import { Receive, ReceiveAll, ReceiveExact, ReceiveLine, ReceiveUntil } from '../../../host/net/reads';
import type { Steps } from '../../../runtime/task';
import { defineBuiltin } from '../../define-builtin';
import { data, whole } from '../../types';
import type { Type } from '../../types';
import { channelOf, connectionOf, limitOf, socket, timeout, toMs } from './parameters';

const MAX_LINE = 1024 * 1024;
const MAX_UNTIL = 1024 * 1024;
const MAX_ALL = 100 * 1024 * 1024;
/** Bytes that one string can surely hold. */
const MAX_STRING = 256 * 1024 * 1024;

export const socketSend = defineBuiltin({
  name: 'socket_send',
  group: 'socket',
  summary: 'Sends data: all of it on a connection, one datagram on a UDP socket',
  details:
    'On a connection it waits while the peer does not read and too much is on its way. Sends of several tasks on one socket follow one another whole. A UDP server sends to the peer that the last receive came from.',
  params: [
    { name: 'socket', type: socket, about: 'A connection or a UDP socket' },
    { name: 'data', type: data, about: 'A string, or an array of byte values' },
  ],
  gives: { type: 'number', about: 'The number of bytes sent' },
  errors: {
    EPIPE: 'the peer has closed the connection, or this side was shut down',
    ECONNRESET: 'the peer reset the connection',
    ECLOSED: 'the socket is closed',
    EMSGSIZE: 'UDP: more than a datagram can hold',
    ECONNREFUSED: 'UDP: nobody listens there',
    EDESTADDRREQ: 'UDP server: nothing was received yet',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
log(socket_send(client, "naïve"))  // expect: 6
log(socket_receive(peer, 100))     // expect: naïve
socket_send(peer, [79, 75])
log(socket_receive(client, 100))   // expect: OK`,
  failing: `let server = socket_listen("UDP", "127.0.0.1", 0)
socket_send(server, "anybody?")  // expect error: so there is nobody to send to (EDESTADDRREQ)`,
  waits: true,
  run: (handle, bytes) => channelOf('socket_send', handle).send('socket_send', bytes),
});

let lastReceive = new Receive(4096);

export const socketReceive = defineBuiltin({
  name: 'socket_receive',
  group: 'socket',
  summary: 'Waits for data and gives what is there, at most so many bytes',
  details:
    'On a connection "" means that the peer has closed; data that came before an error is given first. Over TLS it does not tell whether the peer has said so (close_notify) or the connection below has just ended, even within a record: a protocol that has to know sends lengths. The size counts bytes. A character of UTF-8 whose last bytes have not come yet is kept for the next read, except at the timeout and at the end; for data that is no text socket_receive_exact fits better. On a UDP socket it gives one datagram, cut at the size; "" is an empty datagram. One task at a time may receive on a connection; several on a UDP socket are served in turn.',
  params: [
    { name: 'socket', type: socket, about: 'A connection or a UDP socket' },
    { name: 'size', type: whole(1), about: 'Bytes to give at most' },
    timeout,
  ],
  gives: { type: 'string or null', about: 'The data, "" at the end of a connection, null at the timeout' },
  errors: {
    ECONNRESET: 'the peer reset the connection',
    ECLOSED: 'the socket is closed, also while this waits',
    EBUSY: 'another task is receiving on the connection',
    ECONNREFUSED: 'UDP: nobody listens at the peer',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
log(socket_receive(peer, 10, 0.01))  // expect: null
socket_send(client, "hello")
log(socket_receive(peer, 4))         // expect: hell
socket_close(client)
log(socket_receive(peer, 4))         // expect: o
log(socket_receive(peer, 4) == "")   // expect: true`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
socket_receive(server, 10)  // expect error: is a server, no data goes through it (EINVAL)`,
  waits: true,
  run(handle, size, limit): Steps<string | null> {
    const found = channelOf('socket_receive', handle);
    if (found instanceof Connection) {
      if (lastReceive.size !== size) lastReceive = new Receive(size);
      return found.read('socket_receive', lastReceive, toMs(limit));
    }
    return datagramText(found.receive('socket_receive', size, toMs(limit)));
  },
});

function* datagramText(steps: Steps<{ readonly data: string } | null>): Steps<string | null> {
  return (yield* steps)?.data ?? null;
}

export const socketReceiveLine = defineBuiltin({
  name: 'socket_receive_line',
  group: 'socket',
  summary: 'Receives a line and gives it without its end',
  details:
    'A line ends with \\n or \\r\\n; the last one before the end of the connection may have neither. What comes after the line stays for the next read.',
  params: [
    { name: 'socket', type: socket, about: 'A connection' },
    {
      name: 'max',
      type: limitOf(MAX_STRING),
      about: `Bytes that the line may have; ${MAX_LINE} where it is left out`,
      optional: true,
    },
    timeout,
  ],
  gives: { type: 'string or null', about: 'The line, null at the end of the connection and at the timeout' },
  errors: {
    EOVERFLOW: 'the line is longer than allowed',
    ECONNRESET: 'the peer reset the connection',
    ECLOSED: 'the socket is closed',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
socket_send(client, "GET /\\r\\n\\r\\nlast")
socket_close(client)
log(socket_receive_line(peer))        // expect: GET /
log(socket_receive_line(peer) == "")  // expect: true
log(socket_receive_line(peer))        // expect: last
log(socket_receive_line(peer))        // expect: null`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
socket_send(client, "much too long")
socket_receive_line(socket_accept(server), 4)  // expect error: is longer than the 4 bytes allowed (EOVERFLOW)`,
  waits: true,
  run(handle, max, limit): Steps<string | null> {
    const builtin = 'socket_receive_line';
    return connectionOf(builtin, handle).read(
      builtin,
      new ReceiveLine({ builtin, handle, max: max ?? MAX_LINE }),
      toMs(limit),
    );
  },
});

export const socketReceiveExact = defineBuiltin({
  name: 'socket_receive_exact',
  group: 'socket',
  summary: 'Receives exactly so many bytes',
  details:
    'Gives them as they are, also where they end in the midst of a character: the right read for protocols of binary data. Where the connection ends before, the data of the error is what came.',
  params: [
    { name: 'socket', type: socket, about: 'A connection' },
    { name: 'n', type: limitOf(MAX_STRING), about: 'The number of bytes' },
    timeout,
  ],
  gives: { type: 'string or null', about: 'The bytes, null at the timeout; then nothing is taken' },
  errors: {
    EEOF: 'the connection ended before; data has what came',
    ECONNRESET: 'the peer reset the connection',
    ECLOSED: 'the socket is closed',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
socket_send(client, [0, 3, 97, 98, 99, 100])
log(bytes_of(socket_receive_exact(peer, 2)))  // expect: [0, 3]
log(socket_receive_exact(peer, 3))            // expect: abc`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
socket_send(client, "abc")
socket_close(client)
socket_receive_exact(socket_accept(server), 4)  // expect error: ended before 4 bytes had come: only 3 bytes came (EEOF)`,
  waits: true,
  run(handle, n, limit): Steps<string | null> {
    const builtin = 'socket_receive_exact';
    return connectionOf(builtin, handle).read(builtin, new ReceiveExact({ builtin, handle, max: n }), toMs(limit));
  },
});

const someText: Type<string> = {
  name: 'string',
  takes: 'a string that is not empty',
  test: "(typeof $ === 'string' && $ !== '')",
};

export const socketReceiveUntil = defineBuiltin({
  name: 'socket_receive_until',
  group: 'socket',
  summary: 'Receives all up to a text, and the text itself',
  details:
    'What comes after the text stays for the next read. Where the connection ends before, the data of the error is what came.',
  params: [
    { name: 'socket', type: socket, about: 'A connection' },
    { name: 'text', type: someText, about: 'The text to wait for' },
    {
      name: 'max',
      type: limitOf(MAX_STRING),
      about: `Bytes to receive at most; ${MAX_UNTIL} where it is left out`,
      optional: true,
    },
    timeout,
  ],
  gives: {
    type: 'string or null',
    about: 'The data that ends with the text, null at the timeout; then nothing is taken',
  },
  errors: {
    EEOF: 'the connection ended before; data has what came',
    EOVERFLOW: 'the text did not come within the bytes allowed',
    ECONNRESET: 'the peer reset the connection',
    ECLOSED: 'the socket is closed',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
socket_send(client, "key: value; rest")
log(socket_receive_until(peer, ";"))  // expect: key: value;
log(socket_receive(peer, 100))        // expect:  rest`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
socket_receive_until(server, "")  // expect error: text must be a string that is not empty`,
  waits: true,
  run(handle, text, max, limit): Steps<string | null> {
    const builtin = 'socket_receive_until';
    const read = new ReceiveUntil({ builtin, handle, max: max ?? MAX_UNTIL }, text);
    return connectionOf(builtin, handle).read(builtin, read, toMs(limit));
  },
});

export const socketReceiveAll = defineBuiltin({
  name: 'socket_receive_all',
  group: 'socket',
  summary: 'Receives everything until the peer closes',
  details:
    'A reset is an error. Over TLS an end that somebody on the way has forged looks like any other, as for socket_receive.',
  params: [
    { name: 'socket', type: socket, about: 'A connection' },
    {
      name: 'max',
      type: limitOf(MAX_STRING),
      about: `Bytes to receive at most; ${MAX_ALL} where it is left out`,
      optional: true,
    },
    timeout,
  ],
  gives: { type: 'string or null', about: 'All of it, null at the timeout; then nothing is taken' },
  errors: {
    EOVERFLOW: 'it is longer than allowed',
    ECONNRESET: 'the peer reset the connection',
    ECLOSED: 'the socket is closed',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
socket_send(client, "one ")
socket_send(client, "two")
socket_close(client)
log(socket_receive_all(socket_accept(server)))  // expect: one two`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
socket_send(client, "one two")
socket_receive_all(socket_accept(server), 3)  // expect error: is longer than the 3 bytes allowed (EOVERFLOW)`,
  waits: true,
  run(handle, max, limit): Steps<string | null> {
    const builtin = 'socket_receive_all';
    return connectionOf(builtin, handle).read(
      builtin,
      new ReceiveAll({ builtin, handle, max: max ?? MAX_ALL }),
      toMs(limit),
    );
  },
});
