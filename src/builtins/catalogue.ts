/**
 * Where built-ins are found by name, by older spelling and by group. The registry fills it; what looks
 * names up inside of a built-in (`doc`) asks here, since the registry needs the built-ins first.
 */
import { setBuiltinNames } from '../runtime/method-hints';
import { Builtin, Constant } from './define-builtin';

export type Entry = Builtin | Constant;

const byName = new Map<string, Entry>();
/** An older spelling to the name it stands for. */
const aliases = new Map<string, string>();
const byGroup = new Map<string, Map<string, Entry>>();

export function add(entry: Entry): void {
  if (byName.has(entry.name)) throw new Error(`the built-in ${entry.name} is defined twice`);
  byName.set(entry.name, entry);
  const groups =
    entry instanceof Constant ? [entry.group] : [entry.definition.group, ...(entry.definition.alsoIn ?? [])];
  for (const group of groups) {
    let members = byGroup.get(group);
    if (members === undefined) byGroup.set(group, (members = new Map<string, Entry>()));
    members.set(shortName(group, entry.name), entry);
  }
  if (entry instanceof Builtin) for (const alias of entry.definition.aliases ?? []) aliases.set(alias, entry.name);
}

/** Its name inside its module: without the group's prefix, `json_parse` is `json.parse`. */
function shortName(group: string, name: string): string {
  return name.startsWith(group + '_') ? name.slice(group.length + 1) : name;
}

/** The entry of this name or older spelling; undefined where there is none. */
export function findBuiltin(name: string): Entry | undefined {
  return byName.get(name) ?? byName.get(aliases.get(name) ?? '');
}

/** The present name of an older spelling; undefined for a name that is no older spelling. */
export function currentSpelling(name: string): string | undefined {
  return aliases.get(name);
}

/** The members of a module of built-ins by short name. */
export function findGroup(group: string): ReadonlyMap<string, Entry> | undefined {
  return byGroup.get(group);
}

export function groupNames(): string[] {
  return [...byGroup.keys()];
}

export function allBuiltins(): Entry[] {
  return [...byName.values()];
}

setBuiltinNames(() => [...byName.keys()]);
