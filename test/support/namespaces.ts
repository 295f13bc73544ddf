/**
 * Network namespaces: machines with a network of their own inside of this one, for tests that scan, capture or
 * need rules of a firewall. Names carry the process id; everything is removed by `remove`, and again at the end.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { after } from 'node:test';
import { BIN, environment } from './command';
import type { Ended } from './command';
import { runProgram } from './programs';

let count = 0;
const made = new Set<Namespace>();

after(() => {
  for (const each of made) each.remove();
});

export class Namespace {
  readonly name = `sn-${process.pid}-${++count}`;

  constructor() {
    runProgram('ip', ['netns', 'add', this.name]);
    made.add(this);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** Runs a program inside to its end; gives what it printed. */
  run(command: string, ...args: readonly string[]): string {
    return runProgram('ip', ['netns', 'exec', this.name, command, ...args]);
  }

  /** Gives nftables its rules. */
  rules(text: string): void {
    runProgram('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], text);
  }

  /** What a command line inside begins with. */
  get prefix(): readonly string[] {
    return ['netns', 'exec', this.name];
  }

  /** What programs inside find in /etc/resolv.conf. */
  setResolver(text: string): void {
    this.setFile('resolv.conf', text);
  }

  /** What programs inside find in /etc/hosts. */
  setHosts(text: string): void {
    this.setFile('hosts', text);
  }

  /** `ip netns exec` puts the files of this folder in the place of those of /etc. */
  private setFile(name: string, text: string): void {
    mkdirSync(`/etc/netns/${this.name}`, { recursive: true });
    writeFileSync(`/etc/netns/${this.name}/${name}`, text);
  }

  /** Runs a program of Sentra inside; `input` is its text. */
  sentra(program: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Ended {
    const run = spawnSync('ip', [...this.prefix, BIN, 'run', '-', ...args], {
      input: program,
      encoding: 'utf8',
      timeout: 60_000,
      env: environment(env),
      maxBuffer: 1 << 26,
    });
    if (run.error !== undefined) throw run.error;
    return { stdout: run.stdout, stderr: run.stderr, status: run.status };
  }

  /** A cable to another namespace; each end gets its name and address ("10.0.0.1/24", or none). */
  connect(other: Namespace, own: string, ownAddress: string, others: string, othersAddress: string): void {
    runProgram('ip', ['link', 'add', own, 'netns', this.name, 'type', 'veth', 'peer', 'name', others, 'netns', other.name]); // prettier-ignore
    for (const [space, name, address] of [
      [this, own, ownAddress],
      [other, others, othersAddress],
    ] as const) {
      if (address !== '') {
        space.run('ip', 'addr', 'add', address, 'dev', name, ...(address.includes(':') ? ['nodad'] : []));
      }
      space.run('ip', 'link', 'set', name, 'up');
    }
  }

  remove(): void {
    if (!made.delete(this)) return;
    spawnSync('ip', ['netns', 'del', this.name]);
    rmSync(`/etc/netns/${this.name}`, { recursive: true, force: true });
  }
}
