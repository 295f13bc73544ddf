/** The stream of events tells of all that is done to files: begun, each byte, how it failed, and that it is over. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { HostEvent } from '../../src/host/events';
import { readCapture, writeTextFile } from '../../src/host/capture/file';
import { setPolicy } from '../../src/host/permissions';
import { receiveNext } from '../../src/runtime/channel-operations';
import { cancelTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Channel, Value } from '../../src/runtime/values';
import { bytesOf, countOf, eventsOf, kindsOf } from '../support/events';
import { assertNothingLeft, builtin, fails, field, join, options, run, spawn } from '../support/run-tasks';

const directory = fs.mkdtempSync(joinPath(tmpdir(), 'sentra-events-'));
after(() => fs.rmSync(directory, { recursive: true }));
after(assertNothingLeft);

let files = 0;

/** A file with this content, or a name for one where there is none. */
function file(content: string | Buffer | null = null): string {
  const path = joinPath(directory, `file-${++files}`);
  if (content !== null) fs.writeFileSync(path, content);
  return path;
}

/** Of the only subject there is: its kinds, each once in a row. */
function kinds(events: readonly HostEvent[]): string[] {
  const all = Object.values(kindsOf(events));
  assert.equal(all.length, 1, `one subject: ${JSON.stringify(kindsOf(events))}`);
  return all[0]!;
}

function errorsOf(events: readonly HostEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'error' ? [event.code] : []));
}

const WHOLE = ['opened', 'bytes', 'closed'];
const FAILED = ['opened', 'error', 'closed'];
const BIG = Buffer.alloc(3_000_000, 'a line of a large file\n');

