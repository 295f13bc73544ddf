/**
 * What a character may be part of. ASCII is answered from a table; everything else asks Unicode, which is
 * rare enough in programs that a regular expression per character does not matter.
 */

const START = 1;
const PART = 2;
const DIGIT = 4;
const HEX = 8;

const ASCII = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(char)) ASCII[code]! |= START | PART;
  if (/[0-9]/.test(char)) ASCII[code]! |= DIGIT | PART;
  if (/[0-9A-Fa-f]/.test(char)) ASCII[code]! |= HEX;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isHexDigit(code: number): boolean {
  return code < 128 && (ASCII[code]! & HEX) !== 0;
}

/** Begins a name; `code` is a code point. */
export function isNameStart(code: number): boolean {
  if (code < 128) return (ASCII[code]! & START) !== 0;
  return /^[\p{L}\p{Nl}]$/u.test(String.fromCodePoint(code));
}

/** Goes on with a name; `code` is a code point. */
export function isNamePart(code: number): boolean {
  if (code < 128) return (ASCII[code]! & PART) !== 0;
  return /^[\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]$/u.test(String.fromCodePoint(code));
}

/** Goes on with a name; a UTF-16 code unit of ASCII. The lexer's inner loop. */
export function isAsciiNamePart(code: number): boolean {
  return code < 128 && (ASCII[code]! & PART) !== 0;
}

/** Spaces beyond ASCII, byte order marks and Unicode's line separators, which end no line here. */
export function isUnicodeSpace(code: number): boolean {
  return (
    code === 0xa0 || code === 0x85 || code === 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000 ||
    code === 0xfeff
  ); // prettier-ignore
}

/** Characters that show nothing, or change the direction of text, and so can hide what a program does. */
export function isInvisible(code: number): boolean {
  return (
    (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) || code === 0xad || code === 0x061c || code === 0x180e ||
    (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe007f)
  ); // prettier-ignore
}

/** A character as it can be shown in a message: itself, or its number where it shows nothing. */
export function nameCharacter(code: number): string {
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code < 32 || (code >= 0x7f && code < 0xa0)) return `control character ${number}`;
  if (code >= 0xd800 && code <= 0xdfff) return `byte or lone surrogate ${number}`;
  if (isInvisible(code) || isUnicodeSpace(code)) return `invisible character ${number}`;
  return `character '${String.fromCodePoint(code)}'`;
}
