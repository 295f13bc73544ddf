/** The built-ins as analysis sees them. */
import type { BuiltinEntry, Builtins } from '../analysis/program';
import { Constant } from '../builtins/define-builtin';
import {
  currentSpelling,
  findBuiltin,
  findGroup,
  groupNames,
  nearBuiltin,
  relatedBuiltins,
} from '../builtins/registry';
import type { Entry } from '../builtins/registry';

const views = new Map<Entry, BuiltinEntry>();

function view(entry: Entry): BuiltinEntry {
  let known = views.get(entry);
  if (known === undefined) views.set(entry, (known = make(entry)));
  return known;
}

function make(entry: Entry): BuiltinEntry {
  if (entry instanceof Constant) return { constant: entry.name };
  const { definition } = entry;
  return {
    name: entry.name,
    minArgs: entry.minArgs,
    maxArgs: entry.maxArgs,
    waits: entry.waits,
    waitsWithCallback: entry.waitsWithCallback,
    signature: entry.signature,
    callbacks: definition.params.map((param) => param.calls?.as ?? null),
    givesWaitingFunctions: definition.params.some((param) => param.calls?.givesWaitingFunction === true),
    gives: definition.gives.type,
    inline: definition.inline ?? [],
    replacedBy: definition.replacedBy ?? null,
  };
}

const groups = new Map<string, ReadonlyMap<string, BuiltinEntry>>();

export const builtinView: Builtins = {
  find(name) {
    const entry = findBuiltin(name);
    return entry === undefined ? undefined : view(entry);
  },
  currentSpelling,
  group(name) {
    let members = groups.get(name);
    if (members === undefined) {
      const entries = findGroup(name);
      if (entries === undefined) return undefined;
      members = new Map([...entries].map(([short, entry]) => [short, view(entry)]));
      groups.set(name, members);
    }
    return members;
  },
  groupNames,
  near: nearBuiltin,
  related: relatedBuiltins,
};
