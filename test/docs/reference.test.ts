/** docs/reference is what the definitions of the built-ins say now. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outdatedPages, referencePages } from '../../scripts/reference';

test('the reference pages are up to date (npm run docs)', () => {
  assert.ok(referencePages().size > 5);
  assert.deepEqual(outdatedPages(), []);
});
