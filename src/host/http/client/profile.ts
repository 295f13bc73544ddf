/**
 * How connections are made: what a pool of them has in common. Requests with the same settings share connections;
 * those of a request that trusts another authority are never used for one that does not.
 */
import { ClientSetup } from '../../net/tls';
import { node } from '../../node';
import type { ProxyPlace } from './proxy';

export interface TlsSettings {
  readonly ca: string | readonly string[] | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly passphrase: string | null;
  readonly insecure: boolean;
  readonly servername: string | null;
}

export interface Profile {
  /** Equal for profiles whose connections may be shared. */
  readonly key: string;
  readonly setup: (builtin: string) => ClientSetup;
  /** Addresses that stand in for names. */
  readonly resolve: ReadonlyMap<string, string>;
  /** Only addresses of the public internet. */
  readonly publicOnly: boolean;
  readonly proxy: ProxyPlace | null;
}

/** HTTP/1.1 is what is spoken; a server that offers more is told so. */
const ALPN = ['http/1.1'];

export function makeProfile(
  tls: TlsSettings,
  resolve: ReadonlyMap<string, string>,
  publicOnly: boolean,
  proxy: ProxyPlace | null,
): Profile {
  const plain = tls.ca === null && tls.cert === null && tls.key === null && !tls.insecure && tls.servername === null;
  const key =
    plain && resolve.size === 0 && !publicOnly && proxy === null
      ? ''
      : JSON.stringify([
          [tls.ca].flat().map(stamp),
          [tls.cert, tls.key].map(stamp),
          tls.passphrase,
          tls.insecure,
          tls.servername,
          [...resolve],
          publicOnly,
          proxy === null ? null : [proxy.place.origin, proxy.authorization],
        ]);
  let setup: ClientSetup | null = null;
  return {
    key,
    setup: (builtin) => (setup ??= new ClientSetup(builtin, { ...tls, alpn: ALPN })),
    resolve,
    publicOnly,
    proxy,
  };
}

/** A file by its name and when it was written, so that a renewed certificate makes new connections. */
function stamp(pem: string | null): string | null {
  if (pem === null || pem.includes('-----BEGIN ')) return pem;
  return `${pem} ${node.fs.statSync(pem, { throwIfNoEntry: false })?.mtimeMs ?? 0}`;
}
