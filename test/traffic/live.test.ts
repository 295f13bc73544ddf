/**
 * Capturing what really passes: programs of Sentra in a network namespace of their own, which is gone when they end.
 * As root on Linux.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { missing } from './programs';
import { packetsOf } from './support';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'sentra-live-'));
after(() => rmSync(folder, { recursive: true }));

const skip =
  process.platform !== 'linux'
    ? 'it needs Linux'
    : process.getuid?.() !== 0
      ? 'it needs root'
      : missing('unshare', 'ip');
const options = { skip };

/** Runs a program in a namespace where `lo` is up, and `va` and `vb` are the two ends of a cable. */
function inNamespace(program: string, prefix: readonly string[] = []): string[] {
  const path = join(folder, 'program.sn');
  writeFileSync(path, program);
  const setUp = 'ip link set lo up && ip link add va type veth peer name vb && ip link set va up && ip link set vb up';
  const command = `${setUp} && exec ${[...prefix, join(root, 'bin/sentra'), path].join(' ')}`;
  const ended = spawnSync('unshare', ['-n', 'sh', '-c', command], { encoding: 'utf8', timeout: 30_000, cwd: folder });
  assert.equal(ended.status, 0, `${String(ended.error ?? '')}${ended.stderr}${ended.stdout}`);
  return ended.stdout.trim().split('\n');
}

const SEND = `
let socket = socket_listen("UDP", "127.0.0.1", 0)
fn send_many(count, port) {
  for i in 1..count { socket_send_to(socket, "packet " + str(i), "127.0.0.1", port) }
}
`;

test('every packet once, in order, with its layers; saved for others to read', options, () => {
  const file = join(folder, 'saved.pcap');
  const [counts, ends, stopped, saved, after] = inNamespace(`${SEND}
let packets = capture_start("lo", "udp dst port 4000")
send_many(500, 4000)
send_many(10, 4001)
let found = capture_packets(packets, 500, 10)
log(len(found), len(capture_packets(packets, 1, 0.1)))
log(found[0]["payload"], found[499]["payload"], found[0]["udp"]["dst_port"], found[0]["length"], found[0]["protocols"])
log(capture_stop(packets))
log(capture_save(packets, "${file}"))
log(capture_stop(packets)["packets"], capture_packets(packets))
`);
  assert.equal(counts, '500 0');
  assert.equal(ends, 'packet 1 packet 500 4000 50 ["eth", "ip", "udp", "data"]');
  assert.match(stopped!, /"packets": 500, .*"dropped": 0, "overrun": 0, "went_down": false/);
  assert.match(saved!, /"packets": 500, .*"not_kept": 0/);
  assert.equal(after, '500 []');
  const read = packetsOf(readFileSync(file));
  assert.equal(read.length, 500);
  assert.ok(
    read.some(({ nanos }) => nanos % 1000 !== 0),
    'nanoseconds',
  );
});

test('for, select and receive take packets; the end of the program ends the capture', options, () => {
  const lines = inNamespace(`${SEND}
let packets = capture_start("lo", "udp dst port 4000")
spawn { sleep(100)
  send_many(4, 4000) }
let count = 0
for packet in packets {
  count = count + 1
  if count == 2 { break }
}
log(count, type(packets))
log(receive(packets, 5)["payload"], receive(packets, 5)["payload"], receive(packets, 0.1))
let seen = 0
spawn { sleep(100)
  capture_stop(packets) }
for packet in packets { seen = seen + 1 }
log(seen)
let open = capture_start("lo")
log("end")
`);
  assert.deepEqual(lines, ['2 channel', 'packet 3 packet 4 null', '0', 'end']);
});

const libpcap = {
  skip: skip !== false ? skip : existsSync('/usr/lib/x86_64-linux-gnu/libpcap.so.0.8') || existsSync('/usr/lib/aarch64-linux-gnu/libpcap.so.0.8') ? false : 'it needs libpcap0.8', // prettier-ignore
};

