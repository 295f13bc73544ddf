import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean } from '../../src/diagnostics/did-you-mean';

const BUILTINS = [
  'log',
  'len',
  'str',
  'num',
  'push',
  'pop',
  'dns_lookup',
  'dns_reverse',
  'http_get',
  'http_post',
  'socket_listen',
  'socket_close',
  'x',
  'y',
  'sleep',
  'upper',
];

for (const [written, meant] of [
  ['dns_lokup', 'dns_lookup'],
  ['dnsLookup', 'dns_lookup'],
  ['DNS_LOOKUP', 'dns_lookup'],
  ['dnslookup', 'dns_lookup'],
  ['lookup_dns', 'dns_lookup'],
  ['lookupDns', 'dns_lookup'],
  ['htpt_get', 'http_get'],
  ['http_pots', 'http_post'],
  ['socket_lisen', 'socket_listen'],
  ['Log', 'log'],
  ['lgo', 'log'],
  ['puhs', 'push'],
  ['slep', 'sleep'],
  ['X', 'x'],
  // Nothing is near enough.
  ['z', null],
  ['lo', null],
  ['cat', null],
  ['frobnicate', null],
  ['', null],
  ['___', null],
  ['a'.repeat(100_000), null],
  // A name is no suggestion for itself.
  ['len', null],
] as const) {
  test(`${written.slice(0, 20)} -> ${meant}`, () => assert.equal(didYouMean(written, BUILTINS), meant));
}

test('of two equally near names the one that begins alike, then the earlier one', () => {
  assert.equal(didYouMean('cont', ['font', 'cons', 'cone']), 'cons');
  assert.equal(didYouMean('bound', ['sound', 'found']), 'sound');
});

test('a nearer name wins over an earlier one', () => {
  assert.equal(didYouMean('port_scam', ['port_sort', 'port_scan']), 'port_scan');
});

test('nothing is known', () => assert.equal(didYouMean('anything', []), null));
