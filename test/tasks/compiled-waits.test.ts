/**
 * Compiled code parks by itself: each kind of wait in a program, asked where it waits (more than once, and the
 * task goes on waiting), interrupted there, and woken after it was asked.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText } from '../../src/program/compile';
import type { ChannelWait } from '../../src/runtime/channel-operations';
import { waitTrace } from '../../src/runtime/wait-trace';
import type { Task } from '../../src/runtime/task';
import { execute } from '../lang/execute';
import type { Ran } from '../lang/execute';

/** Waits that nothing ends, each on a line of its own; `v` is a channel that the compiler knows nothing of. */
const waits = [
  '<-ch',
  'out <- 1',
  'receive(ch)',
  'ch.receive()',
  'send(out, 1)',
  'for x in ch { log(x) }',
  'for i, x in ch { log(i, x) }',
  'for x in v { log(x) }',
  'select { case x = <-ch: log(x) case out <- 1: log("sent") }',
  'wait(forever)',
  'wait_all([forever])',
  'wait_any([forever])',
  'mutex_lock(lock)',
  'semaphore_acquire(taken)',
  'wait_group_wait(group)',
  'map([1], fn(x) => <-ch)',
  'match 1 { _ => receive(ch) }',
];

const before = `let ch = channel()
let out = channel()
let v = [channel()][0]
let lock = mutex_create()
mutex_lock(lock)
let taken = semaphore_create(1)
semaphore_acquire(taken)
let group = wait_group_create()
wait_group_add(group, 1)
let forever = spawn { <-channel() }
`;

function start(text: string, deadlocked: (tasks: readonly Task[]) => void): Promise<Ran> {
  const { program, diagnostics } = compileText('waits', text);
  assert.ok(program, diagnostics.map((each) => each.message).join('\n'));
  return execute(program, (tasks) => deadlocked([...tasks].sort((a, b) => a.id - b.id)));
}

/** Line 1 stands for the first line of `text`. */
function lineOf(task: Task, text: string): number {
  const trace = waitTrace(task);
  assert.ok(trace, `task ${task.id} is ${task.state}`);
  return trace.site!.line - text.split('\n').length + 1;
}

test('a parked task can be asked where it waits, more than once, in each kind of wait', async () => {
  const tasks = waits.map((code, i) => `let t${i} = spawn {\n${code}\n}\n`).join('');
  await start(before + tasks, (all) => {
    const waiting = all.slice(-waits.length);
    for (const round of [1, 2, 3]) {
      const lines = waiting.map((task) => lineOf(task, before));
      const expected = waits.map((_code, i) => 3 * i + 2);
      assert.deepEqual(lines, expected, `asked for the ${round}. time`);
    }
    assert.ok(waiting.every((task) => task.state === 'waiting'));
  });
});

test('a cancelled wait throws at its own place, also after it was asked for it', async () => {
  for (const times of [0, 1, 2]) {
    const tasks = waits
      .map((code) => `spawn { try {\n${code}\n} catch e { push(ended, [e.code, e.line, len(e.stack)]) } }\n`)
      .join('');
    const text = `let ended = []\ndefer fn() { for e in ended { log(e) } }()\n${before}`;
    const ran = await start(text + tasks, (all) => {
      for (let i = 0; i < times; i++) for (const task of all) waitTrace(task);
    });
    const lines = text.split('\n').length;
    const shown = ran.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, number, number]);
    assert.deepEqual(
      shown.map(([code, line]) => [code, line]),
      waits.map((_code, i) => ['ECANCELED', lines + 2 * i + 1 + i]),
    );
    assert.ok(shown.every(([, , frames]) => frames >= 1));
  }
});

test('what a wait is woken with after it was asked is what it gives', async () => {
  const text = `let ch = channel()
spawn { log("received", <-ch) }
spawn { log("received", receive(ch)) }
spawn { for x in ch { log("walked", x) } }
`;
  const ran = await start(text, (all) => {
    for (const task of all) for (let i = 0; i < 2; i++) waitTrace(task);
    const receivers = all.map((task) => task.waitingOn as ChannelWait);
    for (const [i, receiver] of receivers.entries()) {
      receiver.queue!.remove(receiver);
      receiver.deliver(i === 1 ? null : i);
    }
  });
  assert.equal(ran.output, 'received 0\nreceived null\nwalked 2\n');
});

test('the error of a wait that fails stands at the wait', async () => {
  const text = `let ch = channel()
let t = spawn {
  try {
    ch <- 1
  } catch e { log(e.code, e.line) }
  try {
    send(ch, 2)
  } catch e { log(e.code, e.line, e.function) }
}
spawn { close(ch) }
wait(t)
let lock = mutex_create()
mutex_lock(lock)
let late = spawn {
  mutex_lock(lock, 0.001)
}
try { wait(late) } catch e { log(e.code, e.line) }
`;
  const ran = await start(text, () => assert.fail('no deadlock'));
  assert.equal(ran.output, 'ECLOSED 4\nECLOSED 7 send\nETIMEDOUT 15\n');
});

test('a task waits at one channel after another, in all ways, with the same object', async () => {
  const text = `let a = channel()
let b = channel()
let c = channel(1)
let t = spawn {
  let got = []
  for round in 1..3 {
    push(got, <-a)
    b <- round
    push(got, receive(a))
    send(b, -round)
    for x in c { push(got, x); break }
    try { receive(c, 0.001) } catch e { log("never") }
  }
  push(got, receive(channel(), 0.001))
  close(b)
  return got
}
let back = []
for round in 1..3 {
  a <- "x" + round
  push(back, <-b)
  a <- null
  push(back, <-b)
  c <- [round]
}
for x in b { push(back, "never") }
log(wait(t), back)
`;
  const ran = await start(text, () => assert.fail('no deadlock'));
  assert.equal(ran.thrown, undefined);
  assert.equal(ran.output, '["x1", null, [1], "x2", null, [2], "x3", null, [3], null] [1, -1, 2, -2, 3, -3]\n');
});

test('a message that was handed over is kept by nobody', async () => {
  const text = `let ch = channel()
let lock = mutex_create()
mutex_lock(lock)
spawn {
  ch <- [1, 2, 3]
  mutex_lock(lock)
}
yield_now()
log(len(<-ch))
`;
  await start(text, (all) => assert.equal(all[0]!.channelWait!.message, null));
});
