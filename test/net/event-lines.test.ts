/** Each event tells the line of the program that brought it about, also where it happens while the program waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import { compileText } from '../../src/program/compile';
import { execute } from '../lang/execute';

/** "line protocol kind" of each event of a program, sorted, each once. */
async function linesOf(text: string): Promise<string[]> {
  const compiled = compileText('events.sn', text);
  assert.ok(compiled.program !== null, JSON.stringify(compiled.diagnostics));
  const seen = new Set<string>();
  const stop = listen(({ site, subject, kind }: HostEvent) => {
    seen.add(`${site?.line ?? 'nowhere'} ${subject.handle.split(':')[0]} ${kind}`);
  });
  try {
    const ran = await execute(compiled.program);
    assert.equal(ran.thrown, undefined);
    assert.deepEqual(ran.failed, []);
  } finally {
    stop();
  }
  return [...seen].sort();
}

test('an echo: the lines that send, receive and close; a connection ends where it began', async () => {
  const lines = await linesOf(`let server = socket_listen("TCP", "127.0.0.1", 0)
let serving = spawn fn() {
  let peer = socket_accept(server)
  let said = socket_receive(peer, 10)
  socket_send(peer, said)
  socket_close(peer)
}()
let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
socket_send(client, "hello")
socket_receive(client, 10)
wait(serving)
socket_close(client)
socket_close(server)
sleep(50)
`);
  assert.deepEqual(lines, [
    // It has come before anybody accepts it, and is gone when the peer has answered: both are the listener's.
    '1 tcp closed',
    '1 tcp opened',
    '1 tcp-listen opened',
    '10 tcp bytes',
    '13 tcp-listen closed',
    '4 tcp bytes',
    '5 tcp bytes',
    '8 tcp closed',
    '8 tcp opened',
    '9 tcp bytes',
  ]);
});

test('what happens behind a call has the line of the call', { skip: process.platform !== 'linux' }, async () => {
  const lines = await linesOf(`let server = socket_listen("TCP", "localhost", 0)
let port = socket_info(server)["local_port"]
let serving = spawn fn() {
  for (;;) {
    let client = socket_accept(server)
    socket_send(client, "220 mail ESMTP\\r\\n")
    socket_close(client)
  }
}()
whois("example.org", {"server": "127.0.0.1", "port": port})
port_scan("127.0.0.1", port)
traceroute("127.0.0.1", {"max_hops": 1, "names": false})
try {
  analyze_ssl("127.0.0.1", port)
} catch {}
cancel(serving)
socket_close(server)
`);
  assert.deepEqual(
    lines.filter((line) => !/ tcp(-listen)? /.test(line)),
    [
      '1 lookup closed',
      '1 lookup opened',
      '10 whois bytes',
      '10 whois closed',
      '10 whois opened',
      '11 banner bytes',
      '11 banner closed',
      '11 banner opened',
      '11 scan closed',
      '11 scan opened',
      '12 traceroute bytes',
      '12 traceroute closed',
      '12 traceroute opened',
      '14  error',
    ],
  );
});

test('files and programs: the line of the call, also of what comes while the program goes on', async () => {
  const lines = await linesOf(`let file = temp_file()
file_write(file, "a\\nb\\n")
log(file_read(file))
for line in file_lines(file) {
  break
}
let copy = file + ".copy"
file_copy(file, copy)
try {
  file_read("/no/such/file")
} catch {}
exec("cat; echo x >&2", {
  "input": "in"
})
fn below() {
  return env("HOME")
}
let task = spawn file_delete(copy)
wait(task)
below()
try {
  exec("sleep 71311", {"timeout": 0.1})
} catch {}
let changes = watch(file)
close(changes)
parallel([file], 1, file_exists)
sleep(50)
`);
  const own = lines.filter((line) => !line.includes(' tcp '));
  assert.deepEqual(own, [
    '1 temp_file closed',
    '1 temp_file opened',
    '10 file_read closed',
    '10 file_read error',
    '10 file_read opened',
    '12 exec bytes',
    '12 exec closed',
    '12 exec opened',
    '16 env closed',
    '16 env opened',
    '18 file_delete closed',
    '18 file_delete opened',
    '2 file_write bytes',
    '2 file_write closed',
    '2 file_write opened',
    '22 exec closed',
    '22 exec error',
    '22 exec opened',
    '24 watch opened',
    '25 watch closed',
    '26 file_exists closed',
    '26 file_exists opened',
    '3 file_read bytes',
    '3 file_read closed',
    '3 file_read opened',
    '4 file_lines bytes',
    '4 file_lines opened',
    '5 file_lines closed',
    '8 file_copy bytes',
    '8 file_copy closed',
    '8 file_copy opened',
  ]);
});

test('the task that acts, also where another one began', async () => {
  const tasks: string[] = [];
  const compiled = compileText('tasks.sn', `let file = temp_file()
file_write(file, "x")
let lines = null
let one = spawn fn() { lines = file_lines(file) }()
wait(one)
wait(spawn fn() { close(lines) }())
wait(spawn fn() { exec(["echo", "x"]) }())
`); // prettier-ignore
  const stop = listen(({ task, subject, kind }) => {
    const [name] = subject.handle.split(':');
    if (subject.role !== 'socket' && name !== 'temp_file') tasks.push(`${task} ${name} ${kind}`);
  });
  try {
    const ran = await execute(compiled.program!);
    assert.deepEqual([ran.thrown, ran.failed], [undefined, []]);
  } finally {
    stop();
  }
  const [first] = tasks.map((line) => Number(line.split(' ')[0]));
  const relative = tasks.map((line) => line.replace(/^\d+/, (id) => String(Number(id) - first!)));
  assert.deepEqual(relative, [
    ...['0 file_write opened', '0 file_write bytes', '0 file_write closed'],
    ...['1 file_lines opened', '2 file_lines closed'],
    ...['3 exec opened', '3 exec bytes', '3 exec closed'],
  ]);
});
