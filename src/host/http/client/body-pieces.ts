/** A body piece by piece, unpacked. Only as much is unpacked ahead as one piece from the network gives. */
import { Operation } from '../../../runtime/operation';
import type { Steps } from '../../../runtime/task';
import type { Coding, DecodeFailure } from './decoding';
import { StreamDecoder } from './decoding';
import type { Exchange } from './exchange';

export class BodyPieces {
  private decoder: StreamDecoder | null = null;
  private readonly ready: Buffer[] = [];
  private feeding = false;
  private sourceEnded = false;
  private ended = false;
  private failure: DecodeFailure | null = null;
  private wake: () => void = () => {};

  constructor(
    private readonly exchange: Exchange,
    private readonly codings: readonly Coding[],
  ) {}

  /** Null at the end, also where the connection failed. Throws a `DecodeFailure`. */
  *next(): Steps<Buffer | null> {
    if (this.codings.length === 0) return yield* this.exchange.nextPiece();
    for (;;) {
      const piece = this.ready.shift();
      if (piece !== undefined) return piece;
      if (this.failure !== null) throw this.failure;
      if (this.ended) return null;
      if (this.feeding || this.sourceEnded) yield* this.untilNews();
      else yield* this.feed();
    }
  }

  private *feed(): Steps<void> {
    const piece = yield* this.exchange.nextPiece();
    if (piece === null) {
      this.sourceEnded = true;
      if (this.decoder === null || this.exchange.failure !== null) this.ended = true;
      else this.decoder.end();
      return;
    }
    this.decoder ??= this.newDecoder(piece);
    this.feeding = true;
    this.decoder.write(piece, () => {
      this.feeding = false;
      this.wake();
    });
  }

  private newDecoder(beginning: Buffer): StreamDecoder {
    const decoder = new StreamDecoder(this.codings, beginning);
    decoder.onPiece = (piece) => {
      this.ready.push(piece);
      this.wake();
    };
    decoder.onEnd = (failure) => {
      this.failure = failure;
      this.ended = true;
      this.feeding = false;
      this.wake();
    };
    return decoder;
  }

  private *untilNews(): Steps<void> {
    if (!this.feeding && this.ended) return;
    const operation = new Operation<null>('for the body to be unpacked', () => this.stop());
    this.wake = () => operation.succeed(null);
    yield* operation.wait();
    this.wake = () => {};
  }

  stop(): void {
    this.ended = true;
    this.decoder?.stop();
  }
}
