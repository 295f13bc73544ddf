/** Certificates for tests of TLS: made in a moment, trusted by nobody who was not told to. */
import { createCertificate } from '../../../host/crypto/certificate';
import { parseHost } from '../../../host/net/address';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { parseIPv4, parseIPv6 } from '../../../wire/address';
import type { AlternativeName } from '../../../wire/certificate';
import { failure, finite } from '../../core/value-types';
import { defineBuiltin } from '../../define-builtin';
import { boolean, oneOf, option, options } from '../../types';
import type { OptionsOf, Type } from '../../types';

const DAY_MS = 86_400_000;
/** Clocks differ: a certificate that begins this moment would be refused by some. */
const EARLIER_MS = 3_600_000;
const DEFAULT_DAYS = 30;
const DEFAULT_NAMES = ['localhost', '127.0.0.1', '::1'];

const names: Type<string | string[]> = {
  name: 'string or array',
  takes: 'a host name or an address, or an array of them',
  test: 'check($)',
  check: (value) =>
    typeof value === 'string' ||
    (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')),
};

const certAndKey: Type<MapValue> = {
  name: 'map',
  takes: 'a map with the strings "cert" and "key"',
  test: '($ instanceof MapValue && check($))',
  check: (value) => ['cert', 'key'].every((key) => typeof (value as MapValue).get(key) === 'string'),
};

const shape = {
  days: option(finite, 'How long it is valid; may be a fraction', DEFAULT_DAYS),
  starts: option(finite, 'When it begins to be valid, in milliseconds since 1970; an hour ago where it is left out'),
  type: option(oneOf('ec', 'rsa', 'ed25519'), 'The kind of its key: "ec" is P-256, "rsa" has 2048 bits', 'ec'),
  ca: option(boolean, 'It may sign others', false),
  issuer: option(certAndKey, 'Who signs it: what certificate_create gave with "ca"; itself where it is left out'),
};

export const certificateCreate = defineBuiltin({
  name: 'certificate_create',
  group: 'crypto',
  summary: 'Makes a certificate and its key, for tests of TLS',
  details: `It signs itself unless an issuer is given, so nobody trusts it who was not told to: pass its cert as the option "ca" of whoever connects. The names stand in it as subject alternative names; the first one is the common name too.

With "starts" and "days" it can be one that has expired or is not valid yet; with "ca" and "issuer" there can be a chain: put the certificates of the chain one after the other for a server that shows all of them.`,
  params: [
    {
      name: 'names',
      type: names,
      about: 'Host names (also "*.example.com") and addresses; "localhost", "127.0.0.1" and "::1" where it is left out',
      optional: true,
    },
    { name: 'options', type: options(shape), about: 'What kind of certificate', optional: true },
  ],
  gives: { type: 'map', about: '{"cert", "key"}, both PEM text' },
  errors: {
    ENAME: 'one of the names is neither a host name nor an address',
    ERANGE: 'it would begin or end outside of the years 0 to 9999',
    EKEY: 'the issuer is no certificate with its key',
  },
  waits: true,
  example: `let own = certificate_create(["localhost", "127.0.0.1"], {"days": 7})
let server = socket_listen("TLS", "127.0.0.1", 0, {"cert": own.cert, "key": own.key})
let port = socket_info(server).local_port
let accepting = spawn socket_accept(server)
let client = socket_create("TLS", "localhost", port, {"ca": own.cert})
log(socket_info(client).tls.verified)  // expect: true
wait(accepting)`,
  failing: 'certificate_create("not a name")  // expect error: certificate_create: "not a name" is no host name',
  run: function* (given, settings): Steps<Value> {
    const list = given === null ? DEFAULT_NAMES : typeof given === 'string' ? [given] : given;
    const [notBefore, notAfter] = validity(settings);
    const { issuer } = settings;
    const made = yield* createCertificate('certificate_create', {
      names: list.map(alternativeName),
      commonName: [...list[0]!].slice(0, MAX_COMMON_NAME).join(''),
      type: settings.type,
      notBefore,
      notAfter,
      isAuthority: settings.ca,
      issuer: issuer === null ? null : { cert: issuer.get('cert') as string, key: issuer.get('key') as string },
    });
    return MapValue.from({ cert: made.cert, key: made.key });
  },
});

/** RFC 5280, appendix A: ub-common-name. */
const MAX_COMMON_NAME = 64;
const YEAR_0 = Date.UTC(-1, 11, 31, 24);
const YEAR_10000 = Date.UTC(10000, 0, 1);

function validity({ starts, days }: OptionsOf<typeof shape>): [number, number] {
  const from = starts ?? Date.now() - EARLIER_MS;
  const to = (starts ?? Date.now()) + days * DAY_MS;
  if (from < YEAR_0 || to < YEAR_0 || from >= YEAR_10000 || to >= YEAR_10000) {
    throw failure('ERANGE', 'certificate_create', 'it would begin or end outside of the years 0 to 9999');
  }
  if (to <= from) {
    throw failure(
      'ERANGE',
      'certificate_create',
      `it would end before it begins: option "days" is ${days}`,
      'for one that has expired, set "starts" to a time in the past',
    );
  }
  return [from, to];
}

function alternativeName(name: string): AlternativeName {
  const ip = parseIPv4(name) ?? parseIPv6(name);
  if (ip !== null) return { ip };
  const [star, bare] = name.startsWith('*.') ? ['*.', name.slice(2)] : ['', name];
  const dns = parseHost(bare);
  if (dns === null) {
    throw failure('ENAME', 'certificate_create', `${JSON.stringify(name)} is no host name and no address`);
  }
  return { dns: star + dns };
}
