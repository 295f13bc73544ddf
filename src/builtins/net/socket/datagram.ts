/** Datagrams with the peer named. */
import { parseHost } from '../../../host/net/address';
import { MapValue } from '../../../runtime/values';
import type { Steps } from '../../../runtime/task';
import { defineBuiltin } from '../../define-builtin';
import { data, whole } from '../../types';
import { datagramOf, host, socket, timeout, toMs } from './parameters';

export const socketReceiveFrom = defineBuiltin({
  name: 'socket_receive_from',
  group: 'socket',
  summary: 'Receives a datagram and tells who sent it',
  params: [
    { name: 'socket', type: socket, about: 'A UDP socket' },
    { name: 'size', type: whole(1), about: 'Bytes to give at most; the rest of the datagram is dropped' },
    timeout,
  ],
  gives: { type: 'map or null', about: '{data, host, port}, null at the timeout' },
  errors: {
    ECLOSED: 'the socket is closed, also while this waits',
    EINVAL: 'the socket is not UDP',
    ECONNREFUSED: 'nobody listens at the peer',
  },
  permission: 'net',
  example: `let server = socket_listen("UDP", "127.0.0.1", 0)
let client = socket_create("UDP", "127.0.0.1", socket_info(server)["local_port"])
socket_send(client, "ping")
let message = socket_receive_from(server, 1500)
log(message["data"], message["host"])  // expect: ping 127.0.0.1`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
socket_receive_from(server, 1500)  // expect error: is a server, not a UDP socket (EINVAL)`,
  waits: true,
  *run(handle, size, limit): Steps<MapValue | null> {
    const name = 'socket_receive_from';
    const found = yield* datagramOf(name, handle).receive(name, size, toMs(limit));
    return found === null ? null : MapValue.from({ data: found.data, host: found.host, port: found.port });
  },
});

export const socketSendTo = defineBuiltin({
  name: 'socket_send_to',
  group: 'socket',
  summary: 'Sends a datagram to a host and port',
  params: [
    { name: 'socket', type: socket, about: 'A UDP socket that socket_listen gave' },
    { name: 'data', type: data, about: 'A string, or an array of byte values: at most 65507 bytes' },
    { name: 'host', type: host, about: 'Name or address of the receiver' },
    { name: 'port', type: whole(1, 65535), about: 'Its port' },
  ],
  gives: { type: 'number', about: 'The number of bytes sent' },
  errors: {
    EMSGSIZE: 'more than a datagram can hold',
    EACCES: 'a broadcast address, and socket_set has not allowed broadcasts',
    ENOTFOUND: 'there is no such name',
    EISCONN: 'the socket is for one peer alone',
    EAFNOSUPPORT: 'an IPv6 address on an IPv4 socket',
  },
  permission: 'net',
  example: `let a = socket_listen("UDP", "127.0.0.1", 0)
let b = socket_listen("UDP", "127.0.0.1", 0)
log(socket_send_to(a, "hello", "127.0.0.1", socket_info(b)["local_port"]))  // expect: 5
log(socket_receive(b, 1500))                                                // expect: hello`,
  failing: `let a = socket_listen("UDP", "127.0.0.1", 0)
socket_send_to(a, "hello", "no host", 9)  // expect error: host must be a host name, an IPv4 or an IPv6 address, got the string "no host"`,
  waits: true,
  run(handle, bytes, where, at): Steps<number> {
    const name = 'socket_send_to';
    return datagramOf(name, handle).sendTo(name, bytes, { host: parseHost(where)!, port: at });
  },
});
