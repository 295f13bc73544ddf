/** Compiled modules made runnable: evaluated, and linked to the runtime, the built-ins and each other. */
import type { Constant } from '../builtins/define-builtin';
import { Builtin } from '../builtins/define-builtin';
import { findBuiltin, findGroup } from '../builtins/registry';
import { evaluate } from '../host/script';
import { isChannel, leaveWalk, receive, receiveNext, send } from '../runtime/channel-operations';
import { select } from '../runtime/select';
import { caught, registerScript } from '../runtime/errors';
import * as functions from '../runtime/functions';
import type { Deferred, Spawner } from '../runtime/functions';
import { MapValue } from '../runtime/map-value';
import { isSet, makeExports, namespaceMap } from '../runtime/module-links';
import type { Exports } from '../runtime/module-links';
import * as operators from '../runtime/operators';
import { called, calls, stretch, tick } from '../runtime/overrun';
import { left } from '../runtime/park';
import { recordConstructor } from '../runtime/records';
import { pace, present } from '../runtime/scheduler';
import type { Steps } from '../runtime/task';
import { thrown } from '../runtime/thrown-values';
import type { FunctionValue, Value } from '../runtime/values';
import type { CompiledModule, CompiledProgram } from './compile';
import { forDebugger } from './debugging';
import { ScriptSites } from './script-sites';

/** Calls that the top level of the program put off to its end. */
export const deferredToEnd: Deferred = [];

function deferToEnd(f: FunctionValue, args: Value[]): void {
  deferredToEnd.push(f, args);
}

/** `import math` used as a value. */
function groupMap(group: string): MapValue {
  const map = new MapValue();
  for (const [name, entry] of findGroup(group)!) map.set(name, entry.value);
  return map;
}

const linkedOperators = {
  ...operators, ...functions, pace, present, tick, called, calls, stretch, caught, left, isChannel, leaveWalk, receive, receiveNext, select, send, isSet,
  namespaceMap, groupMap, deferToEnd, thrown,
}; // prettier-ignore

function builtin(name: string): Builtin {
  const entry = findBuiltin(name);
  if (!(entry instanceof Builtin)) throw new Error(`there is no built-in ${name}`);
  return entry;
}

const linkedBuiltins = {
  plain: (name: string) => builtin(name).checked,
  waiting: (name: string) => builtin(name).checkedWaiting,
  value: (name: string) => builtin(name).value,
  constant: (name: string) => (findBuiltin(name) as Constant).value,
};

/** Variables of the top level that live on from one REPL input to the next. */
export type SessionVariables = Record<string, Value | undefined>;

type Main = (
  exports: Exports,
  self: Spawner,
  operators: typeof linkedOperators,
  builtins: typeof linkedBuiltins,
  records: typeof recordConstructor,
  modules: (index: number) => Exports,
  session: SessionVariables,
) => unknown;

/** A module that is ready to run. */
interface LinkedModule {
  readonly compiled: CompiledModule;
  /** Runs the top level; for one that waits: gives the generator that does. */
  readonly start: () => unknown;
}

function linkModules(program: CompiledProgram, session: SessionVariables): LinkedModule[] {
  const exports = program.modules.map((module) => makeExports(module.source.name));
  return forDebugger(program).map((compiled) => {
    const sites = new ScriptSites(compiled.source, compiled.marks);
    registerScript(compiled.path, sites);
    const main = evaluate(compiled.code, compiled.path) as Main;
    let spawnSites: Spawner['spawnSites'] | null = null;
    const self: Spawner = {
      get spawnSites() {
        return (spawnSites ??= compiled.spawnSites.map((each) => ({
          site: sites.site(each.span, []),
          function: each.function,
        })));
      },
    };
    const start = (): unknown =>
      main(
        exports[compiled.index]!,
        self,
        linkedOperators,
        linkedBuiltins,
        recordConstructor,
        (index) => exports[index]!,
        session,
      );
    return { compiled, start };
  });
}

/** Runs all modules in order, as the steps of one task; gives what the last one's top level gave. */
export function* runModules(program: CompiledProgram, session: SessionVariables = {}): Steps<Value> {
  const linked = linkModules(program, session);
  const started = new Map<LinkedModule, Steps>();
  for (const module of linked) {
    if (!module.compiled.inCycle) continue;
    const steps = module.start() as Steps;
    // Up to its first step it only shows its functions to the others.
    steps.next();
    started.set(module, steps);
  }
  let result: unknown = null;
  for (const module of linked) {
    if (module.compiled.waits) result = yield* started.get(module) ?? (module.start() as Steps);
    else result = module.start();
  }
  return (result ?? null) as Value;
}
