/** What takes bodies piece by piece: a function of the program, or a file. */
import type { Steps } from '../../../runtime/task';
import type { Value } from '../../../runtime/values';
import { Decoder } from '../../text';
import { BodyPieces } from './body-pieces';
import { codingsOf, DecodeFailure } from './decoding';
import type { Exchange } from './exchange';
import type { Consumer } from './perform';
import type { Place } from './place';
import { fieldOf } from './request';
import type { ClientRequest, ResponseHead } from './request';
import { decodeError } from './request-errors';

/** The pieces of a body, unpacked where the request wants that. */
export function piecesOf(
  request: ClientRequest,
  exchange: Exchange,
  head: ResponseHead,
  place: Place,
  startedAt: number,
): BodyPieces {
  const field = request.decompress ? fieldOf(head, 'content-encoding') : undefined;
  const codings = field === undefined ? [] : codingsOf(field);
  if (typeof codings === 'string') throw decodeError(request, place, codings, startedAt);
  return new BodyPieces(exchange, codings);
}

/** Calls `each` for every piece of text, in the task of the request. */
export function textConsumer(request: ClientRequest, each: (text: string) => Steps<Value>): Consumer {
  return {
    wants: () => true,
    *take(exchange, head, place, startedAt) {
      const pieces = piecesOf(request, exchange, head, place, startedAt);
      const decoder = new Decoder();
      try {
        for (let piece = yield* pieces.next(); piece !== null; piece = yield* pieces.next()) {
          const text = decoder.decode(piece);
          if (text !== '') yield* each(text);
        }
        const rest = decoder.flush();
        if (rest !== '') yield* each(rest);
      } catch (failure) {
        if (failure instanceof DecodeFailure) throw decodeError(request, place, failure, startedAt);
        throw failure;
      } finally {
        pieces.stop();
      }
      return null;
    },
  };
}
