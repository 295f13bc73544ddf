/** Writes an access log: to standard output, or to the end of a file. */
import type * as Fs from 'node:fs';
import { accessLine } from '../../../wire/http/access-log';
import type { AccessFormat } from '../../../wire/http/access-log';
import { plainAddress } from '../../net/address';
import { failureOf } from '../../failure';
import { node } from '../../node';
import { begin } from '../../permissions';
import type { Reported } from '../../reported';
import { writeErr, writeOut } from '../../process';
import { encode } from '../../text';
import type { Exchange } from './exchange';

export class AccessWriter {
  private readonly file: Fs.WriteStream | null;
  private readonly seen: Reported | null;
  private failed = false;

  constructor(
    builtin: string,
    private readonly format: AccessFormat,
    path: string | null,
  ) {
    this.seen = path === null ? null : begin(builtin, 'write', path);
    this.file = path === null ? null : node.fs.createWriteStream(path, { flags: 'a' });
    this.file?.once('close', () => this.seen!.closed());
    this.file?.on('error', (error) => {
      this.seen!.failed(error);
      if (!this.failed) writeErr(`sentra: the access log ${path} cannot be written: ${failureOf(error).message}\n`);
      this.failed = true;
    });
  }

  write({ req, bodyBytes }: Exchange, status: number, elapsedMs: number): void {
    if (this.failed) return;
    const { headers, socket } = req;
    const line = accessLine(this.format, {
      time: Date.now(),
      remoteHost: plainAddress(socket.remoteAddress, socket.remotePort).host,
      method: req.method!,
      target: req.url!,
      version: req.httpVersion,
      status,
      bytes: bodyBytes,
      elapsedMs,
      referer: headers.referer ?? '',
      userAgent: headers['user-agent'] ?? '',
    });
    if (this.file === null) {
      writeOut(line + '\n');
    } else {
      const bytes = encode(line + '\n');
      this.seen!.sent(bytes);
      this.file.write(bytes);
    }
  }

  close(): void {
    this.file?.end();
  }
}
