/** The tokens of a filter, read one after the other, and the layout of the packets that it is for. */
import type { Layout } from './layout';
import { FilterError } from './tokens';
import type { Token } from './tokens';

const MAX_DEPTH = 200;

export class Cursor {
  at = 0;
  private depth = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly layout: Layout,
  ) {}

  get token(): Token {
    return this.tokens[this.at]!;
  }

  isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  is(...texts: readonly string[]): boolean {
    return this.token.kind !== 'end' && texts.includes(this.token.text);
  }

  match(...texts: readonly string[]): boolean {
    if (!this.is(...texts)) return false;
    this.at++;
    return true;
  }

  unexpected(wanted: string): FilterError {
    const found = this.token.kind === 'end' ? 'the end' : `'${this.token.text}'`;
    return new FilterError(`expected ${wanted}, found ${found}`, this.token.at);
  }

  number(most: number): number {
    const value = this.token.kind === 'word' ? numberOf(this.token.text) : null;
    if (value === null || value > most) throw this.unexpected(`a number from 0 to ${most}`);
    this.at++;
    return value;
  }

  optionalNumber(most: number): number | null {
    return this.token.kind === 'word' && numberOf(this.token.text) !== null ? this.number(most) : null;
  }

  /** Into something that may hold others of its kind. */
  enter(): void {
    if (++this.depth > MAX_DEPTH) throw new FilterError('the filter is nested too deeply', this.token.at);
  }

  leave(): void {
    this.depth--;
  }
}

/** In decimal, octal or hexadecimal digits; null for what is no number of 32 bits. */
export function numberOf(text: string): number | null {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (!/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value > 0xffffffff ? null : value;
}
