/** What the tests of the parser share: parsing a text, and tables of texts and trees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, type Parsed } from '../../src/syntax/parser';
import { dumpAll } from './dump';

export function parseText(text: string): Parsed {
  return parse({ name: 'test.sn', text });
}

/** Each text parses without an error to the tree. */
export function trees(table: readonly (readonly [text: string, tree: string])[]): void {
  for (const [text, tree] of table) {
    test(text, () => {
      const { program, diagnostics } = parseText(text);
      assert.deepEqual(
        diagnostics.map((found) => found.message),
        [],
      );
      assert.equal(dumpAll(program.body), tree);
    });
  }
}
