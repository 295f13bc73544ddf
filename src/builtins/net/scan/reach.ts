/** `ping`, `traceroute`, `whois` and `network_interfaces`. */
import { reverseNames } from '../../../host/dns/reverse';
import { networkInterfaces as interfacesOfSystem } from '../../../host/look/interfaces';
import { whoisAnswers, WHOIS_PORT } from '../../../host/look/whois';
import { addressesOf } from '../../../host/net/lookup';
import { askPermission } from '../../../host/permissions';
import { echo } from '../../../host/scan/echo';
import { trace } from '../../../host/scan/trace';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { boolean, option, options, port, seconds, whole } from '../../types';
import type { Type } from '../../types';
import { host } from './parameters';

const waitSeconds: Type<number> = {
  name: 'number',
  takes: 'a number of seconds, more than 0 and at most 60',
  test: "(typeof $ === 'number' && $ > 0 && $ <= 60)",
};

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

const pingOptions = options({
  count: option(whole(1, 1000), 'Requests to send', 4),
  interval: option(seconds, 'Seconds between two requests', 0.2),
  timeout: option(waitSeconds, 'Seconds to wait for a reply', 1),
  size: option(whole(0, 1400), 'Bytes of data in a request', 56),
  ttl: option(whole(1, 255), 'Routers that a request may pass'),
});

