/** Addresses as text and bytes, against Node's own. */
import assert from 'node:assert/strict';
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6, reverseName } from '../../src/wire/address';

const RUNS = { numRuns: 500 };

test('IPv6 addresses are shown as Node shows them, and read again', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const bytes = Uint8Array.from(groups.flatMap((each) => [each >> 8, each & 0xff]));
      const text = formatIPv6(bytes);
      assert.ok(isIPv6(text), text);
      assert.deepEqual(parseIPv6(text), bytes);
      // Node still writes the deprecated "IPv4-compatible" form, which RFC 5952 does not.
      if (groups.slice(0, 6).some((each) => each !== 0)) {
        assert.equal(text, new SocketAddress({ address: text, family: 'ipv6' }).address);
      }
    }),
    RUNS,
  );
});

test('what is no address is refused, as Node does', () => {
  const piece = fc.constantFrom('0', '1', 'ff', '::', ':', '.', '255', '256', '01', 'g', '1.2.3.4', ' ', '12345');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const text = pieces.join('');
      assert.equal(parseIPv4(text) !== null, isIPv4(text), text);
      assert.equal(parseIPv6(text) !== null, isIPv6(text), text);
    }),
    { numRuns: 3000 },
  );
});

test('names for PTR records', () => {
  assert.equal(reverseName('192.0.2.1'), '1.2.0.192.in-addr.arpa');
  assert.equal(reverseName('2001:db8::1'), `${'1.' + '0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
  assert.equal(reverseName('example.org'), null);
});

test('hardware addresses', () => {
  assert.equal(formatMac(Uint8Array.of(0, 1, 2, 0xab, 0xcd, 0xef)), '00:01:02:ab:cd:ef');
  assert.equal(formatIPv4(Uint8Array.of(9, 192, 0, 2, 1), 1), '192.0.2.1');
});
