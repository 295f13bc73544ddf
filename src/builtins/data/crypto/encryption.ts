/** Encrypting with a password, and storing passwords. */
import { open, seal } from '../../../host/crypto/sealed';
import type { Refusal } from '../../../host/crypto/sealed';
import { passwordFits, storePassword } from '../../../host/crypto/passwords';
import { MAX_LOG_N, MIN_LOG_N, USUAL_COST } from '../../../host/crypto/scrypt';
import { bytesOf, decode, encode } from '../../../host/text';
import type { Steps } from '../../../runtime/task';
import type { Value } from '../../../runtime/values';
import { failure } from '../../core/value-types';
import { defineBuiltin } from '../../define-builtin';
import { data, oneOf, option, options, string, whole } from '../../types';
import type { Type } from '../../types';

const algorithm = { name: 'algorithm', type: oneOf('aes256'), about: 'How: "aes256" is AES-256-GCM' } as const;

const secret: Type<string | number[]> = {
  name: 'string or array',
  takes: 'a string or an array of byte values that is not empty',
  test: 'check($)',
  check: (value) => (typeof value === 'string' ? value !== '' : data.check!(value) && (value as Value[]).length > 0),
};

const cost = {
  cost: option(
    whole(MIN_LOG_N, MAX_LOG_N),
    'How hard guessing the key is made: each step more doubles the time and the memory (32 MiB at 15)',
    USUAL_COST.logN,
  ),
};

export const encrypt = defineBuiltin({
  name: 'encrypt',
  group: 'crypto',
  summary: 'Encrypts data with a key or a password, into text',
  details: `The text is base64 and says all that decrypting needs but the key. Its bytes are:

| from | bytes | |
| --- | --- | --- |
| 0 | 4 | \`SENC\` |
| 4 | 1 | version of this layout: 1 |
| 5 | 3 | the parameters of scrypt (RFC 7914), a byte each: log2 of N, r, p |
| 8 | 16 | the salt, random |
| 24 | 12 | the nonce, random |
| 36 | n | the encrypted data |
| 36+n | 16 | the tag of AES-GCM |

scrypt makes the 32 bytes of the AES key from the key and the salt. Bytes 0 to 35 are the additional authenticated data of AES-256-GCM, so nothing can be changed in the text, its head included. In Python: \`hashlib.scrypt(key, salt=t[8:24], n=1 << t[5], r=t[6], p=t[7], dklen=32, maxmem=2**28)\`, then \`AESGCM(k).decrypt(t[24:36], t[36:], t[:36])\` of the package cryptography.

Deriving the key takes a quarter of a second on purpose, on a thread of its own.`,
  params: [
    algorithm,
    { name: 'data', type: data, about: 'Text or bytes' },
    { name: 'key', type: secret, about: 'The key or password' },
    { name: 'options', type: options(cost), about: 'The cost', optional: true },
  ],
  gives: { type: 'string', about: 'The text; another one each time' },
  waits: true,
  example: `let text = encrypt("aes256", "the plan", "correct horse", {"cost": 12})
log(text.starts_with("U0VOQwE"), decrypt("aes256", text, "correct horse"))  // expect: true the plan`,
  failing:
    'encrypt("aes256", "the plan", "")  // expect error: encrypt: key must be a string or an array of byte values that is not empty',
  run: function* (_algorithm, plain, key, settings): Steps<Value> {
    const sealed = yield* seal('encrypt', bytesOf(plain), bytesOf(key), { ...USUAL_COST, logN: settings.cost });
    return sealed.toString('base64');
  },
});

const REFUSALS: Readonly<Record<Refusal, string>> = {
  'no such text': 'this is no text that encrypt made',
  version: 'the text is of a later version of Sentra',
  cost: 'the text asks for more memory or time than it may: it was changed',
  changed: 'the key is wrong, or the text was changed',
};

/** Null for what is not base64 in its one regular form. */
function strictBase64(text: string): Buffer | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

export const decrypt = defineBuiltin({
  name: 'decrypt',
  group: 'crypto',
  summary: 'Decrypts what encrypt made, and refuses it when it was changed',
  params: [
    algorithm,
    { name: 'text', type: string, about: 'The text that encrypt gave; white space around it does no harm' },
    { name: 'key', type: secret, about: 'The key or password that it was encrypted with' },
  ],
  gives: { type: 'string', about: 'The data, also where bytes were given' },
  errors: { EDECRYPT: 'the key is wrong, the text was changed, or it is no such text' },
  waits: true,
  example: `let text = encrypt("aes256", "the plan", "correct horse", {"cost": 12})
log(decrypt("aes256", text, "correct horse"))  // expect: the plan
try {
  decrypt("aes256", text, "wrong horse")
} catch e {
  log(e.code)  // expect: EDECRYPT
}`,
  failing: 'decrypt("aes256", "aGVsbG8=", "key")  // expect error: decrypt: this is no text that encrypt made',
  run: function* (_algorithm, text, key): Steps<Value> {
    const sealed = strictBase64(text.trim());
    const opened = sealed === null ? 'no such text' : yield* open('decrypt', sealed, bytesOf(key));
    if (typeof opened !== 'string') return decode(opened);
    throw failure('EDECRYPT', 'decrypt', REFUSALS[opened]);
  },
});

export const passwordHash = defineBuiltin({
  name: 'password_hash',
  group: 'crypto',
  summary: 'Makes the text to store for a password, from which nobody can work the password out',
  details:
    'With scrypt and a random salt; the parameters stand in the text: "$scrypt$ln=15,r=8,p=3$SALT$HASH" (the PHC string format). It takes a quarter of a second on purpose, on a thread of its own.',
  params: [
    { name: 'password', type: secret, about: 'The password' },
    { name: 'options', type: options(cost), about: 'The cost', optional: true },
  ],
  gives: { type: 'string', about: 'The text for password_verify; another one each time' },
  waits: true,
  example: `let stored = password_hash("correct horse", {"cost": 12})
log(stored[0:22])  // expect: $scrypt$ln=12,r=8,p=3$
log(password_verify("correct horse", stored))  // expect: true`,
  failing: 'password_hash("")  // expect error: password_hash: password must be a string',
  run: (password, settings) =>
    storePassword('password_hash', bytesOf(password), { ...USUAL_COST, logN: settings.cost }),
});

export const passwordVerify = defineBuiltin({
  name: 'password_verify',
  group: 'crypto',
  summary: 'Tells whether a password is the one that a text of password_hash was made from',
  params: [
    { name: 'password', type: string, about: 'The password to test' },
    { name: 'stored', type: string, about: 'What password_hash gave' },
  ],
  gives: { type: 'boolean', about: 'True for the right password' },
  errors: { EPASSWORD: 'the stored text is none that password_hash made' },
  waits: true,
  example: `let stored = password_hash("correct horse", {"cost": 12})
log(password_verify("correct horse", stored), password_verify("battery", stored))  // expect: true false`,
  failing:
    'password_verify("secret", "5f4dcc3b5aa765d61d8327deb882cf99")  // expect error: password_verify: stored is no text that password_hash made',
  run: function* (password, stored): Steps<Value> {
    const fits = yield* passwordFits('password_verify', encode(password), stored);
    if (fits !== null) return fits;
    throw failure('EPASSWORD', 'password_verify', 'stored is no text that password_hash made');
  },
});
