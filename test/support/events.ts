/** Listens to the stream of events while something is done, and sums up what it told. */
import assert from 'node:assert/strict';
import { listen } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';

/** The events of `body`, without those of handles that begin with one of these. Each of them has a task. */
export function* eventsOf(body: () => Steps<unknown>, without: readonly string[] = []): Steps<HostEvent[]> {
  const events: HostEvent[] = [];
  const stop = listen((event) => {
    if (without.some((each) => event.subject.handle.startsWith(each))) return;
    // What is reported is valid only during the call.
    const isData = event.kind === 'bytes' && event.data !== null;
    events.push(isData ? { ...event, data: Buffer.from(event.data) } : event);
  });
  try {
    yield* body();
    yield* sleep(20);
  } finally {
    stop();
  }
  for (const event of events) assert.notEqual(event.task, null, `${event.kind} of ${event.subject.handle} has a task`);
  return events;
}

/** By handle, each kind once in a row. */
export function kindsOf(events: readonly HostEvent[]): Record<string, string[]> {
  const kinds: Record<string, string[]> = {};
  for (const { kind, subject } of events) {
    const list = (kinds[subject.handle] ??= []);
    if (list.at(-1) !== kind) list.push(kind);
  }
  return kinds;
}

/** All the bytes of a direction, one after the other. */
export function bytesOf(events: readonly HostEvent[], direction: 'in' | 'out'): Buffer {
  return Buffer.concat(
    events.flatMap((event) => (event.kind === 'bytes' && event.direction === direction ? [event.data as Buffer] : [])),
  );
}

/** How many they are, also where they are not shown. */
export function countOf(events: readonly HostEvent[], direction: 'in' | 'out'): number {
  return events.reduce(
    (sum, event) => (event.kind === 'bytes' && event.direction === direction ? sum + event.count : sum),
    0,
  );
}
