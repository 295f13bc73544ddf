/** What settings of sockets change in the system, asked of the system itself. */
import assert from 'node:assert/strict';
import type * as net from 'node:net';
import { after, test } from 'node:test';
import { libc } from '../../src/host/native/libc';
import { peek } from '../../src/host/net/handles';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';
import { close, connected, eventually, info, listening, nothingLeft } from '../support/network';
import { missing, startService } from '../support/programs';
import { builtin, options, run, until } from '../support/run-tasks';

after(nothingLeft);

const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const TCP_KEEPIDLE = 4;
const TCP_INFO = 11;
/** Of a listener's `struct tcp_info`: `tcpi_sacked` is the longest queue that it may have. */
const BACKLOG_AT = 28;

/** A 32-bit number of an option of the socket behind a handle, `at` this byte of it. */
function optionOf(handle: Value, level: number, name: number, at = 0): number {
  const resource = peek(handle as string) as unknown as { readonly socket?: net.Socket; readonly server?: net.Server };
  const { fd } = ((resource.socket ?? resource.server) as unknown as { readonly _handle: { readonly fd: number } })
    ._handle;
  const value = Buffer.alloc(256);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  assert.equal(libc('test', 'reading options').getsockopt(fd, level, name, value, length), 0);
  return value.readUInt32LE(at);
}

const onLinux = { skip: process.platform === 'linux' ? false : 'asks Linux' };

test('TCP: small messages go out at once, and silent peers are asked, as it is set', onLinux, () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const set = (settings: Record<string, Value>): Steps<Value> => builtin('socket_set', client, options(settings));
    for (const socket of [client, peer]) assert.equal(optionOf(socket, IPPROTO_TCP, TCP_NODELAY), 1);
    yield* set({ nodelay: false });
    assert.equal(optionOf(client, IPPROTO_TCP, TCP_NODELAY), 0);
    yield* set({ nodelay: true });
    assert.equal(optionOf(client, IPPROTO_TCP, TCP_NODELAY), 1);
    assert.equal(optionOf(client, SOL_SOCKET, SO_KEEPALIVE), 0);
    yield* set({ keepalive: 33 });
    assert.deepEqual(
      [optionOf(client, SOL_SOCKET, SO_KEEPALIVE), optionOf(client, IPPROTO_TCP, TCP_KEEPIDLE)],
      [1, 33],
    );
    yield* set({ keepalive: false });
    assert.equal(optionOf(client, SOL_SOCKET, SO_KEEPALIVE), 0);
    yield* close(client, peer, server);
  }),
);

test('servers: the system may complete 511 connections ahead, or as many as are named', onLinux, () =>
  run(function* () {
    const usual = yield* listening();
    const few = yield* listening('TCP', '127.0.0.1', options({ backlog: 7 }));
    assert.equal(optionOf(usual.server, IPPROTO_TCP, TCP_INFO, BACKLOG_AT), 511);
    assert.equal(optionOf(few.server, IPPROTO_TCP, TCP_INFO, BACKLOG_AT), 7);
    yield* close(usual.server, few.server);
  }),
);

test('UDP: datagrams pass as many routers as it is set', { skip: missing('python3') || onLinux.skip }, () =>
  run(function* () {
    // 12 is IP_RECVTTL, which Python has no name for.
    const service = yield* until(
      startService(
        'python3',
        [
          '-uc',
          `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(0, 12, 1)
s.bind(("127.0.0.1", 0))
print("port", s.getsockname()[1])
while True: print("hops", s.recvmsg(100, 100)[1][0][2][0])`,
        ],
        (output) => /port \d+\n/.test(output),
      ),
    );
    const port = Number(/port (\d+)/.exec(service.output())![1]);
    const { server } = yield* listening('UDP');
    yield* builtin('socket_set', server, options({ ttl: 7 }));
    yield* builtin('socket_send_to', server, 'x', '127.0.0.1', port);
    yield* until(eventually(() => service.output().includes('hops 7\n'), 'a datagram of 7 hops'));
    assert.equal(yield* info(server, 'bytes_out'), 1);
    yield* close(server);
    yield* until(service.stop());
  }),
);