test('a whole file: each byte, of a small one as of a large one, and under its path', () =>
  run(function* () {
    for (const content of [Buffer.from('small\xff\n', 'latin1'), BIG]) {
      const path = file(content);
      const events = yield* eventsOf(() => builtin('file_read', path));
      assert.deepEqual(kinds(events), WHOLE);
      assert.ok(bytesOf(events, 'in').equals(content));
      const { handle, protocol, role, remote, local } = events[0]!.subject;
      assert.match(handle, /^file_read:.*#\d+$/s);
      assert.deepEqual(
        { protocol, role, remote, local },
        { protocol: 'file', role: 'read', remote: { host: path, port: null }, local: null },
      );
    }
    const empty = yield* eventsOf(() => builtin('file_read', file('')));
    assert.deepEqual(kinds(empty), ['opened', 'closed']);
  }));

test('what the system makes up is counted too', { skip: process.platform !== 'linux' }, () =>
  run(function* () {
    let text: Value = null;
    const events = yield* eventsOf(function* () {
      text = yield* builtin('file_read', '/proc/version');
    });
    assert.equal(bytesOf(events, 'in').toString(), text);
  }),
);

test('writing, and adding at the end', () =>
  run(function* () {
    const path = file();
    const written = yield* eventsOf(() => builtin('file_write', path, BIG.toString()));
    assert.deepEqual(kinds(written), WHOLE);
    assert.ok(bytesOf(written, 'out').equals(BIG));
    assert.equal(written[0]!.subject.role, 'write');
    const added = yield* eventsOf(() => builtin('file_append', path, [0, 255, 10]));
    assert.deepEqual(kinds(added), WHOLE);
    assert.deepEqual([...bytesOf(added, 'out')], [0, 255, 10]);
    assert.equal(fs.statSync(path).size, BIG.length + 3);
  }));

test('a failure: its code, behind the beginning and before the end', () =>
  run(function* () {
    const gone = joinPath(directory, 'no', 'such');
    const failing: readonly [code: string, name: string, ...args: Value[]][] = [
      ['ENOENT', 'file_read', gone],
      ['EISDIR', 'file_read', directory],
      ['ENOENT', 'file_write', gone, 'x'],
      ['EISDIR', 'file_append', directory, 'x'],
      ['ENOENT', 'file_lines', gone],
      ['EISDIR', 'file_lines', directory],
      ['ENOENT', 'file_stat', gone],
      ['ENOENT', 'file_delete', gone],
      ['ENOENT', 'dir_list', gone],
      ['ENOENT', 'dir_walk', gone],
      ['ENOENT', 'dir_delete', gone],
      ['EEXIST', 'dir_create', file('')],
      ['ENOENT', 'watch', gone],
      ['ENOENT', 'hash_file', 'md5', gone],
      ['EISDIR', 'hash_file', 'md5', directory],
      ['ENOENT', 'analyze_pcap', gone],
      ['EISDIR', 'analyze_pcap', directory],
      ['ENOENT', 'http_stream_file', gone],
      ['EISDIR', 'http_stream_file', directory],
    ];
    for (const [code, name, ...args] of failing) {
      const events = yield* eventsOf(() => fails(code, builtin(name, ...args)));
      assert.deepEqual(kinds(events), FAILED, name);
      assert.deepEqual(errorsOf(events), [code], name);
      assert.ok(events[0]!.subject.handle.startsWith(`${name}:`), events[0]!.subject.handle);
    }
  }));

test('a copy: as many bytes out of the one file as into the other', () =>
  run(function* () {
    const [from, to] = [file(BIG), file()];
    const events = yield* eventsOf(() => builtin('file_copy', from, to));
    assert.deepEqual(Object.values(kindsOf(events)), [WHOLE, WHOLE]);
    const of = (path: string): HostEvent[] => events.filter(({ subject }) => subject.remote?.host === path);
    assert.deepEqual([countOf(of(from), 'in'), countOf(of(from), 'out')], [BIG.length, 0]);
    assert.deepEqual([countOf(of(to), 'in'), countOf(of(to), 'out')], [0, BIG.length]);
    assert.deepEqual([of(from)[0]!.subject.role, of(to)[0]!.subject.role], ['read', 'write']);
    const failed = yield* eventsOf(() => fails('EISDIR', builtin('file_copy', from, directory)));
    assert.deepEqual(Object.values(kindsOf(failed)), [FAILED, FAILED]);
    assert.deepEqual(errorsOf(failed), ['EISDIR', 'EISDIR']);
  }));

test('a change of name has no bytes, a move to another disk those that it copies', (t) =>
  run(function* () {
    const [from, to] = [file('content'), file()];
    const events = yield* eventsOf(() => builtin('file_move', from, to));
    assert.deepEqual(Object.values(kindsOf(events)), [['opened', 'closed'], ['opened', 'closed']]); // prettier-ignore
    let other: string;
    try {
      if (fs.statSync('/dev/shm').dev === fs.statSync(directory).dev) throw new Error('the same disk');
      other = fs.mkdtempSync('/dev/shm/sentra-events-');
    } catch {
      return t.diagnostic('no second disk to move to');
    }
    try {
      const tree = joinPath(directory, 'tree');
      fs.mkdirSync(joinPath(tree, 'inner'), { recursive: true });
      fs.writeFileSync(joinPath(tree, 'a'), 'four');
      fs.writeFileSync(joinPath(tree, 'inner', 'b'), 'seven..');
      const moved = yield* eventsOf(() => builtin('file_move', tree, joinPath(other, 'tree')));
      assert.deepEqual(Object.values(kindsOf(moved)), [WHOLE, WHOLE]);
      assert.deepEqual([countOf(moved, 'in'), countOf(moved, 'out')], [11, 11]);
    } finally {
      fs.rmSync(other, { recursive: true });
    }
  }));

test('questions and changes without bytes', () =>
  run(function* () {
    const [one, folder] = [file('x'), joinPath(directory, 'made', 'below')];
    const quiet: readonly [name: string, ...args: Value[]][] = [
      ['file_exists', one],
      ['file_exists', '/no/such/file'],
      ['file_stat', one],
      ['file_delete', one],
      ['dir_create', folder],
      ['dir_exists', folder],
      ['dir_list', folder],
      ['dir_walk', directory],
      ['dir_delete', folder],
      ['glob', `${directory}/*.txt`],
      ['temp_file'],
      ['temp_dir'],
    ];
    for (const [name, ...args] of quiet) {
      const events = yield* eventsOf(() => builtin(name, ...args));
      assert.deepEqual(kinds(events), ['opened', 'closed'], name);
      assert.equal(events[0]!.subject.protocol, 'file');
    }
    const two = yield* eventsOf(() => builtin('glob', [`${directory}/a*`, `${directory}/b*`]));
    assert.equal(Object.keys(kindsOf(two)).length, 2);
  }));

test('all lines of a file: all of its bytes', () =>
  run(function* () {
    const path = file(BIG);
    const events = yield* eventsOf(function* () {
      const lines = (yield* builtin('file_lines', path)) as unknown as Channel;
      while ((yield* receiveNext(lines)) !== undefined);
    });
    assert.deepEqual(kinds(events), WHOLE);
    assert.ok(bytesOf(events, 'in').equals(BIG));
  }));

test('lines that are left early: what was read by then, and the end comes last', () =>
  run(function* () {
    const path = file(BIG);
    const events = yield* eventsOf(function* () {
      const lines = (yield* builtin('file_lines', path)) as unknown as Channel;
      yield* receiveNext(lines);
      yield* builtin('close', lines);
    });
    assert.deepEqual(kinds(events), WHOLE);
    const read = bytesOf(events, 'in');
    assert.ok(read.length > 0 && read.length < BIG.length, `${read.length} bytes`);
    assert.ok(read.equals(BIG.subarray(0, read.length)));
  }));

test('the lines of a pipe', { skip: process.platform === 'win32' }, () =>
  run(function* () {
    const path = file();
    execFileSync('mkfifo', [path]);
    const other = fs.openSync(path, 'r+');
    const events = yield* eventsOf(function* () {
      const lines = (yield* builtin('file_lines', path)) as unknown as Channel;
      fs.writeSync(other, 'one\ntwo');
      assert.equal(yield* receiveNext(lines), 'one');
      yield* builtin('close', lines);
    });
    fs.closeSync(other);
    assert.deepEqual(kinds(events), WHOLE);
    assert.equal(bytesOf(events, 'in').toString(), 'one\ntwo');
  }),
);

test('a read that is cancelled: what was read is counted, it is closed and no error', () =>
  run(function* () {
    const path = file();
    // Large without taking room, so that there is time.
    fs.writeFileSync(path, '');
    fs.truncateSync(path, 400_000_000);
    const events = yield* eventsOf(function* () {
      const reading = spawn(() => builtin('hash_file', 'md5', path));
      yield* sleep(5);
      cancelTask(reading);
      yield* fails('ECANCELED', join(reading));
      yield* sleep(50);
    });
    assert.deepEqual(kinds(events), WHOLE);
    assert.ok(countOf(events, 'in') < 400_000_000);
  }));

test('a watch: from its beginning to its end', () =>
  run(function* () {
    const path = joinPath(directory, 'watched');
    fs.mkdirSync(path);
    const events = yield* eventsOf(function* () {
      const changes = (yield* builtin('watch', path)) as unknown as Channel;
      fs.writeFileSync(joinPath(path, 'new'), 'x');
      assert.equal(field((yield* receiveNext(changes))!, 'type'), 'create');
      yield* builtin('close', changes);
      yield* builtin('close', changes);
    });
    assert.deepEqual(events.map((event) => event.kind), ['opened', 'closed']); // prettier-ignore
  }));

test('a hash, and capture files as they are, compressed and written', () =>
  run(function* () {
    const plain = file();
    const [written, hashed] = [
      yield* eventsOf(function* () {
        writeTextFile('analyze_pcap', plain, 'no capture at all');
        yield* [];
      }),
      yield* eventsOf(() => builtin('hash_file', 'sha256', plain)),
    ];
    assert.equal(bytesOf(written, 'out').toString(), 'no capture at all');
    assert.equal(bytesOf(hashed, 'in').toString(), 'no capture at all');
    // The head of a capture file (pcap) and two megabytes of packets without content.
    const head = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
    const capture = Buffer.concat([head, Buffer.alloc(16 * 130_000)]);
    for (const [content, expected] of [
      [capture, 130_000],
      [gzipSync(capture), 130_000],
      [head, 0],
      [gzipSync(head), 0],
    ] as const) {
      const path = file(content);
      let packets = 0;
      const events = yield* eventsOf(() => readCapture('analyze_pcap', path, () => packets++, false));
      assert.deepEqual(kinds(events), WHOLE);
      assert.ok(bytesOf(events, 'in').equals(content), `${countOf(events, 'in')} of ${content.length} bytes`);
      assert.equal(packets, expected);
    }
  }));

test('certificates and keys that options name', () =>
  run(function* () {
    const pair = yield* builtin('certificate_create', ['localhost']);
    const [cert, key] = [file(field(pair, 'cert') as string), file(field(pair, 'key') as string)];
    const events = yield* eventsOf(
      function* () {
        const server = yield* builtin('socket_listen', 'TLS', '127.0.0.1', 0, options({ cert, key }));
        yield* builtin('socket_close', server);
        // Text is no file.
        const tls = options({ cert: field(pair, 'cert'), key: field(pair, 'key') });
        yield* builtin('socket_close', yield* builtin('socket_listen', 'TLS', '127.0.0.1', 0, tls));
      },
      ['tls', 'tcp'],
    );
    assert.deepEqual(Object.values(kindsOf(events)), [WHOLE, WHOLE]);
    assert.equal(bytesOf(events, 'in').toString(), `${String(field(pair, 'cert'))}${String(field(pair, 'key'))}`);
  }));

test('the environment: which variable, never its text', () =>
  run(function* () {
    const events = yield* eventsOf(() => builtin('env', 'HOME'));
    assert.deepEqual(kinds(events), ['opened', 'closed']);
    const { handle, protocol, role } = events[0]!.subject;
    assert.match(handle, /^env:HOME#\d+$/);
    assert.deepEqual([protocol, role], ['system', 'env']);
  }));

test('what is refused does not begin, and of two neither', () =>
  run(function* () {
    const [from, to] = [file('x'), file()];
    setPolicy({ refuses: (action) => (action === 'write' || action === 'env' ? 'a test' : null) });
    try {
      const events = yield* eventsOf(function* (): Steps<void> {
        for (const [name, ...args] of [
          ['file_copy', from, to],
          ['file_write', to, 'x'],
          ['file_delete', from],
          ['temp_file'],
          ['env', 'HOME'],
        ] as [string, ...Value[]][]) {
          yield* fails('EPERM', builtin(name, ...args));
        }
      });
      assert.deepEqual(events, []);
    } finally {
      setPolicy(null);
    }
    assert.equal(fs.existsSync(to), false);
  }));
