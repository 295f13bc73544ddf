/** The group net: addresses, networks and names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { serviceName } from '../../src/wire/service-names';
import { call, entriesOf, property, refused } from './call-builtin';

test('an address is taken apart, a network too', () => {
  assert.deepEqual(Object.fromEntries(entriesOf(call('ip_parse', '10.1.2.3'))), {
    version: 4, address: '10.1.2.3', zone: null, type: 'private', private: true, embedded: null, bytes: [10, 1, 2, 3],
    reverse: '3.2.1.10.in-addr.arpa', prefix: null, network: null, netmask: null, first: null, last: null, count: null,
  }); // prettier-ignore
  const network = Object.fromEntries(entriesOf(call('ip_parse', '2001:DB8::1/127')));
  assert.deepEqual(
    [network['address'], network['network'], network['first'], network['last'], network['count'], network['netmask']],
    ['2001:db8::1', '2001:db8::/127', '2001:db8::', '2001:db8::1', 2, null],
  );
  const whole = Object.fromEntries(entriesOf(call('ip_parse', '::/0')));
  assert.deepEqual([whole['last'], whole['count']], ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 2 ** 128]);
  assert.equal(Object.fromEntries(entriesOf(call('ip_parse', 'fe80::1%eth0')))['zone'], 'eth0');
});

test('what is no address is refused, with what may be meant', () => {
  assert.equal(
    refused('EINVAL', 'is no IP address', 'ip_parse', '127.1').hint,
    'some systems take it for 127.0.0.1: write it like that',
  );
  assert.equal(refused('EINVAL', 'is no IP address', 'ip_in', 'example.com', '10.0.0.0/8').hint, null);
  refused('EINVAL', 'is no network', 'ip_in', '10.0.0.1', '10.0.0.0/33');
  refused('EINVAL', 'is no network', 'ip_parse', '10.0.0.1/x');
  refused('EINVAL', 'is no network', 'ip_in', '10.0.0.1', ['10.0.0.0/8', 'x']);
  refused('ETYPE', 'ip_in: cidr must be a string or an array of networks', 'ip_in', '10.0.0.1', 8);
  refused('ETYPE', 'number_to_ip: number must be', 'number_to_ip', '340282366920938463463374607431768211456');
});

test('addresses in networks', () => {
  assert.equal(call('ip_in', '10.255.255.255', '10.0.0.7/8'), true);
  assert.equal(call('ip_in', '11.0.0.0', '10.0.0.0/8'), false);
  assert.equal(call('ip_in', '1.2.3.4', '0.0.0.0/0'), true);
  assert.equal(call('ip_in', '255.255.255.255', '128.0.0.0/1'), true);
  assert.equal(call('ip_in', '10.0.0.1', '10.0.0.1'), true);
  assert.equal(call('ip_in', '::ffff:10.0.0.1', '10.0.0.0/8'), true);
  assert.equal(call('ip_in', '10.0.0.1', '::/0'), false);
  assert.equal(call('ip_in', '10.0.0.1', []), false);
  assert.equal(call('ip_in', 'fe80::1%eth0', ['10.0.0.0/8', 'fe80::/10']), true);
});

test('a large network is no array, and the error tells its bounds', () => {
  const error = refused('ERANGE', 'has 16777216 addresses, more than 1048576', 'cidr_range', '10.9.9.9/8');
  assert.deepEqual(
    [error.get('first'), error.get('last'), error.get('count')],
    ['10.0.0.0', '10.255.255.255', 16777216],
  );
  refused('ERANGE', '2001:db8::/32 has', 'cidr_range', '2001:db8::/32');
  const range = call('cidr_range', '192.0.255.0/23') as string[];
  assert.deepEqual(
    [range.length, range[0], range[255], range[256], range[511]],
    [512, '192.0.254.0', '192.0.254.255', '192.0.255.0', '192.0.255.255'],
  );
  assert.deepEqual(call('cidr_range', '::1'), ['::1']);
});

test(
  'numbers and addresses lead to each other',
  property(fc.nat(0xffffffff), (value: number) => {
    assert.equal(call('ip_to_number', call('number_to_ip', value)), value);
    assert.equal(call('ip_to_number', call('number_to_ip', String(value))), String(value));
  }),
);

test('hardware addresses in all forms', () => {
  const forms = [
    '00:0C:29:AB:CD:EF',
    '00-0c-29-ab-cd-ef',
    '000c.29ab.cdef',
    '000C29ABCDEF',
    '0:c:29:ab:cd:ef',
    [0, 12, 41, 171, 205, 239],
  ];
  for (const form of forms) assert.equal(call('mac_format', form), '00:0c:29:ab:cd:ef');
  assert.equal(call('mac_format', forms[0], '-'), '00-0c-29-ab-cd-ef');
  assert.equal(call('mac_format', forms[0], ''), '000c29abcdef');
  for (const bad of [
    '',
    '00:0c:29:ab:cd',
    '00:0c:29:ab:cd:ef:00',
    '00:0c-29:ab:cd:ef',
    '00:0c:29:ab:cd:eg',
    '000c.29ab.cde',
    [1, 2, 3],
  ])
    refused('EINVAL', 'is no hardware address of six bytes', 'mac_format', bad);
  refused('ETYPE', 'mac_format: separator must be ":", "-", "." or ""', 'mac_format', forms[0], '/');
});

test('ports have the names that people use', () => {
  assert.deepEqual(
    [21, 22, 25, 53, 80, 443, 3306, 5432, 8080, 0, 65535].map((port) => call('port_name', port)),
    ['ftp', 'ssh', 'smtp', 'domain', 'http', 'https', 'mysql', 'postgresql', 'http-alt', null, null],
  );
  assert.equal(call('port_name', 123, 'udp'), 'ntp');
  assert.equal(call('port_name', 123, 'UDP'), 'ntp');
  refused('ETYPE', 'protocol must be "tcp" or "udp"', 'port_name', 53, 'icmp');
  assert.equal(serviceName(67, 'udp'), 'bootps');
});
