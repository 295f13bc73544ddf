// How test results are shown: a line for each file, failures in full where they happen and named again at the
// end, the reasons of skipped tests, and then node:test's own counts as the last lines.
import { relative } from 'node:path';

function failure(error) {
  const cause = error?.cause ?? error;
  if (!(cause instanceof Error) && typeof cause?.stack !== 'string') return String(cause?.message ?? cause);
  const stack = cause.stack ?? '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !/node:|node_modules/.test(line));
  const message = stack.startsWith(cause.name ?? '\0') ? stack.slice(0, firstFrame(stack)).trimEnd() : cause.message;
  return [message, ...frames.slice(0, 8)].join('\n');
}

function firstFrame(stack) {
  const at = stack.search(/\n\s+at /);
  return at < 0 ? stack.length : at;
}

function indent(text) {
  return text.replace(/^/gm, '    ');
}

/** One file's events, as node:test hands them on: file after file. */
class FileLine {
  passed = 0;
  failed = 0;
  skipped = 0;
  ms = 0;

  constructor(file) {
    this.file = file;
  }

  toString() {
    const parts = [`${this.passed} passed`];
    if (this.failed > 0) parts.push(`${this.failed} FAILED`);
    if (this.skipped > 0) parts.push(`${this.skipped} skipped`);
    return `${this.failed > 0 ? '✖' : '✔'} ${this.file}: ${parts.join(', ')} (${(this.ms / 1000).toFixed(1)} s)\n`;
  }
}

export default async function* (events) {
  const path = [];
  const failures = [];
  const skips = new Map();
  const summary = [];
  const notes = [];
  let line = null;
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    } else if (type === 'test:diagnostic' && data.nesting === 0 && data.file === undefined) {
      summary.push(data.message);
    } else if (type === 'test:diagnostic' && data.file !== undefined) {
      notes.push(`${relative('.', data.file)}: ${data.message}`);
    } else if (type === 'test:start') {
      path.length = data.nesting;
      path[data.nesting] = data.name;
    } else if (type === 'test:pass' || type === 'test:fail') {
      const file = relative('.', data.file ?? data.name);
      if (line === null || line.file !== file) {
        if (line !== null) yield line.toString();
        line = new FileLine(file);
      }
      if (data.nesting === 0) line.ms += data.details.duration_ms;
      if (data.skip !== undefined) {
        line.skipped++;
        const reason = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason given';
        skips.set(reason, (skips.get(reason) ?? 0) + 1);
      } else if (data.details.type === 'suite') {
        continue;
      } else if (type === 'test:pass') {
        line.passed++;
      } else {
        line.failed++;
        path.length = data.nesting;
        path[data.nesting] = data.name;
        // A test that fails only because one inside it did says nothing new.
        if (data.details.error?.failureType === 'subtestsFailed') continue;
        const name = `${file}: ${path.filter((each) => relative('.', each) !== file).join(' > ') || 'the file as a whole'}`;
        failures.push(name);
        yield `✖ ${name}\n${indent(failure(data.details.error))}\n`;
      }
    }
  }
  if (line !== null) yield line.toString();
  yield '\n';
  for (const note of notes) yield `note: ${note}\n`;
  for (const [reason, count] of skips) yield `skipped ${count}: ${reason}\n`;
  if (failures.length > 0) yield `failed:\n${failures.map((name) => `  ${name}\n`).join('')}`;
  for (const message of summary) yield `ℹ ${message}\n`;
}
