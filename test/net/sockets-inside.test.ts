/** Sockets where it takes a network of one's own: multicast, addresses with a scope, an address that swallows packets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '../support/namespaces';
import { needsRoot } from '../support/programs';

const skip = needsRoot('ip', 'nft');

function inside(body: (space: Namespace) => void): () => void {
  return () => {
    const space = new Namespace();
    try {
      space.run('ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two');
      space.run('ip', 'addr', 'add', '10.77.0.1/24', 'dev', 'one');
      space.run('ip', 'addr', 'add', '10.77.0.2/24', 'dev', 'lo');
      space.run('ip', '-6', 'addr', 'add', 'fe80::77/64', 'dev', 'one', 'nodad');
      space.run('ip', 'link', 'set', 'one', 'up');
      space.run('ip', 'link', 'set', 'two', 'up');
      space.run('ip', 'route', 'add', '239.0.0.0/8', 'dev', 'one');
      body(space);
    } finally {
      space.remove();
    }
  };
}

function prints(space: Namespace, program: string, expected: string): void {
  const { stdout, stderr, status } = space.sentra(program);
  assert.deepEqual([stdout, stderr, status], [expected, '', 0]);
}

test(
  'a datagram to a multicast group reaches who has joined it, and no one else',
  { skip },
  inside((space) => {
    prints(
      space,
      `let member = socket_listen("UDP", "0.0.0.0", 5007)
socket_set(member, {"multicast_join": "239.1.2.3"})
let sender = socket_listen("UDP", "10.77.0.1", 0)
socket_send_to(sender, "to the group", "239.1.2.3", 5007)
let got = socket_receive_from(member, 100, 2)
log(got.data, got.host)
socket_send_to(sender, "to another", "239.1.2.4", 5007)
log(socket_receive(member, 100, 0.1))
`,
      'to the group 10.77.0.1\nnull\n',
    );
  }),
);

test(
  'an IPv6 address of a link, with its scope, over TCP and UDP',
  { skip },
  inside((space) => {
    prints(
      space,
      `let server = socket_listen("TCP", "fe80::77%one", 0)
let client = socket_create("TCP", "fe80::77%one", socket_info(server).local_port, {"timeout": 2})
let peer = socket_accept(server, 2)
socket_send(client, "hello")
log(socket_receive(peer, 10, 2))
let udp = socket_listen("UDP", "fe80::77%one", 0)
let to = socket_create("UDP", "fe80::77%one", socket_info(udp).local_port)
socket_send(to, "datagram")
log(socket_receive(udp, 100, 2))
try { socket_create("TCP", "fe80::77%nowhere", 1, {"timeout": 1}) } catch e { log(type(e.code)) }
`,
      'hello\ndatagram\nstring\n',
    );
  }),
);

test(
  'a name whose first address swallows packets is reached at its second one soon',
  { skip },
  inside((space) => {
    space.rules('table inet f { chain out { type filter hook output priority 0; ip6 daddr 2001:db8:77::9 drop; }; }');
    space.run('ip', '-6', 'addr', 'add', '2001:db8:77::1/64', 'dev', 'one', 'nodad');
    space.setHosts('2001:db8:77::9 two-ways.example\n10.77.0.1 two-ways.example\n');
    const { stdout, stderr } = space.sentra(
      `let server = socket_listen("TCP", "10.77.0.1", 0)
let start = clock()
let client = socket_create("TCP", "two-ways.example", socket_info(server).local_port, {"timeout": 5})
let took = clock() - start
log(socket_info(client).remote_host, took >= 240, took < 2500)
`,
    );
    assert.deepEqual([stdout, stderr], ['10.77.0.1 true true\n', '']);
  }),
);
