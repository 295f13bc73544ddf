/** An answer as the program has it. Headers and body become values when they are read. */
import { lazyMap } from '../../../runtime/lazy-map';
import type { Value } from '../../../runtime/values';
import { decode } from '../../text';
import { headerMapOfBytes } from '../header-map';
import { textOfLatin1 } from '../latin1';
import type { Answer } from './perform';

const bodyText = ({ body }: Answer): string => (body === null ? '' : decode(body));

const entries = {
  status_code: ({ head }: Answer): Value => head.status,
  status: ({ head }: Answer): Value => `${head.status} ${textOfLatin1(head.statusText)}`.trimEnd(),
  headers: ({ head }: Answer): Value => headerMapOfBytes(head.raw),
  body: bodyText,
  url: ({ place }: Answer): Value => place.shown,
  elapsed_ms: ({ elapsedMs }: Answer): Value => Math.round(elapsedMs * 1000) / 1000,
  ok: ({ head }: Answer): Value => head.status >= 200 && head.status < 300,
};

export const AnswerMap = lazyMap<Answer>(entries);

/** With the body as a value of JSON, which is there already. */
export const JsonAnswerMap = lazyMap<Answer & { readonly json: Value }>({ ...entries, json: ({ json }) => json });
