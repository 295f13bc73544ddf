/** Filters give the same packets as tcpdump does, as a function and as a program for the kernel. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { CaptureReader } from '../../src/wire/capture-file/reader';
import { FileFilter, FilterError } from '../../src/wire/filter';
import { parseFilter } from '../../src/wire/filter/parser';
import { toFunction } from '../../src/wire/filter/to-function';
import { toKernel } from '../../src/wire/filter/to-kernel';
import { FILTERS } from './filter-list';
import { missing } from './programs';
import { runKernelProgram } from './kernel-program';

const run = promisify(execFile);
const folder = join(__dirname, 'captures');
const needsTcpdump = { skip: missing('tcpdump') };

interface Packet {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly linkType: number;
}

function packetsOf(bytes: Uint8Array): Packet[] {
  const packets: Packet[] = [];
  const reader = new CaptureReader((piece, start, end, head) =>
    packets.push({ bytes: piece.slice(start, end), wireLength: head.wireLength, linkType: head.linkType }),
  );
  reader.feed(bytes);
  reader.finish();
  return packets;
}

const key = (packet: Packet): string => `${packet.wireLength} ${Buffer.from(packet.bytes).toString('base64')}`;

/** Starting tcpdump takes most of the time: the files of other kinds take a part of the filters. */
const COMPARED = { 'mixed.pcap': 1, 'short.pcap': 6, 'cooked.pcap': 6 } as const;
const scratch = mkdtempSync(join(tmpdir(), 'sentra-filters-'));
after(() => rmSync(scratch, { recursive: true }));
// One file of all Ethernet frames: the header of the second one is left out.
writeFileSync(join(scratch, 'mixed.pcap'), Buffer.concat([readFileSync(join(folder, 'ordinary.pcap')), readFileSync(join(folder, 'tunnels.pcap')).subarray(24)])); // prettier-ignore

for (const [name, each] of Object.entries(COMPARED)) {
  const filters = FILTERS.filter((_filter, i) => i % each === 0);
  test(`${name}: ${filters.length} filters choose the same packets as tcpdump`, needsTcpdump, async () => {
    const path = join(name === 'mixed.pcap' ? scratch : folder, name);
    const packets = packetsOf(readFileSync(path));
    const differences: string[] = [];
    const isEthernet = packets[0]!.linkType === 1;
    const compareOne = async (filter: string): Promise<void> => {
      let theirs: string[] | string;
      try {
        const { stdout } = await run('tcpdump', ['-r', path, '-w', '-', filter], {
          encoding: 'buffer',
          maxBuffer: 1 << 24,
        });
        theirs = packetsOf(stdout).map(key);
      } catch (error) {
        theirs = (error as { stderr?: Buffer }).stderr?.toString('utf8') ?? String(error);
      }
      let ours: string[] | string;
      try {
        const passes = toFunction(parseFilter(filter, packets[0]!.linkType));
        ours = packets.filter(({ bytes, wireLength }) => passes(bytes, 0, bytes.length, wireLength)).map(key);
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
        ours = error.message;
      }
      // What tcpdump refuses for this link type we may refuse as well, or answer.
      if (typeof theirs === 'string') {
        if (/expression rejects all packets/.test(theirs) && ours.length === 0) return;
        if (typeof ours !== 'string' && !/reject|only|not supported|modifier|MPLS|link/i.test(theirs))
          differences.push(`${filter}: tcpdump says ${theirs}`);
        return;
      }
      if (typeof ours === 'string') {
        if (isEthernet) differences.push(`${filter}: refused: ${ours}`);
      } else if (ours.join() !== theirs.join())
        differences.push(`${filter}: ${ours.length} packets, not ${theirs.length}`);
    };
    const queue = [...filters];
    await Promise.all(
      [0, 1, 2].map(async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) await compareOne(next);
      }),
    );
    assert.deepEqual(differences, []);
    assert.ok(FILTERS.length >= 200);
  });
}