export const ping = defineBuiltin({
  name: 'ping',
  group: 'scan',
  summary: 'Sends ICMP echo requests to a host and tells what came back',
  details:
    'It gives {alive, time, min, max, ttl, sent, received, loss, ip}: times in milliseconds, time is their mean; ttl is that of the first reply; loss is from 0 to 1. What is not known is null. The system may allow it to everybody (net.ipv4.ping_group_range); else root or CAP_NET_RAW is needed, and the error tells how to get it.',
  params: [
    { name: 'host', type: host, about: 'Name or address' },
    { name: 'options', type: pingOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'map', about: 'What came back; see above' },
  errors: {
    ENOTFOUND: 'there is no such name',
    ENETUNREACH: 'there is no way to the host',
    EPERM: 'the system does not allow it; the hint tells how to change that',
  },
  permission: 'net',
  example: `try {
  let result = ping("127.0.0.1", {"count": 2, "interval": 0.01})
  log(result["alive"], result["received"])
} catch (e) {
  log(e.code == "EPERM", 2)  // not everybody may ping everywhere
}
// expect: true 2`,
  failing: `ping("10.0.0.0/8")  // expect error: ping: host must be a host name, an IPv4 or an IPv6 address`,
  waits: true,
  *run(target, settings): Steps<MapValue> {
    const builtin = 'ping';
    askPermission(builtin, 'datagram', target);
    const [first] = yield* addressesOf({ builtin, doing: 'connect', target: { host: target, port: null } }, target);
    const [echoed] = yield* echo({
      builtin,
      targets: [first!.address],
      count: settings.count,
      intervalMs: settings.interval * 1000,
      timeoutMs: settings.timeout * 1000,
      size: settings.size,
      ttl: settings.ttl,
      once: false,
      rate: 1000,
    });
    const { sent, replies } = echoed!;
    const times = replies.map(({ rttMs }) => rttMs);
    const known = times.length > 0;
    return MapValue.from({
      alive: known,
      time: known ? round(times.reduce((sum, each) => sum + each, 0) / times.length) : null,
      min: known ? round(Math.min(...times)) : null,
      max: known ? round(Math.max(...times)) : null,
      ttl: replies[0]?.ttl ?? null,
      sent,
      received: replies.length,
      loss: (sent - replies.length) / sent,
      ip: first!.address,
    });
  },
});

const traceOptions = options({
  max_hops: option(whole(1, 64), 'Hops at most', 30),
  probes: option(whole(1, 10), 'Datagrams for each hop', 3),
  timeout: option(waitSeconds, 'Seconds to wait for the answer of a hop', 1),
  names: option(boolean, 'false asks no name server for the names of the hops', true),
});

export const traceroute = defineBuiltin({
  name: 'traceroute',
  group: 'scan',
  summary: 'Finds the routers on the way to a host',
  details:
    'One map for each hop: {hop, ip, hostname, rtt_ms, times, loss, reached}. UDP datagrams are sent whose life ends one router further each time. ip is null where a router keeps silent. reached is true for the host itself. It needs no rights.',
  params: [
    { name: 'host', type: host, about: 'Name or address' },
    { name: 'options', type: traceOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'array', about: 'A map for each hop, in order' },
  errors: { ENOTFOUND: 'there is no such name', ENETUNREACH: 'there is no way to the host' },
  permission: 'net',
  example: `let hops = traceroute("127.0.0.1", {"names": false})
log(hops[0]["hop"], hops[0]["ip"], hops[0]["reached"])  // expect: 1 127.0.0.1 true`,
  failing: `traceroute("nowhere at all")  // expect error: traceroute: host must be a host name, an IPv4 or an IPv6 address`,
  waits: true,
  *run(target, settings): Steps<Value[]> {
    const builtin = 'traceroute';
    askPermission(builtin, 'datagram', target);
    const [first] = yield* addressesOf({ builtin, doing: 'connect', target: { host: target, port: null } }, target);
    const timeoutMs = settings.timeout * 1000;
    const { max_hops: maxHops, probes } = settings;
    const hops = yield* trace({ builtin, address: first!.address, maxHops, probes, timeoutMs });
    const addresses = [...new Set(hops.flatMap(({ address }) => (address === null ? [] : [address])))];
    const names = settings.names ? yield* reverseNames(builtin, addresses, timeoutMs) : new Map<string, null>();
    return hops.map(({ ttl, address, rttMs, sent, isTarget }) =>
      MapValue.from({
        hop: ttl,
        ip: address,
        hostname: address === null ? null : (names.get(address) ?? null),
        rtt_ms: rttMs.length === 0 ? null : round(rttMs.reduce((sum, each) => sum + each, 0) / rttMs.length),
        times: rttMs.map(round),
        loss: (sent - rttMs.length) / sent,
        reached: isTarget,
      }),
    );
  },
});

const whoisOptions = options({
  server: option(host, 'Where to begin; whois.iana.org where it is left out'),
  port: option(port, 'The port of that server', WHOIS_PORT),
  timeout: option(waitSeconds, 'Seconds for each server', 10),
  referrals: option(whole(0, 5), 'How many servers further to ask, as the answers lead', 3),
});

/** What is asked goes out as one line. */
const question: Type<string> = {
  name: 'string',
  takes: 'a name, an address or a number such as "AS64496", in one line',
  test: "(typeof $ === 'string' && check($))",
  // eslint-disable-next-line no-control-regex -- no line of the protocol but this one
  check: (value) => /^[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,254}$/.test(value as string),
};

export const whois = defineBuiltin({
  name: 'whois',
  group: 'scan',
  summary: 'Asks the registries to whom a name, an address or a network belongs',
  details:
    'The registry that is asked first names the one that knows more, which is asked next. It gives {name, server, text, fields, answers}: text is the last answer as it came, fields its lines "Key: value" with the keys in small letters (arrays where a key comes several times), answers all of them as {server, text}.',
  params: [
    { name: 'name', type: question, about: 'The name or address' },
    { name: 'options', type: whoisOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'map', about: 'What the last server said; see above' },
  errors: { ENOTFOUND: 'there is no such server', ECONNREFUSED: 'it does not answer', ETIMEDOUT: 'no answer in time' },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
spawn fn() {
  let client = socket_accept(server)
  let name = socket_receive_line(client)
  socket_send(client, "domain: " + name + "\\r\\nstatus: active\\r\\n")
  socket_close(client)
}()
let answer = whois("example.org", {"server": "127.0.0.1", "port": socket_info(server)["local_port"]})
log(answer["fields"]["domain"], answer["fields"]["status"])  // expect: example.org active`,
  failing: `whois("two\\nlines")  // expect error: whois: name must be a name, an address or a number such as "AS64496", in one line`,
  waits: true,
  *run(name, settings): Steps<MapValue> {
    const answers = yield* whoisAnswers({
      builtin: 'whois',
      name,
      host: settings.server ?? 'whois.iana.org',
      port: settings.port,
      timeoutMs: settings.timeout * 1000,
      referrals: settings.referrals,
    });
    const last = answers.at(-1)!;
    return MapValue.from({
      name,
      server: last.server,
      text: last.text,
      fields: fieldsOf(last.text),
      answers: answers.map(({ server, text }) => MapValue.from({ server, text })),
    });
  },
});

/** Lines such as "Registrar:   Example Ltd."; comments begin with % or #. */
function fieldsOf(text: string): MapValue {
  const fields = MapValue.of([]);
  for (const [, key, value] of text.matchAll(/^[ \t]*([a-z][\w /.-]{0,60}?)[ \t]*:[ \t]+(\S.*?)[ \t]*\r?$/gim)) {
    const name = key!.toLowerCase();
    const before = fields.get(name);
    if (before === undefined) fields.set(name, value!);
    else fields.set(name, Array.isArray(before) ? [...before, value!] : [before, value!]);
  }
  return fields;
}

export const networkInterfaces = defineBuiltin({
  name: 'network_interfaces',
  group: 'scan',
  summary: 'Lists the network interfaces of this machine',
  details:
    'One map for each: {name, mac, up, internal, mtu, addresses}; each address is {ip, prefix, family, cidr}. mac is null for one without, mtu where the system does not tell.',
  params: [],
  gives: { type: 'array', about: 'A map for each interface' },
  permission: 'net',
  example: `let loopback = filter(network_interfaces(), fn(x) => x["internal"])[0]
log(loopback["addresses"][0]["cidr"])  // expect: 127.0.0.1/8`,
  failing: `network_interfaces()["lo"]  // expect error: cannot read 'lo' of 'network_interfaces()'`,
  run: (): Value => interfacesOfSystem('network_interfaces').map(({ addresses, ...rest }) => MapValue.from({ ...rest, addresses: addresses.map((each) => MapValue.from({ ...each })) })), // prettier-ignore
});
