/** Downloads. */
import { AnswerMap } from '../../../host/http/client/answer-map';
import { download, statusError } from '../../../host/http/client/download';
import { perform } from '../../../host/http/client/perform';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { string } from '../../types';
import { clientOptions, makeRequest, requestErrors } from './client-options';
import './parameters';

const NAME = 'http_download';

export const httpDownload = defineBuiltin({
  name: NAME,
  group: 'http',
  summary: 'Downloads what is at a URL: as a string, or into a file',
  details:
    'Into a file any size goes with little memory. It is written to path + ".part" and takes its name when it is complete, so a download that breaks off leaves what was there before; the next one goes on where it stopped, if the server still has the same file. On a terminal a bar shows how far it is. The timeout is 30 seconds for a string; into a file there is none unless the options name one.',
  params: [
    { name: 'url', type: string, about: 'The URL' },
    { name: 'path', type: string, about: 'The file', optional: true },
    { name: 'options', type: clientOptions, about: 'As for http_get', optional: true },
  ],
  gives: {
    type: 'string or map',
    about: 'The content; with a path {"path", "size", "resumed_at", "status_code", "headers", "url", "elapsed_ms"}',
  },
  errors: {
    ...requestErrors,
    ESTATUS: 'the status is no success; status_code tells which',
    ENOENT: 'there is no such directory',
    EACCES: 'the file cannot be written',
    ENOSPC: 'the disk is full',
  },
  permission: 'net',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_route(server, "GET", "/report.txt", fn(req) => "all is well")
http_server_start(server)
log(http_download(server["url"] + "/report.txt"))  // expect: all is well
try {
  http_download(server["url"] + "/nothing.txt")
} catch e { log(e.code, e.status_code) }  // expect: ESTATUS 404
http_server_stop(server)`,
  failing: `http_download("http:")  // expect error: http_download: "http:" is no URL to ask for`,
  waits: true,
  *run(url, path, options): Steps<Value> {
    const given = { builtin: NAME, method: 'GET', url, headers: null, body: null, options, streamed: path !== null };
    const request = makeRequest(given);
    if (path === null) {
      const answer = yield* perform(request);
      if (answer.head.status < 200 || answer.head.status > 299) throw statusError(request, answer);
      return new AnswerMap(answer).get('body')!;
    }
    const unlimited = options.timeout === null ? { ...request, timeoutMs: Infinity } : request;
    const { answer, size, resumedAt } = yield* download(unlimited, path);
    const map = new AnswerMap(answer);
    const taken = ['status_code', 'headers', 'url', 'elapsed_ms'].map((name) => [name, map.get(name)!] as const);
    return MapValue.of([['path', path], ['size', size], ['resumed_at', resumedAt], ...taken]);
  },
});