test('the program for the kernel chooses what the function chooses', () => {
  let programs = 0;
  for (const name of ['ordinary.pcap', 'tunnels.pcap', 'short.pcap']) {
    const packets = packetsOf(readFileSync(join(folder, name)));
    for (const filter of FILTERS) {
      const parsed = parseFilter(filter, 1);
      const program = toKernel(parsed, 262144);
      if (program === null) continue;
      programs++;
      const passes = toFunction(parsed);
      for (const { bytes, wireLength } of packets) {
        assert.equal(
          runKernelProgram(program, bytes, wireLength) > 0,
          passes(bytes, 0, bytes.length, wireLength),
          filter,
        );
      }
    }
  }
  assert.ok(programs > 600, `only ${programs} programs`);
});

const MISTAKES: readonly (readonly [string, RegExp])[] = [
  ['tpc port 80', /'tpc' is no test at character 1/],
  ['port', /expected what port is about, found the end/],
  ['port 70000', /'70000' is no port/],
  ['host www.example.com', /names are not looked up/],
  ['host 10.0.0.1 and', /expected a test such as host, port or tcp, found the end/],
  ['(tcp', /expected '\)', found the end/],
  ['tcp)', /expected and, or, or the end, found '\)'/],
  ['tcp[13', /expected '\]'/],
  ['tcp[13:3] = 0', /expected 1, 2 or 4 bytes, found '3'/],
  ['foo[1] = 2', /'foo' has no bytes to look at/],
  ['ip[0] = ', /expected a number or a field/],
  ['ip[0] / 0 = 1', /division by zero/],
  ['net 10.77.0.1/24', /has bits outside of its mask/],
  ['net 10.0.0.0/33', /32 bits at most, not 33/],
  ['ether host 10.0.0.1', /is no hardware address/],
  ['tcp host 10.0.0.1', /'tcp' does not go with an IPv4 address: write tcp and host 10.0.0.1/],
  ['icmp port 8', /'icmp' has no ports/],
  ['gateway 10.0.0.1', /'gateway' is not supported/],
  ['"; process.exit(1); "', /means nothing here/],
  ['tcp port 80; rm', /means nothing here/],
  ['('.repeat(5000), /nested too deeply/],
  ['not '.repeat(3000), /nested too deeply/],
  ['x'.repeat(20_000), /longer than 16384 characters/],
]; // prettier-ignore

for (const [filter, message] of MISTAKES) {
  test(`refused: ${filter.slice(0, 40)}`, () => {
    assert.throws(() => new FileFilter(filter), (error) => error instanceof FilterError && message.test(error.message)); // prettier-ignore
  });
}

test('any text is a filter or a FilterError, and any filter takes any bytes', () => {
  const words = ['tcp', 'udp', 'ip', 'ip6', 'arp', 'port', 'host', 'net', 'src', 'dst', 'or', 'and', 'not', '(', ')', '[', ']', ':', '1', '80', '10.0.0.1', 'fd00::1', '/', '8', '=', '!=', '<', '&', '+', 'len', 'vlan', 'mpls', 'less', 'ether', 'broadcast', '02:00:00:00:00:01', 'proto', '\\tcp', '-']; // prettier-ignore
  const text = fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((all) => all.join(' '));
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ maxLength: 30 })), fc.uint8Array({ maxLength: 80 }), (filter, bytes) => {
      let parsed;
      try {
        parsed = parseFilter(filter, 1);
      } catch (error) {
        assert.ok(error instanceof FilterError, `${filter}: ${String(error)}`);
        return;
      }
      const passes = toFunction(parsed)(bytes, 0, bytes.length, bytes.length);
      assert.equal(typeof passes, 'boolean');
      const program = toKernel(parsed, 65535);
      if (program !== null) assert.equal(runKernelProgram(program, bytes, bytes.length) > 0, passes, filter);
    }),
    { numRuns: 4000, interruptAfterTimeLimit: 3000 },
  );
});
