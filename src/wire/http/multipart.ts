/** Bodies of several parts (RFC 7578): what stands between the parts. */

export interface PartHead {
  readonly boundary: string;
  readonly name: string;
  readonly filename: string | null;
  readonly type: string | null;
}

/** The delimiter and head of a part. Names are escaped as browsers do it (the HTML standard, section 4.10.22.8). */
export function partHead({ boundary, name, filename, type }: PartHead): string {
  const file = filename === null ? '' : `; filename="${escaped(filename)}"`;
  const content = type === null ? '' : `Content-Type: ${type}\r\n`;
  return `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"${file}\r\n${content}\r\n`;
}

export function closingDelimiter(boundary: string): string {
  return `--${boundary}--\r\n`;
}

function escaped(name: string): string {
  return name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
}

/** Whether it tells the parts apart: it must not stand in one of them. */
export function mayBeBoundary(boundary: string, content: string): boolean {
  return !content.includes(boundary);
}
