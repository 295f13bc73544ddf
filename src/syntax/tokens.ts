/**
 * The kinds of tokens, the keywords and the precedence of binary operators. Kinds are small numbers so
 * that the parser compares numbers and looks precedences up in a typed array.
 *
 * What always holds: the kinds from `Ident` to `LastWord` can be written as a name after `.` and as a key
 * of a map; kinds from `FirstAssign` to `LastAssign` are the assignments the language has.
 */

export const enum T {
  Eof,
  // Names and keywords. Ident is first, the last keyword is LastWord.
  Ident,
  Let,
  Const,
  Var,
  Fn,
  Return,
  If,
  Else,
  While,
  For,
  In,
  Match,
  Try,
  Catch,
  Finally,
  Throw,
  Break,
  Continue,
  Defer,
  Spawn,
  Select,
  Import,
  Export,
  True,
  False,
  Null,
  LastWord = Null,
  // Literals.
  Num,
  Str,
  /** A template without `${`. */
  Template,
  /** A template up to its first `${`. */
  TemplateHead,
  // Brackets and separators.
  LParen,
  RParen,
  LBracket,
  RBracket,
  LBrace,
  RBrace,
  Comma,
  Semicolon,
  Colon,
  Dot,
  Ellipsis,
  Question,
  FatArrow,
  LeftArrow,
  // Operators.
  Bang,
  Tilde,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  StarStar,
  EqEq,
  NotEq,
  Lt,
  LtEq,
  Gt,
  GtEq,
  Pipe,
  Caret,
  Amp,
  LtLt,
  GtGt,
  DotDot,
  AndAnd,
  OrOr,
  Coalesce,
  // Assignments.
  FirstAssign,
  Assign = FirstAssign,
  PlusAssign,
  MinusAssign,
  StarAssign,
  SlashAssign,
  PercentAssign,
  CoalesceAssign,
  LastAssign = CoalesceAssign,
  PlusPlus,
  MinusMinus,
  // Tokens of other languages, known so that their errors can say what to write.
  /** `:=` */
  ColonAssign,
  /** `===` and `!==` */
  EqEqEq,
  NotEqEq,
  /** `&&=`, `||=`, `|=`, `&=`, `^=`, `<<=`, `>>=`, `**=` */
  OtherAssign,
  /** `?.` */
  QuestionDot,
  /** `->` */
  ThinArrow,
  /** `::` */
  ColonColon,
  Count,
}

/** Words with a meaning of their own everywhere (`case`, `default`, `from`, `as` are names elsewhere). */
const KEYWORDS: readonly (readonly [string, T])[] = [
  ['let', T.Let],
  ['const', T.Const],
  ['var', T.Var],
  ['fn', T.Fn],
  ['return', T.Return],
  ['if', T.If],
  ['else', T.Else],
  ['while', T.While],
  ['for', T.For],
  ['in', T.In],
  ['match', T.Match],
  ['try', T.Try],
  ['catch', T.Catch],
  ['finally', T.Finally],
  ['throw', T.Throw],
  ['break', T.Break],
  ['continue', T.Continue],
  ['defer', T.Defer],
  ['spawn', T.Spawn],
  ['go', T.Spawn],
  ['select', T.Select],
  ['import', T.Import],
  ['export', T.Export],
  ['true', T.True],
  ['false', T.False],
  ['null', T.Null],
  ['nil', T.Null],
];

/**
 * Words that are plain names here but begin constructs in other languages. The lexer marks them, so the
 * parser looks closer only where one stands.
 */
const FOREIGN_WORDS = [
  'abstract', 'and', 'assert', 'async', 'await', 'begin', 'bool', 'case', 'char', 'class', 'def', 'default',
  'del', 'delete', 'do', 'done', 'double', 'echo', 'elif', 'elseif', 'elsif', 'end', 'endif', 'enum',
  'except', 'ensure', 'fi', 'float', 'foreach', 'from', 'fun', 'func', 'function', 'global', 'goto', 'impl', 'include', 'instanceof', 'int',
  'interface', 'is', 'lambda', 'local', 'long', 'loop', 'mod', 'module', 'mut', 'namespace', 'new', 'nonlocal', 'not', 'of', 'or',
  'package', 'pass', 'print', 'println', 'private', 'proc', 'protocol', 'pub', 'public', 'puts', 'raise', 'record', 'repeat', 'require', 'rescue',
  'static', 'string', 'struct', 'sub', 'switch', 'then', 'trait', 'type', 'typeof', 'unless', 'until', 'use',
  'using', 'val', 'void', 'when', 'with', 'xor', 'yield',
]; // prettier-ignore

/** Every word that is no plain name: its keyword's kind, or `Ident` for a foreign word. */
export const WORDS: ReadonlyMap<string, T> = new Map<string, T>([
  ...KEYWORDS,
  ...FOREIGN_WORDS.map((word) => [word, T.Ident] as const),
]);

/** The keywords, for completion and for checks of names. */
export const KEYWORD_NAMES: readonly string[] = KEYWORDS.map(([word]) => word);

/** Whether a name can stand for a variable. */
export function isKeyword(word: string): boolean {
  const kind = WORDS.get(word);
  return kind !== undefined && kind !== T.Ident;
}

const STARTS_OPERAND = new Uint8Array(T.Count);
for (const kind of [
  T.Ident, T.Fn, T.Match, T.Spawn, T.True, T.False, T.Null, T.Num, T.Str, T.Template, T.TemplateHead, T.LParen,
  T.LBracket, T.LBrace, T.LeftArrow, T.Bang, T.Tilde, T.Minus,
]) STARTS_OPERAND[kind] = 1; // prettier-ignore

/** Whether an expression can begin with a token of the kind. */
export function startsOperand(kind: T): boolean {
  return STARTS_OPERAND[kind] === 1;
}

/** Whether a token of the kind is written like a name: after `.` and as a key of a map it is one. */
export function isWord(kind: T): boolean {
  return kind >= T.Ident && kind <= T.LastWord;
}

/** The binding strength of each binary operator by kind; 0 for all other tokens. Looser is smaller. */
export const PRECEDENCE = new Uint8Array(T.Count);

export const enum Level {
  Coalesce = 1,
  Or,
  And,
  Equality,
  Relation,
  BitOr,
  BitXor,
  BitAnd,
  Shift,
  Range,
  Sum,
  Product,
  Power,
}

for (const [kind, level] of [
  [T.Coalesce, Level.Coalesce],
  [T.OrOr, Level.Or],
  [T.AndAnd, Level.And],
  [T.EqEq, Level.Equality],
  [T.NotEq, Level.Equality],
  [T.EqEqEq, Level.Equality],
  [T.NotEqEq, Level.Equality],
  [T.Lt, Level.Relation],
  [T.LtEq, Level.Relation],
  [T.Gt, Level.Relation],
  [T.GtEq, Level.Relation],
  [T.In, Level.Relation],
  [T.LeftArrow, Level.Relation],
  [T.Pipe, Level.BitOr],
  [T.Caret, Level.BitXor],
  [T.Amp, Level.BitAnd],
  [T.LtLt, Level.Shift],
  [T.GtGt, Level.Shift],
  [T.DotDot, Level.Range],
  [T.Plus, Level.Sum],
  [T.Minus, Level.Sum],
  [T.MinusMinus, Level.Sum],
  [T.Star, Level.Product],
  [T.Slash, Level.Product],
  [T.Percent, Level.Product],
  [T.StarStar, Level.Power],
] as const) {
  PRECEDENCE[kind] = level;
}
