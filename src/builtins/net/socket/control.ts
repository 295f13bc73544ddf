/** What is known of a socket, its settings, half-close and the change to TLS. */
import { Connection, tlsSocketOf } from '../../../host/net/connection';
import { DatagramSocket } from '../../../host/net/datagram';
import { familyOf } from '../../../host/net/address';
import { applySettings } from '../../../host/net/settings';
import { ClientSetup, ServerSetup, tlsInfo } from '../../../host/net/tls';
import { fault } from '../../../runtime/errors';
import { MapValue } from '../../../runtime/values';
import type { Steps } from '../../../runtime/task';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { boolean, either, oneOf, option, options, seconds, whole } from '../../types';
import type { Type } from '../../types';
import { address, anyOf, clientTls, CONNECT_SECONDS, connectionOf, serverTls, socket } from './parameters';

export const socketInfo = defineBuiltin({
  name: 'socket_info',
  group: 'socket',
  summary: 'Tells what is known of a socket',
  details:
    'The state of a connection is "open", "ended" (the peer sends no more), "shut" (this side sends no more) or "failed"; of a server "listening"; of a UDP socket "bound" or "connected". tls is null without TLS, else {version, cipher, alpn, servername, verified, certificate}. A server and a UDP socket also have dropped, the number of connections or datagrams that were not taken since too many waited; a server has pending and accepted.',
  params: [{ name: 'socket', type: socket, about: 'Any open socket' }],
  gives: {
    type: 'map',
    about:
      '{protocol, state, local_host, local_port, remote_host, remote_port, bytes_in, bytes_out, tls}; null for what it does not have',
  },
  errors: { ECLOSED: 'the socket is closed' },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let info = socket_info(server)
log(info["protocol"], info["state"], info["local_host"], info["remote_host"])  // expect: TCP listening 127.0.0.1 null`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
socket_close(server)
socket_info(server)  // expect error: is closed (ECLOSED)`,
  run(handle): Value {
    const found = anyOf('socket_info', handle);
    const moves = !(found instanceof Connection || found instanceof DatagramSocket);
    const fields: Record<string, Value> = {
      protocol: found.protocol.toUpperCase(),
      state:
        found instanceof Connection ? found.state : moves ? 'listening' : found.remote === null ? 'bound' : 'connected',
      local_host: found.local.host,
      local_port: found.local.port,
      remote_host: found.remote?.host ?? null,
      remote_port: found.remote?.port ?? null,
      bytes_in: moves ? 0 : found.bytesIn,
      bytes_out: moves ? 0 : found.bytesOut,
      tls: found instanceof Connection ? tlsOf(found) : null,
    };
    if (!(found instanceof Connection)) fields.dropped = found.dropped;
    if (moves) Object.assign(fields, { pending: found.pendingCount, accepted: found.accepted });
    return MapValue.from(fields);
  },
});

function tlsOf(connection: Connection): MapValue | null {
  const secured = tlsSocketOf(connection);
  if (secured === null) return null;
  const { certificate, ...info } = tlsInfo(secured);
  return MapValue.from({ ...info, certificate: certificate === null ? null : MapValue.from({ ...certificate }) });
}

const MULTICAST: Type<string> = {
  name: 'string',
  takes: 'a multicast address: 224.0.0.0 to 239.255.255.255, or an IPv6 one that begins with ff',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => familyOf(value as string) > 0 && /^(22[4-9]|23\d)\.|^ff[0-9a-f]{2}:/i.test(value as string),
};

const settings = options({
  nodelay: option(
    boolean,
    'TCP, TLS: true (so from the start) sends small messages at once, false gathers them (Nagle)',
  ),
  keepalive: option(
    either(boolean, whole(1, 32767)),
    'TCP, TLS: true asks a silent peer now and then whether it is still there; a number does after so many seconds',
  ),
  timeout: option(seconds, 'Seconds for receives and accepts that name no timeout; 0 for none'),
  broadcast: option(boolean, 'UDP: true allows to send to broadcast addresses'),
  multicast_interface: option(
    address,
    'UDP: an own address of the interface for groups, both to join them and to send to them; for IPv6 with its name, "::%eth0". Without it the system chooses',
  ),
  multicast_join: option(
    MULTICAST,
    'UDP: the group to receive from; for IPv6 its interface may stand behind it, "ff02::fb%eth0"',
  ),
  multicast_leave: option(MULTICAST, 'UDP: the group to receive from no more'),
  ttl: option(whole(1, 255), 'UDP: routers that a datagram may pass'),
  reuse: option(boolean, 'An option of socket_listen: it cannot be changed later'),
});

