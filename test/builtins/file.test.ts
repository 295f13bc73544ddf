/** The groups file and path on a real file system: links, pipes, full disks, no permission, kills in between. */
import assert from 'node:assert/strict';
import { spawn as spawnProcess, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { setPolicy } from '../../src/host/permissions';
import { bytesOf, decode } from '../../src/host/text';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Channel, Value } from '../../src/runtime/values';
import { receiveFrom, receiveNext } from '../../src/runtime/channel-operations';
import { BIN, sentra } from '../support/command';
import {
  assertNothingLeft,
  builtin,
  fails,
  field,
  join as joined,
  options,
  run,
  spawn,
  until,
} from '../support/run-tasks';
import { call, refused } from './call-builtin';

let dir = '';
before(() => {
  dir = fs.mkdtempSync(join(tmpdir(), 'sentra-file-test-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

let names = 0;
/** A path in the directory of the tests where nothing is. */
function fresh(name = 'file'): string {
  return join(dir, `${++names}-${name}`);
}

function made(content: string | Buffer = '', name = 'file'): string {
  const path = fresh(name);
  fs.writeFileSync(path, content);
  return path;
}

/** Names that were left beside files. */
function leftovers(): string[] {
  return fs.readdirSync(dir).filter((each) => each.endsWith('.tmp'));
}

const root = process.getuid?.() === 0;
/** Root may do everything; then a child without its rights has to show what others see. */
const asNobody = root ? {} : { skip: 'only root can become somebody else' };

describe('reading and writing', () => {
  test('any bytes, of any size, come back', async () => {
    await run(function* () {
      for (const size of [0, 1, 65_535, 65_536, 65_537, 3_000_000]) {
        const bytes = Buffer.alloc(size, 'aé\xff\0');
        const path = fresh();
        yield* builtin('file_write', path, decode(bytes));
        assert.ok(fs.readFileSync(path).equals(bytes), `${size} bytes`);
        assert.ok(bytesOf((yield* builtin('file_read', path)) as string).equals(bytes));
        yield* builtin('file_write', path, [1, 2, 255]);
        assert.deepEqual([...fs.readFileSync(path)], [1, 2, 255]);
      }
      assert.deepEqual(leftovers(), []);
    });
  });

  test('older spellings', async () => {
    await run(function* () {
      const path = fresh();
      for (const [write, read] of [['write_file', 'read_file'], ['writefile', 'readfile']] as const) {
        yield* builtin(write, path, write);
        assert.equal(yield* builtin(read, path), write);
      }
    });
  }); // prettier-ignore

  test('a replaced file keeps its rights; a new one gets the usual ones, or those asked for', async () => {
    await run(function* () {
      const path = made('old');
      fs.chmodSync(path, 0o6640);
      yield* builtin('file_write', path, 'new');
      assert.equal(field(yield* builtin('file_stat', path), 'mode'), '6640');
      yield* builtin('file_write', path, 'new', options({ mode: '600', sync: true }));
      assert.equal(field(yield* builtin('file_stat', path), 'mode'), '0600');
      const usual = fresh();
      yield* builtin('file_write', usual, 'x');
      const plain = fresh();
      fs.writeFileSync(plain, 'x');
      assert.equal(fs.statSync(usual).mode, fs.statSync(plain).mode);
    });
  });

  test('a symbolic link leads to what is written, also one that leads nowhere yet', async () => {
    await run(function* () {
      const [target, nowhere] = [made('old'), fresh()];
      const [link, chain, dangling, loop] = [fresh('link'), fresh('chain'), fresh('dangling'), fresh('loop')];
      fs.symlinkSync(target, link);
      fs.symlinkSync(link, chain);
      fs.symlinkSync(nowhere, dangling);
      fs.symlinkSync(loop, loop);
      yield* builtin('file_write', chain, 'new');
      yield* builtin('file_write', dangling, 'made');
      assert.equal(fs.readFileSync(target, 'utf8'), 'new');
      assert.equal(fs.readFileSync(nowhere, 'utf8'), 'made');
      for (const each of [link, chain, dangling]) assert.ok(fs.lstatSync(each).isSymbolicLink());
      yield* fails('ELOOP', builtin('file_write', loop, 'x'), /in a circle/);
      yield* fails('ELOOP', builtin('file_read', loop));
    });
  });

  test('what cannot be written says why, and leaves nothing behind', async () => {
    await run(function* () {
      const file = made('whole');
      for (const [code, path, message] of [
        ['EISDIR', dir, /it is a directory/],
        ['ENOENT', join(dir, 'no', 'where', 'file'), /the directory .*no does not exist \(ENOENT\)$/],
        ['ENOTDIR', join(file, 'below'), /a part of the path is no directory/],
        ['ENAMETOOLONG', join(dir, 'x'.repeat(300)), /the name is too long/],
      ] as const) {
        for (const name of ['file_write', 'file_append']) {
          const error = yield* fails(code, builtin(name, path, 'text'), message);
          assert.equal(error.get('path'), path);
          assert.equal(error.function, name);
        }
      }
      yield* fails('ETYPE', builtin('file_write', '', 'x'), /path must be a path/);
      yield* fails('ETYPE', builtin('file_write', 'a\0b', 'x'), /path must be a path/);
      yield* fails('ETYPE', builtin('file_write', file, 5), /data must be/);
      yield* fails('ETYPE', builtin('file_write', file, 'x', options({ mode: '999' })), /option "mode"/);
      assert.equal(fs.readFileSync(file, 'utf8'), 'whole');
      assert.deepEqual(leftovers(), []);
    });
  });

  test('a name of the greatest length is written too', async () => {
    await run(function* () {
      const path = join(dir, 'n'.repeat(255));
      yield* builtin('file_write', path, 'x');
      assert.equal(yield* builtin('file_read', path), 'x');
    });
  });

  test('devices are written into, and a full one says so', async () => {
    await run(function* () {
      yield* builtin('file_write', '/dev/null', 'away');
      assert.ok(fs.statSync('/dev/null').isCharacterDevice());
      yield* fails(
        'ENOSPC',
        builtin('file_write', '/dev/full', 'x'),
        /file_write: cannot write \/dev\/full: the disk is full/,
      );
      yield* fails('ENOSPC', builtin('file_append', '/dev/full', 'x'));
    });
  });

  test('what the system makes up can be read: it says no size', async () => {
    await run(function* () {
      assert.equal(yield* builtin('file_read', '/proc/self/comm'), fs.readFileSync('/proc/self/comm', 'utf8'));
      assert.match(String(yield* builtin('file_read', '/proc/self/status')), /^Name:/);
    });
  });

  test('appending makes the file and keeps what is there', async () => {
    await run(function* () {
      const path = fresh();
      yield* builtin('file_append', path, 'one\n');
      yield* builtin('file_append', path, [0xff, 10]);
      assert.deepEqual([...fs.readFileSync(path)], [111, 110, 101, 10, 0xff, 10]);
    });
  });

  test('cancelling a write leaves the old content and nothing else', async () => {
    await run(function* () {
      const path = made('old');
      const data = 'x'.repeat(50_000_000);
      const task = spawn(() => builtin('file_write', path, data));
      yield* sleep(2);
      yield* builtin('cancel', task);
      yield* fails('ECANCELED', joined(task));
      for (let i = 0; i < 200 && leftovers().length > 0; i++) yield* sleep(10);
      assert.deepEqual(leftovers(), []);
      assert.equal(fs.readFileSync(path, 'utf8'), 'old');
    });
  });

  test('of many who write the same file one wins, whole', async () => {
    await run(function* () {
      const path = made('old');
      const contents = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(200_000));
      const tasks = contents.map((each) => spawn(() => builtin('file_write', path, each)));
      for (const task of tasks) yield* joined(task);
      assert.ok(contents.includes(fs.readFileSync(path, 'utf8')));
      assert.deepEqual(leftovers(), []);
    });
  });

  test('a pipe is read to its end, while others go on, and can be given up', async () => {
    const pipe = fresh('pipe');
    if (spawnSync('mkfifo', [pipe]).status !== 0) throw new Error('mkfifo failed');
    await run(function* () {
      const waiting = spawn(() => builtin('file_read', pipe));
      yield* sleep(50);
      yield* builtin('cancel', waiting);
      yield* fails('ECANCELED', joined(waiting));
      const held = fs.openSync(pipe, 'r+');
      const reading = spawn(() => builtin('file_read', pipe));
      fs.writeSync(held, 'one');
      yield* sleep(30);
      fs.writeSync(held, 'two');
      yield* sleep(30);
      fs.closeSync(held);
      assert.equal(yield* joined(reading), 'onetwo');
      yield* fails('ENXIO', builtin('file_write', pipe, 'x'), /nobody is at its other end/);
      yield* noneOpen();
    });
  }); // prettier-ignore

  test('a pipe from another program', () => {
    const ended = spawnSync('bash', ['-c', `${BIN} run <(echo 'log(file_read(args()[0]), len(file_read(args()[0])))') <(printf 'a\\nb')`], { encoding: 'utf8' });
    assert.equal(ended.stdout, 'a\nb 0\n', ended.stderr);
  }); // prettier-ignore
});

describe('killed and full', () => {
  test('killed half-way, the old file is whole', async () => {
    const path = made('old content');
    const program = made(
      `let big = repeat("new ", 10000000)\nlog("ready")\nfor i in 1..1000 { file_write(${JSON.stringify(path)}, big) }`,
      'write.sn',
    );
    let sawTemporary = false;
    for (let turn = 0; turn < 6; turn++) {
      const child = spawnProcess(BIN, ['run', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      for (let i = 0; i < 400 && leftovers().length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, 3 * turn));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      const now = fs.readFileSync(path, 'utf8');
      assert.ok(
        now === 'old content' || (now.length === 40_000_000 && now.endsWith('new ')),
        `${now.length} characters`,
      );
      sawTemporary ||= leftovers().length > 0;
      for (const each of leftovers()) fs.rmSync(join(dir, each));
    }
    assert.ok(sawTemporary, 'it was never killed in the midst of a write');
  });

  test('ended in order half-way, nothing is left beside', () => {
    const path = made('old content');
    const program = made(
      `let big = repeat("new ", 10000000)\nspawn { while true { file_write(${JSON.stringify(path)}, big) } }\nsleep(30)\nexit(3)`,
      'write.sn',
    );
    assert.equal(sentra(['run', program]).status, 3);
    assert.deepEqual(leftovers(), []);
  });

  test('a full disk: the old file is whole, nothing is left, appending takes back', (t) => {
    const here = fresh('mount');
    fs.mkdirSync(here);
    const program = made(
      `let p = args()[0]
file_write(p + "/f", "old")
fn code(f) { try { f(); return "none" } catch e { return e.code + " " + e.path } }
let big = repeat("x", 2000000)
log(code(fn() => file_write(p + "/f", big)))
log(code(fn() => file_append(p + "/f", big)))
log(code(fn() => file_copy(args()[1], p + "/copy")))
log(code(fn() => file_move(args()[1], p + "/moved")))
log(file_read(p + "/f"), dir_list(p), file_stat(args()[1]).size)
file_write(args()[1], "small")
file_move(args()[1], p + "/moved")
dir_create(args()[2] + "/in")
file_write(args()[2] + "/in/file", "inner")
file_move(args()[2], p + "/dir")
log(dir_list(p), file_read(p + "/moved"), file_read(p + "/dir/in/file"), file_exists(args()[1]), dir_exists(args()[2]))`,
      'full.sn',
    );
    const big = made('y'.repeat(3_000_000));
    const folder = fresh('folder');
    const script = `mount -t tmpfs -o size=1m tmpfs ${here} && exec ${BIN} run ${program} ${here} ${big} ${folder}`;
    const ended = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
    if (/unshare|mount:|not permitted/.test(ended.stderr) || ended.error !== undefined) return t.skip('a file system of the own cannot be mounted here');
    assert.equal(ended.stderr, '');
    assert.deepEqual(ended.stdout.split('\n'), [
      `ENOSPC ${here}/f`, `ENOSPC ${here}/f`, `ENOSPC ${here}/copy`, `ENOSPC ${here}/moved`,
      'old ["f"] 3000000', '["dir", "f", "moved"] small inner false false', '',
    ]);
  }); // prettier-ignore

  test('no permission', asNobody, () => {
    const place = fresh('place');
    fs.mkdirSync(place);
    fs.chmodSync(dir, 0o755);
    fs.writeFileSync(join(place, 'secret'), 'x');
    fs.chmodSync(join(place, 'secret'), 0o600);
    const closed = join(place, 'closed');
    fs.mkdirSync(closed);
    fs.chmodSync(closed, 0o700);
    const check = join(__dirname, '../support/as-nobody.ts');
    const ended = spawnSync(process.execPath, ['--import', 'tsx', check, place], { encoding: 'utf8' });
    assert.equal(ended.stderr, '');
    assert.deepEqual(ended.stdout.trim().split('\n'), [
      'file_read EACCES', 'file_write EACCES', 'file_append EACCES', 'file_lines EACCES', 'hash_file EACCES',
      'file_write EACCES', 'dir_list EACCES', 'file_exists EACCES', 'dir_create EACCES', 'file_delete EACCES', 'dir_walk EACCES',
    ]);
  }); // prettier-ignore
});

/** All lines, as a `for` gets them. */
function* linesOf(path: string): Steps<string[]> {
  const lines = (yield* builtin('file_lines', path)) as Channel;
  const found: string[] = [];
  for (;;) {
    const line = yield* receiveNext(lines);
    if (line === undefined) return found;
    found.push(line as string);
  }
}

/** Files that this process has open in the directory of the tests. */
function openFiles(): string[] {
  return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = fs.readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(dir) ? [target] : [];
    } catch {
      return [];
    }
  });
}

function* noneOpen(): Steps<void> {
  for (let i = 0; i < 100 && openFiles().length > 0; i++) yield* sleep(10);
  assert.deepEqual(openFiles(), []);
}

describe('file_lines', () => {
  test('lines end at LF or CR LF; the last one needs no end', async () => {
    await run(function* () {
      for (const [content, expected] of [
        ['', []], ['\n', ['']], ['a', ['a']], ['a\n', ['a']], ['a\r\nb\rc\r', ['a', 'b\rc\r']], ['\n\n', ['', '']], ['a\n\r\nb', ['a', '', 'b']],
      ] as const) assert.deepEqual(yield* linesOf(made(content)), expected, JSON.stringify(content));
      yield* noneOpen();
    });
  }); // prettier-ignore

  test('of any size around that of a piece, with any bytes', async () => {
    await run(function* () {
      const piece = 128 * 1024;
      for (const length of [piece - 2, piece - 1, piece, piece + 1, 3 * piece + 5]) {
        const line = 'é\xff'.repeat(length / 2).slice(0, length);
        const content = Buffer.from(`${line}\r\nshort\n${line}`, 'latin1');
        const text = decode(Buffer.from(line, 'latin1'));
        assert.deepEqual(yield* linesOf(made(content)), [text, 'short', text]);
      }
      yield* until(
        fc.assert(
          fc.asyncProperty(
            fc.array(
              fc.string({ maxLength: 40 }).map((s) => s.replace(/[\r\n]/g, '')),
              { minLength: 1, maxLength: 60 },
            ),
            fc.boolean(),
            async (lines, ended) => {
              const path = made(lines.join('\n') + (ended ? '\n' : ''));
              const expected = !ended && lines.at(-1) === '' ? lines.slice(0, -1) : lines;
              await run(function* () {
                assert.deepEqual(yield* linesOf(path), expected);
              });
              fs.rmSync(path);
            },
          ),
          { numRuns: 60 },
        ),
      );
      yield* noneOpen();
    });
  });

  test('of a file of many pieces, with lines of all lengths between them', async () => {
    await run(function* () {
      // Up to 20,000 bytes, more than the room in front of a piece; then lines longer than pieces.
      const lines: string[] = [];
      for (let i = 0; i < 300; i++) lines.push(`${i} ${'é'.repeat((i * 7919) % 10_000)}`);
      for (const length of [150_000, 3, 400_000, 0, 147_455, 147_456, 131_072]) lines.push('x'.repeat(length));
      assert.deepEqual(yield* linesOf(made(lines.join('\n'))), lines);
      assert.deepEqual(yield* linesOf(made(lines.join('\r\n') + '\r\n')), lines);
      yield* noneOpen();
    });
  });

  test('what is added while a program walks is seen, also when the end was read ahead', async () => {
    await run(function* () {
      const piece = 144 * 1024;
      const path = made('0123456\n'.repeat(piece / 8));
      const lines = (yield* builtin('file_lines', path)) as Channel;
      assert.equal(yield* receiveNext(lines), '0123456');
      yield* sleep(50);
      fs.appendFileSync(path, 'added\n');
      for (let i = 1; i < piece / 8; i++) assert.equal(yield* receiveNext(lines), '0123456');
      assert.equal(yield* receiveNext(lines), 'added');
      assert.equal(yield* receiveNext(lines), undefined);
      yield* noneOpen();
    });
  });

  test('an error of reading ahead comes after the lines before it', async () => {
    await run(function* () {
      const count = (144 * 1024) / 8;
      const lines = (yield* builtin('file_lines', made('0123456\n'.repeat(2 * count)))) as Channel & {
        source: { read: unknown };
      };
      const read = lines.source.read as (...args: unknown[]) => void;
      let calls = 0;
      lines.source.read = function (this: unknown, piece: Buffer, done: (error: unknown, bytes: number) => void) {
        if (calls++ === 0) read.call(this, piece, done);
        else setImmediate(() => done(Object.assign(new Error('EIO'), { code: 'EIO' }), 0));
      };
      for (let i = 0; i < count; i++) {
        assert.equal(yield* receiveNext(lines), '0123456');
        if (i === 0) yield* sleep(20);
      }
      yield* fails('EIO', receiveLater(lines), /file_lines: cannot read .*: the disk reports an error/);
      assert.equal(yield* receiveNext(lines), undefined);
      yield* noneOpen();
    });
  });

  test('closing while the next piece is read ahead closes the file', async () => {
    await run(function* () {
      const lines = (yield* builtin('file_lines', made('0123456\n'.repeat(100_000)))) as Channel;
      assert.equal(yield* receiveNext(lines), '0123456');
      yield* builtin('close', lines);
      assert.equal(yield* receiveNext(lines), undefined);
      yield* noneOpen();
    });
  });

  test('a program: for with break, return and an error closes the file', () => {
    const path = made('one\ntwo\nthree\n');
    const p = JSON.stringify(path);
    const program = made(
      `fn open() => len(dir_list("/proc/self/fd").filter(fn(fd) {
  try { return file_stat("/proc/self/fd/" + fd).size == 14 } catch { return false } }))
for line in file_lines(${p}) { log(line, open()); break }
sleep(20); log(open())
fn first() { for line in file_lines(${p}) { return line } }
log(first()); sleep(20); log(open())
try { for line in file_lines(${p}) { throw "stop at " + line } } catch e { log(e) }
sleep(20); log(open())
let lines = file_lines(${p})
log(receive(lines), type(lines)); for i, line in lines { log(line) }
log(receive(lines), open())
let t = spawn { for line in file_lines(${p}) { sleep(1000) } }
sleep(30); cancel(t); try { wait(t) } catch e { log(e.code) }
sleep(20); log(open())
let again = file_lines(${p}); close(again); log(receive(again))
try { again <- 1 } catch e { log(e.code) }
try { file_lines(${p}) <- 1 } catch e { log(e.code) }`,
      'lines.sn',
    );
    const ended = sentra(['run', program]);
    assert.equal(ended.stderr, '');
    assert.deepEqual(ended.stdout.trim().split('\n'), [
      'one 1', '0', 'one', '0', 'stop at one', '0', 'one channel', 'two', 'three', 'null 0', 'ECANCELED', '0', 'null', 'ECLOSED', 'EINVAL',
    ]);
  }); // prettier-ignore

  test('select and time limits; waiting for a pipe is no deadlock', async () => {
    const pipe = fresh('pipe');
    spawnSync('mkfifo', [pipe]);
    await run(function* () {
      const lines = (yield* builtin('file_lines', pipe)) as Channel;
      assert.equal(yield* receiveFrom(lines, 20), null);
      const fd = fs.openSync(pipe, 'r+');
      const first = spawn(() => receiveNext(lines));
      yield* sleep(10);
      fs.writeSync(fd, 'one\ntw');
      assert.equal(yield* joined(first), 'one');
      assert.equal(yield* receiveFrom(lines, 20), null);
      fs.writeSync(fd, 'o\n');
      assert.equal(yield* receiveNext(lines), 'two');
      yield* builtin('close', lines);
      fs.closeSync(fd);
      assert.equal(yield* receiveNext(lines), undefined);
      yield* noneOpen();
    });
  });

  test('an error in the midst comes after the lines before it', async () => {
    await run(function* () {
      // No disk that fails is at hand: the second read of this one file is made to fail.
      const lines = (yield* builtin('file_lines', made('a\nb\n'))) as Channel & { source: { read: unknown } };
      const read = lines.source.read as (...args: unknown[]) => void;
      let calls = 0;
      lines.source.read = function (this: unknown, piece: Buffer, done: (error: unknown, bytes: number) => void) {
        if (calls++ === 0) read.call(this, piece, done);
        else setImmediate(() => done(Object.assign(new Error('EIO'), { code: 'EIO' }), 0));
      };
      assert.equal(yield* receiveNext(lines), 'a');
      assert.equal(yield* receiveNext(lines), 'b');
      const error = yield* fails('EIO', receiveLater(lines), /file_lines: cannot read .*: the disk reports an error/);
      assert.equal(typeof error.get('path'), 'string');
      assert.equal(yield* receiveNext(lines), undefined);
      yield* noneOpen();
    });
  });

  test('what cannot be read says so at once', () => {
    refused('ENOENT', /no such file/, 'file_lines', fresh());
    refused('EISDIR', /it is a directory/, 'file_lines', dir);
    refused('ETYPE', /path must be/, 'file_lines', 5);
  });
});

function* receiveLater(channel: Channel): Steps<Value> {
  return (yield* receiveNext(channel)) ?? null;
}

describe('files and directories', () => {
  test('copying keeps content and rights, and replaces what is there', async () => {
    await run(function* () {
      const [from, to] = [made('content'), made('other')];
      fs.chmodSync(from, 0o750);
      yield* builtin('file_copy', from, to);
      assert.equal(fs.readFileSync(to, 'utf8'), 'content');
      assert.equal(fs.statSync(to).mode & 0o777, 0o750);
      yield* builtin('file_copy', from, from);
      assert.equal(fs.readFileSync(from, 'utf8'), 'content');
      const missing = fresh();
      const error = yield* fails(
        'ENOENT',
        builtin('file_copy', missing, to),
        /file_copy: cannot copy .*: there is no such file/,
      );
      assert.equal(error.get('path'), missing);
      yield* fails('EISDIR', builtin('file_copy', dir, to));
      yield* fails('EISDIR', builtin('file_copy', from, dir));
      yield* fails('ENXIO', builtin('file_copy', '/dev/zero', to));
      yield* fails('ENOENT', builtin('file_copy', from, join(dir, 'no', 'x')), /cannot copy .* to .*: the directory/);
      assert.deepEqual(leftovers(), []);
    });
  });

  test('moving files and directories', async () => {
    await run(function* () {
      const [from, to] = [made('content'), made('other')];
      yield* builtin('file_move', from, to);
      assert.equal(call('file_exists', from), false);
      assert.equal(fs.readFileSync(to, 'utf8'), 'content');
      const folder = fresh('folder');
      fs.mkdirSync(join(folder, 'sub'), { recursive: true });
      const moved = fresh('moved');
      yield* builtin('file_move', folder, moved);
      assert.ok(fs.statSync(join(moved, 'sub')).isDirectory());
      yield* fails('ENOENT', builtin('file_move', from, to), /cannot move/);
      yield* fails('EISDIR', builtin('file_move', to, moved));
      yield* fails('ENOTDIR', builtin('file_move', moved, to));
    });
  });

  test('whether there is something, what it is, and deleting it', () => {
    const [file, link, dangling] = [made('12345'), fresh('link'), fresh('dangling')];
    fs.symlinkSync(file, link);
    fs.symlinkSync('/no/such/file', dangling);
    assert.deepEqual([file, link, dangling, dir, fresh(), join(file, 'x')].map((each) => call('file_exists', each)), [true, true, false, false, false, false]);
    assert.deepEqual([file, link, dir, fresh(), join(file, 'x')].map((each) => call('dir_exists', each)), [false, false, true, false, false]);
    const stat = call('file_stat', link) as Value;
    assert.deepEqual(['size', 'is_file', 'is_dir', 'is_link'].map((each) => field(stat, each)), [5, true, false, false]);
    const own = call('file_stat', link, options({ follow: false })) as Value;
    assert.deepEqual([field(own, 'is_link'), field(own, 'is_file')], [true, false]);
    assert.ok(Math.abs((field(stat, 'modified') as number) - Date.now()) < 60_000);
    refused('ENOENT', /cannot look at/, 'file_stat', dangling);
    call('file_delete', link);
    assert.ok(fs.existsSync(file));
    call('file_delete', file);
    refused('ENOENT', /no such file/, 'file_delete', file);
    refused('EISDIR', /directory/, 'file_delete', dir);
  }); // prettier-ignore

  test('directories', async () => {
    await run(function* () {
      const top = fresh('top');
      call('dir_create', join(top, 'b', 'c'));
      call('dir_create', join(top, 'b', 'c'));
      for (const name of ['z', 'a', 'b/y', 'b/c/x', '😀', '\uff41']) fs.writeFileSync(join(top, name), '');
      fs.symlinkSync('..', join(top, 'b', 'up'));
      assert.deepEqual(yield* builtin('dir_list', top), ['a', 'b', 'z', '\uff41', '😀']);
      const walk = function* (settings: Record<string, Value>): Steps<string[]> {
        const found = (yield* builtin('dir_walk', top, options(settings))) as string[];
        return found.map((each) => each.slice(top.length + 1));
      };
      assert.deepEqual(yield* walk({}), ['a', 'z', '\uff41', '😀', 'b', 'b/up', 'b/y', 'b/c', 'b/c/x']);
      assert.deepEqual(yield* walk({ files: false }), ['b', 'b/c']);
      assert.deepEqual(yield* walk({ dirs: false, depth: 2 }), ['a', 'z', '\uff41', '😀', 'b/up', 'b/y']);
      assert.deepEqual(yield* builtin('glob', '**/[xyz]', options({ cwd: top })), ['b/c/x', 'b/y', 'z']);
      assert.deepEqual(yield* builtin('glob', `${top}/{a,z}`), [join(top, 'a'), join(top, 'z')]);
      assert.deepEqual(yield* builtin('glob', ['**', '!b/**', '!*a'], options({ cwd: top })), ['z', '\uff41', '😀']);
      assert.deepEqual(yield* builtin('glob', 'nothing*', options({ cwd: top })), []);
      assert.deepEqual(yield* builtin('glob', '*', options({ cwd: fresh() })), []);
      fs.writeFileSync(join(top, '.hidden'), '');
      assert.deepEqual(yield* builtin('glob', '*', options({ cwd: top, dot: true, dirs: true })), [
        '.hidden',
        'a',
        'b',
        'z',
        '\uff41',
        '😀',
      ]);
      yield* fails('ENOTEMPTY', builtin('dir_delete', top), /not empty/);
      yield* fails('ENOTDIR', builtin('dir_delete', join(top, 'a'), options({ recursive: true })));
      yield* fails('ENOTDIR', builtin('dir_delete', join(top, 'b', 'up'), options({ recursive: true })));
      yield* builtin('dir_delete', top, options({ recursive: true }));
      yield* fails('ENOENT', builtin('dir_delete', top, options({ recursive: true })));
      yield* fails('ENOENT', builtin('dir_list', top));
      yield* fails('ENOTDIR', builtin('dir_list', made('')));
      yield* fails('ENOENT', builtin('dir_walk', top));
      for (const all of ['/', '//', '/tmp/..'])
        yield* fails('EINVAL', builtin('dir_delete', all, options({ recursive: true })), /never deleted/);
      refused('EEXIST', /exists already/, 'dir_create', made(''));
      refused('ENOTDIR', /no directory/, 'dir_create', join(made(''), 'x'));
    });
  });

  test('names that are no UTF-8 are given, read and deleted; none is made', async () => {
    await run(function* () {
      const top = fresh('names');
      fs.mkdirSync(top);
      fs.writeFileSync(Buffer.concat([Buffer.from(join(top, 'a')), Buffer.of(0xff)]), 'odd\n');
      assert.deepEqual(yield* builtin('dir_list', top), ['a\udcff']);
      const [path] = (yield* builtin('dir_walk', top)) as string[];
      assert.equal(path, join(top, 'a\udcff'));
      assert.equal(yield* builtin('file_read', path), 'odd\n');
      assert.deepEqual(yield* linesOf(path), ['odd']);
      assert.equal(field(call('file_stat', path) as Value, 'size'), 4);
      assert.equal(call('file_exists', join(top, 'a\udcfe')), false);
      for (const name of ['file_write', 'file_append']) yield* fails('EINVAL', builtin(name, path, 'x'), /no UTF-8/);
      yield* fails('EINVAL', builtin('file_copy', path, join(top, 'b')), /no UTF-8/);
      refused('EINVAL', /no UTF-8/, 'dir_create', path);
      call('file_delete', path);
      assert.deepEqual(fs.readdirSync(top), []);
    });
  });

  test('what is temporary is gone at the end, however the program ends', () => {
    for (const end of ['', 'exit(4)', 'throw "x"', '1 + null', 'spawn { throw error("late") }']) {
      const program = made(
        `let d = temp_dir()\nfile_write(path_join(d, "in"), "x")\nlog(temp_file(".log"))\nlog(d)\n${end}`,
        'temp.sn',
      );
      const [file, folder] = sentra(['run', program]).stdout.split('\n');
      assert.match(file!, /sentra-.*\.log$/);
      assert.ok(folder!.length > 5);
      assert.equal(fs.existsSync(file!), false, end);
      assert.equal(fs.existsSync(folder!), false, end);
    }
    refused('ETYPE', /suffix must be/, 'temp_file', '../x');
  });

  test('the policy is asked for each', async () => {
    const asked: string[] = [];
    setPolicy({
      refuses: (action, target) => {
        asked.push(`${action} ${target.startsWith(dir) ? 'x' : '?'}`);
        return 'not here';
      },
    });
    try {
      await run(function* () {
        const path = join(dir, 'x');
        const tries: [string, ...Value[]][] = [
          ['file_read', path], ['file_lines', path], ['file_stat', path], ['file_exists', path], ['dir_exists', path],
          ['dir_list', path], ['dir_walk', path], ['watch', path], ['hash_file', 'md5', path], ['glob', path],
          ['file_write', path, ''], ['file_append', path, ''], ['file_delete', path], ['dir_create', path], ['dir_delete', path],
        ];
        for (const [name, ...args] of tries) yield* fails('EPERM', builtin(name, ...args), new RegExp(`^${name}: not permitted to`));
        assert.deepEqual(asked.splice(0), [...new Array<string>(10).fill('read x'), ...new Array<string>(5).fill('write x')]);
        yield* fails('EPERM', builtin('file_copy', path, path));
        yield* fails('EPERM', builtin('file_move', path, path));
        yield* fails('EPERM', builtin('temp_file'));
        yield* fails('EPERM', builtin('temp_dir'));
        assert.deepEqual(asked, ['read x', 'write x', 'write ?', 'write ?']);
      });
    } finally {
      setPolicy(null);
    }
  }); // prettier-ignore
});

describe('watch', () => {
  test('creating, changing and deleting, below as well; closing ends it', async () => {
    await run(function* () {
      const top = fresh('watched');
      fs.mkdirSync(join(top, 'sub'), { recursive: true });
      fs.writeFileSync(join(top, 'there'), 'x');
      const events = (yield* builtin('watch', top)) as Channel;
      const next = function* (): Steps<string> {
        const event = yield* receiveFrom(events, 10_000);
        assert.notEqual(event, null, 'no event came');
        return `${field(event, 'type')} ${String(field(event, 'path')).slice(top.length + 1)} ${field(event, 'is_dir')}`;
      };
      fs.writeFileSync(join(top, 'sub', 'new'), 'text');
      assert.equal(yield* next(), 'create sub/new false');
      yield* builtin('file_write', join(top, 'there'), 'longer');
      assert.equal(yield* next(), 'change there false');
      fs.rmSync(join(top, 'there'));
      assert.equal(yield* next(), 'delete there false');
      fs.mkdirSync(join(top, 'more'));
      assert.equal(yield* next(), 'create more true');
      yield* builtin('close', events);
      assert.equal(yield* receiveNext(events), undefined);
      fs.writeFileSync(join(top, 'later'), '');
      yield* fails('ENOENT', builtin('watch', join(top, 'missing')), /cannot watch/);
    });
  });

  test('waiting for events is no deadlock, and a watch alone keeps no program', () => {
    const top = fresh('watched');
    fs.mkdirSync(top);
    const program = made(
      `let d = args()[0]
let w = watch(d)
spawn { sleep(100); file_write(path_join(d, "f"), "x") }
for event in w { log(event.type); break }
log(receive(w, 0.05))`,
      'watch.sn',
    );
    const ended = sentra(['run', program, top]);
    assert.equal(ended.stderr, '');
    assert.equal(ended.stdout, 'create\nnull\n');
    assert.equal(ended.status, 0);
  });
});

describe('paths', () => {
  test('parts of paths', () => {
    const answers: [unknown, unknown][] = [
      [call('path_join', 'a', '', '../b', '/c'), 'b/c'], [call('path_join'), '.'], [call('path_join', '/', '..'), '/'],
      [call('path_base', '/a/b/'), 'b'], [call('path_base', ''), ''], [call('path_base', 'x.sn', '.sn'), 'x'],
      [call('path_dir', '/a/b/'), '/a'], [call('path_dir', ''), '.'], [call('path_dir', '/'), '/'],
      [call('path_ext', 'a/.b'), ''], [call('path_ext', 'a.b/c'), ''], [call('path_ext', 'x.'), '.'],
      [call('path_resolve'), process.cwd()], [call('path_resolve', 'a', '../b'), join(process.cwd(), 'b')],
    ];
    for (const [answer, expected] of answers) assert.equal(answer, expected);
    refused('ETYPE', /parts must be/, 'path_join', 'a', null);
    refused('ETYPE', /parts must be a path/, 'path_resolve', 'a\0');
  });
}); // prettier-ignore

test('memory stays as it is while a large file is hashed and its lines are counted', () => {
  const path = fresh('large');
  const line = Buffer.from('2026-01-31 14:30:45 host-17 service[421]: a line of a log as there are many of them\n');
  const piece = Buffer.concat(new Array<Buffer>(12_000).fill(line));
  const fd = fs.openSync(path, 'w');
  for (let i = 0; i < 200; i++) fs.writeSync(fd, piece);
  fs.closeSync(fd);
  const program = made(
    `fn rss() => int(regex(file_read("/proc/self/status"), "VmRSS")) * 1024
fn regex(text, name) {
  for l in lines(text) { if l.starts_with(name) { return trim(replace(replace(l, name + ":", ""), "kB", "")) } }
}
fn peak() => int(regex(file_read("/proc/self/status"), "VmHWM")) * 1024
let start = rss()
let count = 0
for l in file_lines(args()[0]) { count++ }
let h = hash_file("sha256", args()[0])
log(count, len(h), (peak() - start) / 1000000 < 100)`,
    'memory.sn',
  );
  const ended = sentra(['run', program, path]);
  fs.rmSync(path);
  assert.equal(ended.stderr, '');
  assert.equal(ended.stdout, '2400000 64 true\n');
});

after(assertNothingLeft);
