/** What `port_scan` says of services, by what they say: scripted ones on ports of no meaning. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { after, test } from 'node:test';
import { identify, isTlsRecord, printable } from '../../src/wire/services/identify';
import type { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import type { Steps } from '../../src/runtime/task';
import { nothingLeft } from '../support/network';
import { builtin, run, until } from '../support/run-tasks';

const servers: Server[] = [];
const sockets: Socket[] = [];

after(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  await nothingLeft();
});

const linux = process.platform === 'linux' ? false : 'port scans work on Linux alone';

/** A server that says this at once, and to what it is told that. */
async function scripted(
  greeting: string | null,
  answer: (said: string) => string | null = () => null,
): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    if (greeting !== null) socket.write(greeting, 'latin1');
    socket.on('data', (bytes) => {
      const said = answer(bytes.toString('latin1'));
      if (said !== null) socket.write(said, 'latin1');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function* scanned(ports: readonly number[]): Steps<Record<string, Value>[]> {
  const result = (yield* builtin('port_scan', '127.0.0.1', [...ports])) as MapValue[];
  return result.map((each) => Object.fromEntries(each.entries()));
}

test('scripted services, greetings with control bytes, silence', { skip: linux }, () =>
  run(function* () {
    const ports = yield* until(
      Promise.all([
        scripted('220 mail.example.test ESMTP Postfix (Debian/GNU)\r\n'),
        scripted('* OK [CAPABILITY IMAP4rev1] Dovecot (Debian) ready.\r\n'),
        scripted('+OK Dovecot ready.\r\n'),
        scripted('220 (vsFTPd 3.0.3)\r\n'),
        scripted('J\0\0\0\x0a5.5.5-10.11.6-MariaDB-0+deb12u1\0 \0\0\0abcdefgh\0'),
        scripted(null, (said) => (said.startsWith('\0\0\0\x08\x04\xd2\x16\x2f') ? 'N' : null)),
        scripted('\u001b[31mred\u001b[0m\x07 <script>alert(1)</script>\\\r\n'),
        scripted(null),
      ]),
    );
    const found = yield* scanned(ports);
    assert.deepEqual(
      found.slice(0, 6).map(({ service, version }) => [service, version]),
      [
        ['smtp', 'Postfix Debian/GNU'],
        ['imap', 'Dovecot Debian'],
        ['pop3', 'Dovecot'],
        ['ftp', 'vsftpd 3.0.3'],
        ['mysql', 'MariaDB 10.11.6-MariaDB-0+deb12u1'],
        ['postgresql', 'PostgreSQL'],
      ],
    );
    assert.equal(found[6]!.banner, '\\x1b[31mred\\x1b[0m\\x07 <script>alert(1)</script>\\\\');
    assert.equal(found[7]!.banner, null);
    assert.equal(found[7]!.version, null);
    assert.ok(found.every(({ state }) => state === 'open'));
  }),
);

test('what is said is shown without control characters, whatever it is', () => {
  const all = Uint8Array.from({ length: 256 }, (_none, i) => i);
  assert.match(printable(all.subarray(0, 60)), /^[\x20-\x7e]*$/);
  assert.match(printable(all.subarray(100)), /^[\x20-\x7e]*$/);
  assert.equal(printable(Buffer.from('a\r\nb\r\n\r\n')), 'a\\nb');
  assert.equal(printable(Buffer.alloc(5000, 65)).length, 303);
  assert.equal(identify(Buffer.from('nonsense')), null);
  assert.equal(identify(Buffer.from('SSH-2.0-OpenSSH_9.9\r\n'))!.version, 'OpenSSH 9.9');
  assert.ok(isTlsRecord(Uint8Array.of(0x15, 3, 1)) && !isTlsRecord(Uint8Array.of(0x15, 9, 1)));
});
