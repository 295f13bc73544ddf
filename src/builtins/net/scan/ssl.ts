/** `analyze_ssl`: what a TLS server offers, and what is wrong with it. */
import { describeCertificate } from '../../../host/look/certificate';
import { lookAtTls } from '../../../host/look/tls-server';
import { parseHost } from '../../../host/net/address';
import { pemOption } from '../../../host/net/tls';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { CertificateDescription } from '../../../host/look/certificate';
import { defineBuiltin } from '../../define-builtin';
import { array, option, options, string } from '../../types';
import type { Type } from '../../types';
import { findingsOf, gradeOf, isoTime } from './ssl-findings';
import { host, targetPort } from './parameters';

const HTTPS = 443;
const DAY_MS = 86_400_000;

const waitSeconds: Type<number> = {
  name: 'number',
  takes: 'a number of seconds, more than 0 and at most 60',
  test: "(typeof $ === 'number' && $ > 0 && $ <= 60)",
};

const sslOptions = options({
  timeout: option(waitSeconds, 'Seconds for each connection and handshake', 5),
  servername: option(host, 'The name to ask for and to find in the certificate, where it is not the host'),
  ca: option(string, 'Authorities to trust in place of the usual ones, as PEM text or a path'),
  alpn: option(array, 'Application protocols to offer; ["h2", "http/1.1"] where it is left out'),
});

function certificateMap(certificate: CertificateDescription): MapValue {
  const { subject, issuer, notBefore, notAfter, serialNumber, names, key, signature, fingerprint } = certificate;
  return MapValue.from({
    subject,
    issuer,
    not_before: isoTime(notBefore),
    not_after: isoTime(notAfter),
    serial_number: serialNumber,
    names: [...names],
    key,
    signature,
    fingerprint,
    days_left: Math.floor((notAfter.getTime() - Date.now()) / DAY_MS),
  });
}

export const analyzeSsl = defineBuiltin({
  name: 'analyze_ssl',
  group: 'scan',
  summary: 'Looks at a TLS server: its certificates, versions and ciphers, and what is wrong with them',
  details:
    'It gives {ssl_version, cipher_suite, grade, security_issues, certificate_info, chain, versions, alpn, ocsp_stapled, client_certificate_wanted}. certificate_info is {subject, issuer, not_before, not_after, serial_number, names, key, signature, fingerprint, days_left}, chain the same of all certificates, the server\'s own first. versions tells of each version from SSLv3 to TLSv1.3 whether the server takes it. security_issues are texts that begin with what is wrong: "expired: ...", "not yet valid: ...", "expires soon: ...", "wrong host: ...", "self-signed: ...", "unknown issuer: ...", "untrusted: ...", "weak key: ...", "weak signature: ...", "old protocol: ...", "weak cipher: ...", "no forward secrecy: ...". The grade is from "A" to "F", as docs/tls-grades.md tells. A bad certificate is looked at like any other; no data is sent.',
  params: [
    { name: 'host', type: host, about: 'The name or address of the server' },
    { name: 'port', type: targetPort, about: 'The port; 443 where it is left out', optional: true },
    { name: 'options', type: sslOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'map', about: 'What was seen; see above' },
  errors: {
    ECONNREFUSED: 'nothing listens there',
    ETIMEDOUT: 'no answer, or no handshake in time',
    EPROTO: 'what listens there does not speak TLS',
    ECONNRESET: 'the other side ended the connection during the handshake',
    ENOTFOUND: 'there is no such name',
  },
  permission: 'net',
  example: `let own = certificate_create(["localhost"], {"days": 90})
let server = socket_listen("TLS", "127.0.0.1", 0, {"cert": own["cert"], "key": own["key"]})
let seen = analyze_ssl("127.0.0.1", socket_info(server)["local_port"], {"servername": "localhost"})
log(seen["ssl_version"], seen["grade"])  // expect: TLSv1.3 F
log(seen["security_issues"][0])          // expect: self-signed: the certificate is signed by itself, not by an authority`,
  failing: `let server = socket_listen("TCP", "127.0.0.1", 0)
let port = socket_info(server)["local_port"]
socket_close(server)
analyze_ssl("127.0.0.1", port)  // expect error: refused: nothing is listening there (ECONNREFUSED)`,
  waits: true,
  *run(target, port, settings): Steps<MapValue> {
    const builtin = 'analyze_ssl';
    const alpn = settings.alpn === null ? ['h2', 'http/1.1'] : settings.alpn.filter((each) => typeof each === 'string');
    // Names in other scripts are asked for, and stand in certificates, in ASCII.
    const name = parseHost(settings.servername ?? target)!;
    const look = yield* lookAtTls({
      builtin,
      host: target,
      port: port ?? HTTPS,
      servername: name,
      timeoutMs: settings.timeout * 1000,
      alpn,
      ca: settings.ca === null ? null : pemOption(builtin, 'ca', settings.ca),
    });
    const chain = look.chain.map(describeCertificate);
    const own = chain[0];
    const findings = findingsOf(look, chain, name, Date.now());
    return MapValue.from({
      ssl_version: look.version,
      cipher_suite: look.cipher,
      grade: gradeOf(findings),
      security_issues: findings.map(({ text }) => text),
      certificate_info: own === undefined ? null : certificateMap(own),
      chain: chain.map(certificateMap),
      versions: MapValue.from(Object.fromEntries(look.versions)),
      alpn: look.alpn,
      ocsp_stapled: look.ocspStapled,
      client_certificate_wanted: look.clientCertificateWanted,
    });
  },
});
