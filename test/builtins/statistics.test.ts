/** Statistics give what Python's module of that name gives, on random numbers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { python, withoutPython } from '../support/python';
import fc from 'fast-check';
import type { MapValue } from '../../src/runtime/values';
import { call, property } from './call-builtin';

const PYTHON = `
import json, statistics, sys
print(json.dumps([[statistics.fmean(x), statistics.median(x), statistics.pstdev(x), statistics.stdev(x)] for x in json.load(sys.stdin)]))
`;

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

test('mean, median and stdev are those of Python', (context) => {
  const lists = Array.from({ length: 200 }, (_, i) =>
    Array.from({ length: 2 + (i % 40) }, () => (Math.random() - 0.5) * 10 ** (i % 7)),
  );
  const python = spawnSync('python3', ['-c', PYTHON], { input: JSON.stringify(lists), encoding: 'utf8' });
  if (python.error !== undefined) return context.skip('python3 is not installed');
  const expected = JSON.parse(python.stdout) as [number, number, number, number][];
  lists.forEach((list, i) => {
    const [mean, median, ofAll, ofSample] = expected[i]!;
    assert.ok(near(call('mean', list) as number, mean), `mean of ${list.join()}`);
    assert.ok(near(call('median', list) as number, median), `median of ${list.join()}`);
    assert.ok(near(call('stdev', list) as number, ofSample), `stdev of ${list.join()}`);
    assert.ok(near(call('stdev', list, true) as number, ofAll), `stdev of ${list.join()} as a population`);
  });
});

test('percentile is that of Python, inclusive', { skip: withoutPython }, () => {
  const lists = Array.from({ length: 60 }, (_, i) => Array.from({ length: 2 + i }, () => (Math.random() - 0.5) * 1000));
  const answer = python(
    'import statistics\nanswer = [statistics.quantiles(x, n=100, method="inclusive") for x in data]',
    lists,
  ) as number[][];
  lists.forEach((list, i) => {
    answer[i]!.forEach((expected, k) => {
      assert.ok(near(call('percentile', list, k + 1) as number, expected), `percentile ${k + 1} of ${list.join()}`);
    });
    assert.equal(call('percentile', list, 0), Math.min(...list));
    assert.equal(call('percentile', list, 100), Math.max(...list));
  });
});

test(
  'a histogram counts each finite number in the range that holds it',
  property(
    fc.array(fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 })), { maxLength: 30 }),
    fc.integer({ min: 1, max: 12 }),
    (list: number[], bins: number) => {
      const ranges = (call('histogram', list, bins) as MapValue[]).map(
        (each) => Object.fromEntries(each.entries()) as { from: number; to: number; count: number },
      );
      const finite = list.filter(Number.isFinite);
      assert.equal(ranges.length, finite.length === 0 ? 0 : new Set(finite.map((x) => x + 0)).size === 1 ? 1 : bins);
      ranges.forEach(({ from, to, count }, i) => {
        if (i > 0) assert.ok(from === ranges[i - 1]!.to);
        const within = (x: number): boolean => x >= from && (x < to || (i === ranges.length - 1 && x === to));
        assert.equal(count, finite.filter(within).length, `from ${from} to ${to}`);
      });
      if (ranges.length === 0) return;
      // Equal as numbers are in the language, where -0 is 0.
      assert.ok(ranges[0]!.from === Math.min(...finite));
      assert.ok(ranges.at(-1)!.to === Math.max(...finite));
    },
  ),
);

test('edges of a histogram that are whole numbers come out as such', () => {
  const edges = (low: number, high: number, bins: number): unknown[] =>
    (call('histogram', [low, high], bins) as MapValue[]).map((each) => each.get('from'));
  assert.deepEqual(edges(1, 10, 3), [1, 4, 7]);
  for (let bins = 1; bins < 50; bins++)
    assert.deepEqual(
      edges(-7, bins * 3 - 7, bins),
      Array.from({ length: bins }, (_, i) => i * 3 - 7),
    );
});
