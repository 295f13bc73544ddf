/**
 * JSON Web Tokens (RFC 7519, RFC 7515): signed claims as text. Which algorithms are taken follows from the key,
 * never from the token: "none" is no algorithm, and a public key is no secret.
 */
import { TOKEN_ALGORITHMS, TokenKey } from '../../../host/crypto/token-signature';
import type { TokenAlgorithm } from '../../../host/crypto/token-signature';
import { decode, encode } from '../../../host/text';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { arrayOf, failure, finite } from '../../core/value-types';
import { defineBuiltin } from '../../define-builtin';
import { data, map, oneOf, option, options, string } from '../../types';
import type { OptionsOf, Type } from '../../types';
import { parseJson } from '../json/parse';
import { writeJson } from '../json/write';

const algorithm = oneOf(...TOKEN_ALGORITHMS);

const key: Type<string | number[]> = {
  name: 'string or array',
  takes: 'a secret (a string or byte values, not empty), or a key in PEM form',
  test: 'check($)',
  check: (value) => (typeof value === 'string' ? value !== '' : data.check!(value) && (value as Value[]).length > 0),
};

const signing = {
  algorithm: option(algorithm, 'Which one of those that the key may be used with; the usual one of the key'),
  expires_in: option(finite, 'Seconds from now after which it is no longer taken: sets the claim exp'),
  header: option(map, 'More entries for its header, such as kid'),
};

export const jwtSign = defineBuiltin({
  name: 'jwt_sign',
  group: 'crypto',
  summary: 'Makes a signed token (JWT) of claims',
  details:
    'With a secret the algorithm is HS256 (or HS384, HS512), with an Ed25519 key EdDSA, with an RSA key RS256. Everybody can read the claims; nobody without the key can change them. Times in claims (exp, nbf, iat) are seconds since 1970.',
  params: [
    { name: 'claims', type: map, about: 'What the token says' },
    { name: 'key', type: key, about: 'A secret, or a private key as PEM text' },
    { name: 'options', type: options(signing), about: 'The algorithm, the end and the header', optional: true },
  ],
  gives: { type: 'string', about: 'The token: three parts in base64url with dots between' },
  errors: {
    EKEY: 'the key cannot be used',
    EALGORITHM: 'the algorithm does not go with the key',
    EVALUE: 'a claim is a value that JSON cannot hold',
  },
  example: `let token = jwt_sign({"sub": "ann", "admin": true}, "a long secret", {"expires_in": 3600})
log(jwt_verify(token, "a long secret").sub)  // expect: ann`,
  failing:
    'jwt_sign({}, "a secret", {"algorithm": "none"})  // expect error: jwt_sign: option "algorithm" must be "HS256"',
  run: (claims, secret, settings) => {
    const signer = TokenKey.of('jwt_sign', secret, 'sign');
    const chosen = settings.algorithm ?? signer.algorithms[0]!;
    if (!signer.algorithms.includes(chosen)) {
      const fitting = signer.algorithms.join(' or ');
      throw failure('EALGORITHM', 'jwt_sign', `this key is for ${fitting}, not for ${chosen}`);
    }
    const header = MapValue.from({ alg: chosen, typ: 'JWT' });
    for (const [name, value] of settings.header?.entries() ?? []) if (name !== 'alg') header.set(name, value);
    const body = MapValue.from({});
    for (const [name, value] of claims.entries()) body.set(name, value);
    if (settings.expires_in !== null) body.set('exp', Math.floor(Date.now() / 1000 + settings.expires_in));
    const signed = `${part(header)}.${part(body)}`;
    return `${signed}.${signer.sign(chosen, signed).toString('base64url')}`;
  },
});

function part(content: MapValue): string {
  return encode(writeJson('jwt_sign', content, '')).toString('base64url');
}

const verifying = {
  algorithms: option(arrayOf(algorithm, 'names of algorithms'), 'Only these, of those that go with the key'),
  issuer: option(string, 'What the claim iss must be'),
  audience: option(string, 'What the claim aud must be, or hold'),
  leeway: option(finite, 'So many seconds the clocks may differ', 0),
};

