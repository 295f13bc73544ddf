/** How queries wait: each is told when its own time has come, whoever joins and leaves, and nothing is left behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startWaiting, stopWaiting, Waiting } from '../../src/host/dns/patience';
import { pendingTimers } from '../../src/runtime/timers';

class One extends Waiting {
  rang = -1;
  constructor(private readonly then: () => void = () => {}) {
    super();
  }
  override timeIsUp(): void {
    this.rang = performance.now();
    this.then();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('in the order of their times, not of joining; one that leaves is not told', async () => {
  const rung: string[] = [];
  const make = (name: string): One => new One(() => rung.push(name));
  const now = performance.now();
  const [slow, quick, gone, again] = [make('slow'), make('quick'), make('gone'), make('again')];
  startWaiting(slow, now, 60);
  startWaiting(gone, now, 20);
  startWaiting(quick, now, 20);
  startWaiting(again, now, 40);
  stopWaiting(gone);
  stopWaiting(gone);
  assert.equal(pendingTimers(), 1);
  await pause(150);
  assert.deepEqual(rung, ['quick', 'again', 'slow']);
  assert.ok(slow.rang - now >= 59);
  assert.equal(pendingTimers(), 0);
});

test('one that is told may wait again, and may send others away', async () => {
  const other = new One();
  let times = 0;
  const one: One = new One(() => {
    if (++times < 3) startWaiting(one, performance.now(), 10);
    else stopWaiting(other);
  });
  startWaiting(other, performance.now(), 10_000);
  startWaiting(one, performance.now(), 10);
  await pause(120);
  assert.equal(times, 3);
  assert.equal(other.rang, -1);
  assert.equal(pendingTimers(), 0);
});

test('whatever joins and leaves, all that stay are told once', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(5, 10, 15), fc.boolean(), fc.nat(30)), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const told = new Map<One, number>();
      const stay = new Set<One>();
      const all: One[] = [];
      for (const [wait, leaves, whom] of given) {
        const one: One = new One(() => told.set(one, (told.get(one) ?? 0) + 1));
        all.push(one);
        stay.add(one);
        startWaiting(one, performance.now(), wait);
        if (!leaves) continue;
        const other = all[whom % all.length]!;
        stopWaiting(other);
        stay.delete(other);
      }
      await pause(30);
      for (const one of all) assert.equal(told.get(one) ?? 0, stay.has(one) ? 1 : 0);
      assert.equal(pendingTimers(), 0);
    }),
    { numRuns: 30 },
  );
});
