/** Opening and closing sockets: listen, accept, create, close. */
import { Connection } from '../../../host/net/connection';
import { bindDatagram, connectDatagram, DatagramSocket } from '../../../host/net/datagram';
import { dial } from '../../../host/net/dial';
import { find, wasClosed } from '../../../host/net/handles';
import { openListener } from '../../../host/net/listener';
import { plainAddress, showAddress } from '../../../host/net/address';
import { askPermission } from '../../../host/permissions';
import { ClientSetup, ServerSetup } from '../../../host/net/tls';
import { readyNull } from '../../../runtime/park';
import type { Steps } from '../../../runtime/task';
import { defineBuiltin } from '../../define-builtin';
import { boolean, option, options, port, seconds, string, whole } from '../../types';
import {
  address,
  clientTls,
  CONNECT_SECONDS,
  listenerOf,
  protocol,
  refuseOptions,
  serverTls,
  socket,
  targetOf,
  timeout,
  TLS_ONLY,
  toMs,
} from './parameters';
import type { Protocol } from './parameters';

/** As servers of other kinds take it; the system may have a lower limit. */
const BACKLOG = 511;
const MAX_PENDING = 4096;

const listenOptions = options({
  backlog: option(whole(1, 65535), 'TCP, TLS, UNIX: connections that the system may complete ahead', BACKLOG),
  max_pending: option(
    whole(1, 65535),
    'TCP, TLS, UNIX: connections that may wait to be accepted; further ones are reset',
    MAX_PENDING,
  ),
  ipv6_only: option(boolean, 'TCP, TLS, UDP: true on "::" takes no IPv4', false),
  reuse: option(boolean, 'UDP: true lets other sockets bind the same port', false),
  handshake_timeout: option(seconds, 'TLS: seconds for the handshake of a client, 0 for no limit', CONNECT_SECONDS),
  ...serverTls,
});

const LISTEN_FITS: Readonly<Record<string, readonly Protocol[]>> = {
  ...TLS_ONLY,
  backlog: ['TCP', 'TLS', 'UNIX'],
  max_pending: ['TCP', 'TLS', 'UNIX'],
  ipv6_only: ['TCP', 'TLS', 'UDP'],
  handshake_timeout: ['TLS'],
  reuse: ['UDP'],
};

