/**
 * What a failure of the network means, in words: one table for the codes of the system, of name lookups and of
 * TLS. All errors of sockets are made here, in the task that waits for the operation, so that their stack shows
 * the program.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import type { Value } from '../../runtime/values';
import type { Address } from '../events';
import type { Failure } from '../failure';
import { formatAddress, isBroadcast, linkLocalWithoutInterface, scopeOf } from './address';

/** What was being done; the words of an error depend on it. */
export type Doing =
  'connect' | 'listen' | 'accept' | 'send' | 'receive' | 'secure' | 'look up' | 'set' | 'join' | 'leave' | 'use';

export interface Attempt {
  /** The built-in that the program called. */
  readonly builtin: string;
  readonly doing: Doing;
  /** As the program named it; `port` null for a path or a name alone. */
  readonly target: Address;
  /** For ETIMEDOUT. */
  readonly seconds?: number | null;
  /** The own address that the program has chosen, for connecting. */
  readonly from?: Address | null;
  /** What the error tells beyond host and port. */
  readonly fields?: Readonly<Record<string, Value>>;
}

interface Words {
  readonly message: string;
  readonly hint?: string;
  /** Where it is not the system's own. */
  readonly code?: string;
  /** What the error adds: `e.reason`. */
  readonly reason?: string;
}

/** The error of the language for a failed attempt. */
export function networkError(attempt: Attempt, failure: Failure): ErrorValue {
  const { host, port } = attempt.target;
  const words = wordTls(attempt, failure) ?? wordFailure(attempt, failure);
  const code = words.code ?? failure.code;
  const fields: Record<string, Value> = { host, port, ...attempt.fields };
  if (words.reason !== undefined) fields.reason = words.reason;
  return fault(code, `${attempt.builtin}: ${words.message} (${code})`, {
    function: attempt.builtin,
    fields,
    ...(words.hint === undefined ? {} : { hint: words.hint }),
  });
}

