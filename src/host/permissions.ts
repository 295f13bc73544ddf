/**
 * What a program may do to the world outside. Every operation of this folder asks here first, with what it
 * is about to do and to what. The policy allows everything until another one is set; a refusal is an error
 * with the code EPERM that names the built-in and the target, and nothing has happened by then.
 */
import { fault } from '../runtime/errors';

/** What is asked for, and what the target then is. */
export type Action =
  /** "host:port", or a path for a UNIX socket. */
  | 'connect'
  | 'listen'
  | 'datagram'
  /** A name, as asked for. */
  | 'lookup'
  /** An interface. */
  | 'capture'
  /** A path. */
  | 'read'
  | 'write'
  /** The command. */
  | 'run'
  /** The variable's name. */
  | 'env';

export interface Policy {
  /** Null to allow; otherwise why not, to be read after "not permitted: ". */
  refuses(action: Action, target: string): string | null;
}

let policy: Policy | null = null;

/** Null allows everything. */
export function setPolicy(next: Policy | null): void {
  policy = next;
}

/** Throws EPERM when the policy refuses. `builtin` is the function that the program called. */
export function askPermission(builtin: string, action: Action, target: string): void {
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
