/** The text of documentation comments. */

/**
 * The text between the delimiters of a documentation comment: without the `*` that lines begin with, the
 * spaces that all lines have in front, and empty lines at both ends. Null when nothing is left.
 */
export function documentation(comment: string): string | null {
  const lines = comment.slice(3, -2).split(/\r\n|\r|\n/);
  const starred = lines.slice(1).every((line) => /^\s*(\*|$)/.test(line));
  const texts = lines.map((line, i) => (i > 0 && starred ? line.replace(/^\s*\*/, '') : line).trimEnd());
  let indent = Infinity;
  for (const text of texts.slice(1)) if (text !== '') indent = Math.min(indent, text.search(/\S/));
  const cleaned = texts.map((text, i) => (i === 0 ? text.trimStart() : text.slice(Math.min(indent, text.length))));
  while (cleaned.length > 0 && cleaned[0] === '') cleaned.shift();
  while (cleaned.at(-1) === '') cleaned.pop();
  return cleaned.length === 0 ? null : cleaned.join('\n');
}
