/**
 * The headers of a message as a program has them: a map that finds a name in any case and shows it in its
 * canonical form. Names that a program puts in follow the same rule, so that none is there twice.
 */
import { MapValue } from '../../runtime/values';
import type { Value } from '../../runtime/values';
import { canonicalName } from '../../wire/http/header-text';
import { textOfLatin1 } from './latin1';

/** The rule stands in the entries themselves: compiled programs reach them without asking the map. */
class CanonicalEntries extends Map<string, Value> {
  override get(key: string): Value | undefined {
    return super.get(canonicalName(key));
  }

  override has(key: string): boolean {
    return super.has(canonicalName(key));
  }

  override set(key: string, value: Value): this {
    return super.set(canonicalName(key), value);
  }

  override delete(key: string): boolean {
    return super.delete(canonicalName(key));
  }
}

export class HeaderMap extends MapValue {
  override m: Map<string, Value> = new CanonicalEntries();

  override clone(): HeaderMap {
    const copy = new HeaderMap();
    for (const [key, value] of this.m) copy.m.set(key, value);
    return copy;
  }

  /** Adds a field that came over the wire: repeated ones are joined, except cookies, which are an array. */
  add(name: string, value: string): void {
    const key = canonicalName(name);
    const before = this.m.get(key);
    if (key === 'Set-Cookie') {
      if (Array.isArray(before)) before.push(value);
      else this.m.set(key, [value]);
    } else if (before === undefined) {
      this.m.set(key, value);
    } else {
      this.m.set(key, `${before as string}${key === 'Cookie' ? '; ' : ', '}${value}`);
    }
  }
}

/** From names and values in turn, as Node gives them: a character for each byte. */
export function headerMap(raw: readonly string[]): HeaderMap {
  const map = new HeaderMap();
  for (let i = 0; i + 1 < raw.length; i += 2) map.add(raw[i]!, textOfLatin1(raw[i + 1]!));
  return map;
}

/** As `headerMap`, from bytes. */
export function headerMapOfBytes(raw: readonly Buffer[]): HeaderMap {
  const map = new HeaderMap();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    map.add(raw[i]!.toString('latin1'), textOfLatin1(raw[i + 1]!.toString('latin1')));
  }
  return map;
}
