/** The examples of the standard library do what their first lines say. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, sentra } from '../support/command';
import type { Ended } from '../support/command';
import { hasPython, Terminal } from '../support/terminal';

function run(example: string, args: readonly string[], input = ''): Ended {
  return sentra([`examples/${example}`, ...args], { input });
}

// ---------------------------------------------------------------- log-analyser.sn

const LOG = `192.0.2.1 - - [31/Jan/2026:14:30:45 +0000] "GET /a HTTP/1.1" 200 1000
192.0.2.2 - - [31/Jan/2026:14:31:00 +0000] "GET /b HTTP/1.1" 404 -
this is no request
192.0.2.1 - - [31/Jan/2026:23:59:59 +0000] "GET /a HTTP/1.1" 200 500
`;

test('log-analyser.sn counts requests', () => {
  const folder = directoryWith({ 'access.log': LOG });
  const file = join(folder, 'access.log');
  const { stdout, status } = run('log-analyser.sn', ['--json', file]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), {
    requests: 3,
    malformed: 1,
    bytes: 1500,
    statuses: { 200: 2, 404: 1 },
    hours: [...new Array<number>(14).fill(0), 2, ...new Array<number>(8).fill(0), 1],
    clients: { '192.0.2.1': 2, '192.0.2.2': 1 },
    pages: { '/a': 2, '/b': 1 },
  });
  const shown = run('log-analyser.sn', [file]).stdout;
  assert.match(shown, /^3 requests, 0\.0 MB\n1 lines are no requests\n/);
  assert.match(
    shown,
    /\npage {2}requests {2}percent\n──── {2}──────── {2}───────\n\/a {11}2 {5}66\.7\n\/b {11}1 {5}33\.3\n$/,
  );
});

test('log-analyser.sn makes a log of its own', () => {
  const file = join(directoryWith({}), 'made.log');
  assert.equal(run('log-analyser.sn', ['--make', '0.5', file]).status, 0);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  for (const line of lines)
    assert.match(line, /^10\.0\.\d+\.\d+ - - \[31\/Jan\/2026:\d\d:\d\d:\d\d \+0000\] "GET \/\S+ HTTP\/1\.1" \d+ \d+$/);
  const { requests, malformed } = JSON.parse(run('log-analyser.sn', ['--json', file]).stdout) as Record<string, number>;
  assert.deepEqual([requests, malformed], [lines.length, 0]);
  assert.equal(run('log-analyser.sn', []).status, 2);
});

// ---------------------------------------------------------------- notes.sn

test('notes.sn keeps notes in a file that only the password opens', () => {
  const file = join(directoryWith({}), 'notes.enc');
  const notes = (password: string, ...args: string[]): Ended => run('notes.sn', [file, ...args], `${password}\n`);
  assert.equal(notes('secret', 'list').stdout, 'no notes\n');
  assert.equal(notes('secret', 'add', 'call the', 'data centre').stdout, 'noted; 1 note\n');
  assert.equal(notes('secret', 'add', 'größer').stdout, 'noted; 2 notes\n');
  assert.match(
    notes('secret', 'list').stdout,
    /\n1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}call the data centre\n2 .* {2}größer\n$/,
  );
  assert.match(notes('secret', 'find', 'CENTRE').stdout, /^# .*\n.*\n1 .*call the data centre\n$/);
  const kept = readFileSync(file, 'utf8');
  assert.doesNotMatch(kept, /centre/);
  const wrong = notes('guess', 'list');
  assert.match(wrong.stderr, /the notes cannot be read: decrypt: the key is wrong, or the text was changed/);
  assert.equal(wrong.status, 1);
  assert.equal(readFileSync(file, 'utf8'), kept, 'a wrong password changes nothing');
  writeFileSync(
    file,
    kept.replace(/.(?=..\n$)/, (char) => (char === 'A' ? 'B' : 'A')),
  );
  assert.equal(notes('secret', 'list').status, 1);
  writeFileSync(file, kept);
  assert.equal(notes('secret', 'remove', '3').status, 1);
  assert.equal(notes('secret', 'remove', '1').stdout, 'removed: call the data centre\n');
  assert.equal(notes('', 'list').status, 2);
});

test('notes.sn asks for the password at a terminal and does not show it', { skip: !hasPython }, async () => {
  const file = join(directoryWith({}), 'notes.enc');
  const terminal = new Terminal([`examples/notes.sn`, file, 'add', 'one']);
  await terminal.shows('Password: ');
  terminal.type('secret\r');
  assert.equal(await terminal.shows('noted; 1 note'), '\r\n');
  assert.equal(await terminal.end(), 0);
});

// ---------------------------------------------------------------- traffic-watch.sn

test('traffic-watch.sn tells what a capture holds', () => {
  const { stdout, stderr, status } = run('traffic-watch.sn', ['examples/captures/login.pcap']);
  assert.deepEqual([status, stderr], [1, '']);
  assert.match(stdout, /^56 packets, 4344 B /);
  assert.match(stdout, /\n10\.77\.0\.1 {2}10\.77\.0\.2 {2} +\d+ {2}\d+ B/);
  assert.match(stdout, /\nmedium: plain-text credentials: 10\.77\.0\.1 sent the password of "alice"/);
  assert.match(run('traffic-watch.sn', ['README.md']).stderr, /no capture file but text/);
  assert.equal(run('traffic-watch.sn', []).status, 2);
});
