/** `capture_start` and what belongs to it: single packets as they pass. */
import { Capture } from '../../../host/capture/capture';
import type { CapturedPacket } from '../../../host/capture/capture';
import { writeCapture } from '../../../host/capture/file';
import { quicCrypto } from '../../../host/crypto/quic';
import { receiveFrom } from '../../../runtime/channel-operations';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { decodePacket } from '../../../wire/packet/decode';
import { defineBuiltin } from '../../define-builtin';
import { option, options, seconds, string, whole } from '../../types';
import { capture, captureOptions, interfaceName, path } from './parameters';
import { valueOf } from './values';

const startOptions = options({
  ...captureOptions,
  keep: option(
    whole(1, 4096),
    'MiB of packets that wait to be taken, and that capture_save can write; the oldest go first',
    64,
  ),
});

function packetValue(packet: CapturedPacket, { interfaceName: name }: Capture): Value {
  const value = valueOf(decodePacket(packet, quicCrypto)) as MapValue;
  value.set('interface', name);
  value.set('direction', packet.isOutgoing === null ? null : packet.isOutgoing ? 'out' : 'in');
  return value;
}

export const captureStart = defineBuiltin({
  name: 'capture_start',
  group: 'capture',
  summary: 'Begins to capture the packets that pass a network interface',
  details:
    'Gives a channel out of which the packets come: for packet in capture_start("eth0", "tcp port 80") { ... }, and <-, select and receive work as well. A packet is a map {time, length, captured, protocols, src, dst, src_port, dst_port, payload, problem, raw, interface, direction} with a map for each layer that it has: eth, vlan, arp, ip, ipv6, icmp, icmpv6, tcp, udp, dns, http, tls, dhcp, ntp, quic. Filters are in the language of tcpdump and go to the kernel where it can apply them. The capture ends with capture_stop, or with the program.',
  params: [
    { name: 'interface', type: interfaceName, about: 'The interface, such as "eth0", or "any"' },
    {
      name: 'filter',
      type: string,
      about: 'Which packets, in the language of tcpdump; all where it is left out',
      optional: true,
    },
    { name: 'options', type: startOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'channel', about: 'The capture' },
  errors: {
    EPERM: 'without root and CAP_NET_RAW, with the command that gives the right; or the policy does not allow it',
    ENODEV: 'there is no such interface; the message names those that there are',
    EFILTER: 'the filter is wrong; the message says where',
    ENOSYS: 'neither the packet sockets of Linux nor libpcap can be used here',
  },
  permission: 'net',
  example: `let protocols = ["eth", "ip", "udp", "data"]
try {
  let packets = capture_start("lo", "udp dst port 47011")
  let socket = socket_listen("UDP", "127.0.0.1", 0)
  socket_send_to(socket, "hello", "127.0.0.1", 47011)
  for packet in packets {
    protocols = packet["protocols"]
    break
  }
  capture_stop(packets)
} catch (e) {
  eprint(e.message)  // not root
}
log(protocols)  // expect: ["eth", "ip", "udp", "data"]`,
  failing: 'capture_start("lo", "tcp prot 80")  // expect error: capture_start: the filter "tcp prot 80" is wrong: ',
  run: (name, filter, settings) =>
    new Capture(
      'capture_start',
      name,
      {
        filter: filter ?? '',
        promiscuous: settings.promiscuous,
        snapLength: settings.snaplen,
        bufferMiB: settings.buffer,
        engine: settings.engine,
        keepMiB: settings.keep,
      },
      packetValue,
    ),
});

export const capturePackets = defineBuiltin({
  name: 'capture_packets',
  group: 'capture',
  summary: 'Takes packets out of a capture',
  details:
    'Without a timeout it waits for one packet and gives all that are there by then. With one it waits until there are so many as asked for, or the time is over.',
  params: [
    { name: 'capture', type: capture, about: 'What capture_start gave' },
    { name: 'max', type: whole(1), about: 'How many at most; 1000 where it is left out', optional: true },
    { name: 'timeout', type: seconds, about: 'Seconds to wait at most; fractions are allowed', optional: true },
  ],
  gives: {
    type: 'array',
    about: 'The packets as maps, see capture_start; empty when the capture is stopped and all are taken',
  },
  example: `let found = 1
try {
  let packets = capture_start("lo", "udp dst port 47012")
  let socket = socket_listen("UDP", "127.0.0.1", 0)
  socket_send_to(socket, "hello", "127.0.0.1", 47012)
  found = len(capture_packets(packets, 1, 5))
  capture_stop(packets)
} catch (e) {
  eprint(e.message)  // not root
}
log(found)  // expect: 1`,
  failing:
    'capture_packets(channel())  // expect error: capture_packets: capture must be a capture that capture_start gave',
  waits: true,
  *run(source, max, timeout): Steps<Value[]> {
    const most = max ?? 1000;
    const deadline = timeout === null ? null : performance.now() + timeout * 1000;
    const packets: Value[] = [];
    for (;;) {
      while (packets.length < most) {
        const packet = source.take();
        if (packet === undefined) break;
        packets.push(packet);
      }
      if (packets.length >= most || source.closed || (deadline === null && packets.length > 0)) return packets;
      const left = deadline === null ? null : deadline - performance.now();
      if (left !== null && left <= 0) return packets;
      const next = yield* receiveFrom(source, left);
      if (next !== null) packets.push(next);
    }
  },
});

export const captureStop = defineBuiltin({
  name: 'capture_stop',
  group: 'capture',
  summary: 'Ends a capture',
  details: 'What has come until now can still be taken and saved. Ending it twice is no error.',
  params: [{ name: 'capture', type: capture, about: 'What capture_start gave' }],
  gives: {
    type: 'map',
    about:
      '{packets, bytes, dropped, overrun}: what was captured, what the kernel had to drop, and what was not taken in time',
  },
  example: `let stopped = 0
try {
  stopped = capture_stop(capture_start("lo"))["dropped"]
} catch (e) {
  eprint(e.message)  // not root
}
log(stopped)  // expect: 0`,
  failing:
    'capture_stop("eth0")  // expect error: capture_stop: capture must be a capture that capture_start gave, got the string "eth0"',
  waits: true,
  *run(source): Steps<MapValue> {
    yield* source.stop();
    const { packets, bytes, tapped, overrun, wentDown } = source;
    return MapValue.from({ packets, bytes, dropped: tapped.dropped, overrun, went_down: wentDown });
  },
});

export const captureSave = defineBuiltin({
  name: 'capture_save',
  group: 'capture',
  summary: 'Writes the packets of a capture to a file that Wireshark and tcpdump read',
  details:
    'A name that ends in .pcap makes a pcap file with nanoseconds, any other one pcapng. The file is written whole or not at all. A capture may still be under way; packets that were taken are written too.',
  params: [
    { name: 'capture', type: capture, about: 'What capture_start gave' },
    { name: 'path', type: path, about: 'The file' },
  ],
  gives: {
    type: 'map',
    about: '{packets, bytes, not_kept}: packets and bytes written, and older packets that are gone',
  },
  errors: {
    EACCES: 'no permission to write there',
    EISDIR: 'the path is a directory',
    ENOENT: 'the folder does not exist',
    ENOSPC: 'the disk is full',
  },
  permission: 'write',
  example: `let saved = 0
try {
  let packets = capture_start("lo", "udp dst port 47013")
  saved = capture_save(packets, "/tmp/sentra-example-" + str(time()) + ".pcap")["packets"]
  capture_stop(packets)
} catch (e) {
  eprint(e.message)  // not root
}
log(saved)  // expect: 0`,
  failing:
    'capture_save("eth0", "x.pcap")  // expect error: capture_save: capture must be a capture that capture_start gave',
  run: (source, file) => {
    source.tapped.read();
    const packets = [...source.savedPackets()];
    const bytes = writeCapture('capture_save', file, packets);
    return MapValue.from({ packets: packets.length, bytes, not_kept: source.notKept });
  },
});