export const socketSet = defineBuiltin({
  name: 'socket_set',
  group: 'socket',
  summary: 'Changes settings of an open socket',
  params: [
    { name: 'socket', type: socket, about: 'Any open socket' },
    { name: 'options', type: settings, about: 'See below' },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: {
    EOPTION: 'this kind of socket does not have the option',
    EADDRINUSE: 'multicast_join: the socket is in the group already',
    ENODEV: 'multicast_join: no route of the machine leads to the group, and no interface is named',
    EAFNOSUPPORT: 'an IPv6 group, and a socket of IPv4',
    ECLOSED: 'the socket is closed',
  },
  permission: 'net',
  example: `let server = socket_listen("UDP", "127.0.0.1", 0)
socket_set(server, {"timeout": 0.01, "ttl": 4})
log(socket_receive(server, 100))  // expect: null`,
  failing: `let server = socket_listen("UDP", "127.0.0.1", 0)
socket_set(server, {"nodelay": true})  // expect error: option "nodelay" is for TCP and TLS connections`,
  run(handle, given): Value {
    applySettings('socket_set', anyOf('socket_set', handle), given);
    return null;
  },
});

export const socketShutdown = defineBuiltin({
  name: 'socket_shutdown',
  group: 'socket',
  summary: 'Ends sending on a connection: the peer sees the end, receiving goes on',
  details: 'What was sent before still goes out first. A second time changes nothing.',
  params: [{ name: 'socket', type: socket, about: 'A connection' }],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EINVAL: 'the socket is no connection', ECLOSED: 'the socket is closed' },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
socket_send(client, "question")
socket_shutdown(client)
log(socket_receive_all(peer))  // expect: question
socket_send(peer, "answer")
log(socket_receive(client, 100))  // expect: answer`,
  failing: `let server = socket_listen("UDP", "127.0.0.1", 0)
socket_shutdown(server)  // expect error: is a datagram socket, not a connection (EINVAL)`,
  run(handle): Value {
    connectionOf('socket_shutdown', handle).shutdown();
    return null;
  },
});

/** Options for the other side of the handshake would do nothing. */
function refuseOptionsOf(role: 'client' | 'server', given: Readonly<Record<string, unknown>>): void {
  const alone = role === 'client' ? ['insecure', 'servername'] : ['request_cert'];
  const name = alone.find((each) => given[each] != null && given[each] !== false);
  if (name === undefined) return;
  throw fault('EOPTION', `socket_start_tls: option "${name}" is for the ${role} of the handshake alone (EOPTION)`, {
    function: 'socket_start_tls',
    hint: 'an accepted connection is the server, any other the client; option "role" says otherwise',
  });
}

const startOptions = options({
  role: option(
    oneOf('client', 'server'),
    'Which side of the handshake; "server" for an accepted connection, else "client"',
  ),
  timeout: option(seconds, 'Seconds for the handshake', CONNECT_SECONDS),
  ...clientTls,
  ...serverTls,
});

export const socketStartTls = defineBuiltin({
  name: 'socket_start_tls',
  group: 'socket',
  summary: 'Changes an open TCP connection to TLS, as STARTTLS does in mail protocols',
  details:
    'The client verifies the certificate as in socket_create, against the host that was connected to or the option servername; the server needs cert and key. Data that a client received before the handshake and has not read is refused: it was not protected, and could be taken for what comes after.',
  params: [
    { name: 'socket', type: socket, about: 'A TCP or UNIX connection' },
    { name: 'options', type: startOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'socket', about: 'The same socket' },
  errors: {
    ECERT: 'the certificate cannot be trusted, or cannot be used',
    EPROTO: 'the peer does not speak TLS, or unread data stands before the handshake',
    ETIMEDOUT: 'the handshake took too long',
    EISCONN: 'it is TLS already',
  },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
let peer = socket_accept(server)
socket_send(peer, "this is not TLS")
socket_receive_exact(client, 4)
try {
  socket_start_tls(client)
} catch (e) {
  log(e.code)  // expect: EPROTO
}`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
socket_start_tls(server)  // expect error: is a server, not a connection (EINVAL)`,
  waits: true,
  *run(handle, given): Steps<string> {
    const name = 'socket_start_tls';
    const connection = connectionOf(name, handle);
    if (connection.protocol === 'tls') {
      throw fault('EISCONN', `${name}: ${handle} is TLS already (EISCONN)`, { function: name });
    }
    const role = given.role ?? (connection.accepted ? 'server' : 'client');
    const isServer = role === 'server';
    refuseOptionsOf(isServer ? 'client' : 'server', given);
    const setup = isServer ? new ServerSetup(name, given) : new ClientSetup(name, given);
    yield* connection.startTls(name, setup, isServer, given.timeout);
    return handle;
  },
});
