/** How the command starts: from a clone, from a copy, without what it needs, with a small stack. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { BIN, directoryWith, environment, ownFolder, RunningCommand, sentra } from '../support/command';

const root = dirname(dirname(BIN));

/** What is shipped, alone in a directory. */
function copy(): { readonly directory: string; readonly bin: string; readonly own: string } {
  const directory = directoryWith({});
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(root, name), join(directory, name), { recursive: true });
  return { directory, bin: join(directory, 'bin', 'sentra'), own: ownFolder(join(directory, 'dist')) };
}

/** Tells on standard error of each file that is loaded whether V8 took its cache. */
const WATCH_CACHE = `
const vm = require('node:vm');
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    const file = /(?:sentra|later)\\.js$/.exec(options?.filename);
    if (file !== null) process.stderr.write('cache of ' + file + ' refused: ' + this.cachedDataRejected + '\\n');
  }
};
`;

test('V8 has as many threads of its own as there are cores, four at most', { skip: process.platform !== 'linux' }, () => {
  const cores = readFileSync('/sys/devices/system/cpu/online', 'latin1').trim();
  const last = cores === '0' ? 0 : Number(/^0-(\d+)$/.exec(cores)?.[1] ?? 63);
  const { stdout } = sentra(['-e', 'log(regex_groups("--v8-pool-size=([0-9]+)", file_read("/proc/self/cmdline"))["1"])']);
  assert.equal(stdout, `${Math.min(4, last + 1)}\n`);
}); // prettier-ignore

describe('the code cache', () => {
  const watch = join(directoryWith({ 'watch.cjs': WATCH_CACHE }), 'watch.cjs');
  const watching = { NODE_OPTIONS: `--require=${watch}` };

  test('is taken', () => {
    const { stdout, stderr } = sentra(['-e', 'log(1)'], { env: watching });
    assert.deepEqual([stdout, stderr], ['1\n', 'cache of sentra.js refused: false\n']);
  });

  test('of what is put off is taken when a program uses it, and only then', () => {
    const { stdout, stderr } = sentra(['-e', 'log(json_stringify([1]), "a".upper())'], { env: watching });
    assert.equal(stdout, '[1] A\n');
    assert.equal(stderr, 'cache of sentra.js refused: false\ncache of later.js refused: false\n');
    const core = sentra(['-e', 'log([2, 1].sort(), {"a": 1}.keys(), wait(spawn { sleep(1) }))'], { env: watching });
    assert.deepEqual([core.stdout, core.stderr], ['[1, 2] ["a"] null\n', 'cache of sentra.js refused: false\n']);
  });

  test('is refused without a word under other options of V8, cut off, of another text, or not there', () => {
    const { stdout, stderr } = sentra(['-e', 'log(2)'], {
      env: { NODE_OPTIONS: `${watching.NODE_OPTIONS} --max-old-space-size=300` },
    });
    assert.equal(stdout, '2\n');
    assert.match(stderr, /^cache of sentra.js refused: (true|false)\n$/);
    const { bin, own } = copy();
    const cache = join(own, 'sentra.cache');
    truncateSync(cache, 1000);
    assert.deepEqual(sentra(['-e', 'log(3)'], { bin, env: watching }), {
      stdout: '3\n',
      stderr: 'cache of sentra.js refused: true\n',
      status: 0,
    });
    writeFileSync(cache, '');
    assert.equal(sentra(['-e', 'log(4)'], { bin }).stdout, '4\n');
    rmSync(cache);
    assert.deepEqual(sentra(['-e', 'log(5)'], { bin }), { stdout: '5\n', stderr: '', status: 0 });
    assert.equal(existsSync(cache), false, 'nothing is written at run time');
    rmSync(join(own, 'later.cache'));
    assert.deepEqual(sentra(['-e', 'log(floor(6.5))'], { bin }), { stdout: '6\n', stderr: '', status: 0 });
  });
});

