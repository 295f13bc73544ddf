/** What every definition must have, in every group, and the names that the library promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Constant } from '../../src/builtins/define-builtin';
import { describeBuiltin, referencePage } from '../../src/builtins/describe-builtin';
import { allBuiltins, currentSpelling, findBuiltin, findGroup, groupNames } from '../../src/builtins/registry';

const PROMISED: Readonly<Record<string, string>> = {
  core: `log print eprint readline read_stdin type str num int float bool len range error assert exit args env platform
    exec doc`,
  string: `upper lower trim trim_start trim_end split join substring slice index_of last_index_of contains starts_with
    ends_with replace replace_first repeat pad_start pad_end char_at char_code char_from reverse lines words count
    bytes_of string_of byte_len is_digit is_alpha is_space format`,
  array: `push pop shift unshift insert remove_at remove slice concat reverse sort sorted sort_by map filter reduce each
    find find_index index_of contains any all first last take drop sum average min max unique flatten zip enumerate
    chunk group_by count_by partition fill`,
  map: 'keys values entries from_entries has delete get merge clone deep_clone map_values filter_keys invert',
  math: `abs min max floor ceil round trunc sign sqrt cbrt pow exp ln log2 log10 sin cos tan asin acos atan atan2 hypot
    clamp random random_int random_choice shuffle random_seed is_nan is_finite is_whole parse_int parse_float to_base
    PI E INF NAN mean median stdev percentile histogram`,
  json: 'json_parse json_stringify',
  csv: 'csv_parse csv_stringify',
  toml: 'toml_parse',
  url: 'url_parse url_build url_encode url_decode query_parse query_build',
  html: 'html_escape html_unescape',
  regex: 'regex_match regex_find regex_find_all regex_groups regex_replace regex_split regex_escape',
  time: 'time clock now sleep format_time parse_time date_parts every after',
  file: `file_read file_write file_append file_exists file_delete file_copy file_move file_stat file_lines dir_list
    dir_create dir_delete dir_exists dir_walk glob temp_file temp_dir watch`,
  path: 'path_join path_base path_dir path_ext path_resolve',
  crypto: `hash hash_file hmac encrypt decrypt generate_keypair sign verify random_bytes random_hex uuid password_hash
    password_verify constant_time_equal jwt_sign jwt_verify certificate_create sha256 sha1 md5`,
  encoding: 'base64_encode base64_decode base64url_encode base64url_decode hex_encode hex_decode',
  compression: 'gzip gunzip deflate inflate brotli unbrotli crc32',
  net: `ip_parse ip_in cidr_range is_ip is_private_ip ip_to_number number_to_ip mac_format port_name pack unpack`,
  tasks: `wait wait_all wait_any cancel with_timeout yield_now channel send receive try_receive close mutex_create
    mutex_lock mutex_unlock wait_group_create wait_group_add wait_group_done wait_group_wait semaphore_create
    semaphore_acquire semaphore_release rate_limiter_create rate_limiter_wait parallel retry`,
  terminal: 'style table progress progress_step progress_done chart_bar sparkline prompt confirm select_option',
  test: `assert_eq assert_ne assert_true assert_false assert_null assert_not_null assert_contains assert_type
    assert_throws assert_near`,
};

const OLDER: Readonly<Record<string, string>> = {
  indexOf: 'index_of', lastIndexOf: 'last_index_of', startsWith: 'starts_with', startswith: 'starts_with',
  endsWith: 'ends_with', endswith: 'ends_with', substr: 'substring', forEach: 'each', deepClone: 'deep_clone',
  typeof: 'type', length: 'len', includes: 'contains', has_key: 'has', parseJSON: 'json_parse',
  json_decode: 'json_parse', toJSON: 'json_stringify', json_encode: 'json_stringify', parseInt: 'parse_int',
  parseFloat: 'parse_float', randomInt: 'random_int', randint: 'random_int', isNaN: 'is_nan', isFinite: 'is_finite',
  formatTime: 'format_time', parseTime: 'parse_time', time_ms: 'time', read_file: 'file_read', readfile: 'file_read',
  write_file: 'file_write', writefile: 'file_write', make_channel: 'channel', http_server_add_route: 'http_server_route',
  ws_server_listen: 'ws_listen', ws_server_clients: 'ws_server_get_clients',
}; // prettier-ignore

for (const [group, names] of Object.entries(PROMISED)) {
  test(`the group ${group} has all its functions, each in its module too`, () => {
    const members = new Set(findGroup(group)?.values());
    for (const name of names.split(/\s+/)) {
      const entry = findBuiltin(name);
      assert.ok(entry !== undefined, name);
      assert.ok(members.has(entry), `import ${group} has no ${name}`);
    }
  });
}

test('members of modules have short names', () => {
  const member = (group: string, name: string): string | undefined => findGroup(group)?.get(name)?.name;
  const cases = {
    'json.parse': 'json_parse', 'math.sqrt': 'sqrt', 'math.PI': 'PI', 'regex.find_all': 'regex_find_all',
    'csv.stringify': 'csv_stringify', 'url.encode': 'url_encode', 'url.query_parse': 'query_parse', 'html.escape': 'html_escape',
    'string.upper': 'upper', 'map.values': 'values', 'array.map': 'map', 'file.read': 'file_read', 'path.join': 'path_join',
  }; // prettier-ignore
  for (const [short, name] of Object.entries(cases)) {
    const [group, rest] = short.split('.') as [string, string];
    assert.equal(member(group, rest), name, short);
  }
});

test('older spellings lead to the present names', () => {
  for (const [older, name] of Object.entries(OLDER)) {
    assert.equal(currentSpelling(older), name);
    assert.equal(findBuiltin(older), findBuiltin(name));
  }
});

test('an older spelling is no present name', () => {
  for (const entry of allBuiltins()) assert.equal(currentSpelling(entry.name), undefined, entry.name);
});

/** A sentence without its full stop. */
const SENTENCE = /^[A-Z0-9"'`(<{\\].*[^.\s]$|^[a-z_, ]+(\(.*)?[^.\s]$/s;

for (const entry of allBuiltins()) {
  if (entry instanceof Constant) {
    test(`${entry.name} is described`, () => assert.match(entry.summary, SENTENCE));
    continue;
  }
  const { definition } = entry;
  test(`${entry.name} is described`, () => {
    assert.match(definition.name, /^[a-z][a-z0-9_]*$/);
    assert.match(definition.summary, SENTENCE);
    assert.ok(definition.gives.type !== '' && definition.gives.about !== '', 'what it gives');
    assert.match(definition.example, /\/\/ expect:/, 'an example with its expectation');
    assert.match(definition.failing, /\/\/ expect error: \S/, 'a failing example with its expectation');
    assert.ok(definition.example.includes(entry.name), 'the example shows it');
    assert.ok(definition.failing.includes(entry.name), 'the failing example shows it');
    let optional = false;
    definition.params.forEach((param, i) => {
      assert.match(param.name, /^[a-z][a-z0-9_]*$/);
      assert.match(param.about, SENTENCE, `what ${param.name} is: "${param.about}"`);
      assert.ok(param.rest !== true || i === definition.params.length - 1, 'only the last takes the rest');
      assert.ok(
        !optional || param.optional === true || param.rest === true,
        `${param.name} stands after one that may be left out`,
      );
      optional ||= param.optional === true;
      for (const [name, option] of Object.entries(param.type.options ?? {})) {
        assert.match(name, /^[a-z][a-z0-9_]*$/);
        assert.ok(option.about !== '', `what the option ${name} is`);
      }
    });
    for (const [code, when] of Object.entries(definition.errors ?? {})) {
      assert.match(code, /^[A-Z][A-Z0-9_]+$/);
      assert.ok(when !== '', `when ${code} is thrown`);
    }
    if (definition.waits === 'with its callback') {
      assert.ok(
        definition.params.some((param) => param.calls?.as === 'call'),
        'which parameter is the callback',
      );
    }
  });

  test(`the help of ${entry.name} is laid out to 100 columns`, () => {
    const help = describeBuiltin(entry.name)!;
    const own = new Set(
      [definition.example, definition.failing]
        .join('\n')
        .split('\n')
        .map((line) => `  ${line}`),
    );
    for (const line of help.split('\n')) assert.ok(line.length <= 100 || own.has(line), `too wide: ${line}`);
    for (const param of definition.params) assert.ok(help.includes(param.name));
    assert.ok(help.includes(entry.signature.split('(')[0]!));
    assert.doesNotMatch(help, /undefined|\[object/);
  });
}

for (const group of groupNames()) {
  test(`the reference page of ${group} has all its members`, () => {
    const page = referencePage(group);
    for (const entry of findGroup(group)!.values()) assert.ok(page.includes(`\n## ${entry.name}\n`), entry.name);
    assert.doesNotMatch(page, /undefined|\[object/);
  });
}

test('there is no help for what does not exist', () => {
  assert.equal(describeBuiltin('no_such_function'), null);
  assert.throws(() => referencePage('no_such_group'), /no group/);
});
