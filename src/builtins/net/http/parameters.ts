/** What the functions of HTTP take. */
import { jsonText } from '../../../host/http/json-text';
import { parseHost } from '../../../host/net/address';
import type { MapValue } from '../../../runtime/values';
import { parseJson } from '../../data/json/parse';
import { writeJson } from '../../data/json/write';
import { either, map, string } from '../../types';
import type { Type } from '../../types';

jsonText.read = (text) => parseJson('json', text);
jsonText.write = (value) => writeJson('http_response', value, '');

export const server: Type<string | MapValue> = {
  ...either(string, map),
  name: 'string or map',
  takes: 'an HTTP server: what http_server_create gave, or its "id"',
};

export const listenHost: Type<string> = {
  name: 'string',
  takes: 'an address of this machine or a name, such as "127.0.0.1"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => parseHost(value as string) !== null,
};