export const socketListen = defineBuiltin({
  name: 'socket_listen',
  group: 'socket',
  summary: 'Opens a server: TCP, TLS and UNIX listen for connections, UDP takes datagrams',
  details:
    'Port 0 takes any free port; socket_info tells which. A name stands for the first of its addresses. "0.0.0.0" is every IPv4 address of the machine, "::" every address of both kinds, "127.0.0.1" this machine alone. For UNIX the host is the path of the socket file and the port does not matter; a file left over by a program that was killed is replaced, and the file is removed at the close. For TLS the options cert and key are needed. Connections that nobody accepts yet wait in order of arrival, max_pending of them.',
  params: [
    { name: 'protocol', type: protocol, about: '"TCP", "UDP", "TLS" or "UNIX"' },
    { name: 'host', type: string, about: 'The address to listen on; the path for UNIX' },
    { name: 'port', type: port, about: 'The port, 0 for any free one; not needed for UNIX', optional: true },
    { name: 'options', type: listenOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'socket', about: 'The server' },
  errors: {
    EADDRINUSE: 'somebody listens there already',
    EACCES: 'the port or path needs rights that the program does not have',
    EADDRNOTAVAIL: 'the machine does not have that address',
    ECERT: 'the certificate or key cannot be used',
    EOPTION: 'an option that there is not, or not for this protocol',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
log(socket_info(server)["state"])  // expect: listening
socket_close(server)`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
socket_listen("TCP", "127.0.0.1", socket_info(server)["local_port"])  // expect error: the port is in use`,
  waits: true,
  *run(kind, where, at, given): Steps<string> {
    const name = 'socket_listen';
    const target = targetOf(name, kind, where, at, false);
    refuseOptions(name, kind, given, LISTEN_FITS, listenOptions.options);
    if (kind === 'UDP') {
      return (yield* bindDatagram(name, target, { reuse: given.reuse, ipv6Only: given.ipv6_only })).handle;
    }
    const listener = yield* openListener(name, kind === 'TCP' ? 'tcp' : kind === 'TLS' ? 'tls' : 'unix', target, {
      backlog: given.backlog,
      maxPending: given.max_pending,
      ipv6Only: given.ipv6_only,
      handshakeMs: given.handshake_timeout * 1000,
      tls: kind === 'TLS' ? new ServerSetup(name, given) : null,
    });
    return listener.handle;
  },
});

export const socketAccept = defineBuiltin({
  name: 'socket_accept',
  group: 'socket',
  summary: 'Waits for the next connection to a server, in order of arrival',
  details: 'Several tasks may accept on one server: each connection goes to the one that has waited longest.',
  params: [{ name: 'server', type: socket, about: 'What socket_listen gave' }, timeout],
  gives: { type: 'socket or null', about: 'The connection, null at the timeout' },
  errors: { ECLOSED: 'the server is closed, also while this waits', EINVAL: 'the socket is no server' },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
log(socket_info(peer)["remote_port"] == socket_info(client)["local_port"])  // expect: true
log(socket_accept(server, 0.01))  // expect: null`,
  failing: `socket_accept("nothing")  // expect error: socket_accept: the string "nothing" is no socket (EBADF)`,
  waits: true,
  *run(server, limit): Steps<string | null> {
    const connection = yield* listenerOf('socket_accept', server).accept('socket_accept', toMs(limit));
    return connection === null ? null : connection.handle;
  },
});

const createOptions = options({
  timeout: option(seconds, 'Seconds for the whole: lookup, connection and TLS handshake', CONNECT_SECONDS),
  local_host: option(address, 'TCP, TLS: the own address to connect from'),
  local_port: option(port, 'TCP, TLS: the own port to connect from'),
  ...clientTls,
});

export const socketCreate = defineBuiltin({
  name: 'socket_create',
  group: 'socket',
  summary: 'Connects to a host and port',
  details:
    'A name with several addresses is tried the Happy Eyeballs way (RFC 8305): IPv6 and IPv4 in turn, the first that answers wins. Small messages go out at once (TCP_NODELAY); socket_set changes that. For UNIX the host is the path of the socket file. A UDP socket is bound to its peer: it receives from nobody else, and learns when nobody listens there. TLS is version 1.2 or later and the certificate of the peer is verified: against the authorities in the file that SSL_CERT_FILE names, or else those of the system.',
  params: [
    { name: 'protocol', type: protocol, about: '"TCP", "UDP", "TLS" or "UNIX"' },
    { name: 'host', type: string, about: 'Name or address; the path for UNIX' },
    { name: 'port', type: port, about: 'The port, 1 to 65535; not needed for UNIX', optional: true },
    { name: 'options', type: createOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'socket', about: 'The connection' },
  errors: {
    ECONNREFUSED: 'nothing listens there',
    ETIMEDOUT: 'no answer in time',
    ENOTFOUND: 'there is no such name',
    EHOSTUNREACH: 'there is no way to the host',
    ECERT:
      'TLS: the certificate cannot be trusted; reason is "expired", "wrong host", "self-signed", "unknown issuer"...',
    EPROTO: 'TLS: the peer does not speak it, or has nothing in common',
    EMFILE: 'too many files and sockets are open',
    EOPTION: 'an option that there is not, or not for this protocol',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
log(socket_send(client, "hello"))  // expect: 5
socket_close(client)`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
let port = socket_info(server)["local_port"]
socket_close(server)
socket_create("TCP", "127.0.0.1", port)  // expect error: refused: nothing is listening there (ECONNREFUSED)`,
  waits: true,
  *run(kind, where, at, given): Steps<string> {
    const name = 'socket_create';
    const target = targetOf(name, kind, where, at, true);
    refuseOptions(name, kind, given, { ...TLS_ONLY, local_host: ['TCP', 'TLS'], local_port: ['TCP', 'TLS'] });
    if (kind === 'UDP') return (yield* connectDatagram(name, target, given.timeout)).handle;
    const tls = kind === 'TLS' ? new ClientSetup(name, given) : null;
    askPermission(name, 'connect', showAddress(target));
    const deadline = performance.now() + given.timeout * 1000;
    const attempt = { builtin: name, doing: 'connect', target, seconds: given.timeout } as const;
    const raw = yield* dial(attempt, { localHost: given.local_host, localPort: given.local_port }, deadline);
    const isPath = kind === 'UNIX';
    const remote = isPath ? target : plainAddress(raw.remoteAddress, raw.remotePort);
    const local = isPath ? { host: '', port: null } : plainAddress(raw.localAddress, raw.localPort);
    const stream = tls === null ? raw : yield* tls.secure({ ...attempt, doing: 'secure' }, raw, deadline);
    return new Connection(stream, isPath ? 'unix' : kind === 'TLS' ? 'tls' : 'tcp', local, remote, false).handle;
  },
});

export const socketClose = defineBuiltin({
  name: 'socket_close',
  group: 'socket',
  summary: 'Closes a socket or a server',
  details:
    'A connection first sends what is left, then its end. A peer that does not read is waited for 5 seconds, then the connection is reset. Tasks that wait on the socket fail with ECLOSED. Closing a server leaves its accepted connections open; those that still wait to be accepted are refused. Closing twice is no error. Sockets that are open when the program ends are closed in the same way; exit(code) waits for nobody, and resets the connections that have not sent all.',
  params: [{ name: 'socket', type: socket, about: 'The socket or server' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EBADF: 'it never was a socket' },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
socket_close(server)
log(socket_close(server))  // expect: null`,
  failing: `socket_close("door")  // expect error: socket_close: the string "door" is no socket (EBADF)`,
  waits: true,
  run(handle): Steps<null> {
    if (wasClosed(handle)) return readyNull();
    const found = find('socket_close', handle);
    if (found instanceof Connection) return found.close();
    if (found instanceof DatagramSocket) found.close();
    else listenerOf('socket_close', handle).close();
    return readyNull();
  },
});
