/** The C library: sockets of the loopback through it, their errors, batches, and the event loop's news. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as c from '../../src/host/native/constants';
import { addressOf, errorName, libc, memoryAt, watch } from '../../src/host/native/libc';
import type { Libc } from '../../src/host/native/libc';
import { ADDRESS_BYTES, epollData, epollEvents, EPOLL_EVENT_BYTES, filterProgram, int32, MessageBatch, messageHeader, readInt32, readSocketAddress, socketAddress, writeEpollEvent } from '../../src/host/native/structures'; // prettier-ignore

const linux = process.platform === 'linux' ? false : 'the C library is used on Linux alone';
const { ECONNREFUSED, EAGAIN } = c;

function lib(): Libc {
  return libc('test', 'this');
}

function bound(host = '127.0.0.1'): { fd: number; port: number } {
  const { socket, bind, getsockname } = lib();
  const fd = socket(host.includes(':') ? c.AF_INET6 : c.AF_INET, c.SOCK_DGRAM | c.SOCK_NONBLOCK, 0);
  const address = socketAddress(host, 0);
  assert.equal(bind(fd, address, address.length), 0);
  const name = new Uint8Array(ADDRESS_BYTES);
  assert.equal(getsockname(fd, name, int32(name.length)), 0);
  const { port, host: shown } = readSocketAddress(name)!;
  assert.equal(shown, host);
  return { fd, port };
}

test('datagrams of IPv4 and IPv6, with the peer named', { skip: linux }, () => {
  const { sendto, recvfrom, close } = lib();
  for (const host of ['127.0.0.1', '::1']) {
    const a = bound(host);
    const b = bound(host);
    const to = socketAddress(host, b.port);
    assert.equal(sendto(a.fd, Buffer.from('hello'), 5, 0, to, to.length), 5);
    const data = new Uint8Array(100);
    const from = new Uint8Array(ADDRESS_BYTES);
    assert.equal(recvfrom(b.fd, data, data.length, 0, from, int32(from.length)), 5);
    assert.equal(Buffer.from(data.subarray(0, 5)).toString(), 'hello');
    assert.deepEqual(readSocketAddress(from), { host, port: a.port });
    assert.equal(recvfrom(b.fd, data, data.length, 0, null, null), -EAGAIN);
    close(a.fd);
    close(b.fd);
  }
});

test('a refused connection by its error, and its name', { skip: linux }, () => {
  const { socket, connect, close } = lib();
  const { fd, port } = bound();
  close(fd);
  const stream = socket(c.AF_INET, c.SOCK_STREAM, 0);
  const address = socketAddress('127.0.0.1', port);
  assert.equal(connect(stream, address, address.length), -ECONNREFUSED);
  assert.equal(errorName(-ECONNREFUSED), 'ECONNREFUSED');
  assert.equal(errorName(EAGAIN), 'EAGAIN');
  close(stream);
});

test('epoll gives the number that was noted with a descriptor', { skip: linux }, () => {
  const { epollCreate, epollCtl, epollWait, sendto, close } = lib();
  const { fd, port } = bound();
  const epoll = epollCreate(c.EPOLL_CLOEXEC);
  const event = new Uint8Array(EPOLL_EVENT_BYTES);
  writeEpollEvent(event, c.EPOLLIN, 0xfedcba98);
  assert.equal(epollCtl(epoll, c.EPOLL_CTL_ADD, fd, event), 0);
  const events = new Uint8Array(4 * EPOLL_EVENT_BYTES);
  assert.equal(epollWait(epoll, events, 4, 0), 0);
  const to = socketAddress('127.0.0.1', port);
  sendto(fd, Buffer.from('x'), 1, 0, to, to.length);
  assert.equal(epollWait(epoll, events, 4, 100), 1);
  assert.equal(epollEvents(events, 0), c.EPOLLIN);
  assert.equal(epollData(events, 0), 0xfedcba98);
  close(epoll);
  close(fd);
});

test('several messages with one call', { skip: linux }, () => {
  const { sendmmsg, recvmmsg, close } = lib();
  const a = bound();
  const b = bound();
  const out = new MessageBatch(5, 64, 16);
  for (let i = 0; i < 5; i++) {
    out.data(i).set(Buffer.from(`message ${i}`));
    out.setLength(i, 9);
    out.name(i).set(socketAddress('127.0.0.1', b.port));
  }
  assert.equal(sendmmsg(a.fd, out.headers, 5, 0), 5);
  const batch = new MessageBatch(8, 64, 16);
  assert.equal(recvmmsg(b.fd, batch.headers, 8, 0, null), 5);
  for (let i = 0; i < 5; i++) {
    assert.equal(Buffer.from(batch.data(i).subarray(0, batch.length(i))).toString(), `message ${i}`);
    assert.deepEqual(readSocketAddress(batch.name(i)), { host: '127.0.0.1', port: a.port });
  }
  close(a.fd);
  close(b.fd);
});

test('recvmsg gives the error that an ICMP message brought', { skip: linux }, () => {
  const { setsockopt, connect, send, recvmsg, close } = lib();
  const gone = bound();
  lib().close(gone.fd);
  const { fd } = bound();
  assert.equal(setsockopt(fd, c.IPPROTO_IP, c.IP_RECVERR, int32(1), 4), 0);
  const address = socketAddress('127.0.0.1', gone.port);
  assert.equal(connect(fd, address, address.length), 0);
  assert.equal(send(fd, Buffer.from('x'), 1, 0), 1);
  const message = messageHeader(100, 256);
  assert.equal(recvmsg(fd, message.header, c.MSG_ERRQUEUE), 1);
  close(fd);
});

test('a filter lets through what it says', { skip: linux }, () => {
  const { setsockopt, sendto, recv, close } = lib();
  const { fd, port } = bound();
  // Takes datagrams whose first byte is "y"; the UDP header is 8 bytes.
  const { program, code } = filterProgram([[0x30, 0, 0, 8], [0x15, 0, 1, 0x79], [0x06, 0, 0, 0xffff], [0x06, 0, 0, 0]]); // prettier-ignore
  assert.equal(setsockopt(fd, c.SOL_SOCKET, c.SO_ATTACH_FILTER, program, program.length), 0);
  assert.equal(code.length, 32);
  const to = socketAddress('127.0.0.1', port);
  for (const text of ['no', 'yes']) sendto(fd, Buffer.from(text), text.length, 0, to, to.length);
  const data = new Uint8Array(10);
  assert.equal(recv(fd, data, 10, 0), 3);
  assert.equal(recv(fd, data, 10, 0), -EAGAIN);
  close(fd);
});

test('the event loop tells when a descriptor can be read, until it is stopped', { skip: linux }, async () => {
  const { sendto, recv, close } = lib();
  const { fd, port } = bound();
  const to = socketAddress('127.0.0.1', port);
  const data = new Uint8Array(10);
  let calls = 0;
  await new Promise<void>((resolve) => {
    const watching = watch(fd, () => {
      calls++;
      assert.equal(recv(fd, data, 10, 0), 1);
      watching.stop();
      watching.stop();
      resolve();
    });
    sendto(fd, Buffer.from('x'), 1, 0, to, to.length);
  });
  sendto(fd, Buffer.from('x'), 1, 0, to, to.length);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(calls, 1);
  close(fd);
});

test('mapped memory, interfaces, sizes', { skip: linux }, () => {
  const { mmap, munmap, interfaceIndex } = lib();
  const PRIVATE_ANONYMOUS = 0x22;
  const at = mmap(4096, 3, PRIVATE_ANONYMOUS, -1, 0);
  assert.ok(at > 0);
  const memory = memoryAt(at, 4096);
  memory[0] = 7;
  assert.equal(addressOf(memory), BigInt(at));
  assert.equal(munmap(at, 4096), 0);
  assert.ok(mmap(4096, 3, 0, -1, 0) < 0);
  assert.equal(interfaceIndex('lo'), 1);
  assert.equal(interfaceIndex('no such interface'), 0);
  assert.equal(readInt32(int32(-5)), -5);
});
