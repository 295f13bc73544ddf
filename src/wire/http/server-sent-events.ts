/** Server-sent events (the HTML standard, section 9.2): the text of one. */

export interface ServerSentEvent {
  readonly data: string;
  /** Without line ends and NUL, as `id`. */
  readonly event: string | null;
  readonly id: string | null;
  /** How long a client waits before it connects again. */
  readonly retryMs: number | null;
}

export function eventText({ data, event, id, retryMs }: ServerSentEvent): string {
  let text = '';
  if (event !== null) text += `event: ${event}\n`;
  if (id !== null) text += `id: ${id}\n`;
  if (retryMs !== null) text += `retry: ${retryMs}\n`;
  for (const line of data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`;
  return text + '\n';
}
