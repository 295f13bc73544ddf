/** `port_scan`: which ports of a host are open, and what stands behind them. */
import { PortState } from '../../../host/scan/pacing';
import { scanPorts } from '../../../host/scan/port-scan';
import type { PortScanResult, ScanKind } from '../../../host/scan/port-scan';
import { fault } from '../../../runtime/errors';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { serviceName } from '../../../wire/service-names';
import { defineBuiltin } from '../../define-builtin';
import { boolean, option, options, whole } from '../../types';
import type { Type } from '../../types';
import { host, portList, portRange, ports, targetPort } from './parameters';

const KINDS: readonly string[] = ['TCP', 'SYN', 'UDP'] satisfies readonly ScanKind[];

const protocol: Type<ScanKind> & { readonly convert: (value: Value) => ScanKind } = {
  name: 'string',
  takes: '"TCP", "SYN" or "UDP"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => KINDS.includes((value as string).toUpperCase()),
  convert: (value) => (value === null ? 'TCP' : ((value as string).toUpperCase() as ScanKind)),
};

const waitSeconds: Type<number> = {
  name: 'number',
  takes: 'a number of seconds, more than 0 and at most 60',
  test: "(typeof $ === 'number' && $ > 0 && $ <= 60)",
};

const scanOptions = options({
  ports: option(ports, 'The ports, in the place of first and last: [22, 80] or "22,80,8000-8100"'),
  timeout: option(
    waitSeconds,
    'Seconds to wait for an answer at most; the wait adapts to how quickly the host answers',
    1,
  ),
  concurrency: option(whole(1, 20_000), 'Ports to wait for at the same time; 1000'),
  rate: option(whole(1, 1_000_000), 'Packets in a second at most; 10000, and no limit for this machine'),
  banners: option(boolean, 'false does not ask open ports what they are', true),
  progress: option(boolean, 'false shows no progress where standard error is a terminal', true),
});

const STATES: Readonly<Record<number, string>> = {
  [PortState.Open]: 'open',
  [PortState.Closed]: 'closed',
  [PortState.Filtered]: 'filtered',
  [PortState.OpenOrFiltered]: 'open|filtered',
};

/** Written out, as the maps of a large scan are made in a moment then. */
function entry(target: string, port: number, index: number, kind: ScanKind, result: PortScanResult): MapValue {
  const { findings } = result;
  const said = result.banners.get(port);
  const rtt = findings.rttMs[index]!;
  const map = new MapValue();
  map.$host = target;
  map.$port = port;
  map.$protocol = kind === 'UDP' ? 'UDP' : 'TCP';
  map.$state = STATES[findings.states[index]!]!;
  map.$service = said?.service ?? serviceName(port, kind === 'UDP' ? 'udp' : 'tcp');
  map.$banner = said?.banner ?? null;
  map.$version = said?.version ?? null;
  map.$rtt_ms = Number.isNaN(rtt) ? null : Math.round(rtt * 1000) / 1000;
  map.$reason = findings.reason(index);
  return map;
}

export const portScan = defineBuiltin({
  name: 'port_scan',
  group: 'scan',
  summary: 'Tells which ports of a host are open, and what stands behind them',
  details:
    'One map for every port, in order: {host, port, protocol, state, service, banner, version, rtt_ms, reason}. state is "open", "closed" or "filtered" (a firewall drops or rejects what comes), for UDP also "open|filtered" where nothing answers. "TCP" connects, which needs no rights. "SYN" sends only the first packet of a connection, so that programs on the host notice nothing; it needs root or CAP_NET_RAW. "UDP" sends to each port what its usual service answers. Open ports are asked what they are: they may speak first, then get one request of HTTP, then TLS; it takes 2 seconds at most, all ports at once. service is what was said there, or else the usual name of the port; banner is what was said, with control bytes escaped; reason is what the state is concluded from. Packets that get lost are sent again. Scan only hosts that are yours.',
  params: [
    { name: 'host', type: host, about: 'The name or address of the host' },
    { name: 'first', type: ports, about: 'The first port; or several as in the option ports', optional: true },
    { name: 'last', type: targetPort, about: 'The last port; the first one where it is left out', optional: true },
    { name: 'protocol', type: protocol, about: '"TCP" (where it is left out), "SYN" or "UDP"', optional: true },
    { name: 'options', type: scanOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'array', about: 'A map for each port' },
  errors: {
    ERANGE: 'first is greater than last',
    EINVAL: 'no ports are named, or in two ways',
    ENOTFOUND: 'there is no such host',
    ENETUNREACH: 'there is no way to the host',
    EPERM: '"SYN" without the right to use raw sockets, or the policy does not allow it',
  },
  permission: 'net',
  aliases: ['net_scan'],
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
let port = socket_info(server)["local_port"]
let result = port_scan("127.0.0.1", port, port, "TCP", {"banners": false})
log(result[0]["state"], result[0]["reason"])  // expect: open connected
socket_close(server)
log(port_scan("127.0.0.1", port)[0]["state"])  // expect: closed`,
  failing: `port_scan("127.0.0.1", 100, 1)  // expect error: port_scan: first is 100 and last is 1: the smaller port stands first`,
  waits: true,
  *run(target, first, last, kind, settings): Steps<Value[]> {
    const builtin = 'port_scan';
    const list = chosen(builtin, first, last, settings.ports);
    const result = yield* scanPorts({
      builtin,
      host: target,
      ports: list,
      kind,
      timeoutMs: settings.timeout * 1000,
      concurrency: settings.concurrency,
      rate: settings.rate,
      banners: settings.banners,
      progress: settings.progress,
    });
    return list.map((port, index) => entry(target, port, index, kind, result));
  },
});

type Ports = number | string | readonly number[];

function chosen(builtin: string, first: Ports | null, last: number | null, given: Ports | null): number[] {
  const refuse = (words: string): never => {
    throw fault('EINVAL', `${builtin}: ${words} (EINVAL)`, {
      function: builtin,
      hint: `${builtin}(host, 1, 1000) or ${builtin}(host, [22, 80])`,
    });
  };
  if (given !== null)
    return first === null && last === null ? portList(given) : refuse('the ports are named in two ways');
  if (first === null) return refuse('no ports are named');
  if (last === null) return portList(first);
  return typeof first === 'number' ? portRange(builtin, first, last) : refuse('the ports are named in two ways');
}
