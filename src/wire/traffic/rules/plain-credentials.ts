/**
 * Credentials in plain text: HTTP Basic authentication, FTP, POP3, IMAP and SMTP without TLS. The secret itself is
 * never shown: its first character and its length are enough to recognise it.
 *
 * What is none: anonymous FTP, an empty password, challenges that do not send the password (Digest, APOP, CRAM-MD5).
 */
import { latin1 } from '../../bytes';
import type { HttpHead } from '../../packet/http-head';
import type { Finding, Rule, SessionEvent } from '../rule';
import { entry } from '../rule';

const MAX_FOUND = 10_000;

interface Found {
  readonly protocol: string;
  readonly source: string;
  readonly target: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
  readonly first: number;
  last: number;
  times: number;
}

/** "s••• (8 characters)" */
function masked(secret: string): string {
  return `${secret.slice(0, 1)}••• (${secret.length} characters)`;
}

export class PlainCredentials implements Rule {
  private readonly found = new Map<string, Found>();
  /** By connection: the user that was named, or the command that the next line belongs to. */
  private readonly users = new Map<string, string>();

  http(head: HttpHead, event: SessionEvent): void {
    const authorization = head.method === null ? null : head.header('authorization');
    if (authorization === null) return;
    const basic = /^basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
    if (basic === undefined) return;
    const [user, secret] = pair(decodeBase64(basic), ':');
    this.note('HTTP Basic', event, user, secret);
  }

  line(protocol: string, line: string, event: SessionEvent): void {
    const key = `${event.source} ${event.target} ${event.targetPort}`;
    if (protocol === 'ftp' || protocol === 'pop') this.userThenPassword(protocol, line, key, event);
    else if (protocol === 'imap') this.imap(line, event);
    else if (protocol === 'smtp') this.smtp(line, key, event);
  }

  private userThenPassword(protocol: string, line: string, key: string, event: SessionEvent): void {
    const [, command, argument] = /^(USER|PASS) (.+)$/i.exec(line) ?? [];
    if (command === undefined) return;
    if (command.toUpperCase() === 'USER') return this.remember(key, argument!);
    const user = this.users.get(key) ?? '';
    if (protocol === 'ftp' && /^(?:anonymous|ftp)$/i.test(user)) return;
    this.note(protocol === 'ftp' ? 'FTP' : 'POP3', event, user, argument!);
  }

  private imap(line: string, event: SessionEvent): void {
    const login = /^\S+ LOGIN ("[^"]*"|\S+) ("[^"]*"|\S+)$/i.exec(line);
    if (login !== null) this.note('IMAP', event, unquoted(login[1]!), unquoted(login[2]!));
  }

  private smtp(line: string, key: string, event: SessionEvent): void {
    const auth = /^AUTH (PLAIN|LOGIN)(?: (\S+))?$/i.exec(line);
    if (auth !== null) {
      const isPlain = auth[1]!.toUpperCase() === 'PLAIN';
      if (auth[2] === undefined) this.remember(key, isPlain ? ' plain' : ' login');
      else if (isPlain) this.plain(auth[2], event);
      else this.remember(key, ` password ${decodeBase64(auth[2])}`);
      return;
    }
    const before = this.users.get(key);
    if (before?.startsWith(' ') !== true) return;
    this.users.delete(key);
    if (before === ' plain') this.plain(line, event);
    else if (before === ' login') this.remember(key, ` password ${decodeBase64(line)}`);
    else this.note('SMTP', event, before.slice(' password '.length), decodeBase64(line));
  }

  /** RFC 4616: the identity to act as, the user and the password between NUL. */
  private plain(encoded: string, event: SessionEvent): void {
    const [, user = '', secret = ''] = decodeBase64(encoded).split('\0');
    this.note('SMTP', event, user, secret);
  }

  private remember(key: string, user: string): void {
    if (this.users.size >= MAX_FOUND) this.users.clear();
    this.users.set(key, user);
  }

  private note(
    protocol: string,
    { time, source, target, targetPort }: SessionEvent,
    user: string,
    secret: string,
  ): void {
    if (secret === '') return;
    const make = (): Found => ({ protocol, source, target, port: targetPort, user, secret: masked(secret), first: time, last: time, times: 0 }); // prettier-ignore
    const found = entry(this.found, `${protocol} ${source} ${target} ${targetPort} ${user}`, MAX_FOUND, make);
    if (found === null) return;
    found.times++;
    found.last = time;
  }

  finish(): Finding[] {
    return [...this.found.values()].map(({ protocol, source, target, port, user, secret, first, last, times }) => ({
      rule: 'plain-text credentials',
      severity: 'medium',
      source,
      target,
      description: `${source} sent the password of ${user === '' ? 'a user' : `"${user}"`} to ${target} port ${port} without encryption (${protocol})`,
      evidence: { protocol, port, user, secret, times },
      packets: times,
      first,
      last,
      reference: 'CWE-319 Cleartext Transmission of Sensitive Information',
    }));
  }
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}

function pair(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What is no base64 is left out. */
function decodeBase64(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const char of text) {
    const digit = DIGITS.indexOf(char);
    if (digit < 0) continue;
    held = ((held << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return latin1(Uint8Array.from(bytes));
}
