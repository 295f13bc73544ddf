/**
 * What a program may do to the world outside. Every operation of this folder asks here first, with what it
 * is about to do and to what. The policy allows everything until another one is set; a refusal is an error
 * with the code EPERM that names the built-in and the target, and nothing has happened by then.
 *
 * Always: whoever asks for files, other programs or the environment is given what the operation reports to the
 * stream of events with; there is no other way to ask. Sockets report for themselves.
 */
import { fault } from '../runtime/errors';
import { opening, tap } from './events';
import type { Subject, Work } from './events';
import { Reported } from './reported';

/** What is asked for, and what the target then is. */
export type Action = NetworkAction | Work;

export type NetworkAction =
  /** "host:port", or a path for a UNIX socket. */
  | 'connect'
  | 'listen'
  | 'datagram'
  /** A name, as asked for. */
  | 'lookup'
  /** An interface. */
  | 'capture';

export interface Policy {
  /**
   * Of files the target is the path, of another program its command, of the environment the variable's name. Null to
   * allow; otherwise why not, to be read after "not permitted: ".
   */
  refuses(action: Action, target: string): string | null;
}

let policy: Policy | null = null;

/** Null allows everything. */
export function setPolicy(next: Policy | null): void {
  policy = next;
}

/** Throws EPERM when the policy refuses. `builtin` is the function that the program called. */
export function askPermission(builtin: string, action: NetworkAction, target: string): void {
  ask(builtin, action, target);
}

/**
 * The same for what is no socket; the operation begins with it. What is given gets its bytes and failures, and has to
 * be told when it is over.
 */
export function begin(builtin: string, action: Work, target: string): Reported {
  ask(builtin, action, target);
  return reportedAs(builtin, action, target);
}

/** The same for an operation that takes no wait: `body` is all of it, `word` makes the error of its failure. */
export function atOnce<T>(
  builtin: string,
  action: Work,
  target: string,
  body: () => T,
  word: (error: NodeJS.ErrnoException) => unknown = (error) => error,
): T {
  ask(builtin, action, target);
  try {
    return tap.on === null ? body() : reportedAs(builtin, action, target).during(body);
  } catch (error) {
    throw word(error as NodeJS.ErrnoException);
  }
}

/** The same for an operation on several: none of them begins before all are permitted. */
export function beginAll(builtin: string, all: readonly (readonly [action: Work, target: string])[]): Reported[] {
  for (const [action, target] of all) ask(builtin, action, target);
  return all.map(([action, target]) => reportedAs(builtin, action, target));
}

const PROTOCOLS: Readonly<Record<Work, Subject['protocol']>> = {
  read: 'file',
  write: 'file',
  run: 'process',
  env: 'system',
};

/** An operation that was permitted before: a part of what `by` began. */
export function reportedAs(builtin: string, action: Work, target: string, by = opening()): Reported {
  return new Reported(builtin, PROTOCOLS[action], { host: target, port: null }, by, action);
}

function ask(builtin: string, action: Action, target: string): void {
  if (policy === null) return;
  const reason = policy.refuses(action, target);
  if (reason === null) return;
  throw fault('EPERM', `${builtin}: not permitted to ${phrase(action, target)}: ${reason} (EPERM)`, {
    function: builtin,
    fields: { action, target },
  });
}

function phrase(action: Action, target: string): string {
  switch (action) {
    case 'connect':
      return `connect to ${target}`;
    case 'listen':
      return `listen on ${target}`;
    case 'datagram':
      return `send datagrams to ${target}`;
    case 'lookup':
      return `look up ${target}`;
    case 'capture':
      return `capture packets on ${target}`;
    case 'read':
      return `read ${target}`;
    case 'write':
      return `write ${target}`;
    case 'run':
      return `run ${target}`;
    case 'env':
      return `read the environment variable ${target}`;
  }
}
