/** `analyze_traffic`, `analyze_pcap`, `detect_intrusions`: what traffic consists of, and what is wrong with it. */
import { analyzeFile, analyzeInterface } from '../../../host/capture/analyze';
import type { Analyzed } from '../../../host/capture/analyze';
import type { Steps } from '../../../runtime/task';
import type { MapValue, Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { boolean, option, options } from '../../types';
import type { OptionsOf } from '../../types';
import { analysisOptions, captureOptions, duration, interfaceName, path } from './parameters';
import { alertValue, reportValue } from './values';

const liveOptions = options({ ...analysisOptions, ...captureOptions });
const fileOptions = options({
  ...analysisOptions,
  progress: option(boolean, 'false shows no progress where standard error is a terminal', true),
});

const LIVE_ERRORS = {
  EPERM: 'without root and CAP_NET_RAW, with the command that gives the right; or the policy does not allow it',
  ENODEV: 'there is no such interface; the message names those that there are',
  EFILTER: 'the filter is wrong; the message says where',
  ENOSYS: 'neither the packet sockets of Linux nor libpcap can be used here',
};

function live(
  builtin: string,
  name: string,
  seconds: number,
  settings: OptionsOf<typeof analysisOptions & typeof captureOptions>,
): Steps<Analyzed> {
  const { filter, top, decode, promiscuous, snaplen: snapLength, buffer: bufferMiB, engine } = settings;
  return analyzeInterface(builtin, name, seconds, { filter, top, decode, promiscuous, snapLength, bufferMiB, engine });
}

export const analyzeTraffic = defineBuiltin({
  name: 'analyze_traffic',
  group: 'capture',
  summary: 'Looks at the packets that pass a network interface for a time, and tells what they are',
  details:
    'Gives {interface, duration, total_packets, total_bytes, packets_per_second, bits_per_second, protocols, hierarchy, top_sources, top_destinations, top_ports, endpoints, conversations, streams, dns_names, tls_servers, http_requests, suspicious_ips, findings, dropped, malformed, packet_sizes, timeline}. Packets and bytes are counted as tshark counts them. protocols has {packets, bytes} under each name; top_sources are maps {ip, packets, bytes}; a finding is a map {rule, severity, source_ip, target, description, evidence, packets, first, last, reference}. suspicious_ips are the addresses with a finding. dropped are packets that the kernel could not hand over in time. "any" stands for all interfaces. Nothing is sent.',
  params: [
    { name: 'interface', type: interfaceName, about: 'The interface, such as "eth0", or "any"' },
    { name: 'seconds', type: duration, about: 'How long to look' },
    { name: 'options', type: liveOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'map', about: 'The result' },
  errors: LIVE_ERRORS,
  permission: 'net',
  example: `let name = "lo"
try {
  name = analyze_traffic("lo", 0.1)["interface"]
} catch (e) {
  eprint(e.message)  // not root
}
log(name)  // expect: lo`,
  failing:
    'analyze_traffic("no_such_one", 1)  // expect error: analyze_traffic: there is no network interface "no_such_one"',
  waits: true,
  *run(name, seconds, settings): Steps<MapValue> {
    return reportValue(yield* live('analyze_traffic', name, seconds, settings), true);
  },
});

export const analyzePcap = defineBuiltin({
  name: 'analyze_pcap',
  group: 'capture',
  summary: 'Tells what the packets of a capture file are, as analyze_traffic does for an interface',
  details:
    'Takes pcap files (either byte order, micro- and nanoseconds) and pcapng files, also compressed with gzip, of any size. A file that ends in the middle of a packet, or is broken there, is read up to that place, and "warning" says so.',
  params: [
    { name: 'path', type: path, about: 'The capture file' },
    { name: 'options', type: fileOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'map', about: 'As analyze_traffic gives, with "file" in the place of "interface", and "warning"' },
  errors: {
    ENOENT: 'there is no such file',
    EBADMSG: 'it is no capture file; the message says what it is',
    EFILTER: 'the filter is wrong; the message says where',
  },
  permission: 'read',
  example: `let result = analyze_pcap("examples/captures/login.pcap")
log(result["total_packets"], result["protocols"]["http"]["packets"])  // expect: 56 2
for finding in result["findings"] {
  log(finding["rule"], finding["evidence"]["protocol"], finding["evidence"]["user"])
}
// expect: plain-text credentials HTTP Basic alice
// expect: plain-text credentials FTP bob
// expect: plain-text credentials POP3 carol`,
  failing:
    'analyze_pcap("README.md")  // expect error: analyze_pcap: cannot read README.md: it is no capture file but text',
  waits: true,
  *run(file, settings): Steps<MapValue> {
    return reportValue(yield* analyzeFile('analyze_pcap', file, settings), false);
  },
});

export const detectIntrusions = defineBuiltin({
  name: 'detect_intrusions',
  group: 'capture',
  summary: 'Looks at the packets that pass a network interface for a time, for signs of attacks',
  details:
    'The findings of analyze_traffic as alerts: port scans, host sweeps, SYN floods, ARP spoofing, rogue DHCP servers, signs of tunnels in DNS and ICMP, passwords in plain text, TLS below 1.2, beaconing. Each rests on thresholds that its evidence names.',
  params: [
    { name: 'interface', type: interfaceName, about: 'The interface, such as "eth0", or "any"' },
    { name: 'seconds', type: duration, about: 'How long to look' },
    { name: 'options', type: liveOptions, about: 'See below', optional: true },
  ],
  gives: {
    type: 'array',
    about: 'Maps {alert_type, severity, source_ip, target_ip, description, timestamp, evidence}, the gravest first',
  },
  errors: LIVE_ERRORS,
  permission: 'net',
  example: `let alerts = []
try {
  alerts = detect_intrusions("lo", 0.1)
} catch (e) {
  eprint(e.message)  // not root
}
log(type(alerts))  // expect: array`,
  failing:
    'detect_intrusions("lo", -1)  // expect error: detect_intrusions: seconds must be a number of seconds, more than 0',
  waits: true,
  *run(name, seconds, settings): Steps<Value[]> {
    const { report } = yield* live('detect_intrusions', name, seconds, settings);
    return report.findings.map(alertValue);
  },
});