export const jwtVerify = defineBuiltin({
  name: 'jwt_verify',
  group: 'crypto',
  summary: 'Verifies a token (JWT) and gives its claims',
  details:
    'The key decides which algorithms are taken: a secret takes HS256, HS384 and HS512, an Ed25519 key EdDSA, an RSA key RS256. "none" is refused always. The claims exp (the end) and nbf (the beginning) are looked at where they are there.\n\nThe error has the reason as e.reason: "malformed", "algorithm", "signature", "expired", "not_before", "issuer" or "audience".',
  params: [
    { name: 'token', type: string, about: 'The token' },
    { name: 'key', type: key, about: 'The secret, or the public key as PEM text' },
    { name: 'options', type: options(verifying), about: 'What else it must be', optional: true },
  ],
  gives: { type: 'map', about: 'The claims' },
  errors: { EJWT: 'the token is not to be trusted; see reason', EKEY: 'the key cannot be used' },
  example: `let token = jwt_sign({"sub": "ann"}, "a long secret")
log(jwt_verify(token, "a long secret").sub)  // expect: ann
try {
  jwt_verify(token, "another secret")
} catch e {
  log(e.code, e.reason)  // expect: EJWT signature
}`,
  failing: 'jwt_verify("a.b", "secret")  // expect error: jwt_verify: this is no token: it has 2 parts in place of 3',
  run: (token, secret, settings) => {
    const verifier = TokenKey.of('jwt_verify', secret, 'verify');
    const parts = token.split('.');
    if (parts.length !== 3) {
      throw distrust('malformed', `this is no token: it has ${parts.length} parts in place of 3`);
    }
    const [head, body, signature] = parts as [string, string, string];
    const used = algorithmOf(json('header', head), verifier, settings.algorithms);
    if (!verifier.verify(used, `${head}.${body}`, base64url('signature', signature))) {
      throw distrust('signature', 'the signature is wrong: the token was changed, or signed with another key');
    }
    const claims = json('claims', body);
    checkClaims(claims, settings);
    return claims;
  },
});

function distrust(reason: string, message: string): ErrorValue {
  return fault('EJWT', `jwt_verify: ${message} (EJWT)`, { function: 'jwt_verify', fields: { reason } });
}

/** In its one regular form, so that each token is written in one way only. */
function base64url(name: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw distrust('malformed', `its ${name} is no base64url`);
  return bytes;
}

function json(name: string, text: string): MapValue {
  const content = decode(base64url(name, text));
  let value: Value;
  try {
    value = parseJson('jwt_verify', content);
  } catch {
    throw distrust('malformed', `its ${name} is no JSON`);
  }
  if (!(value instanceof MapValue)) throw distrust('malformed', `its ${name} is no map`);
  return value;
}

function algorithmOf(header: MapValue, verifier: TokenKey, wanted: readonly string[] | null): TokenAlgorithm {
  const named = header.get('alg');
  const found = verifier.algorithms.find((each) => each === named);
  if (found === undefined || (wanted !== null && !wanted.includes(found))) {
    const taken = verifier.algorithms.filter((each) => wanted === null || wanted.includes(each));
    const list = taken.length === 0 ? 'none of those asked for' : taken.join(', ');
    throw distrust('algorithm', `it is signed with ${JSON.stringify(named ?? null)}; with this key ${list} is taken`);
  }
  // RFC 7515, 4.1.11: what is listed there must be understood, and nothing of it is.
  if (header.has('crit')) throw distrust('malformed', 'its header asks for extensions that are not known');
  return found;
}

function checkClaims(claims: MapValue, settings: OptionsOf<typeof verifying>): void {
  const now = Date.now() / 1000;
  const end = timeClaim(claims, 'exp');
  if (end !== null && now >= end + settings.leeway) {
    throw distrust('expired', `it expired at ${shownTime(end)}`);
  }
  const beginning = timeClaim(claims, 'nbf');
  if (beginning !== null && now < beginning - settings.leeway) {
    throw distrust('not_before', `it is not valid before ${shownTime(beginning)}`);
  }
  const { issuer, audience } = settings;
  if (issuer !== null && claims.get('iss') !== issuer) throw distrust('issuer', `it is not issued by ${issuer}`);
  if (audience === null) return;
  const given = claims.get('aud') ?? null;
  if (given !== audience && !(Array.isArray(given) && given.includes(audience))) {
    throw distrust('audience', `it is not meant for ${audience}`);
  }
}

function timeClaim(claims: MapValue, name: string): number | null {
  const value = claims.get(name);
  if (value === undefined) return null;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw distrust('malformed', `its claim ${name} is no number`);
  return value;
}

function shownTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
