/**
 * The threads for calls of the system that block, lookups of names first of all: libuv, below Node, makes four of
 * them and lets lookups have two, so two names whose servers are silent would hold up all others of the program
 * for many seconds.
 *
 * Always: the threads are made when the first of them is needed, with the number that the environment names by then;
 * what this puts there is not shown to the program, nor to those that it starts.
 */

/** Half of them may look up names; each takes 10 KB or so. */
const THREADS = '64';

let isOurs = false;

/** To be called before anything uses the threads. What a person has set is left alone. */
export function widenThreadPool(): void {
  if (process.env.UV_THREADPOOL_SIZE !== undefined) return;
  process.env.UV_THREADPOOL_SIZE = THREADS;
  isOurs = true;
}

/** The environment as it was given to this process. */
export function givenEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  if (isOurs) delete environment.UV_THREADPOOL_SIZE;
  return environment;
}

/** A variable of it; undefined where it was not set. */
export function givenVariable(name: string): string | undefined {
  return isOurs && name === 'UV_THREADPOOL_SIZE' ? undefined : process.env[name];
}
