/** Standard input as a whole, at once: for a program that is piped in. Nothing else runs meanwhile. */
import { node } from './node';
import { decode } from './text';

const CHUNK_BYTES = 65536;
const RETRY_MS = 5;

export function readInputNow(): string {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSome(chunk);
    if (count === 0) return decode(Buffer.concat(chunks));
    chunks.push(chunk.subarray(0, count));
  }
}

function readSome(chunk: Buffer): number {
  for (;;) {
    try {
      return node.fs.readSync(0, chunk);
    } catch (error) {
      switch ((error as NodeJS.ErrnoException).code) {
        case 'EAGAIN':
          // Somebody made the pipe non-blocking.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
          break;
        case 'EINTR':
          break;
        default:
          // Closed, or a directory: nothing to read.
          return 0;
      }
    }
  }
}
