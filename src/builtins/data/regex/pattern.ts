/**
 * Patterns of the program as regular expressions of the engine, made once and kept, and run so that none can hold up
 * the program:
 *
 * - where the text is so short that the pattern cannot be much work on it (work.ts), it simply runs;
 * - on other short texts it runs with a bound on its backtracks, and where the clock shows that the bound may have
 *   been reached, once more within a time;
 * - on long texts it runs within a time.
 *
 * Always: what is given is what the engine alone would have given, or there is an error. No state of the engine's
 * expressions (`lastIndex`) outlives a call, and none runs a function of the program.
 */
import { boundedExpression, runAtMost } from '../../../host/bounded-match';
import * as strings from '../../../runtime/strings';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { failure } from '../../core/value-types';
import { safeLength } from './work';

/** What a match may take of the program's time, and how much more for each character of a long text. */
const LIMIT_MS = 400;
const LIMIT_MS_PER_CHARACTER = 0.0002;
/** Up to this a bounded expression is over soon even where each backtrack walks through the text. */
const SHORT_TEXT = 600;

const MAX_PATTERNS = 500;
const patterns = new Map<string, Pattern>();
let latest: Pattern | null = null;

export function patternOf(builtin: string, written: string): Pattern {
  if (latest !== null && latest.written === written) return latest;
  let pattern = patterns.get(written);
  if (pattern === undefined) {
    pattern = read(builtin, written);
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    patterns.set(written, pattern);
  }
  return (latest = pattern);
}

function read(builtin: string, written: string): Pattern {
  const head = /^\(\?([a-zA-Z]+)\)/.exec(written);
  const flags = head === null ? '' : head[1]!;
  const strange = /[^ims]/.exec(flags);
  if (strange !== null) {
    throw badPattern(
      builtin,
      written,
      2 + strange.index,
      `there is no flag '${strange[0]}'`,
      'the flags are i, m and s',
    );
  }
  const unique = [...new Set(flags)].join('');
  const start = head === null ? 0 : head[0].length;
  const source = written.slice(start);
  const mistake = mistakeIn(source, unique);
  if (mistake !== null) throw badPattern(builtin, written, start + placeOf(source, unique, mistake), wording(mistake));
  return new Pattern(written, source, `${unique}u`);
}

function mistakeIn(source: string, flags: string): string | null {
  try {
    new RegExp(source, `${flags}u`);
    return null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message.slice(error.message.lastIndexOf(': ') + 2);
  }
}

/** Longer patterns are not searched for the place of their mistake. */
const MAX_SEARCHED = 2000;

/** The engine does not say where: the place is where the part in front begins to have the mistake for good. */
function placeOf(source: string, flags: string, mistake: string): number {
  if (source.length > MAX_SEARCHED) return 0;
  let end = source.length;
  while (end > 0 && mistakeIn(source.slice(0, end - 1), flags) === mistake) end--;
  return Math.max(0, end - 1);
}

const WORDINGS: Readonly<Record<string, string>> = {
  'Unterminated group': "the group that begins here has no end: ')' is missing",
  "Unmatched ')'": "this ')' closes no group",
  'Unterminated character class': "the '[' that begins here has no end: ']' is missing",
  'Lone quantifier brackets': 'a bracket of its own is written with a backslash in front',
  'Nothing to repeat': 'there is nothing to repeat in front of this',
  '\\ at end of pattern': 'a backslash at the end stands for nothing',
  'Invalid escape': 'there is no such escape',
  'Incomplete quantifier': 'a bracket of its own is written with a backslash in front',
  'Range out of order in character class': 'the range goes backwards',
  'numbers out of order in {} quantifier': 'the numbers in {} go backwards',
};

function wording(mistake: string): string {
  return WORDINGS[mistake] ?? mistake.charAt(0).toLowerCase() + mistake.slice(1);
}

function badPattern(builtin: string, written: string, unit: number, message: string, hint?: string): ErrorValue {
  const position = strings.length(written.slice(0, unit));
  return fault('EPATTERN', `${builtin}: the pattern does not parse: character ${position}: ${message}`, {
    function: builtin,
    fields: { pattern: written, position },
    hint: hint ?? "patterns are JavaScript's, with the flag u; regex_escape makes one of any text",
  });
}

export class Pattern {
  private readonly flags: string;
  /** Finds the first match. */
  private readonly first: RegExp;
  private everyMatch: RegExp | undefined;
  private boundedFirst: RegExp | null | undefined;
  private boundedEvery: RegExp | null | undefined;
  private readonly safe: number;

  constructor(
    /** With its flags, as the program has it. */
    readonly written: string,
    private readonly source: string,
    flags: string,
  ) {
    this.flags = flags;
    this.first = new RegExp(source, flags);
    this.safe = safeLength(source);
  }

  /** `job` gets an expression for the first match. */
  once<T>(builtin: string, text: string, job: (expression: RegExp) => T): T {
    if (text.length <= this.safe) return job(this.first);
    if (text.length <= SHORT_TEXT) {
      const { source, flags } = this;
      if (this.boundedFirst === undefined) this.boundedFirst = boundedExpression(source, flags);
      const tried = bounded(this.boundedFirst, job);
      if (tried !== null) return tried.result;
    }
    return this.within(builtin, text, () => job(this.first));
  }

  /** `job` gets an expression for one match after the other, from the start of the text on. */
  every<T>(builtin: string, text: string, job: (expression: RegExp) => T): T {
    const { source } = this;
    const flags = `${this.flags}g`;
    const expression = (this.everyMatch ??= new RegExp(source, flags));
    if (text.length <= this.safe) return this.guarded(builtin, text, () => job(rewound(expression)));
    if (text.length <= SHORT_TEXT) {
      if (this.boundedEvery === undefined) this.boundedEvery = boundedExpression(source, flags);
      const tried = bounded(this.boundedEvery, job);
      if (tried !== null) return tried.result;
    }
    return this.within(builtin, text, () => job(rewound(expression)));
  }

  private within<T>(builtin: string, text: string, job: () => T): T {
    const limitMs = LIMIT_MS + text.length * LIMIT_MS_PER_CHARACTER;
    const done = this.guarded(builtin, text, () => runAtMost(limitMs, job));
    if (done !== null) return done.result;
    throw fault(
      'EBACKTRACK',
      `${builtin}: the pattern tries too many ways to match: no end after ${Math.round(limitMs)} ms`,
      {
        function: builtin,
        fields: { pattern: this.written },
        hint: 'repeat nothing that can match the same text in several ways, as (a+)+ does',
      },
    );
  }

  /** With the engine's limits as errors of the language. */
  private guarded<T>(builtin: string, text: string, job: () => T): T {
    try {
      return job();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (error.message.includes('string length')) {
        throw failure('ERANGE', builtin, 'the text would be longer than a string can be');
      }
      throw failure(
        'EBACKTRACK',
        builtin,
        `the pattern needs more memory than there is on ${strings.length(text)} characters`,
      );
    }
  }
}

function rewound(expression: RegExp): RegExp {
  expression.lastIndex = 0;
  return expression;
}

/** Null when the bound may have been reached, so that the result may be wrong. */
function bounded<T>(expression: RegExp | null, job: (expression: RegExp) => T): { readonly result: T } | null {
  if (expression === null) return null;
  const start = Date.now();
  const result = job(rewound(expression));
  return Date.now() === start ? { result } : null;
}
