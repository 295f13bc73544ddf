/**
 * Node's own modules, each loaded when it is first used: a program that opens no socket never pays for
 * `net`. This is the only place that names them; all else in this folder takes them from here, and
 * nothing outside this folder does. The library that calls the C library is loaded in the same way, since it
 * is native code that an installation may lack.
 */
import type * as Buffers from 'node:buffer';
import type * as ChildProcess from 'node:child_process';
import type * as Crypto from 'node:crypto';
import type * as Dgram from 'node:dgram';
import type * as Dns from 'node:dns';
import type * as Fs from 'node:fs';
import type * as Http from 'node:http';
import type * as Https from 'node:https';
import type * as Inspector from 'node:inspector';
import type * as Net from 'node:net';
import type * as Os from 'node:os';
import type * as Path from 'node:path';
import type * as Readline from 'node:readline';
import type * as Stream from 'node:stream';
import type * as Tls from 'node:tls';
import type * as Tty from 'node:tty';
import type * as Url from 'node:url';
import type * as V8 from 'node:v8';
import type * as Vm from 'node:vm';
import type * as WorkerThreads from 'node:worker_threads';
import type * as Zlib from 'node:zlib';
import type * as Koffi from 'koffi';

const loaders = {
  buffer: (): typeof Buffers => require('node:buffer') as typeof Buffers,
  childProcess: (): typeof ChildProcess => require('node:child_process') as typeof ChildProcess,
  crypto: (): typeof Crypto => require('node:crypto') as typeof Crypto,
  dgram: (): typeof Dgram => require('node:dgram') as typeof Dgram,
  dns: (): typeof Dns => require('node:dns') as typeof Dns,
  fs: (): typeof Fs => require('node:fs') as typeof Fs,
  http: (): typeof Http => require('node:http') as typeof Http,
  https: (): typeof Https => require('node:https') as typeof Https,
  inspector: (): typeof Inspector => require('node:inspector') as typeof Inspector,
  net: (): typeof Net => require('node:net') as typeof Net,
  os: (): typeof Os => require('node:os') as typeof Os,
  path: (): typeof Path => require('node:path') as typeof Path,
  readline: (): typeof Readline => require('node:readline') as typeof Readline,
  stream: (): typeof Stream => require('node:stream') as typeof Stream,
  tls: (): typeof Tls => require('node:tls') as typeof Tls,
  tty: (): typeof Tty => require('node:tty') as typeof Tty,
  url: (): typeof Url => require('node:url') as typeof Url,
  v8: (): typeof V8 => require('node:v8') as typeof V8,
  vm: (): typeof Vm => require('node:vm') as typeof Vm,
  workerThreads: (): typeof WorkerThreads => require('node:worker_threads') as typeof WorkerThreads,
  zlib: (): typeof Zlib => require('node:zlib') as typeof Zlib,
  koffi: (): typeof Koffi => require('koffi') as typeof Koffi,
};

type Modules = { readonly [K in keyof typeof loaders]: ReturnType<(typeof loaders)[K]> };

/** `node.net`, `node.fs`...: a getter that replaces itself with the module. */
export const node = {} as Modules;

for (const name of Object.keys(loaders) as (keyof typeof loaders)[]) {
  Object.defineProperty(node, name, {
    configurable: true,
    get() {
      const value = loaders[name]();
      Object.defineProperty(node, name, { value });
      return value;
    },
  });
}
