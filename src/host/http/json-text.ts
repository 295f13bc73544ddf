/** JSON of bodies: the group json reads and writes it, and hands both in here, since the host imports no built-ins. */
import type { Value } from '../../runtime/values';

interface JsonText {
  /** Errors: EJSON, with the place. */
  read(text: string): Value;
  /** Errors: EVALUE, ECYCLE. */
  write(value: Value): string;
}

export const jsonText: JsonText = {
  read: () => {
    throw new Error('no JSON reader was handed in');
  },
  write: () => {
    throw new Error('no JSON writer was handed in');
  },
};