function wordFailure(attempt: Attempt, { code, message, isLookup = false }: Failure): Words {
  const { doing, target } = attempt;
  const where = formatAddress(target.host, target.port);
  const own = attempt.from ?? { host: '', port: null };
  const isPath = target.port === null;
  const subject = {
    connect: `connection to ${where}`,
    listen: `cannot listen on ${where}`,
    accept: `cannot accept on ${where}`,
    send: `cannot send to ${where}`,
    receive: `cannot receive from ${where}`,
    secure: `TLS with ${where}`,
    'look up': `cannot look up ${where}`,
    set: `cannot set this on ${where}`,
    join: `cannot join the group ${where}`,
    leave: `cannot leave the group ${where}`,
    use: `cannot use the interface of ${where}`,
  }[doing];
  /** What went wrong behind it: "connection to 127.0.0.1:80 failed: ", "cannot listen on 127.0.0.1:80: ". */
  const begin = subject.startsWith('cannot ') ? `${subject}: ` : `${subject} failed: `;
  switch (code) {
    case 'ECONNREFUSED':
      if (doing === 'connect') {
        return {
          message: `connection to ${where} refused: nothing is listening there`,
          hint: isPath
            ? 'the program that made the socket file has ended, or the file is no socket'
            : 'is the program there running, and is the port right?',
        };
      }
      return { message: `${subject}: it was refused, nothing is listening there` };
    case 'ETIMEDOUT': {
      const after =
        attempt.seconds == null ? '' : ` after ${attempt.seconds} ${attempt.seconds === 1 ? 'second' : 'seconds'}`;
      if (doing === 'secure') return { message: `${subject} timed out${after}: the peer did not finish the handshake` };
      if (isLookup) {
        return {
          message: `${subject} timed out${after}: no name server has answered for '${target.host}'`,
          hint: 'is this machine online, and is its name server right?',
        };
      }
      if (doing === 'connect') {
        return {
          message: `${subject} timed out${after}: no answer`,
          hint: 'a firewall may drop the packets, or the host is down',
        };
      }
      return { message: `${subject}: the connection timed out${after}` };
    }
    case 'ECONNRESET':
      return doing === 'secure'
        ? { message: `${begin}the peer closed the connection during the handshake` }
        : doing === 'connect'
          ? { message: `${subject} was reset by the peer` }
          : { message: `${subject}: the peer reset the connection` };
    case 'EPIPE':
    case 'ERR_STREAM_DESTROYED':
    case 'ERR_STREAM_WRITE_AFTER_END':
      return { message: `${subject}: the peer has closed the connection`, code: 'EPIPE' };
    case 'ECONNABORTED':
      return { message: `${subject}: the connection was given up${message === '' ? '' : `: ${message}`}` };
    case 'EHOSTUNREACH':
      return {
        message: `${begin}the host cannot be reached`,
        hint: 'it is down, or a router has no way to it',
      };
    case 'ENETUNREACH':
      return { message: `${begin}there is no route to its network`, hint: 'is this machine online?' };
    case 'EHOSTDOWN':
      return { message: `${begin}the host is down` };
    case 'ENETDOWN':
      return { message: `${begin}the network is down` };
    case 'ENOTFOUND':
    case 'ENODATA':
      return {
        message: `${doing === 'look up' ? '' : begin}the name '${target.host}' does not exist`,
        code: 'ENOTFOUND',
        hint: 'is it spelt right? dns_lookup(name) shows what the name servers say',
      };
    case 'EAI_AGAIN':
      return {
        message: `${doing === 'look up' ? '' : begin}no name server answers for '${target.host}'`,
        hint: 'is this machine online, and is its name server right?',
      };
    case 'EADDRINUSE':
      if (doing === 'join') return { message: `${begin}the socket is in it already` };
      if (doing === 'connect') {
        return {
          message: `${begin}the own port${own.port === null ? '' : ` ${own.port}`} is in use`,
          hint: 'without the option "local_port" the system chooses a free one',
        };
      }
      if (isPath) {
        return {
          message: `${subject}: another program listens there, or the path is a file of another kind`,
          hint: 'stop that program, or choose another path',
        };
      }
      return {
        message: `${subject}: the port is in use`,
        hint: 'stop the program that listens there, or choose another port (0 takes any free one)',
      };
    case 'EACCES':
    case 'EPERM':
      if (isPath)
        return {
          message: `${subject}: no permission for this path`,
          hint: 'look at the rights of the file and of its directory',
        };
      if (isBroadcast(target.host)) {
        return {
          message: `${begin}it is a broadcast address, and the socket may not send to those`,
          hint:
            doing === 'send'
              ? 'socket_set(socket, {"broadcast": true}) lets it'
              : 'use a socket of socket_listen("UDP", ...), socket_set(socket, {"broadcast": true}) and socket_send_to',
        };
      }
      if (doing === 'listen' && target.port > 0 && target.port < 1024) {
        return {
          message: `${subject}: ports below 1024 need root or the capability CAP_NET_BIND_SERVICE`,
          hint: 'choose a port from 1024 on',
        };
      }
      if (doing === 'send' && code === 'EACCES') {
        return {
          message: `${begin}no permission`,
          hint: 'for a broadcast address: socket_set(socket, {"broadcast": true})',
        };
      }
      return doing === 'send' || doing === 'connect'
        ? { message: `${begin}no permission`, hint: 'a rule of the firewall of this machine may forbid it' }
        : { message: `${begin}no permission` };
    case 'EADDRNOTAVAIL':
      if (doing === 'leave') return { message: `${begin}the socket is not in it` };
      if (doing === 'connect' && own.host !== '') {
        return { message: `${begin}this machine does not have the own address ${own.host}` };
      }
      if (doing === 'use') return { message: `${begin}this machine does not have that address` };
      return doing === 'listen'
        ? {
            message: `${subject}: this machine does not have that address`,
            hint: '"127.0.0.1" listens for this machine alone, "0.0.0.0" on all its addresses',
          }
        : {
            message: `${begin}there is no own address or port for it`,
            hint: 'all own ports may be in use, also by connections that were closed a moment ago',
          };
    case 'EAFNOSUPPORT':
      return {
        message: `${subject}: this kind of address cannot be used here`,
        hint: 'IPv6 may be switched off on this machine',
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        message: `${begin}too many files and sockets are open`,
        hint:
          code === 'EMFILE'
            ? 'close those that are no longer needed, or raise the limit (ulimit -n)'
            : 'the limit of the whole system is reached',
      };
    case 'ENOBUFS':
    case 'ENOMEM':
      return { message: `${begin}the system has no memory left for it` };
    case 'EMSGSIZE':
      return { message: `${subject}: the datagram is too large`, hint: 'a UDP datagram holds at most 65507 bytes' };
    case 'ENOENT':
      return doing === 'listen'
        ? { message: `${subject}: its directory does not exist` }
        : { message: `${begin}there is no such socket file`, hint: 'is the program that makes it running?' };
    case 'ENOTSOCK':
      return { message: `${begin}the path is no socket` };
    case 'ELOOP':
      return { message: `${begin}its links lead in a circle` };
    case 'ENODEV':
      return {
        message: `${begin}no interface is named for it, and the routes of this machine name none`,
        hint: 'option "multicast_interface" takes the own address on the network of the group',
      };
    case 'ENOTDIR':
      return { message: `${begin}a part of the path is no directory` };
    case 'ENAMETOOLONG':
      return { message: `${begin}the path of a socket may have at most 107 bytes` };
    case 'EROFS':
      return { message: `${subject}: the file system is read-only` };
    case 'EDESTADDRREQ':
      return { message: `${subject}: nobody is named to send to` };
    case 'ENOPROTOOPT':
    case 'EINVAL':
      if (linkLocalWithoutInterface(target.host)) {
        return {
          message: `${begin}an address of the local link stands for one of every interface`,
          hint: `name the interface behind it: "${target.host}%eth0"`,
        };
      }
      if (doing === 'use' && scopeOf(target.host) === null) {
        return { message: `${begin}of IPv6 an interface is told by its name`, hint: 'write it behind "::": "::%eth0"' };
      }
      if (scopeOf(target.host) !== null) {
        return {
          message: `${begin}there is no interface ${scopeOf(target.host)} here`,
          hint: 'network_interfaces() lists them by name',
        };
      }
      return { message: `${begin}the system refuses the address or setting` };
    default:
      return { message: `${begin}${message}`, ...(code.startsWith('ERR_') ? { code: 'EINVAL' } : {}) };
  }
}

