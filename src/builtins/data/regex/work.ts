/**
 * How much work a pattern can be at the worst, from its text: enough to say that most patterns need no watching on
 * most texts. A match tries at most `factor * n ** degree` ways on a text of n characters, unless something that has
 * several ways to match is repeated without bound: then the ways may double with each character.
 *
 * It reads only patterns that the engine has accepted, so it need not find mistakes.
 */

interface Work {
  /** How often the length of the text goes into the number of ways; Infinity for growth without such a bound. */
  readonly degree: number;
  readonly factor: number;
}

const ONE_WAY: Work = { degree: 0, factor: 1 };
const NO_BOUND: Work = { degree: Infinity, factor: 1 };
/** Repeating something at most so often counts as a choice, more often as repeating without bound. */
const FEW = 32;
/** Ways that are tried within a small part of a second. */
const MANY_WAYS = 1e8;

/** Up to this many characters a match is over soon, whatever the text is. */
export function safeLength(source: string): number {
  const { degree, factor } = new Reader(source).alternatives();
  // One more: a match may begin anywhere.
  return Math.floor((MANY_WAYS / factor) ** (1 / (degree + 1)));
}

function repeated(body: Work, min: number, max: number): Work {
  const oneWay = body.degree === 0 && body.factor === 1;
  if (oneWay) return min === max ? body : max <= FEW ? { degree: 0, factor: max - min + 1 } : { degree: 1, factor: 1 };
  if (max > FEW) return NO_BOUND;
  return { degree: body.degree * max, factor: body.factor ** max * (max - min + 1) };
}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly source: string) {}

  alternatives(): Work {
    // Deeper nesting than anybody writes.
    if (++this.depth > 200) return NO_BOUND;
    let { degree, factor } = this.sequence();
    while (this.source[this.at] === '|') {
      this.at++;
      const other = this.sequence();
      degree = Math.max(degree, other.degree);
      factor += other.factor;
    }
    this.depth--;
    return { degree, factor };
  }

  private sequence(): Work {
    let degree = 0;
    let factor = 1;
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at]!)) {
      const atom = this.atom();
      const { min, max } = this.quantifier();
      const part = repeated(atom, min, max);
      degree += part.degree;
      factor *= part.factor;
    }
    return { degree, factor };
  }

  private atom(): Work {
    const { source } = this;
    const char = source[this.at++]!;
    if (char === '(') {
      const head = /\?(?:[:=!]|<[=!]|<[^>]*>)/y;
      head.lastIndex = this.at;
      if (head.test(source)) this.at = head.lastIndex;
      const inside = this.alternatives();
      this.at++;
      return inside;
    }
    if (char === '[') {
      for (; source[this.at] !== ']' && this.at < source.length; this.at++) if (source[this.at] === '\\') this.at++;
      this.at++;
      return ONE_WAY;
    }
    if (char !== '\\') return ONE_WAY;
    const escape = /[pP]\{[^}]*\}|u\{[^}]*\}|k<[^>]*>|[1-9]\d*|[^]/y;
    escape.lastIndex = this.at;
    const found = escape.exec(source)?.[0] ?? '';
    this.at += found.length;
    // What a group has matched takes a time of its length to compare.
    return /^(?:k<|[1-9])/.test(found) ? { degree: 1, factor: 1 } : ONE_WAY;
  }

  private quantifier(): { readonly min: number; readonly max: number } {
    const written = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;
    written.lastIndex = this.at;
    const found = written.exec(this.source);
    if (found === null) return { min: 1, max: 1 };
    this.at = written.lastIndex;
    const [, sign, least = '0', comma, most = ''] = found;
    if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    const min = Number(least);
    return { min, max: comma === undefined ? min : most === '' ? Infinity : Number(most) };
  }
}
