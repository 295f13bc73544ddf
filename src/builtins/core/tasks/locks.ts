/** Mutexes, semaphores and wait groups. */
import { Mutex, Semaphore, WaitGroup } from '../../../runtime/locks';
import { defineBuiltin } from '../../define-builtin';
import { seconds, whole } from '../../types';
import { Handles } from './handles';

const mutexes = new Handles<Mutex>('mutex', 'mutex_create');
const semaphores = new Handles<Semaphore>('semaphore', 'semaphore_create');
const waitGroups = new Handles<WaitGroup>('wait group', 'wait_group_create');

const mutex = { name: 'mutex', type: mutexes.type, about: 'The mutex' } as const;
const semaphore = { name: 'semaphore', type: semaphores.type, about: 'The semaphore' } as const;
const group = { name: 'group', type: waitGroups.type, about: 'The wait group' } as const;
const limit = {
  name: 'timeout',
  type: seconds,
  about: 'Wait no longer than this many seconds',
  optional: true,
} as const;
const nothing = { type: 'null', about: 'Nothing' } as const;

function inMs(timeout: number | null): number | null {
  return timeout === null ? null : timeout * 1000;
}

export const mutexCreate = defineBuiltin({
  name: 'mutex_create',
  group: 'tasks',
  summary: 'Makes a mutex, which one task at a time can hold',
  details:
    'Between two waits a task is never interrupted, so a mutex is needed only around something that waits in its midst.',
  params: [],
  gives: { type: 'map', about: 'The mutex' },
  example: `let m = mutex_create()
log(m.type)  // expect: mutex`,
  failing: 'mutex_create(1)  // expect error: mutex_create',
  run: () => mutexes.make((name) => new Mutex(name)),
});

export const mutexLock = defineBuiltin({
  name: 'mutex_lock',
  group: 'tasks',
  summary: 'Waits until no other task holds the mutex, and holds it',
  details:
    'Tasks get it in the order in which they asked. `defer mutex_unlock(m)` on the next line gives it back in any case.',
  params: [mutex, limit],
  gives: nothing,
  errors: {
    EDEADLK: 'The task holds it already',
    ETIMEDOUT: 'It did not become free in time',
    ECANCELED: 'The task was cancelled meanwhile and does not hold it',
  },
  example: `let m = mutex_create()
let n = 0
fn add() {
  mutex_lock(m)
  defer mutex_unlock(m)
  let before = n
  sleep(1)
  n = before + 1
}
wait_all([spawn add(), spawn add()])
log(n)  // expect: 2`,
  failing: `let m = mutex_create()
mutex_lock(m)
mutex_lock(m)  // expect error: mutex_lock: this task holds <mutex`,
  waits: true,
  run: (state, timeout) => state.lock(inMs(timeout)),
});

export const mutexUnlock = defineBuiltin({
  name: 'mutex_unlock',
  group: 'tasks',
  summary: 'Gives a mutex back; the task that has waited longest gets it',
  details: 'Any task may, not only the one that locked it.',
  params: [mutex],
  gives: nothing,
  errors: { EPERM: 'Nobody holds it' },
  example: `let m = mutex_create()
mutex_lock(m)
mutex_unlock(m)
mutex_lock(m)
log("locked again")  // expect: locked again`,
  failing: 'mutex_unlock(mutex_create())  // expect error: mutex_unlock: <mutex',
  run: (state) => state.unlock(),
});

export const semaphoreCreate = defineBuiltin({
  name: 'semaphore_create',
  group: 'tasks',
  summary: 'Makes a semaphore, which so many tasks at a time can hold',
  params: [{ name: 'count', type: whole(0), about: 'How many can hold it before one gives it back' }],
  gives: { type: 'map', about: 'The semaphore' },
  example: `let s = semaphore_create(2)
log(s.type)  // expect: semaphore`,
  failing:
    'semaphore_create(-1)  // expect error: semaphore_create: count must be a whole number, at least 0, got the number -1',
  run: (count) => semaphores.make((name) => new Semaphore(name, count)),
});

