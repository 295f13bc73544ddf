/** A program that keeps more and more ends with an error of the language and in order, not in the engine's words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentra } from '../support/command';

/** What the program gets, so that it is full soon. */
const SMALL = { NODE_OPTIONS: '--max-old-space-size=320' };

const WAYS: Readonly<Record<string, string>> = {
  'a loop': 'while true { keep.push({number: i, text: "value " + i}); i++ }',
  'a loop that waits': 'while true { keep.push({number: i, text: "value " + i}); i++; if i % 1000 == 0 { sleep(0) } }',
  'a loop that counts far':
    'fn fill(n) { for j in 1..n { keep.push({number: j, text: "value " + j}) } }\nsleep(0)\nfill(int("1000000000000"))',
};

for (const [way, code] of Object.entries(WAYS)) {
  test(`memory is used up by ${way}`, () => {
    const program = `defer log("deferred")\nlet keep = []\nlet i = 0\n${code}\n`;
    const { stdout, stderr, status } = sentra(['-e', program], { env: SMALL });
    assert.match(stderr, /^error\[ENOMEM\]: the program has used up its memory of \d+ MB\n/);
    assert.doesNotMatch(stderr, /FATAL|node::|v8::/);
    assert.deepEqual([stdout, status], ['deferred\n', 1]);
  });
}

test('who catches it, and keeps less, goes on', () => {
  const program = `let i = 0
fn fill() { let keep = []; while true { keep.push({number: i, text: "value " + i}); i++ } }
try { fill() } catch e { log(e.code) }
let turns = 0
while turns < 1000000 { turns += len([turns]) }
log(turns)`;
  const { stdout, stderr } = sentra(['-e', program], { env: SMALL });
  assert.deepEqual([stdout, stderr], ['ENOMEM\n1000000\n', '']);
});

test('garbage is no memory that is used up', () => {
  const program = `let keep = []
for i in 1..90 { keep.push("y".repeat(1000000) + i) }
let turns = 0
while turns < 300000 { let lists = []; for j in 1..20 { lists.push({j}) }; turns++ }
log("done")`;
  assert.deepEqual(sentra(['-e', program], { env: SMALL }).stdout, 'done\n');
});
