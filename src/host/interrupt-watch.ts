/**
 * Ctrl-C while JavaScript computes without a pause: no handler runs then, but whoever computes can ask. Node's own
 * prompt does it this way. While watching, nobody else is told of SIGINT, so a listener has to be taken off before
 * and put back behind.
 */

interface Watchdog {
  startSigintWatchdog(): void;
  /** True when a SIGINT came that nobody asked for. */
  stopSigintWatchdog(): boolean;
  watchdogHasPendingSigint(): boolean;
}

let watchdog: Watchdog | null | undefined;
let watching = false;

/** Null where this version of Node has it no longer. */
function find(): Watchdog | null {
  try {
    const inside = process as unknown as { binding(name: string): Partial<Watchdog> };
    const found = inside.binding('contextify');
    return found.watchdogHasPendingSigint === undefined ? null : (found as Watchdog);
  } catch {
    return null;
  }
}

/** Begins to watch; false where that cannot be done. */
export function watchInterrupts(): boolean {
  watchdog ??= find();
  if (watchdog === null) return false;
  if (!watching) watchdog.startSigintWatchdog();
  watching = true;
  return true;
}

/** Whether SIGINT came since the watch began or since the last one that this told of. */
export function interruptCame(): boolean {
  if (!watching || !watchdog!.watchdogHasPendingSigint()) return false;
  watchdog!.stopSigintWatchdog();
  watchdog!.startSigintWatchdog();
  return true;
}

/** Ends the watch; true when SIGINT came and nobody was told. */
export function unwatchInterrupts(): boolean {
  if (!watching) return false;
  watching = false;
  return watchdog!.stopSigintWatchdog();
}
