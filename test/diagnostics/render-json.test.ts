import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../src/diagnostics/diagnostic';
import { renderJson } from '../../src/diagnostics/render-json';

const source = { name: 'a.sn', text: 'let 👍 = 1\nlog(lenght)\n' };

test('every field, with columns in code points and null for what is not there', () => {
  const found: Diagnostic = {
    code: 'unknown-name',
    severity: 'error',
    message: 'it',
    source,
    span: { start: 15, end: 21 },
  };
  const plain = {
    file: 'a.sn',
    line: 2,
    column: 5,
    endLine: 2,
    endColumn: 11,
    code: 'unknown-name',
    severity: 'error',
    message: 'it',
  };
  const none = { label: null, hint: null, notes: [], related: [], fix: null };
  assert.deepEqual(JSON.parse(renderJson([found])), [{ ...plain, ...none }]);
  const full: Diagnostic = {
    ...found,
    label: 'L',
    hint: 'H',
    notes: ['N'],
    related: [{ source, span: { start: 4, end: 9 }, message: 'R' }],
    fix: { span: { start: 15, end: 21 }, text: 'length' },
  };
  assert.deepEqual(JSON.parse(renderJson([full])), [
    {
      ...plain,
      label: 'L',
      hint: 'H',
      notes: ['N'],
      related: [{ file: 'a.sn', line: 1, column: 5, endLine: 1, endColumn: 9, message: 'R' }],
      fix: { line: 2, column: 5, endLine: 2, endColumn: 11, text: 'length' },
    },
  ]);
});

test('no findings are an empty array', () => assert.deepEqual(JSON.parse(renderJson([])), []));

test('findings come in the order of their places, and any text is valid JSON', () => {
  const at = (start: number): Diagnostic => ({
    code: 'c',
    severity: 'warning',
    message: '\udc80"\n\u2028',
    source,
    span: { start, end: start + 1 },
  });
  const text = renderJson([at(12), at(0)]);
  assert.ok(text.isWellFormed());
  const read = JSON.parse(text) as { line: number; message: string }[];
  assert.deepEqual(
    read.map((each) => each.line),
    [2, 1].sort(),
  );
  assert.equal(read[0]!.message, '\udc80"\n\u2028');
});
