/** Time limits that are longer than a timer of Node may be, or none at all: they hold nothing up and end nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentra } from '../support/command';

/** Runs a body for a limit of 300 years, of none, and of a fraction of a millisecond beside others. */
function forEachLimit(body: string): void {
  const { stdout, stderr, status } = sentra(['-e', `for limit in [1e10, 1 / 0, 30.00005] {\n${body}\n}`]);
  assert.deepEqual([stdout, stderr, status], ['good\n'.repeat(3), '', 0]);
}

test('of sockets', () =>
  forEachLimit(`
    let own = certificate_create(["localhost"])
    let server = socket_listen("TLS", "127.0.0.1", 0, {cert: own.cert, key: own.key, handshake_timeout: limit})
    let client = socket_create("TLS", "localhost", socket_info(server).local_port, {ca: own.cert, timeout: limit})
    let peer = socket_accept(server, limit)
    socket_set(peer, {timeout: limit})
    let receiving = spawn socket_receive(peer, 10)
    sleep(30)
    socket_send(client, "good")
    log(wait(receiving, limit))
    let plain = socket_listen("UDP", "127.0.0.1", 0)
    let datagrams = socket_create("UDP", "localhost", socket_info(plain).local_port, {timeout: limit})
    let waiting = spawn socket_receive(plain, 10, limit)
    sleep(30)
    socket_send(datagrams, "x")
    wait(waiting)
    for socket in [client, peer, server, plain, datagrams] { socket_close(socket) }`));

test('of HTTP servers and clients', () =>
  forEachLimit(`
    let server = http_server_create("127.0.0.1", 0, {header_timeout: limit, request_timeout: limit, idle_timeout: limit})
    http_server_route(server, "GET", "/", fn(req) { sleep(30); return "good" })
    http_server_start(server)
    log(http_get(server.url, {}, {timeout: limit, connect_timeout: limit}).body)
    http_server_stop(server, 1)`));

test('of WebSockets', () =>
  forEachLimit(`
    let server = ws_listen("127.0.0.1", 0, {heartbeat: limit, handshake_timeout: limit})
    let conn = ws_connect(server.url, {timeout: limit})
    let client = ws_server_accept(server, limit)
    let before = ws_state(conn).bytes_in
    sleep(50)
    ws_send(conn, "good")
    log(ws_server_receive_from(server, client.id, limit))
    assert(ws_state(conn).bytes_in == before, "a heartbeat of a millisecond")
    ws_close(conn)
    ws_server_stop(server)`));
