/**
 * Every built-in by name. A group is a file (or folder) whose exports are definitions; listing the file
 * here is all that adding a group takes, and adding a built-in takes only its definition. The build writes it
 * anew so that each is loaded when it is needed: see scripts/build/lazy-registry.ts.
 */
import { add, entriesOf } from './catalogue';
import * as core from './core/core';
import * as string from './core/string';
import * as array from './core/array';
import * as map from './core/map';
import * as tasks from './core/tasks';
import * as time from './core/time';
import * as csv from './data/csv';
import * as html from './data/html';
import * as json from './data/json';
import * as math from './data/math';
import * as regex from './data/regex';
import * as toml from './data/toml';
import * as url from './data/url';
import * as addresses from './net/addresses';
import * as http from './net/http';
import * as socket from './net/socket';
import * as ws from './net/ws';
import * as terminal from './terminal';
import * as test from './test';
import * as crypto from './data/crypto';
import * as capture from './net/capture';
import * as dns from './net/dns';
import * as scan from './net/scan';
import * as encoding from './data/encoding';
import * as compression from './data/compression';
import * as file from './system/file';
import * as path from './system/path';

const files: readonly Readonly<Record<string, unknown>>[] = [
  core,
  string,
  array,
  map,
  tasks,
  time,
  json,
  csv,
  toml,
  math,
  regex,
  url,
  html,
  addresses,
  http,
  socket,
  ws,
  terminal,
  test,
  crypto,
  capture,
  dns,
  scan,
  encoding,
  compression,
  file,
  path,
];

for (const file of files) for (const entry of entriesOf(file)) add(entry);

export {
  allBuiltins,
  currentSpelling,
  findBuiltin,
  findGroup,
  groupNames,
  nearBuiltin,
  relatedBuiltins,
} from './catalogue';
export type { Entry } from './catalogue';
