import type * as ast from '../syntax/ast';

/** Every name that a pattern binds, in source order. */
export function eachName(pattern: ast.Pattern, each: (name: ast.NamePattern) => void): void {
  if (pattern.kind === 'NamePattern') {
    each(pattern);
    return;
  }
  for (const item of pattern.kind === 'ArrayPattern' ? pattern.items : pattern.entries) {
    if (item !== null) eachName(item.target, each);
  }
  if (pattern.rest !== null) each(pattern.rest);
}
