/**
 * Finds the known name that somebody most likely meant. A wrong suggestion is worse than none, so few
 * slips of the finger are allowed, the fewer the shorter the name; how a name is spelt (`dnsLookup`,
 * `DNS_lookup`, `lookup_dns`) costs nothing.
 */

/** Longer names are only compared by their spelling: nobody has a near miss of a name of this length. */
const MAX_LENGTH = 64;

/** The most likely of the known names, the earlier one where two are equally near; null when none is near. */
export function didYouMean(name: string, known: readonly string[]): string | null {
  if (name.length > 4 * MAX_LENGTH) return null;
  const folded = fold(name);
  if (folded === '') return null;
  let best: string | null = null;
  // A slip may change, leave out, add or swap one character for each three that were written.
  let limit = folded.length > MAX_LENGTH ? 0 : Math.min(3, Math.floor(folded.length / 3));
  let bestStartsAlike = false;
  for (const candidate of known) {
    if (candidate === name || candidate.length > 4 * MAX_LENGTH) continue;
    const foldedCandidate = fold(candidate);
    if (foldedCandidate === folded) return candidate;
    if (foldedCandidate.length > MAX_LENGTH || Math.abs(foldedCandidate.length - folded.length) > limit) continue;
    const distance = foldedCandidate.length < 2 ? limit + 1 : distanceWithin(folded, foldedCandidate, limit);
    if (distance > limit) continue;
    const startsAlike = foldedCandidate.charCodeAt(0) === folded.charCodeAt(0);
    if (best !== null && distance === limit && (bestStartsAlike || !startsAlike)) continue;
    best = candidate;
    bestStartsAlike = startsAlike;
    limit = distance;
  }
  return best ?? sameWords(name, known);
}

/** Upper and lower case, `_` and `-` make no difference. */
function fold(name: string): string {
  return name.replaceAll('_', '').replaceAll('-', '').toLowerCase();
}

/** `lookup_dns` for `dns_lookup`. */
function sameWords(name: string, known: readonly string[]): string | null {
  const words = wordsOf(name);
  if (words === null) return null;
  for (const candidate of known) if (candidate !== name && wordsOf(candidate) === words) return candidate;
  return null;
}

function wordsOf(name: string): string | null {
  const words = split(name);
  return words.length < 2 ? null : words.sort().join('_');
}

function split(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_-]+/);
}

/** A part that more names have says little about what was meant. */
const MAX_RELATED = 12;
/** So do shorter ones. */
const MIN_PART = 3;

/** "there are gunzip, gzip": the known names that have this one as a part; null where none has, or many have. */
export function containing(name: string, known: readonly string[]): string | null {
  const part = name.toLowerCase();
  return part.length < MIN_PART ? null : listed(known.filter((each) => each.toLowerCase().includes(part)));
}

/** "there are print, table" of `print_table`: the known names that share a whole word with it. */
export function sharingWords(name: string, known: readonly string[]): string | null {
  const words = new Set(split(name).filter((word) => word.length >= MIN_PART));
  return listed(known.filter((each) => split(each).some((word) => words.has(word))));
}

function listed(names: string[]): string | null {
  if (names.length === 0 || names.length > MAX_RELATED) return null;
  return `there ${names.length === 1 ? 'is' : 'are'} ${names.sort().join(', ')}`;
}

/**
 * How many characters must be changed, added, left out or swapped with their neighbour to make `b` of `a`
 * (Damerau-Levenshtein, each place touched once); some number above the limit when it is exceeded.
 */
function distanceWithin(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last: number[] = [];
  for (let j = 0; j <= b.length; j++) last.push(j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
      ) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
      if (cost < smallest) smallest = cost;
    }
    if (smallest > limit && Math.min(...last) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