test('libpcap and the packet sockets of Linux take the same packets, at the same time', libpcap, () => {
  const lines = inNamespace(`${SEND}
exec("ip addr add 10.9.0.1/24 dev va")
fn strip(packet) { return {...packet, time: 0} }
fn compare(name, filter, options, send, count) {
  let ours = capture_start(name, filter, {...options, engine: "kernel"})
  let theirs = capture_start(name, filter, {...options, engine: "libpcap"})
  send()
  let mine = capture_packets(ours, count, 5)
  let other = capture_packets(theirs, count, 5)
  let apart = []
  for i, packet in mine { apart.push(abs(packet.time - other[i].time)) }
  log(name, len(mine), len(other), mine.map(strip) == other.map(strip), max(apart) < 0.001, mine[0].direction)
  let ended = capture_stop(theirs)
  log(capture_stop(ours) == ended, ended["dropped"])
}
let from_va = socket_listen("UDP", "10.9.0.1", 0)
compare("lo", "udp dst port 4000", {}, fn() { send_many(400, 4000) }, 400)
compare("any", "udp dst port 4000", {}, fn() { send_many(100, 4000) }, 100)
compare("lo", "udp dst port 4000", {snaplen: 45, promiscuous: true}, fn() { send_many(50, 4000) }, 50)
compare("va", "arp", {}, fn() { socket_send_to(from_va, "who has?", "10.9.0.2", 9) }, 1)
`);
  assert.deepEqual(lines, ['lo 400 400 true true in', 'true 0', 'any 100 100 true true in', 'true 0', 'lo 50 50 true true in', 'true 0', 'va 1 1 true true out', 'true 0']); // prettier-ignore
});

