/** The text of documentation comments. */

/**
 * The text between the delimiters of a documentation comment: without the `* ` that its lines begin with or,
 * where they have none, without the spaces that all lines have in front, and without empty lines at both
 * ends. Null when nothing is left.
 */
export function documentation(comment: string): string | null {
  const [first = '', ...others] = comment.slice(3, -2).split(/\r\n|\r|\n/);
  const starred = others.every((line) => /^\s*(\*|$)/.test(line));
  let margin = starred ? 0 : comment.length;
  for (const line of others) if (line.trim() !== '') margin = Math.min(margin, line.search(/\S/));
  const texts = others.map((line) => (starred ? line.replace(/^\s*\* ?/, '') : line.slice(margin)).trimEnd());
  const cleaned = [first.trim(), ...texts];
  while (cleaned[0] === '') cleaned.shift();
  while (cleaned.at(-1) === '') cleaned.pop();
  return cleaned.length === 0 ? null : cleaned.join('\n');
}
