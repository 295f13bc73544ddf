/** JavaScript errors that nothing caught: a mistake in Sentra, told in its own words and not as a stack of Node's. */

/** `handler` must end the process. */
export function onInternalError(handler: (error: unknown) => never): void {
  process.on('uncaughtException', handler);
}
