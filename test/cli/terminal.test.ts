/** Colours, progress bars and questions at a terminal of 80 columns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryWith } from '../support/command';
import { hasPython, Terminal } from '../support/terminal';

const skip = hasPython ? false : 'python3 is not installed';

const folder = directoryWith({
  'style.sn': `log(style("red", "red"))
log(table([["x".repeat(200), 1]]))
log("end")`,
  'menu.sn': `spawn { sleep(300); log("meanwhile") }
log("chose:", select_option("Which?", ["alpha", "beta", "gamma"], "beta"))`,
  'hidden.sn': `log("got:", prompt("Password: ", null, {"hidden": true}))
log("then:", prompt("Name: "))`,
  'bar.sn': `let bar = progress(1000, "work")
for i in 1..1000 { progress_step(bar); if i % 250 == 0 { log("line", i) }; if i % 100 == 0 { sleep(60) } }
progress_done(bar)
let open = progress(10, "open")
progress_step(open, 5)
sleep(150)
print("part")
sleep(150)
print(" whole\\n")
throw error("failed")`,
  'computing.sn': `let bar = progress(1e9, "computing")
let start = clock()
while clock() - start < 400 { progress_step(bar) }
progress_done(bar)`,
});

/** What a person sees at last: lines as they stand after all the moving and clearing that the bars do. */
function screenOf(output: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  // eslint-disable-next-line no-control-regex -- sequences are made of control characters
  for (const [piece] of output.matchAll(/\x1b\[([0-9;?]*)([A-Za-z])|[^]/gu)) {
    if (piece === '\r') column = 0;
    else if (piece === '\n') {
      row++;
      lines[row] ??= '';
    } else if (piece.startsWith('\x1b')) {
      if (piece.endsWith('A')) row -= Number(piece.slice(2, -1));
      else if (piece === '\x1b[J') {
        lines.length = row + 1;
        lines[row] = lines[row]!.slice(0, column);
      }
    } else {
      lines[row] = lines[row]!.slice(0, column) + piece + lines[row]!.slice(column + 1);
      column++;
    }
  }
  return lines;
}

test('the reading of a screen that these tests are made with', () => {
  assert.deepEqual(screenOf('one\r\nbar\r\n\x1b[1A\r\x1b[Jtwo\r\n'), ['one', 'two', '']);
});

test('styles have their sequences, and tables fit', { skip }, async () => {
  const terminal = new Terminal([`${folder}/style.sn`]);
  assert.equal(await terminal.shows('end'), `\x1b[31mred\x1b[39m\r\n${'x'.repeat(76)}…  1\r\n`);
  assert.equal(await terminal.end(), 0);
  const plain = new Terminal([`${folder}/style.sn`], { env: { NO_COLOR: '1' } });
  assert.ok((await plain.shows('end')).startsWith('red\r\n'));
});

test('arrow keys move the mark, and output goes above the menu', { skip }, async () => {
  const terminal = new Terminal([`${folder}/menu.sn`]);
  await terminal.shows('❯ beta');
  await terminal.shows('meanwhile');
  terminal.type('\x1b[B');
  await terminal.shows('❯ gamma');
  terminal.type('\x1b[B');
  await terminal.shows('❯ alpha');
  terminal.type('\x1b[A\x1b[A\r');
  await terminal.shows('chose: beta');
  assert.equal(await terminal.end(), 0);
});

test('Ctrl-D at a menu is the end of the input, Ctrl-C ends the program', { skip }, async () => {
  const ended = new Terminal([`${folder}/menu.sn`]);
  await ended.shows('❯ beta');
  ended.type('\x04');
  await ended.shows('chose: null');
  assert.equal(await ended.end(), 0);
  const interrupted = new Terminal([`${folder}/menu.sn`]);
  await interrupted.shows('❯ beta');
  interrupted.type('\x03');
  assert.equal(await interrupted.end(), 130);
});

test('a hidden answer is not shown', { skip }, async () => {
  const terminal = new Terminal([`${folder}/hidden.sn`]);
  await terminal.shows('Password: ');
  terminal.type('secrét\x7ft\r');
  assert.equal(await terminal.shows('got: secrét'), '\r\n');
  await terminal.shows('Name: ');
  terminal.type('ann\r');
  assert.equal(await terminal.shows('then: ann'), 'ann\r\n');
  assert.equal(await terminal.end(), 0);
});

test('a bar is never torn by output, and nothing of it is left after an error', { skip }, async () => {
  const terminal = new Terminal([`${folder}/bar.sn`]);
  const output = await terminal.shows(/error\[ERROR\]/);
  assert.equal(await terminal.end(), 1);
  assert.match(output, /work {2}█+░* +\d+% +[\d,]+\/1,000 +[\d,]+\/s/);
  assert.match(output, /open {2}█+░+ {3}50%/);
  const screen = screenOf(output);
  assert.deepEqual(screen.slice(0, 4), ['line 250', 'line 500', 'line 750', 'line 1000']);
  assert.match(screen[4]!, /^✓ work {2}1,000\/1,000 in \d/);
  assert.deepEqual(screen.slice(5), ['part whole', '']);
});

test('a program that only computes still draws its bar', { skip }, async () => {
  const terminal = new Terminal([`${folder}/computing.sn`]);
  const output = await terminal.shows('✓');
  assert.equal(await terminal.end(), 0);
  assert.ok(output.split('\x1b[J').length > 2, output);
});
