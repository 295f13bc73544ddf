/**
 * What programs say of themselves, as data: the first rule that fits what a port said names its service, and where
 * it can the program with its version. The text that a rule sees is the answer byte by byte (Latin-1).
 */

/* eslint-disable no-control-regex -- what programs say are bytes, control characters among them */

export interface ServiceRule {
  readonly service: string;
  /** Finds the program's own words. */
  readonly fits: RegExp;
  /** What is known of the program then: a name, or text with $1, $2 for what the expression has found. */
  readonly version?: string;
}

export const RULES: readonly ServiceRule[] = [
  // SSH (RFC 4253, section 4.2)
  { service: 'ssh', fits: /^SSH-[\d.]+-OpenSSH_(\S+)(?: ([^\r\n]+))?/, version: 'OpenSSH $1 $2' },
  { service: 'ssh', fits: /^SSH-[\d.]+-dropbear_(\S+)/, version: 'Dropbear $1' },
  { service: 'ssh', fits: /^SSH-[\d.]+-([^\r\n]+)/, version: '$1' },

  // HTTP (RFC 9112): the status line, with the Server header where there is one
  { service: 'http', fits: /^HTTP\/1\.[01] \d{3}[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*?server: *nginx(?:\/([^\s\r\n]+))?/i, version: 'nginx $1' },
  { service: 'http', fits: /^HTTP\/1\.[01] \d{3}[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*?server: *Apache(?:\/([^\s\r\n]+))?(?: \(([^)\r\n]+)\))?/i, version: 'Apache $1 $2' },
  { service: 'http', fits: /^HTTP\/1\.[01] \d{3}[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*?server: *([^\r\n]+)/i, version: '$1' },
  { service: 'http', fits: /^HTTP\/1\.[01] \d{3}/ },
  { service: 'http', fits: /^HTTP\/[\d.]+ \d{3}|^<!doctype html|^<html/i },

  // Mail
  { service: 'smtp', fits: /^220[ -][^\r\n]*\bPostfix(?: \(([^)]+)\))?/i, version: 'Postfix $1' },
  { service: 'smtp', fits: /^220[ -][^\r\n]*\bExim ([\d.]+)/i, version: 'Exim $1' },
  { service: 'smtp', fits: /^220[ -][^\r\n]*\bSendmail ([^;/\s]+)/i, version: 'Sendmail $1' },
  { service: 'smtp', fits: /^220[ -][^\r\n]*\bMicrosoft ESMTP MAIL Service(?:, Version: ([\d.]+))?/i, version: 'Microsoft ESMTP $1' },
  { service: 'smtp', fits: /^(?:220|421|554)[ -][^\r\n]*\b(?:E?SMTP|LMTP)\b/i },
  { service: 'imap', fits: /^\* (?:OK|PREAUTH|BYE)[^\r\n]*\bDovecot(?: \(([^)]+)\))?/i, version: 'Dovecot $1' },
  { service: 'imap', fits: /^\* (?:OK|PREAUTH|BYE)[^\r\n]*\bCyrus IMAP(?:4)? v?(\S+)/i, version: 'Cyrus $1' },
  { service: 'imap', fits: /^\* (?:OK|PREAUTH|BYE)\b/ },
  { service: 'pop3', fits: /^\+OK[^\r\n]*\bDovecot(?: \(([^)]+)\))?/i, version: 'Dovecot $1' },
  { service: 'pop3', fits: /^\+OK\b(?!\r\n\$)/ },
  { service: 'sieve', fits: /^"IMPLEMENTATION" "([^"]+)"/, version: '$1' },

  // Files
  { service: 'ftp', fits: /^220[ -][^\r\n]*\(vsFTPd ([^)]+)\)/i, version: 'vsftpd $1' },
  { service: 'ftp', fits: /^220[ -][^\r\n]*\bProFTPD(?: Server)?(?: (\d[^\s)]*))?/i, version: 'ProFTPD $1' },
  { service: 'ftp', fits: /^220[ -][^\r\n]*\bPure-FTPd\b/i, version: 'Pure-FTPd' },
  { service: 'ftp', fits: /^220[ -][^\r\n]*\bFileZilla Server(?: version)?(?: (\d[^\s)]*))?/i, version: 'FileZilla Server $1' },
  { service: 'ftp', fits: /^220[ -][^\r\n]*\bFTP\b/i },
  { service: 'rsync', fits: /^@RSYNCD: ([\d.]+)/, version: 'protocol $1' },

  // Databases
  { service: 'redis', fits: /^-(?:ERR|NOAUTH|DENIED|WRONGPASS)\b|^\+PONG\b/ },
  { service: 'redis', fits: /^\$\d+\r\n(?:# Server\r\n)?(?:.*\r\n)*?redis_version:([^\r\n]+)/, version: 'Redis $1' },
  { service: 'mysql', fits: /^[\s\S]{3}\0\x0a(?:5\.5\.5-)?([^\0]*MariaDB[^\0]*)\0/, version: 'MariaDB $1' },
  { service: 'mysql', fits: /^[\s\S]{3}\0\x0a(\d[^\0]{2,60})\0/, version: 'MySQL $1' },
  { service: 'mysql', fits: /^[\s\S]{3}[\0\x01]\xff[\s\S]{2}(?:#[\s\S]{5})?(?:Host |Too many connections|Got an error)[^\0]*?(MariaDB|MySQL)?/, version: '$1' },
  { service: 'postgresql', fits: /^[SN]$|^E[\s\S]{4}S(?:FATAL|ERROR|FEHLER)\0|^E[\s\S]{4}SFATAL/, version: 'PostgreSQL' },
  { service: 'mongodb', fits: /It looks like you are trying to access MongoDB over HTTP/, version: 'MongoDB' },
  { service: 'memcached', fits: /^VERSION ([^\r\n]+)/, version: 'memcached $1' },
  { service: 'memcached', fits: /^ERROR\r\n$/ },

  // Names, directories, remote work
  // DNS over TCP: an answer with the question for "version.bind", and what it says
  { service: 'domain', fits: /^[\s\S]{4}[\x80-\xff][\s\S]\0\x01\0\x01[\s\S]{4}\x07version\x04bind\0\0\x10\0\x03(?:\xc0\x0c|\x07version\x04bind\0)\0\x10\0\x03[\s\S]{7}([ -~]+)/i, version: '$1' },
  { service: 'domain', fits: /^[\s\S]{4}[\x80-\xff][\s\S]\0\x01/ },
  { service: 'vnc', fits: /^RFB (\d{3}\.\d{3})\n/, version: 'protocol $1' },
  { service: 'telnet', fits: /^\xff[\xfb-\xfe][\s\S]/ },
  { service: 'rdp', fits: /^\x03\0\0[\s\S]\x0e?\xd0/ },
  { service: 'irc', fits: /^:\S+ (?:NOTICE|\d{3}) |^NOTICE AUTH/ },
  { service: 'xmpp', fits: /^<\?xml[^>]*>\s*<stream:stream|^<stream:stream/ },
  { service: 'sip', fits: /^SIP\/2\.0 \d{3}/ },
  { service: 'rtsp', fits: /^RTSP\/1\.0 \d{3}(?:[^\r\n]*\r\n)+?Server: ([^\r\n]+)/i, version: '$1' },
  { service: 'rtsp', fits: /^RTSP\/1\.0 \d{3}/ },
  { service: 'amqp', fits: /^AMQP[\0-\x03]/ },
  { service: 'nats', fits: /^INFO \{[^\r\n]*"version":"([^"]+)"/, version: 'NATS $1' },
  { service: 'daytime', fits: /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .{3,30}\d{4}/ },
  { service: 'nntp', fits: /^20[01] [^\r\n]*\b(?:NNTP|InterNetNews|news)\b/i },
]; // prettier-ignore