test('libpcap: an interface that goes down, one that is not there, a filter that is wrong, no right', libpcap, () => {
  const program = (right: boolean): string => `
let engine = {"engine": "libpcap"}
${
  right
    ? `let result = null
let looking = spawn { result = analyze_traffic("va", 0.6, engine) }
sleep(150)
exec("ip link set va down")
wait(looking)
log(result["findings"][0]["rule"], result["findings"][0]["target"])`
    : ''
}
try { capture_start("lo", "", engine)
  log("open") } catch (e) { log(e.code, e.message) }
try { capture_start("vc", "", engine) } catch (e) { log(e.code, contains(e.message, "there are"), contains(e.interfaces, "va")) }
try { capture_start("lo", "tcp prot 80", engine) } catch (e) { log(e.code) }`;
  assert.deepEqual(inNamespace(program(true)), ['interface down va', 'open', 'ENODEV true true', 'EFILTER']);
  const [refused] = inNamespace(program(false), ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw']);
  assert.equal(refused, 'EPERM capture_start: capturing on lo needs root or the capability CAP_NET_RAW (EPERM)');
});

test('analyze_traffic counts what was sent, on lo and on any', options, () => {
  const lines = inNamespace(`${SEND}
fn look(name) {
  let result = null
  let looking = spawn { result = analyze_traffic(name, 0.6, {"filter": "udp port 4000"}) }
  sleep(200)
  send_many(300, 4000)
  wait(looking)
  log(result["interface"], result["total_packets"], result["protocols"]["udp"]["packets"], result["dropped"], result["top_ports"][0]["port"], result["top_sources"][0], result["findings"], result["link"])
}
look("lo")
look("any")
`);
  assert.match(lines[0]!, /^lo 300 300 0 4000 \{"ip": "127.0.0.1", "packets": 300, "bytes": \d+\} \[\] Ethernet$/);
  assert.match(
    lines[1]!,
    /^any 300 300 0 4000 \{"ip": "127.0.0.1", "packets": 300, "bytes": \d+\} \[\] Linux cooked v2$/,
  );
});

test('detect_intrusions sees a port scan while it happens', options, () => {
  const [line] = inNamespace(`
let alerts = []
let looking = spawn { alerts = detect_intrusions("lo", 1) }
sleep(200)
port_scan("127.0.0.1", 1, 100, "TCP", {"progress": false})
wait(looking)
for alert in alerts { log(alert["alert_type"], alert["severity"], alert["source_ip"], alert["target_ip"], alert["evidence"]["ports_tried"]) }
`);
  assert.equal(line, 'port scan medium 127.0.0.1 127.0.0.1 100');
});

test('what does not fit into the memory is counted as dropped, with either engine', libpcap, () => {
  const lines = inNamespace(`${SEND}
for engine in ["kernel", "libpcap"] {
  let packets = capture_start("lo", "udp dst port 4000", {"buffer": 4, "engine": engine})
  // Without a wait, nobody takes what comes.
  send_many(60000, 4000)
  let ended = capture_stop(packets)
  // How many fit depends on how quickly they come: a part of the memory is closed after some milliseconds.
  log(ended["dropped"] > 1000, ended["packets"] > 0, ended["packets"] + ended["dropped"])
}
`);
  assert.deepEqual(lines, ['true true 60000', 'true true 60000']);
});

test('the program of the network module, as it stands, on an interface of that name', options, () => {
  const lines = inNamespace(`
// Analyze network traffic (simulated)
fn analyze_network() {
    log("Analyzing network traffic...")
    
    // This would analyze real network interface in production
    let analysis = analyze_traffic("eth0", 10)  // 10 seconds
    
    log("Traffic Analysis Results:")
    log("Total packets: " + str(analysis["total_packets"]))
    log("Total bytes: " + str(analysis["total_bytes"]))
    log("Top sources: " + str(analysis["top_sources"]))
    log("Suspicious IPs: " + str(analysis["suspicious_ips"]))
}
exec("ip link set va down; ip link set va name eth0; ip link set eth0 up; ip addr add 10.9.0.1/24 dev eth0; ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev eth0")
let sender = socket_listen("UDP", "10.9.0.1", 0)
spawn {
  sleep(1000)
  for i in 1..25 { socket_send_to(sender, "packet", "10.9.0.2", 4000) }
}
analyze_network()
`);
  assert.equal(lines[0], 'Analyzing network traffic...');
  assert.equal(lines[1], 'Traffic Analysis Results:');
  // The system sends a few of its own: neighbour discovery.
  const [, total] = /^Total packets: (\d+)$/.exec(lines[2]!) ?? [];
  assert.ok(Number(total) >= 25 && Number(total) < 60, lines[2]);
  assert.match(lines[3]!, /^Total bytes: \d+$/);
  assert.match(lines[4]!, /^Top sources: \[\{"ip": "10\.9\.0\.1", "packets": 25, "bytes": 1200\}/);
  assert.equal(lines[5], 'Suspicious IPs: []');
});

test('an interface that goes down while it is captured', options, () => {
  const [line] = inNamespace(`
let result = null
let looking = spawn { result = analyze_traffic("va", 0.5) }
sleep(150)
exec("ip link set va down")
wait(looking)
log(result["findings"][0]["rule"], result["findings"][0]["target"])
`);
  assert.equal(line, 'interface down va');
});

test('only the beginning of each packet', options, () => {
  const [line] = inNamespace(`${SEND}
let packets = capture_start("lo", "udp dst port 4000", {"snaplen": 46})
send_many(1, 4000)
let packet = capture_packets(packets, 1, 5)[0]
log(packet["length"], packet["captured"], packet["payload"])
capture_stop(packets)
`);
  assert.equal(line, '50 46 pack');
});

test('without the right to capture: what to do about it', { skip: skip || missing('setpriv') }, () => {
  const lines = inNamespace(
    `try { capture_start("lo") } catch (e) { log(e.code, e.message) }
try { analyze_traffic("lo", 1) } catch (e) { log(e.code) }
try { analyze_traffic("none", 1) } catch (e) { log(e.message) }`,
    ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'],
  );
  assert.deepEqual(lines, [
    'EPERM capture_start: capturing on lo needs root or the capability CAP_NET_RAW (EPERM)',
    'EPERM',
    'analyze_traffic: there is no network interface "none"; there are lo, va, vb, any (ENODEV)',
  ]);
});
