/** Addresses of the local link and groups of IPv6: they mean something together with an interface alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '../support/namespaces';
import { needsRoot } from '../support/programs';

test('addresses of the local link, and groups, name their interface', { skip: needsRoot('ip') }, () => {
  const here = new Namespace();
  const there = new Namespace();
  try {
    here.connect(there, 'left', 'fe80::1/64', 'right', 'fe80::2/64');
    here.connect(there, 'other', '', 'another', '');
    const { stdout, stderr } = here.sentra(`
      fn attempt(f) { try { log(f()) } catch (e) { log(e.code, e.message.replace(str(port), "PORT"), "|", e.hint) } }
      let server = socket_listen("TCP", "fe80::1%left", 0)
      let port = socket_info(server).local_port
      log(server.replace(str(port), "PORT"), socket_info(server).local_host)
      let client = socket_create("TCP", "[fe80::1%left]", port)
      let peer = socket_accept(server, 5)
      log(client.replace(str(port), "PORT"), socket_info(peer).remote_host)
      attempt(fn() => socket_create("TCP", "fe80::1", port))
      attempt(fn() => socket_create("TCP", "fe80::1%none", port))
      attempt(fn() => socket_listen("TCP", "fe80::1", 0))
      let bound = socket_listen("UDP", "fe80::1%left", 0)
      let any = socket_listen("UDP", "::", 0)
      socket_send_to(any, "hello", "fe80::1%left", socket_info(bound).local_port)
      let got = socket_receive_from(bound, 100, 5)
      log(got.data, got.host)
      socket_send(bound, "back")
      log(socket_receive(any, 100, 5))
      // Of two interfaces only the one that is named hears the group.
      let group = socket_listen("UDP", "::", 0)
      let group_port = socket_info(group).local_port
      socket_set(group, {multicast_join: "ff02::abcd%other"})
      socket_send_to(any, "not heard", "ff02::abcd%left", group_port)
      log(socket_receive(group, 100, 0.2))
      socket_set(group, {multicast_join: "ff02::abcd%left"})
      socket_send_to(any, "heard", "ff02::abcd%left", group_port)
      log(socket_receive(group, 100, 5))
      socket_set(group, {multicast_leave: "ff02::abcd%left"})
      socket_set(any, {multicast_interface: "::%left"})
      socket_set(group, {multicast_join: "ff02::abcd", multicast_interface: "::%left"})
      socket_send_to(any, "heard again", "ff02::abcd", group_port)
      log(socket_receive(group, 100, 5))
      attempt(fn() => socket_set(socket_listen("UDP", "0.0.0.0", 0), {multicast_join: "224.0.0.251"}))
    `);
    assert.equal(stderr, '');
    const needsName = 'an address of the local link stands for one of every interface (EINVAL)';
    const hint = 'name the interface behind it: "fe80::1%eth0"';
    assert.deepEqual(stdout.replaceAll(/#\d+/g, '').split('\n'), [
      'tcp-listen:[fe80::1%left]:PORT fe80::1%left',
      'tcp:[fe80::1%left]:PORT fe80::1%left',
      `EINVAL socket_create: connection to [fe80::1]:PORT failed: ${needsName} | ${hint}`,
      'EINVAL socket_create: connection to [fe80::1%none]:PORT failed: there is no interface none here (EINVAL) | network_interfaces() lists them by name',
      `EINVAL socket_listen: cannot listen on [fe80::1]:0: ${needsName} | ${hint}`,
      'hello fe80::1%left',
      'back',
      'null',
      'heard',
      'heard again',
      'ENODEV socket_set: cannot join the group 224.0.0.251: no interface is named for it, and the routes of this machine name none (ENODEV) | option "multicast_interface" takes the own address on the network of the group',
      '',
    ]);
  } finally {
    here.remove();
    there.remove();
  }
});
