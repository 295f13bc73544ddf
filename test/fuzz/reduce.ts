/**
 * Makes a program that shows a difference smaller: takes out lines, whole blocks and the lines around blocks,
 * and puts constants in the place of bracketed expressions, as long as the difference is still there.
 */
export function reduce(text: string, shows: (text: string) => boolean, limitMs = 20_000): string {
  const end = Date.now() + limitMs;
  let best = text;
  for (let improved = true; improved && Date.now() < end;) {
    improved = false;
    for (const candidate of candidates(() => best)) {
      if (Date.now() > end) break;
      if (candidate.length >= best.length || !shows(candidate)) continue;
      best = candidate;
      improved = true;
    }
  }
  return best;
}

/** Asks for the best text again at each step, since it gets smaller on the way. */
function* candidates(best: () => string): Generator<string> {
  for (const size of [32, 16, 8, 4, 2, 1]) {
    for (let at = best().split('\n').length - 1; at >= 0; at--) {
      const lines = best().split('\n');
      yield [...lines.slice(0, at), ...lines.slice(at + size)].join('\n');
    }
  }
  for (let at = best().split('\n').length - 1; at >= 0; at--) {
    const lines = best().split('\n');
    const close = closingLine(lines, at);
    if (close < 0) continue;
    yield [...lines.slice(0, at), ...lines.slice(close + 1)].join('\n');
    yield [...lines.slice(0, at), ...lines.slice(at + 1, close), ...lines.slice(close + 1)].join('\n');
  }
  for (let at = best().length - 1; at >= 0; at--) {
    const now = best();
    if (!'([{'.includes(now[at] ?? ' ')) continue;
    const close = closingBracket(now, at);
    if (close < 0) continue;
    yield now.slice(0, at) + now.slice(close + 1);
    for (const simple of ['1', '[]', '""', now.slice(at + 1, close)])
      yield now.slice(0, at) + simple + now.slice(close + 1);
  }
  for (let at = best().length - 1; at >= 0; at--) {
    const now = best();
    const word = /^\w+\(?|^"[^"]*"|^, [^,()[\]{}]+|^ [-+*/%&|^<>=!?]+ [\w"]+|^\.\w+/.exec(now.slice(at, at + 80))?.[0];
    if (word !== undefined) yield now.slice(0, at) + now.slice(at + word.length);
  }
}

function closingLine(lines: readonly string[], at: number): number {
  if (!/\{\s*$/.test(lines[at] ?? '')) return -1;
  let depth = 0;
  for (let i = at; i < lines.length; i++) {
    for (const char of lines[i]!) depth += char === '{' ? 1 : char === '}' ? -1 : 0;
    if (depth <= 0) return i;
  }
  return -1;
}

function closingBracket(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if ('([{'.includes(text[i]!)) depth++;
    else if (')]}'.includes(text[i]!) && --depth === 0) return i;
  }
  return -1;
}