export const semaphoreAcquire = defineBuiltin({
  name: 'semaphore_acquire',
  group: 'tasks',
  summary: 'Waits until the semaphore has a place free, and takes it',
  details: 'Tasks get it in the order in which they asked.',
  params: [semaphore, limit],
  gives: nothing,
  errors: {
    ETIMEDOUT: 'None became free in time',
    ECANCELED: 'The task was cancelled meanwhile and has taken none',
  },
  example: `let s = semaphore_create(1)
semaphore_acquire(s)
try { semaphore_acquire(s, 0.01) } catch e { log(e.code) }  // expect: ETIMEDOUT`,
  failing:
    'semaphore_acquire({})  // expect error: semaphore_acquire: semaphore must be a semaphore made by semaphore_create, got an empty map',
  waits: true,
  run: (state, timeout) => state.acquire(inMs(timeout)),
});

export const semaphoreRelease = defineBuiltin({
  name: 'semaphore_release',
  group: 'tasks',
  summary: 'Gives a place of a semaphore back; the task that has waited longest gets it',
  details: 'It need not have been taken before: releasing more often than acquiring adds places.',
  params: [semaphore],
  gives: nothing,
  example: `let s = semaphore_create(0)
spawn { log("first"); semaphore_release(s) }
semaphore_acquire(s)
log("second")
// expect: first
// expect: second`,
  failing:
    'semaphore_release(5)  // expect error: semaphore_release: semaphore must be a semaphore made by semaphore_create, got the number 5',
  run: (state) => state.release(),
});

export const waitGroupCreate = defineBuiltin({
  name: 'wait_group_create',
  group: 'tasks',
  summary: 'Makes a wait group, which counts work that is still to be done',
  params: [],
  gives: { type: 'map', about: 'The wait group' },
  example: `let g = wait_group_create()
log(g.type)  // expect: wait group`,
  failing: 'wait_group_create(1)  // expect error: wait_group_create',
  run: () => waitGroups.make((name) => new WaitGroup(name)),
});

export const waitGroupAdd = defineBuiltin({
  name: 'wait_group_add',
  group: 'tasks',
  summary: 'Counts more work: call it before the work is started',
  params: [group, { name: 'n', type: whole(1), about: 'How much; 1 without it', optional: true }],
  gives: nothing,
  example: `let g = wait_group_create()
wait_group_add(g, 2)
spawn { sleep(1); wait_group_done(g) }
spawn { sleep(2); wait_group_done(g) }
wait_group_wait(g)
log("both are done")  // expect: both are done`,
  failing:
    'wait_group_add(wait_group_create(), 0)  // expect error: wait_group_add: n must be a whole number, at least 1, got the number 0',
  run: (state, n) => state.add(n ?? 1),
});

export const waitGroupDone = defineBuiltin({
  name: 'wait_group_done',
  group: 'tasks',
  summary: 'Counts one piece of work as done',
  params: [group],
  gives: nothing,
  errors: { ERANGE: 'It was called more often than wait_group_add counted' },
  example: `let g = wait_group_create()
wait_group_add(g)
spawn { defer wait_group_done(g); log("working") }
wait_group_wait(g)
log("done")
// expect: working
// expect: done`,
  failing: 'wait_group_done(wait_group_create())  // expect error: wait_group_done: <wait group',
  run: (state) => state.done(),
});

export const waitGroupWait = defineBuiltin({
  name: 'wait_group_wait',
  group: 'tasks',
  summary: 'Waits until all that a wait group counts is done',
  params: [group, limit],
  gives: nothing,
  errors: { ETIMEDOUT: 'Not all was done in time', ECANCELED: 'The task was cancelled meanwhile' },
  example: `let g = wait_group_create()
wait_group_wait(g)
log("nothing to wait for")  // expect: nothing to wait for`,
  failing:
    'wait_group_wait("g")  // expect error: wait_group_wait: group must be a wait group made by wait_group_create, got the string "g"',
  waits: true,
  run: (state, timeout) => state.wait(inMs(timeout)),
});
