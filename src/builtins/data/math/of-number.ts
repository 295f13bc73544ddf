/** Functions of one number, which hot loops call: for a number they are written out in place of the call. */
import { defineBuiltin } from '../../define-builtin';
import type { Builtin } from '../../define-builtin';
import { number } from '../../types';

interface Words {
  readonly name: string;
  readonly summary: string;
  readonly details?: string;
  /** What x is; "The number" where it is left out. */
  readonly takes?: string;
  readonly gives: string;
  readonly example: string;
  readonly failing: string;
}

/** `code` does the same as `run`, with `$1` for the number. */
export function ofNumber(words: Words, code: string, run: (x: number) => number): Builtin {
  const { name, summary, details, takes = 'The number', gives, example, failing } = words;
  return defineBuiltin({
    name,
    group: 'math',
    summary,
    ...(details === undefined ? {} : { details }),
    params: [{ name: 'x', type: number, about: takes }],
    gives: { type: 'number', about: gives },
    example,
    failing,
    inline: [{ when: "typeof $1 === 'number'", code }],
    run,
  });
}
