/** The words of a capture filter. */

export class FilterError extends Error {
  /** `at`: the place in the text of the filter, from 0. */
  constructor(
    readonly reason: string,
    readonly at: number,
  ) {
    super(`${reason} at character ${at + 1}`);
  }
}

export interface Token {
  /** A word is a name, number or address as it stands there; a symbol an operator or bracket. */
  readonly kind: 'word' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

/** Addresses hold colons, names hyphens; a backslash says that a name is none of the language's words. */
const WORD = /\\?[A-Za-z0-9_.:][A-Za-z0-9_.:-]*/y;
const SYMBOL = /&&|\|\||<<|>>|<=|>=|!=|==|[()[\]!=<>+\-*/%&|^]/y;
const MAX_TEXT = 16_384;

/** Errors: `FilterError`. */
export function tokensOf(text: string): Token[] {
  if (text.length > MAX_TEXT) throw new FilterError(`the filter is longer than ${MAX_TEXT} characters`, MAX_TEXT);
  const tokens: Token[] = [];
  let depth = 0;
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    SYMBOL.lastIndex = at;
    WORD.lastIndex = at;
    const symbol = SYMBOL.exec(text)?.[0];
    if (symbol !== undefined) {
      if (symbol === '[') depth++;
      if (symbol === ']') depth--;
      tokens.push({ kind: 'symbol', text: symbol, at });
      at += symbol.length;
      continue;
    }
    // Inside of brackets a colon parts the place from the size.
    if (depth > 0 && text[at] === ':') {
      tokens.push({ kind: 'symbol', text: ':', at });
      at++;
      continue;
    }
    const word = WORD.exec(text)?.[0];
    if (word === undefined) throw new FilterError(`'${text[at]!}' means nothing here`, at);
    const kept = depth > 0 && /^[0-9]/.test(word) ? /^[0-9A-Za-z]+/.exec(word)![0] : word;
    tokens.push({ kind: 'word', text: kept, at });
    at += kept.length;
  }
  tokens.push({ kind: 'end', text: 'the end', at: text.length });
  return tokens;
}
