/**
 * Where built-ins are found by name, by older spelling and by group. The registry fills it; what looks
 * names up inside of a built-in (`doc`) asks here, since the registry needs the built-ins first.
 *
 * A file of definitions may be announced and loaded when one of its built-ins is first asked for: the build
 * does so, so that a program loads the groups that it uses.
 */
import { containing, didYouMean, sharingWords } from '../diagnostics/did-you-mean';
import { setBuiltinNames } from '../runtime/method-hints';
import { Builtin, Constant } from './define-builtin';

export type Entry = Builtin | Constant;

/** What is known of an entry before its file is loaded. */
export interface Listing {
  readonly name: string;
  readonly groups: readonly string[];
  /** Older spellings. */
  readonly aliases: readonly string[];
}

/** In the order of the registry, whether or not they are loaded. */
const listings = new Map<string, Listing>();
/** An older spelling to the name it stands for. */
const aliases = new Map<string, string>();
const namesByGroup = new Map<string, string[]>();
const loaded = new Map<string, Entry>();
/** By the name of an entry: loads its file. */
const loaders = new Map<string, () => void>();
const membersByGroup = new Map<string, ReadonlyMap<string, Entry>>();

export function add(entry: Entry): void {
  announce(listingOf(entry));
  loaded.set(entry.name, entry);
}

/** The entries of a file that `load` gives. */
export function addLater(list: readonly Listing[], load: () => Iterable<Entry>): void {
  const loadAll = (): void => {
    for (const entry of load()) loaded.set(entry.name, entry);
  };
  for (const listing of list) {
    announce(listing);
    loaders.set(listing.name, loadAll);
  }
}

export function listingOf(entry: Entry): Listing {
  if (entry instanceof Constant) return { name: entry.name, groups: [entry.group], aliases: [] };
  const { name, group, alsoIn, aliases: older } = entry.definition;
  return { name, groups: [group, ...(alsoIn ?? [])], aliases: older ?? [] };
}

/** Only what is defined as a built-in of all that a file exports. */
export function entriesOf(file: Readonly<Record<string, unknown>>): Entry[] {
  return Object.values(file).filter((each) => each instanceof Builtin || each instanceof Constant);
}

function announce(listing: Listing): void {
  const { name } = listing;
  if (listings.has(name)) throw new Error(`the built-in ${name} is defined twice`);
  listings.set(name, listing);
  for (const group of listing.groups) {
    const names = namesByGroup.get(group);
    if (names === undefined) namesByGroup.set(group, [name]);
    else names.push(name);
  }
  for (const alias of listing.aliases) aliases.set(alias, name);
}

function entry(name: string): Entry {
  let found = loaded.get(name);
  if (found === undefined) {
    loaders.get(name)!();
    found = loaded.get(name)!;
  }
  return found;
}

/**
 * Its name inside its module: without the group's prefix, `json_parse` is `json.parse`. `map_values` stays, since
 * `map.values` is `values`.
 */
function shortName(group: string, name: string, names: readonly string[]): string {
  const short = name.startsWith(group + '_') ? name.slice(group.length + 1) : name;
  return names.includes(short) ? name : short;
}

/** The entry of this name or older spelling; undefined where there is none. */
export function findBuiltin(name: string): Entry | undefined {
  if (listings.has(name)) return entry(name);
  const current = aliases.get(name);
  return current === undefined ? undefined : entry(current);
}

/** The present name of an older spelling; undefined for a name that is no older spelling. */
export function currentSpelling(name: string): string | undefined {
  return aliases.get(name);
}

/** The members of a module of built-ins by short name. */
export function findGroup(group: string): ReadonlyMap<string, Entry> | undefined {
  const names = namesByGroup.get(group);
  if (names === undefined) return undefined;
  let members = membersByGroup.get(group);
  if (members === undefined) {
    members = new Map(names.map((name) => [shortName(group, name, names), entry(name)]));
    membersByGroup.set(group, members);
  }
  return members;
}

export function groupNames(): string[] {
  return [...namesByGroup.keys()];
}

/** The name or older spelling that is near, as it is spelt now; null where none is. */
export function nearBuiltin(name: string, others: readonly string[] = []): string | null {
  const near = didYouMean(name, [...others, ...listings.keys(), ...aliases.keys()]);
  return near === null || others.includes(near) ? near : (aliases.get(near) ?? near);
}

/** Says which built-ins have this name as a part of theirs; null where none or too many do. */
export function builtinsContaining(name: string): string | null {
  return containing(name, [...listings.keys()]);
}

/** The same, or else which share a word with it. */
export function relatedBuiltins(name: string): string | null {
  return builtinsContaining(name) ?? sharingWords(name, [...listings.keys()]);
}

export function allBuiltins(): Entry[] {
  return [...listings.keys()].map(entry);
}

setBuiltinNames(() => [...listings.keys()], nearBuiltin);