/** Reasons for which OpenSSL refuses a certificate, as four kinds and the rest. */
const CERTIFICATE: Readonly<Record<string, readonly [reason: string, words: string]>> = {
  CERT_HAS_EXPIRED: ['expired', 'its certificate has expired'],
  CERT_NOT_YET_VALID: ['not yet valid', 'its certificate is not valid yet'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['wrong host', 'its certificate is for another host'],
  HOSTNAME_MISMATCH: ['wrong host', 'its certificate is for another host'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['self-signed', 'its certificate is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: ['unknown issuer', 'its certificate goes back to an authority that is not trusted here'],
  UNABLE_TO_GET_ISSUER_CERT: ['unknown issuer', 'its certificate has an unknown issuer'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['unknown issuer', 'its certificate has an unknown issuer'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'unknown issuer',
    'its certificate has an unknown issuer, or a certificate of the chain is missing',
  ],
  CERT_UNTRUSTED: ['unknown issuer', 'its certificate has an issuer that is not trusted'],
  CERT_REVOKED: ['revoked', 'its certificate was revoked'],
  CERT_SIGNATURE_FAILURE: ['bad signature', 'the signature of its certificate is wrong'],
  CERT_CHAIN_TOO_LONG: ['chain too long', 'the chain of its certificate is too long'],
  INVALID_CA: ['invalid authority', 'a certificate of its chain may not issue others'],
  INVALID_PURPOSE: ['wrong purpose', 'its certificate may not be used for this'],
  PATH_LENGTH_EXCEEDED: ['chain too long', 'the chain of its certificate is longer than an authority allows'],
  CERT_REJECTED: ['rejected', 'its certificate is rejected'],
  UNSPECIFIED: ['unverified', 'its certificate cannot be verified'],
};

const CERTIFICATE_HINTS: Readonly<Record<string, string>> = {
  'self-signed': 'to trust it, give it as the option "ca"; {"insecure": true} takes any certificate',
  'unknown issuer': 'give the certificate of its authority as the option "ca", or name it in SSL_CERT_FILE',
  'wrong host': 'connect by a name that the certificate has, or give that name as the option "servername"',
};

/** How OpenSSL names the alerts that the other side has sent: "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR". */
const ALERT = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(\w+)$/;

/** What the other side said, as an alert (RFC 8446, section 6) or by not speaking TLS. */
const HANDSHAKE: readonly (readonly [pattern: RegExp, words: string])[] = [
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|HTTPS_PROXY_REQUEST|(?<!ALERT_)UNEXPECTED_MESSAGE|BAD_RECORD_TYPE|RECORD_LAYER/i,
    'the peer does not speak TLS on this port',
  ],
  [/wrong version number|packet length too long/i, 'the peer does not speak TLS on this port'],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|NO_PROTOCOLS_AVAILABLE/i,
    'the two sides have no version of TLS in common; here it is 1.2 or later',
  ],
  [/CERTIFICATE_REQUIRED|PEER_DID_NOT_RETURN_A_CERTIFICATE/i, 'a certificate of the client is required'],
  [
    /NO_SHARED_CIPHER|NO_CIPHERS|HANDSHAKE_FAILURE/i,
    'the two sides have no cipher suite in common, or no certificate that suits',
  ],
  [/UNKNOWN_CA/i, 'the peer does not know the issuer of the certificate it was shown'],
  [/CERTIFICATE_EXPIRED/i, 'the peer refuses the certificate it was shown: it has expired'],
  [
    /BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|CERTIFICATE_REVOKED|ACCESS_DENIED/i,
    'the peer refuses the certificate it was shown',
  ],
  [/NO_APPLICATION_PROTOCOL/i, 'the two sides have no application protocol (ALPN) in common'],
  [/UNRECOGNIZED_NAME/i, 'the peer serves no host of that name'],
];

/** From Node's words for it: "Host: a.test. is not in the cert's altnames: DNS:b.test, DNS:c.test". Null where no name is told. */
function wrongHost(message: string): string | null {
  const asked = /(?:Host|IP): (.+?)\.? is not /.exec(message)?.[1];
  const names = [...message.matchAll(/(?:DNS:|IP Address:|cert's CN: )([\w.*:-]+)/g)].map((match) => match[1]!);
  if (asked === undefined || names.length === 0) return null;
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `its certificate is for ${names.slice(0, MAX_NAMES).join(', ')}${more}, not for ${asked}`;
}

/** Of a certificate, in an error. */
const MAX_NAMES = 3;

function wordTls({ doing, target }: Attempt, { code, message }: Failure): Words | null {
  const where = formatAddress(target.host, target.port);
  const certificate = CERTIFICATE[code];
  if (certificate !== undefined) {
    const [reason, usual] = certificate;
    const words = reason === 'wrong host' ? (wrongHost(message) ?? usual) : usual;
    const hint = CERTIFICATE_HINTS[reason];
    return {
      message: `${where} cannot be trusted: ${words}`,
      code: 'ECERT',
      reason,
      ...(hint === undefined ? {} : { hint }),
    };
  }
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') {
    return { message: `TLS with ${where} timed out: the peer did not finish the handshake`, code: 'ETIMEDOUT' };
  }
  const isTls =
    code.startsWith('ERR_SSL_') || code.startsWith('ERR_OSSL_') || code === 'EPROTO' || code.startsWith('ERR_TLS_');
  if (!isTls) return null;
  const words = HANDSHAKE.find(([pattern]) => pattern.test(code) || pattern.test(message))?.[1];
  const alert = ALERT.exec(code)?.[1]?.toLowerCase().replaceAll('_', ' ');
  const said =
    words ??
    (alert === undefined ? null : `the peer has sent the alert "${alert}"`) ??
    `a message that breaks the protocol (${code
      .replace(/^ERR_(SSL|OSSL|TLS)_/, '')
      .toLowerCase()
      .replaceAll('_', ' ')})`;
  return {
    message:
      doing === 'secure' || doing === 'connect'
        ? `TLS with ${where} failed: ${said}`
        : `TLS with ${where} ended: ${said}`,
    code: 'EPROTO',
  };
}
