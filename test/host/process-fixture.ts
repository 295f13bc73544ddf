/** Run as a child by process.test.ts: what it does is named by its argument. */
import { exit, flush, onSignal, writeErr, writeOut } from '../../src/host/process';
import { readAllInput, readLine } from '../../src/host/stdin';
import { setHooks, spawnTask } from '../../src/runtime/scheduler';

setHooks({ unobservedFailure: (_task, error) => writeErr(String(error)), idle: () => exit(0), pause: flush });

switch (process.argv[2]) {
  case 'order':
    writeOut('one\n');
    writeErr('two\n');
    writeOut('three\n');
    exit(4);
    break;
  case 'much':
    for (let i = 0; i < 200_000; i++) writeOut(`line ${i}\n`);
    exit(0);
    break;
  case 'endless':
    for (;;) writeOut('again\n');
    break;
  case 'bytes':
    writeOut('\udcff\u0000é\ud800');
    exit(0);
    break;
  case 'lines':
    spawnTask(
      (function* () {
        for (;;) {
          const line = yield* readLine('? ');
          if (line === null) break;
          writeOut(`<${line}>`);
          if (line === 'rest') writeOut(`[${yield* readAllInput()}]`);
        }
        writeOut('end');
      })(),
      null,
    );
    break;
  case 'signal':
    onSignal((signal) => {
      writeOut(`got ${signal}\n`);
      exit(7);
    });
    setInterval(() => {}, 1000);
    writeOut('ready\n');
    flush();
    break;
  default:
    throw new Error(`no such part: ${process.argv[2]}`);
}
