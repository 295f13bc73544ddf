/** Lets a JavaScript debugger connect: DevTools, an editor. Listens on the own machine unless told otherwise. */
import { node } from './node';

/** The usual port of Node's debuggers. */
const DEFAULT_PORT = 9229;

export interface InspectorAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** "9230", "0.0.0.0:9230", "[::1]:9230" or "" for the usual one; null when it is none of these. */
export function parseInspectorAddress(text: string): InspectorAddress | null {
  const parts = /^(?:(\[[0-9a-fA-F:.]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text === '' ? String(DEFAULT_PORT) : text);
  if (parts === null) return null;
  const port = Number(parts[2]);
  if (port > 65535) return null;
  return { host: (parts[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

/**
 * Opens the inspector; Node tells on standard error where. With `wait`, returns when a debugger has connected
 * and lets the program go on. Gives false when the address cannot be listened on.
 */
export function openInspector(address: InspectorAddress, wait: boolean): boolean {
  const { inspector } = node;
  inspector.open(address.port, address.host);
  if (inspector.url() === undefined) return false;
  if (wait) inspector.waitForDebugger();
  return true;
}
