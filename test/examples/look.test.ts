/** The examples that look at networks: certificates that end soon, and an inventory as a page, in a browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { BIN, directoryWith, RunningCommand } from '../support/command';
import { Namespace } from '../support/namespaces';
import { freePort } from '../support/network';
import { findProgram, missing, needsRoot, runProgram, startService } from '../support/programs';
import type { Service } from '../support/programs';

const directory = directoryWith({});
const file = (name: string): string => join(directory, name);
const services: Service[] = [];

after(async () => {
  for (const service of services) await service.stop();
});

/** A server of TLS whose certificate is for localhost, of an authority of the test, and ends in so many days. */
async function serverFor(days: number): Promise<number> {
  const name = `in-${days}`;
  runProgram('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)]); // prettier-ignore
  runProgram('openssl', ['x509', '-req', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-copy_extensions', 'copy', '-days', String(days), '-out', file(`${name}.pem`)]); // prettier-ignore
  const port = await freePort();
  const args = ['s_server', '-www', '-accept', `127.0.0.1:${port}`, '-cert', file(`${name}.pem`), '-key', file(`${name}.key`), '-no_tls1', '-no_tls1_1']; // prettier-ignore
  services.push(await startService(findProgram('openssl')!, args, (output) => output.includes('ACCEPT')));
  return port;
}

test('certificate-watch.sn ends with 1 when a certificate ends within 30 days, and with 0 when none does', { skip: missing('openssl') }, async () => {
  runProgram('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=authority', '-days', '90', '-keyout', file('ca.key'), '-out', file('ca.pem')]);
  const watch = (...targets: string[]) => new RunningCommand(['examples/certificate-watch.sn', ...targets], { env: { SSL_CERT_FILE: file('ca.pem') } }).ended;
  const [long, short] = [await serverFor(60), await serverFor(20)];
  const good = await watch(`localhost:${long}`);
  assert.match(good.stdout, /^good localhost:\d+: 59 days left, grade A\n$/);
  assert.equal(good.status, 0);
  const soon = await watch(`localhost:${long}`, `localhost:${short}`);
  assert.match(soon.stdout, /^good localhost:\d+: 59 days left, grade A\nBAD {2}localhost:\d+: 19 days left; expires soon: /);
  assert.equal(soon.status, 1);
  // For another name than it is asked for, a certificate is bad however long it lasts.
  assert.equal((await watch(`127.0.0.1:${long}`)).status, 1);
}); // prettier-ignore

/** A greeting that a page must show and not obey. */
const EVIL = "SSH-2.0-<img src=x onerror=document.title='taken'><script>document.title='taken'</script>";

test('network-inventory.sn writes a page that sorts by a click and obeys no banner', { skip: needsRoot('ip', 'chromium') }, async () => {
  const space = new Namespace();
  const script = `let left = 3; const net = require('net'); const up = () => { if (--left === 0) console.log('ready'); };
    for (const [host, greeting] of [['127.0.0.2', ${JSON.stringify(EVIL)}], ['127.0.0.3', 'SSH-2.0-OpenSSH_9.2p1'], ['127.0.0.10', 'SSH-2.0-dropbear_2022']])
      net.createServer((s) => s.on('error', () => {}).write(greeting + '\\r\\n')).listen(22, host, up);`;
  const service = await startService(findProgram('ip')!, [...space.prefix, process.execPath, '-e', script], (output) => output.includes('ready'));
  try {
    const page = file('inventory.html');
    const said = space.run(BIN, 'run', 'examples/network-inventory.sn', '127.0.0.0/28', page);
    assert.match(said, /\n127\.0\.0\.3 .* 22 OpenSSH 9\.2p1 *\n/);
    assert.doesNotMatch(readFileSync(page, 'utf8'), /<img|https?:/);
    const browser = await chromium.launch({ executablePath: findProgram('chromium')!, args: ['--no-sandbox'] });
    try {
      const tab = await browser.newPage({ viewport: { width: 1000, height: 700 } });
      const problems: string[] = [];
      tab.on('pageerror', (error) => problems.push(error.message));
      tab.on('request', (request) => {
        if (!request.url().startsWith('file:')) problems.push(request.url());
      });
      await tab.goto(`file://${page}`);
      const column = (number: number): Promise<string[]> => tab.locator(`tbody td:nth-child(${number})`).allTextContents();
      assert.equal((await column(1)).length, 14);
      assert.ok((await column(6)).some((text) => text.includes(EVIL.slice('SSH-2.0-'.length))));
      await tab.locator('th').nth(0).click();
      assert.deepEqual((await column(1)).slice(0, 3), ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
      await tab.locator('th').nth(0).click();
      assert.deepEqual((await column(1)).slice(0, 3), ['127.0.0.14', '127.0.0.13', '127.0.0.12']);
      await tab.locator('th').nth(5).click();
      assert.equal((await column(6)).at(-1), '22 OpenSSH 9.2p1');
      await tab.locator('input').fill('DROPBEAR 127.');
      assert.deepEqual(await tab.locator('tbody tr:visible td:first-child').allTextContents(), ['127.0.0.10']);
      await tab.locator('input').fill('');
      assert.equal(await tab.locator('tbody tr:visible').count(), 14);
      if (process.env.INVENTORY_PICTURE !== undefined) await tab.screenshot({ path: process.env.INVENTORY_PICTURE });
      assert.equal(await tab.title(), 'Hosts of 127.0.0.0/28');
      assert.deepEqual(problems, []);
    } finally {
      await browser.close();
    }
  } finally {
    await service.stop();
    space.remove();
  }
}); // prettier-ignore