describe('the command', () => {
  test('works from a copy of what is shipped, with nothing installed', () => {
    const { bin } = copy();
    assert.equal(sentra(['-e', 'log("copied".upper())'], { bin, cwd: '/' }).stdout, 'COPIED\n');
  });

  test('says how to build it', () => {
    const { directory, bin, own } = copy();
    const refuses = (program: string, why: RegExp): void => {
      const { stdout, stderr, status } = sentra(['-e', program], { bin });
      assert.match(stderr, why);
      assert.deepEqual([stdout, status], ['', 1]);
    };
    rmSync(join(own, 'later.js'));
    assert.equal(sentra(['-e', 'log(1)'], { bin }).stdout, '1\n');
    refuses('log(floor(1.5))', /^sentra: .*later\.js is not there: .* run "npm ci && npm run build" in /);
    rmSync(join(directory, 'dist'), { recursive: true });
    refuses('log(1)', /^sentra: it is not built yet: run "npm ci && npm run build" in /);
  });

  /** As a build does that came out with other files, after `before`. */
  function buildAnew(dist: string, before: string): string {
    const id = 'f'.repeat(16);
    const own = join(dist, id);
    cpSync(before, own, { recursive: true });
    writeFileSync(join(own, 'later.js'), '(function () { throw new Error("of another build"); })');
    const start = readFileSync(join(dist, 'sentra.js'), 'latin1');
    writeFileSync(join(dist, 'sentra.new'), start.replace(/^\/\*\w+/, `/*${id}`), 'latin1');
    renameSync(join(dist, 'sentra.new'), join(dist, 'sentra.js'));
    return own;
  }

  test('reads what belongs to it, also when it was built anew meanwhile', async () => {
    const { directory, bin, own } = copy();
    const code = 'log("begun")\nreadline()\ndoc("floor")';
    const running = new RunningCommand(['-e', code], { bin });
    const last = new RunningCommand(['-e', code], { bin });
    await running.says(/begun/);
    await last.says(/begun/);
    buildAnew(join(directory, 'dist'), own);
    running.process.stdin.write('\n');
    const found = await running.ended;
    assert.match(found.stdout, /^begun\nfloor\(x\)/);
    assert.deepEqual([found.stderr, found.status], ['', 0]);
    rmSync(own, { recursive: true });
    last.process.stdin.write('\n');
    const { stdout, stderr, status } = await last.ended;
    assert.deepEqual([stdout, status], ['begun\n', 1]);
    assert.match(stderr, /^sentra: .*later\.js is not there: Sentra was built anew since this program began/);
  });

  test('says that Node is too old, or not there', () => {
    const directory = directoryWith({
      'old.cjs':
        "Object.defineProperty(process, 'version', { value: 'v18.20.0' }); Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } });",
    });
    const old = sentra(['-e', 'log(1)'], { env: { NODE_OPTIONS: `--require=${join(directory, 'old.cjs')}` } });
    assert.match(old.stderr, /^sentra: Node 20 or later is needed; this is v18\.20\.0/);
    assert.equal(old.status, 1);
    const none = sentra(['-e', 'log(1)'], { env: { PATH: directory } });
    assert.match(none.stderr, /^sentra: Node 20 or later is needed and there is no 'node' on the PATH/);
    assert.equal(none.status, 127);
  });

  test('also runs with node itself', () => {
    const { stdout } = spawnSync(process.execPath, [BIN, '-e', 'log(args())', 'x'], {
      env: environment(),
      encoding: 'utf8',
    });
    assert.equal(stdout, '["x"]\n');
  });

  test('keeps odd arguments as they are', () => {
    const odd = ['', ' a  b ', '*', '$HOME', '`id`', '"', "'", '\\', 'é\n'];
    assert.deepEqual(JSON.parse(sentra(['-e', 'log(args())', ...odd]).stdout), odd);
  });

  test('is found by a name with a space in its path', () => {
    const { directory } = copy();
    const spaced = join(directory, 'a b');
    mkdirSync(spaced);
    for (const name of ['bin', 'dist']) cpSync(join(directory, name), join(spaced, name), { recursive: true });
    const bin = join(spaced, 'bin', 'sentra');
    chmodSync(bin, 0o755);
    assert.equal(sentra(['-e', 'log(1)'], { bin }).stdout, '1\n');
  });
});

describe('deep recursion is an error that can be caught', () => {
  const program = `
    fn forever(n) { return 1 + forever(n + 1) }
    fn deep(n) { return n == 0 ? 0 : 1 + deep(n - 1) }
    fn through_callbacks(list) { return list.map(fn(x) => through_callbacks(list)) }
    for f in [fn() => forever(0), fn() => deep(100000), fn() => through_callbacks([1])] {
      try { f(); log("no error") } catch e { log(e.code) }
    }
    log("after")
  `;
  const expected = 'ESTACK\nESTACK\nESTACK\nafter\n';

  const within = (limits: string, env: Record<string, string> = {}): void => {
    const run = spawnSync('sh', ['-c', `${limits} exec "$0" "$@"`, BIN, '-e', program], {
      env: environment(env),
      encoding: 'utf8',
    });
    assert.deepEqual([run.stdout, run.stderr, run.status], [expected, '', 0], limits);
  };

  test('with the usual limits', () => within(''));

  for (const kilobytes of [8192, 2048, 512]) {
    test(`with a stack of at most ${kilobytes} kB`, () =>
      within(`ulimit -S -s ${kilobytes}; ulimit -H -s ${kilobytes};`));
  }

  test('with a large environment', () => {
    const large = Object.fromEntries(Array.from({ length: 14 }, (_none, i) => [`LARGE_${i}`, 'x'.repeat(120_000)]));
    within('', large);
    within('ulimit -S -s 8192; ulimit -H -s 8192;', large);
  });
});
