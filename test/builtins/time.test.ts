/** Dates and times: zones with their changes of clocks, days that do not exist, years of any length, tasks by the clock. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Task, Value } from '../../src/runtime/values';
import { entriesOf } from './call-builtin';
import { call, property, refused } from './call-builtin';
import { sentra } from '../support/command';
import { python, withoutPython } from '../support/python';
import { assertNothingLeft, builtin, fails, join, run, unobserved } from '../support/run-tasks';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'local',
  '+05:45',
  '-0930',
];

const utc = (text: string): number => Date.parse(text);

describe('format_time', () => {
  test('ISO without a format', () => {
    assert.equal(call('format_time', 0), '1970-01-01T00:00:00.000Z');
    assert.equal(call('format_time', -1), '1969-12-31T23:59:59.999Z');
    assert.equal(call('format_time', -0.5), '1969-12-31T23:59:59.999Z');
    assert.equal(call('format_time', 0, null, 'America/New_York'), '1969-12-31T19:00:00.000-05:00');
    assert.equal(call('formatTime', 8.64e15), '+275760-09-13T00:00:00.000Z');
    assert.equal(call('format_time', -8.64e15), '-271821-04-20T00:00:00.000Z');
    assert.equal(call('format_time', utc('0033-04-03T12:00:00Z')), '0033-04-03T12:00:00.000Z');
  });

  test('all parts, and text between', () => {
    const at = utc('2026-03-07T08:05:09.042Z');
    assert.equal(call('format_time', at, 'ddd, DD MMM YYYY HH:mm:ss ZZ', 'Asia/Kolkata'), 'Sat, 07 Mar 2026 13:35:09 +0530');
    assert.equal(call('format_time', at, 'YYYYMMDD-HHmmss.SSS Z', 'UTC'), '20260307-080509.042 Z');
    assert.equal(call('format_time', at, '[Day] DD [YYYY]é]', 'UTC'), 'Day 07 YYYYé]');
    assert.equal(call('format_time', at, '', 'UTC'), '');
    assert.equal(call('format_time', at, 'ZZ', 'UTC'), '+0000');
  });

  test('a change of clocks', () => {
    const format = (text: string, zone: string): unknown => call('format_time', utc(text), 'DD HH:mm Z', zone);
    assert.equal(format('2026-03-29T00:59:59Z', 'Europe/Berlin'), '29 01:59 +01:00');
    assert.equal(format('2026-03-29T01:00:00Z', 'Europe/Berlin'), '29 03:00 +02:00');
    assert.equal(format('2026-10-25T00:30:00Z', 'Europe/Berlin'), '25 02:30 +02:00');
    assert.equal(format('2026-10-25T01:30:00Z', 'Europe/Berlin'), '25 02:30 +01:00');
    // Half an hour on this island, and a day that Samoa left out.
    assert.equal(format('2026-04-04T15:00:00Z', 'Australia/Lord_Howe'), '05 01:30 +10:30');
    assert.equal(format('2011-12-30T09:59:00Z', 'Pacific/Apia'), '29 23:59 -10:00');
    assert.equal(format('2011-12-30T10:00:00Z', 'Pacific/Apia'), '31 00:00 +14:00');
    // Before zones were agreed on.
    assert.equal(call('format_time', utc('1850-01-01T00:00:00Z'), 'HH:mm:ss Z', 'Europe/Berlin'), '00:53:28 +00:53:28');
  });

  test('what is wrong says its place', () => {
    for (const [format, column] of [['YYYY-MM-D', 9], ['hh', 1], ['YY', 1], ['[x] Month', 5], ['SS', 1], ['HH:mm:sss', 7]] as const) {
      const error = refused('EFORMAT', `column ${column}: '`, 'format_time', 0, format, 'UTC');
      assert.equal(error.get('text_column'), column);
    }
    for (const time of [8.64e15 + 1, -9e15, 1e300]) refused('ERANGE', '100 million days', 'format_time', time);
    for (const time of [NaN, Infinity, '0', null]) refused('ETYPE', 'ms must be a finite number', 'format_time', time);
    for (const zone of ['Europe/Berln', '', 'utc+1', '+25:00', '__proto__']) refused('ETYPE', 'zone must be "UTC", "local"', 'format_time', 0, '', zone);
    assert.match(String(refused('ETYPE', /zone/, 'format_time', 0, '', 'Europe/Berln').hint), /Europe\/Berlin/);
  });

  test('as Python has them, in random zones at random times', { skip: withoutPython }, () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Africa/Casablanca', 'America/St_Johns', 'Asia/Tehran'];
    const samples = fc.sample(fc.tuple(fc.constantFrom(...zones), fc.integer({ min: -300_000_000, max: 2_100_000_000 })), 200);
    const answer = python(
      `from datetime import datetime
try:
    from zoneinfo import ZoneInfo
    answer = [datetime.fromtimestamp(t, ZoneInfo(z)).strftime("%Y-%m-%d %H:%M:%S %a %j") for z, t in data]
except Exception as e:
    answer = None`,
      samples,
    ) as string[] | null;
    // Python without a database of zones has no answer.
    if (answer === null) return;
    samples.forEach(([zone, seconds], i) => {
      const parts = new Map(entriesOf(call('date_parts', seconds * 1000, zone)));
      const text = `${String(call('format_time', seconds * 1000, 'YYYY-MM-DD HH:mm:ss ddd', zone))} ${String(parts.get('year_day')).padStart(3, '0')}`;
      assert.equal(text, answer[i], `${zone} ${seconds}`);
    });
  });
}); // prettier-ignore

describe('parse_time', () => {
  const everyTime = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }).map((n) => n * 1000 + (n % 1000));

  test('reads what format_time wrote, in all zones', property(everyTime, fc.constantFrom(...ZONES), (time: number, zone: string) => {
    for (const format of [null, 'YYYY-MM-DDTHH:mm:ss.SSSZ', 'ddd DD MMM YYYY HH[h]mm ss,SSS ZZ']) {
      const text = call('format_time', time, format, zone) as string;
      assert.equal(call('parse_time', text, format), time, text);
    }
  }));

  test('never anything but a number or an error with its place', property(fc.string(), fc.string(), (text: string, format: string) => {
    for (const args of [[text], [text, format]]) {
      try {
        assert.ok(Number.isFinite(call('parse_time', ...args)));
      } catch {
        refused((() => { try { call('parse_time', ...args); return ''; } catch (e) { return (e as { code: string }).code; } })(), /line \d+, column \d+: /, 'parse_time', ...args);
      }
    }
  }));

  test('forms of ISO 8601', () => {
    const t = utc('2026-01-31T14:30:00Z');
    for (const text of ['2026-01-31T14:30Z', '2026-01-31 14:30:00Z', '2026-01-31T15:30:00+01:00', '2026-01-31T15:30:00.000+0100', '2026-01-31t14:30:00,0z', '2026-01-31 10:00:00 -04:30', '+002026-01-31T14:30:00.000000000Z']) {
      assert.equal(call('parse_time', text), t, text);
    }
    assert.equal(call('parse_time', '2026-01-31T14:30:00.1239Z'), t + 123);
    assert.equal(call('parse_time', '2026-01-31', null, 'UTC'), utc('2026-01-31'));
    assert.equal(call('parse_time', '2026-01-31', null, 'Europe/Berlin'), utc('2026-01-30T23:00:00Z'));
    assert.equal(call('parse_time', '2026-01-31T24:00:00Z'), utc('2026-02-01'));
    assert.equal(call('parse_time', '2016-12-31T23:59:60Z'), utc('2016-12-31T23:59:59Z'));
    assert.equal(call('parse_time', '0050-01-01T00:00:00Z'), utc('0050-01-01T00:00:00Z'));
    assert.equal(call('parseTime', '-000044-03-15T00:00:00Z'), utc('-000044-03-15T00:00:00Z'));
  });

  test('hours that come twice or not at all', () => {
    const read = (text: string, zone: string): unknown => call('parse_time', text, null, zone);
    assert.equal(read('2026-10-25 02:30', 'Europe/Berlin'), utc('2026-10-25T00:30:00Z'), 'the first of two');
    assert.equal(read('2026-10-25 01:59:59', 'Europe/Berlin'), utc('2026-10-24T23:59:59Z'));
    assert.equal(read('2026-10-25 03:00', 'Europe/Berlin'), utc('2026-10-25T02:00:00Z'));
    assert.equal(read('2026-03-29 02:30', 'Europe/Berlin'), utc('2026-03-29T01:30:00Z'), 'an hour later');
    assert.equal(read('2026-03-29 03:00', 'Europe/Berlin'), utc('2026-03-29T01:00:00Z'));
    assert.equal(read('2026-11-01 01:30', 'America/New_York'), utc('2026-11-01T05:30:00Z'));
    assert.equal(read('2026-03-08 02:00', 'America/New_York'), utc('2026-03-08T07:00:00Z'));
    assert.equal(read('2011-12-31 00:00', 'Pacific/Apia'), utc('2011-12-30T10:00:00Z'));
  });

  test('days and times that do not exist say their place', () => {
    const wrong = (text: string, column: number, words: RegExp, ...more: Value[]): void => {
      const error = refused('ETIME', words, 'parse_time', text, ...more);
      assert.equal(error.get('text_column'), column, error.message);
    };
    wrong('2026-02-29', 9, /Feb 2026 has 28 days, got 29/);
    wrong('2100-02-29', 9, /Feb 2100 has 28 days/);
    wrong('2026-04-31T00:00Z', 9, /Apr 2026 has 30 days/);
    wrong('2026-13-01', 6, /the month goes from 1 to 12, got 13/);
    wrong('2026-00-01', 6, /the month goes from 1 to 12/);
    wrong('2026-01-00', 9, /the day goes from 1 to 31/);
    wrong('2026-01-01T25:00', 12, /the hour goes from 0 to 24/);
    wrong('2026-01-01T12:60', 15, /the minute goes from 0 to 59/);
    wrong('2026-01-01T12:00:61', 18, /the second/);
    wrong('2026-01-01T24:00:01', 1, /very end of a day/);
    wrong('2026-01-01T12:00+25:00', 17, /no offset \+25:00/);
    wrong('2026-01-01T12', 14, /expected ':'/);
    wrong('2026-1-1', 6, /a month of two digits/);
    wrong('', 1, /a year of four digits/);
    wrong('yesterday', 1, /a year of four digits/);
    wrong('2026-01-01X', 11, /'T' or a space/);
    wrong('2026-01-01T12:00:00 CET', 20, /seconds, an offset/);
    wrong('+300000-01-01', 1, /100 million days/);
    wrong('31.02.2026', 1, /Feb 2026 has 28 days/, 'DD.MM.YYYY');
    wrong('01.Feb.26', 8, /a year of four digits/, 'DD.MMM.YYYY');
    wrong('01 Foo', 4, /no month 'Foo'/, 'DD MMM');
    wrong('01-02', 3, /expected "\."/, 'DD.MM');
    wrong('01.02.', 6, /the time ends here/, 'DD.MM');
    assert.equal(call('parse_time', '2000-02-29', null, 'UTC'), utc('2000-02-29'));
    refused('EFORMAT', "'hh'", 'parse_time', '12', 'hh');
    refused('ETYPE', 'text must be a string', 'parse_time', 5);
  });

  test('what the format leaves out is that of 1970', () => {
    assert.equal(call('parse_time', '12:30', 'HH:mm', 'UTC'), (12 * 60 + 30) * 60_000);
    assert.equal(call('parse_time', '', '', 'UTC'), 0);
  });
}); // prettier-ignore

test('date_parts', () => {
  const parts = (text: string, zone: string): unknown => Object.fromEntries(entriesOf(call('date_parts', utc(text), zone)));
  assert.deepEqual(parts('2024-12-31T23:30:15.250Z', 'Europe/Berlin'), {
    year: 2025, month: 1, day: 1, hour: 0, minute: 30, second: 15, ms: 250, weekday: 3, year_day: 1, offset: 60,
  });
  assert.deepEqual(parts('0000-02-29T00:00:00Z', 'UTC'), {
    year: 0, month: 2, day: 29, hour: 0, minute: 0, second: 0, ms: 0, weekday: 2, year_day: 60, offset: 0,
  });
  assert.equal(new Map(entriesOf(call('date_parts', -8.64e15, '-12:00'))).get('year'), -271821);
  refused('ERANGE', '100 million days', 'date_parts', 1e17);
  refused('ETYPE', 'zone must be', 'date_parts', 0, 5);
}); // prettier-ignore

test('the zone of the machine is "local"', () => {
  const { stdout } = sentra(['run', '-'], {
    input:
      'log(format_time(0, "HH:mm Z"), parse_time("1970-01-01 09:00"), date_parts(0).hour, now() == format_time(time(), "YYYY-MM-DD HH:mm:ss"))',
    env: { TZ: 'Asia/Tokyo' },
  });
  assert.equal(stdout, '09:00 +09:00 0 9 true\n');
});

describe('after and every', () => {
  test('after calls once, and can be called off', async () => {
    await run(function* () {
      let calls = 0;
      const count = (): Value => ++calls;
      const task = (yield* builtin('after', 0.01, count)) as Task;
      const other = (yield* builtin('after', 0.01, count)) as Task;
      assert.equal(calls, 0);
      yield* builtin('cancel', other);
      assert.equal(yield* join(task), 1);
      yield* fails('ECANCELED', join(other));
      yield* sleep(20);
      assert.equal(calls, 1);
    });
  });

  test('every counts, never overlaps, and leaves out what it runs into', async () => {
    await run(function* () {
      const counts: Value[] = [];
      let inside = 0;
      const slow = function* (count: Value): Steps<Value> {
        assert.equal(++inside, 1, 'two calls at once');
        counts.push(count);
        yield* sleep(25);
        inside--;
        return null;
      };
      const begun = performance.now();
      const task = (yield* builtin('every', 0.01, slow)) as Task;
      yield* sleep(200);
      yield* builtin('cancel', task);
      const most = Math.ceil((performance.now() - begun) / 30) + 1;
      yield* fails('ECANCELED', join(task));
      assert.ok(counts.length >= 2 && counts.length <= most, `${counts.length} calls, at most ${most}`);
      assert.deepEqual(counts, counts.map((_, i) => i + 1));
    });
  }); // prettier-ignore

  test('a call that fails ends it, and is reported', async () => {
    await run(function* () {
      let calls = 0;
      const failing = (): Value => {
        if (++calls === 3) throw 'enough' as unknown as Error;
        return null;
      };
      const task = (yield* builtin('every', 0.002, failing)) as Task;
      yield* sleep(100);
      assert.equal(task.state, 'failed');
      assert.equal(calls, 3);
      assert.deepEqual(unobserved.splice(0), ['enough']);
    });
  });

  test('what they refuse', () => {
    refused('ETYPE', 'seconds must be', 'after', -1, () => null);
    refused('ETYPE', 'f must be a function', 'after', 1, null);
    for (const period of [0, -1, 0.0001, Infinity, NaN, '1'])
      refused('ETYPE', 'at least 0.001', 'every', period, () => null);
  });
});

after(assertNothingLeft);
