/** Name servers for tests: a real one (BIND) with a zone of its own, and scripted ones that misbehave. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import { join } from 'node:path';
import { decodeMessage, encodeMessage } from '../../src/wire/dns/message';
import type { DnsMessage, MessageToSend } from '../../src/wire/dns/message';
import { freePort } from './network';
import { findProgram, runProgram, startService, temporaryDirectory } from './programs';

/** The records of example.test. */
const ZONE = `$TTL 300
@ IN SOA ns1 hostmaster.example.test. 2024010101 7200 3600 1209600 60
@ IN NS ns1
@ IN NS ns2
@ IN A 192.0.2.10
@ IN AAAA 2001:db8::10
@ IN MX 20 backup.mail
@ IN MX 10 mail
@ 60 IN TXT "v=spf1 " "mx -all"
@ IN TXT "quote \\" and back\\\\slash \\195\\164 \\255"
@ IN CAA 0 issue "ca.example.net"
@ IN CAA 128 iodef "mailto:sec@example.test"
ns1 IN A 192.0.2.1
ns2 IN A 192.0.2.2
mail IN A 192.0.2.20
backup.mail IN A 192.0.2.21
many IN A 192.0.2.31
many IN A 192.0.2.32
many IN A 192.0.2.33
www IN CNAME web
web IN CNAME host
host IN A 192.0.2.40
ring1 IN CNAME ring2
ring2 IN CNAME ring3
ring3 IN CNAME ring1
selfish IN CNAME selfish
dangling IN CNAME nowhere
_sip._tcp IN SRV 20 5 5061 sip2
_sip._tcp IN SRV 10 1 5060 sip1
_sip._tcp IN SRV 10 9 5060 sip3
sip IN NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp
host IN SSHFP 4 2 ${'ab'.repeat(32)}
host IN HINFO "x86-64" "Linux"
_443._tcp.host IN TLSA 3 1 1 ${'cd'.repeat(32)}
host IN HTTPS 1 . alpn="h2,h3" port=8443
odd IN TYPE65280 \\# 3 010203
uri IN URI 10 1 "https://example.test/a"
secure IN DS 12345 8 2 ${'ef'.repeat(32)}
sub IN DNAME other.test.
xn--exmple-cua IN A 192.0.2.50
*.wild IN A 192.0.2.60
long IN TXT ${Array.from({ length: 20 }, (_none, i) => `"${String(i).padStart(3, '0')}${'x'.repeat(240)}"`).join(' ')}
`;

/** The records of example.com, the name in the examples of the documentation. */
const DOCUMENTED = `$TTL 300
@ IN SOA ns1 hostmaster 1 7200 3600 1209600 60
@ IN NS ns1
@ IN A 192.0.2.70
@ IN AAAA 2001:db8::70
@ IN MX 10 mail
@ IN TXT "v=spf1 -all"
ns1 IN A 192.0.2.71
mail IN A 192.0.2.72
`;

const REVERSE = `$TTL 300
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 3600 1209600 60
@ IN NS ns1.example.test.
10 IN PTR example.test.
40 IN PTR host.example.test.
40 IN PTR www.example.test.
`;

const REVERSE6 = `$TTL 300
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 3600 1209600 60
@ IN NS ns1.example.test.
0.1${'.0'.repeat(22)} IN PTR example.test.
`;

export interface NameServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * BIND with the zones example.test, example.com, 2.0.192.in-addr.arpa and 8.b.d.0.1.0.0.2.ip6.arpa; broken.test fails to load.
 * `inside`: the arguments of `ip` for a namespace to run it in.
 */
export async function startBind(
  host = '127.0.0.1',
  fixedPort: number | null = null,
  inside: readonly string[] = [],
): Promise<NameServer> {
  const directory = temporaryDirectory();
  const port = fixedPort ?? (await freePort());
  writeFileSync(join(directory, 'example.zone'), ZONE);
  writeFileSync(join(directory, 'documented.zone'), DOCUMENTED);
  writeFileSync(join(directory, 'reverse.zone'), REVERSE);
  writeFileSync(join(directory, 'reverse6.zone'), REVERSE6);
  writeFileSync(join(directory, 'broken.zone'), 'this is no zone');
  const zone = (name: string, file: string): string =>
    `zone "${name}" { type primary; file "${directory}/${file}"; };\n`;
  writeFileSync(
    join(directory, 'named.conf'),
    `options { directory "${directory}"; listen-on port ${port} { ${host}; }; listen-on-v6 { none; };
      pid-file none; session-keyfile "${directory}/session.key"; recursion no; minimal-responses yes;
      querylog no; dnssec-validation no; };
    controls { };
    logging { category default { null; }; };
    ${zone('example.test', 'example.zone')}${zone('example.com', 'documented.zone')}${zone('2.0.192.in-addr.arpa', 'reverse.zone')}
    ${zone('8.b.d.0.1.0.0.2.ip6.arpa', 'reverse6.zone')}${zone('broken.test', 'broken.zone')}`,
  );
  const [command, ...args] = within(inside, ['named', '-f', '-n', '1', '-c', join(directory, 'named.conf')]);
  const service = await startService(command!, args, () => digAnswers(host, port, inside));
  return { port, stop: () => service.stop() };
}

function within(inside: readonly string[], [program, ...args]: readonly string[]): string[] {
  return [...(inside.length === 0 ? [] : [findProgram('ip')!, ...inside]), findProgram(program!)!, ...args];
}

function digAnswers(host: string, port: number, inside: readonly string[]): boolean {
  const question = ['dig', `@${host}`, '-p', String(port), '+tries=1', '+time=1', '+short', 'example.test', 'SOA'];
  try {
    const [command, ...args] = within(inside, question);
    const said = runProgram(command!, args);
    return said.includes('hostmaster');
  } catch {
    return false;
  }
}

/** What a scripted server does with a query: sends answers, or nothing. */
export type Script = (
  query: DnsMessage,
  reply: (answer: MessageToSend | Uint8Array) => void,
  over: 'udp' | 'tcp',
) => void;

export interface ScriptedServer extends NameServer {
  /** All queries, in order. */
  readonly queries: DnsMessage[];
  /** Of the UDP queries: the ports they came from. */
  readonly ports: number[];
}

/** A server on one free port for UDP and TCP. The reply has the id and question of the query unless it says otherwise. */
export async function scriptedServer(script: Script, host = '127.0.0.1'): Promise<ScriptedServer> {
  const queries: DnsMessage[] = [];
  const ports: number[] = [];
  const sockets = new Set<Socket>();
  const complete = (query: DnsMessage, answer: MessageToSend | Uint8Array): Uint8Array =>
    answer instanceof Uint8Array
      ? answer
      : encodeMessage({
          id: query.id,
          response: true,
          recursionAvailable: true,
          questions: query.questions,
          ...answer,
        });
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const query = decodeMessage(bytes, 2)!;
      queries.push(query);
      script(
        query,
        (answer) => {
          const message = complete(query, answer);
          socket.write(Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]));
        },
        'tcp',
      );
    });
  });
  tcp.listen(0, host);
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (bytes: Buffer, from: RemoteInfo) => {
    const query = decodeMessage(bytes)!;
    queries.push(query);
    ports.push(from.port);
    script(query, (answer) => udp.send(complete(query, answer), from.port, from.address), 'udp');
  });
  udp.bind(port, host);
  await once(udp, 'listening');
  return {
    port,
    queries,
    ports,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}
