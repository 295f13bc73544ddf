/** examples/check-services.sn against servers of the test. */
import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, RunningCommand, sentra } from '../support/command';
import type { Ended } from '../support/command';

function run(example: string, args: readonly string[]): Ended {
  return sentra([`examples/${example}`, ...args]);
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('check-services.sn tells which services are up', async () => {
  const mail = createServer((socket) => socket.on('error', () => {}).end('220 mail.example ready\r\n'));
  const web = createHttpServer((request, response) => {
    response.statusCode = request.url === '/' ? 200 : 404;
    response.end('Welcome here');
  });
  const [mailPort, webPort] = [await listening(mail), await listening(web)];
  try {
    const service = (name: string, kind: string, more: string): string =>
      `[[service]]\nname = "${name}"\nkind = "${kind}"\n${more}\n`;
    const tcp = (port: number, more = ''): string => `host = "127.0.0.1"\nport = ${port}\n${more}`;
    const up =
      service('mail', 'tcp', tcp(mailPort, 'banner = "220 "')) +
      service('web', 'http', `url = "http://127.0.0.1:${webPort}/"\ncontains = "Welcome"`);
    const down =
      service('page', 'http', `url = "http://127.0.0.1:${webPort}/none"`) +
      service('other', 'tcp', tcp(mailPort, 'banner = "SSH-"')) +
      service('closed', 'tcp', tcp(1));
    const folder = directoryWith({ 'up.toml': up, 'all.toml': `[defaults]\ntimeout = 5\n${up}${down}` });
    const check = (...args: string[]): Promise<Ended> =>
      new RunningCommand(['examples/check-services.sn', ...args]).ended;
    const good = await check(join(folder, 'up.toml'));
    assert.match(
      good.stdout,
      /mail {5}tcp {3}up .* 220 mail\.example ready\nweb {6}http {2}up .* status 200\n\nall up\n$/,
    );
    assert.equal(good.status, 0);
    const some = await check('--json', join(folder, 'all.toml'));
    const results = JSON.parse(some.stdout) as { service: string; state: string; seen: string }[];
    assert.deepEqual(
      results.map(({ service: name, state }) => `${name} ${state}`),
      ['mail up', 'web up', 'page down', 'other down', 'closed down'],
    );
    assert.equal(results[2]!.seen, 'status 404, not 200');
    assert.equal(results[3]!.seen, 'it says "220 mail.example ready"');
    assert.match(results[4]!.seen, /ECONNREFUSED/);
    assert.equal(some.status, 1);
  } finally {
    mail.close();
    web.close();
  }
});

test('check-services.sn says what is wrong with its file', () => {
  const folder = directoryWith({
    'broken.toml': 'x = ',
    'none.toml': '',
    'kind.toml': '[[service]]\nname = "a"\nkind = "ftp"',
    'key.toml': '[[service]]\nname = "a"\nkind = "tcp"\nhost = "h"',
  });
  const wrong = (file: string): string => {
    const { stderr, status } = run('check-services.sn', [join(folder, file)]);
    assert.equal(status, 2);
    return stderr;
  };
  assert.match(wrong('broken.toml'), /broken\.toml: toml_parse: .*line 1/);
  assert.match(wrong('none.toml'), /it has no \[\[service\]\]/);
  assert.match(wrong('kind.toml'), /the kind of 'a' must be "http" or "tcp"/);
  assert.match(wrong('key.toml'), /'a' has no port/);
  assert.match(wrong('absent.toml'), /ENOENT/);
});

test('services.toml is such a file', () => {
  const { stdout, status } = run('check-services.sn', ['--json', 'examples/services.toml']);
  assert.deepEqual(
    (JSON.parse(stdout) as { service: string }[]).map((each) => each.service),
    ['website', 'database', 'mail'],
  );
  assert.ok(status === 0 || status === 1);
});
