/** IP addresses and networks, compared with Python's module ipaddress; and what counts as private. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bytesOfBigInt,
  contains,
  embedded,
  formatIp,
  isPrivate,
  kindOf,
  parseAnySpelling,
  parseIp,
  parseNetwork,
  quickIPv4,
  toBigInt,
} from '../../src/wire/ip-address';

const hasPython = spawnSync('python3', ['-c', 'import ipaddress']).status === 0;
const skip = hasPython ? false : 'python3 is not installed';

function python(script: string, input: unknown): unknown {
  const code = `import ipaddress, json, sys\ndata = json.load(sys.stdin)\n${script}`;
  const run = spawnSync('python3', ['-c', code], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout);
}

const group = fc.oneof(
  fc.constant('0'),
  fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16)),
);
const v4 = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }).map((parts) => parts.join('.'));
const v6 = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }).map((parts) => parts.join(':')),
  fc
    .tuple(fc.array(group, { maxLength: 4 }), fc.array(group, { maxLength: 3 }))
    .map(([a, b]) => `${a.join(':')}::${b.join(':')}`),
  fc.tuple(fc.constantFrom('::', '::ffff:', '64:ff9b::', '1:2:3:4:5:6:'), v4).map(([a, b]) => a + b),
);
const nearly = fc.stringMatching(/^[0-9a-f:./]{1,20}$/);

test('the same texts are addresses as in Python, and they are the same addresses', { skip }, () => {
  const texts = fc.sample(fc.oneof(v4, v6, nearly), 3000);
  const script = `def read(text):
    try:
        ip = ipaddress.ip_address(text)
        return [ip.version, str(int(ip))]
    except ValueError:
        return None
print(json.dumps([read(text) for text in data]))`;
  const expected = python(script, texts);
  const ours = texts.map((text) => {
    const ip = parseIp(text);
    return ip === null ? null : [ip.bytes.length === 4 ? 4 : 6, String(toBigInt(ip.bytes))];
  });
  assert.deepEqual(ours, expected);
  for (const text of texts) {
    const ip = parseIp(text);
    assert.equal(quickIPv4(text) >= 0, ip?.bytes.length === 4, text);
    if (ip !== null) assert.deepEqual(parseIp(formatIp(ip.bytes))!.bytes, ip.bytes, text);
  }
});

test('networks have the first and last addresses of Python, and hold the same addresses', { skip }, () => {
  const cases = fc.sample(
    fc.oneof(
      fc.tuple(v4, fc.nat(32), v4),
      fc.tuple(
        v6.filter((text) => parseIp(text) !== null),
        fc.nat(128),
        v6.filter((text) => parseIp(text) !== null),
      ),
    ),
    2000,
  );
  const script = `def look(address, prefix, other):
    network = ipaddress.ip_network(address + '/' + str(prefix), strict=False)
    near = network[min(network.num_addresses - 1, 5)]
    return [str(int(network[0])), str(int(network[-1])), float(network.num_addresses), ipaddress.ip_address(other) in network, str(near)]
print(json.dumps([look(*each) for each in data]))`;
  const expected = python(script, cases) as [string, string, number, boolean, string][];
  cases.forEach(([address, prefix, other], i) => {
    const network = parseNetwork(`${address}/${prefix}`)!;
    const [first, last, count, inside, near] = expected[i]!;
    assert.equal(String(toBigInt(network.first)), first);
    assert.equal(String(toBigInt(network.last)), last);
    assert.equal(network.count, count);
    assert.equal(contains(network, parseIp(other)!.bytes), inside, `${other} in ${address}/${prefix}`);
    assert.ok(contains(network, parseIp(near)!.bytes));
  });
});

test('which IPv4 addresses are public is what Python says', { skip }, () => {
  const edges = [
    '0.0.0.0',
    '10.0.0.0',
    '100.64.0.0',
    '127.0.0.0',
    '169.254.0.0',
    '172.16.0.0',
    '192.168.0.0',
    '198.18.0.0',
    '240.0.0.0',
  ];
  const texts = [
    ...fc.sample(v4, 3000),
    ...edges,
    '172.31.255.255',
    '172.32.0.0',
    '100.127.255.255',
    '100.128.0.0',
    '11.0.0.0',
  ];
  // 192.0.0.9 and .10 are public by the letter, and so was 192.88.99.0/24; nothing is missed by refusing them.
  const expected = python(
    'print(json.dumps([ipaddress.ip_address(text).is_global or ipaddress.ip_address(text).is_multicast for text in data]))',
    texts,
  ) as boolean[];
  texts.forEach((text, i) => {
    if (/^192\.0\.0\.|^192\.88\.99\./.test(text)) return;
    assert.equal(!isPrivate(parseIp(text)!.bytes), expected[i], text);
  });
});

const PRIVATE = `0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255
  192.0.0.1 192.168.1.1 198.18.0.1 198.19.255.255 192.0.2.1 240.0.0.1 255.255.255.255
  :: ::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 2001:db8::1 3fff::1 100::1 64:ff9b:1::8.8.8.8 4000::1
  ::ffff:10.0.0.1 ::ffff:a00:1 ::ffff:127.0.0.1 ::FFFF:7f00:1 0:0:0:0:0:ffff:7f00:0001 ::127.0.0.1 ::ffff:0:127.0.0.1
  64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:a00:1::5 2002:c0a8:101::1
  2001:0:4136:e378:8000:63bf:f5ff:fffe 2001:0:a00:1:0:0:f7f7:f7f7
  127.1 127.0.1 0x7f.1 0x7f000001 2130706433 017700000001 0177.0.0.01 0 0x0 [::1] [::ffff:127.0.0.1] 127.0.0.1. 10.1 0xA.0.1 192.168.257`;
const PUBLIC = `8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 192.167.255.255 11.0.0.0 126.255.255.255
  128.0.0.0 2606:4700:4700::1111 2001:4860:4860::8888 2a00::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1
  2001:0:808:808:0:0:f7f7:f7f7 134744072 0x08080808 [2606:4700::1] 224.0.0.1 ff02::1`;

for (const text of PRIVATE.split(/\s+/)) {
  test(`${text} is private`, () =>
    assert.equal(isPrivate(parseAnySpelling(text)!.bytes), true, kindOf(parseAnySpelling(text)!.bytes)));
}
for (const text of PUBLIC.split(/\s+/)) {
  test(`${text} is public`, () =>
    assert.equal(isPrivate(parseAnySpelling(text)!.bytes), false, kindOf(parseAnySpelling(text)!.bytes)));
}

test('what is no address in any spelling', () => {
  const texts = [
    '',
    'localhost',
    '256.1',
    '1.2.3.4.5',
    '0x',
    '1..2',
    '.1',
    '4294967296',
    '0x100000000',
    '08.1',
    '1.2.3.-4',
    '::1::',
    '[127.0.0.1',
    '1 ',
    '１.1.1.1',
    '127.0.0.1..',
    'fe80::1%',
    '1e3',
    '[::1',
  ];
  for (const text of texts.filter((each) => each !== '0x')) assert.equal(parseAnySpelling(text), null, text);
});

test('the IPv4 addresses inside of those of IPv6', () => {
  const inside = (text: string): string | null => {
    const bytes = embedded(parseIp(text)!.bytes);
    return bytes === null ? null : formatIp(bytes);
  };
  assert.equal(inside('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(inside('64:ff9b::c000:201'), '192.0.2.1');
  assert.equal(inside('2002:c000:201::1'), '192.0.2.1');
  // The example of RFC 4380, section 4, as Wikipedia takes it apart.
  assert.equal(inside('2001:0:4136:e378:8000:63bf:3fff:fdd2'), '192.0.2.45');
  assert.equal(inside('2001:db8::1'), null);
});

test('numbers of any size', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) =>
      assert.equal(toBigInt(bytesOfBigInt(value)), value),
    ),
  );
});

test('netmasks in the place of prefixes', () => {
  assert.equal(parseNetwork('10.1.2.3/255.255.240.0')!.prefix, 20);
  assert.equal(parseNetwork('10.1.2.3/0.0.0.0')!.prefix, 0);
  assert.equal(parseNetwork('10.1.2.3/255.255.255.255')!.prefix, 32);
  for (const text of [
    '10.0.0.0/255.0.255.0',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/33',
    '::/129',
    '::/255.0.0.0',
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    'x/8',
    '/8',
  ])
    assert.equal(parseNetwork(text), null, text);
});
