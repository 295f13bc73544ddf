/**
 * Compiled programs that read from one connection again and again: what the wait of one read leaves behind for the
 * next one changes nothing, whoever reads next and however this one ended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentra } from '../support/command';

const OPEN = `let server = socket_listen("TCP", "127.0.0.1", 0)
let client = socket_create("TCP", "127.0.0.1", socket_info(server).local_port)
let peer = socket_accept(server)
`;

function prints(program: string, expected: string): void {
  const { stdout, stderr, status } = sentra(['-e', OPEN + program]);
  assert.deepEqual([stdout, stderr, status], [expected, '', 0]);
}

test('two tasks read in turns', () =>
  prints(
    `let results = []
let turns = [channel(), channel()]
let done = channel()
fn reads(name, turn) {
  return spawn {
    for _ in turn {
      push(results, name + socket_receive(peer, 100))
      done <- null
    }
  }
}
reads("a", turns[0])
reads("b", turns[1])
for (let i = 0; i < 6; i++) {
  turns[i % 2] <- null
  sleep(5)
  socket_send(client, str(i))
  receive(done)
}
log(join(results, " "))
for turn in turns { close(turn) }
`,
    'a0 b1 a2 b3 a4 b5\n',
  ));

test('reads of other sizes, of lines and with a timeout come between those that are the same', () =>
  prints(
    `spawn {
  for text in ["one", "twelve", "three\\nfour\\n", "five", "six"] {
    sleep(20)
    socket_send(client, text)
  }
}
log(socket_receive(peer, 100), socket_receive(peer, 100, 0.001), socket_receive(peer, 4), socket_receive(peer, 4))
log(socket_receive_line(peer), socket_receive_line(peer), socket_receive(peer, 100), socket_receive(peer, 100))
`,
    'one null twel ve\nthree four five six\n',
  ));

test('a cancelled read and one that a timeout ended take nothing from the next one', () =>
  prints(
    `fn read() { return socket_receive(peer, 100) }
socket_send(client, "before")
log(read())
let waiting = spawn read()
sleep(10)
cancel(waiting)
log(try_wait(waiting))
fn try_wait(task) { try { return wait(task) } catch e { return e.code } }
try { with_timeout(0.01, read) } catch e { log(e.code) }
socket_send(client, "after")
log(read())
`,
    'before\nECANCELED\nETIMEDOUT\nafter\n',
  ));

test('a character cut at every place arrives whole, whether a task waits or not', () =>
  prints(
    `let text = "é€😀"
let bytes = [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]
fn read(count) {
  let got = ""
  while len(got) < count { got += socket_receive(peer, 100) }
  return got
}
for (let cut = 1; cut < len(bytes); cut++) {
  for pause in [0, 5] {
    let reading = pause == 0 ? null : spawn read(len(text))
    socket_send(client, slice(bytes, 0, cut))
    sleep(5)
    socket_send(client, slice(bytes, cut))
    let got = reading == null ? read(len(text)) : wait(reading)
    if got != text { log("cut at", cut, "came", got) }
  }
}
log("done")
`,
    'done\n',
  ));

test('the reader that a close wakes gets ECLOSED, and so does its next read', () =>
  prints(
    `socket_send(client, "x")
let reading = spawn {
  let got = [socket_receive(peer, 10)]
  for (let i = 0; i < 2; i++) {
    try { push(got, socket_receive(peer, 10)) } catch e { push(got, e.code) }
  }
  return got
}
sleep(20)
socket_close(peer)
log(wait(reading))
try { socket_send(peer, "y") } catch e { log(e.code) }
`,
    '["x", "ECLOSED", "ECLOSED"]\nECLOSED\n',
  ));
