/** A program in a JavaScript debugger: stopped, looked at and stepped by the lines of its .sn file. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { directoryWith, RunningCommand } from '../support/command';
import { InspectorClient } from '../support/inspector-client';
import type { Ended } from '../support/command';
import type { Reply } from '../support/inspector-client';

const PROGRAM = `let total = 0
fn area(width, height) {
  let size = width * height
  size = size + 1
  return size
}
for side in [2, 3] {
  total = total + area(side, 10)
}
let later = spawn {
  sleep(1)
  let inside = "the task"
  log(inside)
}
wait(later)
log("total", total)
`;

const directory = directoryWith({ 'area.sn': PROGRAM });
const url = pathToFileURL(join(directory, 'area.sn')).href;

interface CallFrame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number };
  readonly scopeChain: readonly { readonly type: string; readonly object: { readonly objectId: string } }[];
}

async function debugging(
  option: string,
  args: readonly string[] = ['area.sn'],
): Promise<{ program: RunningCommand; client: InspectorClient }> {
  const program = new RunningCommand(['run', option, ...args], { cwd: directory });
  const [, address] = await program.says(/Debugger listening on (ws:\S+)/);
  const client = await InspectorClient.connect(address!);
  await client.send('Runtime.enable');
  await client.send('Debugger.enable');
  return { program, client };
}

/** Waits for a stop: its line from 1, its function and its call frames. */
async function stop(client: InspectorClient): Promise<{ line: number; frame: CallFrame; reason: unknown }> {
  const paused = await client.event('Debugger.paused');
  const frame = (paused['callFrames'] as CallFrame[])[0]!;
  return { line: frame.location.lineNumber + 1, frame, reason: paused['reason'] };
}

/** The variables that are in sight, the innermost of a name. */
async function variables(client: InspectorClient, frame: CallFrame): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const scope of frame.scopeChain.filter((each) => each.type !== 'global').toReversed()) {
    const { result } = await client.send('Runtime.getProperties', { objectId: scope.object.objectId });
    for (const { name, value } of result as { name: string; value?: { value?: unknown } }[]) found[name] = value?.value;
  }
  return found;
}

/** A program that is over waits for the debugger to leave. */
async function finish(program: RunningCommand, client: InspectorClient): Promise<Ended> {
  await program.says('Waiting for the debugger to disconnect');
  client.close();
  return program.ended;
}

test('--inspect-brk stops at the first line; breakpoints, variables and steps go by the lines of the program', async () => {
  const { program, client } = await debugging('--inspect-brk=0');
  const { breakpointId } = await client.send('Debugger.setBreakpointByUrl', { url, lineNumber: 3 });
  await client.send('Runtime.runIfWaitingForDebugger');
  const first = await stop(client);
  assert.equal(first.line, 1);
  const script = await client.event('Debugger.scriptParsed', (params) => params['url'] === url);
  assert.equal(first.frame.location.scriptId, script['scriptId']);
  assert.equal(program.stdout, '');

  await client.send('Debugger.resume');
  const hit = await stop(client);
  assert.deepEqual([hit.line, hit.frame.functionName.split('$')[0]], [4, 'area']);
  const before = await variables(client, hit.frame);
  assert.deepEqual([before['width'], before['height'], before['size']], [2, 10, 20]);

  await client.send('Debugger.stepOver');
  const next = await stop(client);
  assert.equal(next.line, 5);
  assert.equal((await variables(client, next.frame))['size'], 21);

  await client.send('Debugger.stepOut');
  const back = await stop(client);
  // Behind the call nothing is left to do on its line.
  assert.ok(back.line === 8 || back.line === 7, `line ${back.line}`);
  assert.equal((await variables(client, back.frame))['total'], 21);
  await client.send('Debugger.removeBreakpoint', { breakpointId });
  await client.send('Debugger.setBreakpointByUrl', { url, lineNumber: 12 });
  await client.send('Debugger.resume');
  const inTask = await stop(client);
  assert.equal(inTask.line, 13);
  assert.equal((await variables(client, inTask.frame))['inside'], 'the task');
  await client.send('Debugger.resume');
  const { stdout, status } = await finish(program, client);
  assert.deepEqual([stdout, status], ['the task\ntotal 52\n', 0]);
});

test('the script comes with a source map that holds the text of the program', async () => {
  const { program, client } = await debugging('--inspect-brk=127.0.0.1:0');
  await client.send('Runtime.runIfWaitingForDebugger');
  const script = await client.event('Debugger.scriptParsed', (params) => params['url'] === url);
  const encoded = /^data:application\/json;charset=utf-8;base64,(.+)$/.exec(script['sourceMapURL'] as string)?.[1];
  const map = JSON.parse(Buffer.from(encoded!, 'base64').toString()) as {
    sources: string[];
    sourcesContent: string[];
    mappings: string;
  };
  assert.deepEqual([map.sources, map.sourcesContent], [[url], [PROGRAM]]);
  assert.equal(map.mappings.split(';').length >= 16, true);
  await stop(client);
  await client.send('Debugger.resume');
  assert.equal((await finish(program, client)).status, 0);
});

const COUNTS = 'let n = 0\nwhile n >= 0 {\n  n = n + 1\n  sleep(5)\n}\nlog("stopped at", n)\n';

test('--inspect lets a debugger in while the program runs', async () => {
  const { program, client } = await debugging('--inspect=0', ['-e', COUNTS]);
  await client.event('Debugger.scriptParsed', (params) => params['url'] === '<command line>');
  await client.send('Debugger.setBreakpointByUrl', { url: '<command line>', lineNumber: 2 });
  const { frame, line } = await stop(client);
  assert.equal(line, 3);
  const set = await client.send('Debugger.evaluateOnCallFrame', {
    callFrameId: (frame as unknown as Reply)['callFrameId'],
    expression: 'n = -10',
  });
  assert.equal((set['result'] as { value: unknown }).value, -10);
  await client.send('Debugger.disable');
  assert.equal((await finish(program, client)).stdout, 'stopped at -9\n');
});

test('an address that is taken is told', async () => {
  const { program, client } = await debugging('--inspect=0', ['-e', COUNTS]);
  const port = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(program.stderr)![1]!;
  await client.event('Debugger.scriptParsed', (params) => params['url'] === '<command line>');
  const second = await new RunningCommand(['run', `--inspect=${port}`, 'area.sn'], { cwd: directory }).ended;
  assert.equal(second.status, 2);
  assert.match(second.stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port} for a debugger`));
  program.process.kill('SIGINT');
  assert.equal((await finish(program, client)).status, 130);
});
