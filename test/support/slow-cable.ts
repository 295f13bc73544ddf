/**
 * A cable between two namespaces that delays what goes through it and loses some. Where the kernel has netem, that
 * does it; elsewhere the cable leads through a third namespace, in which a program passes on each frame later, or not.
 */
import { join } from 'node:path';
import { Namespace } from './namespaces';
import { findProgram, startService } from './programs';
import type { Service } from './programs';

const [DELAY_MS, LOSS_PERCENT] = [25, 5];

export interface SlowCable {
  /** "netem", or the program in its place. */
  readonly by: string;
  remove(): Promise<void>;
}

/** The other side has to add up what a network card would: frames that a program reads are not complete otherwise. */
const NO_OFFLOAD = `
import fcntl, socket, struct, array, sys
s = socket.socket()
for command in (0x17, 0x1f, 0x19, 0x24):
    value = array.array('B', struct.pack('II', command, 0))
    try:
        fcntl.ioctl(s, 0x8946, struct.pack('16sP8x', sys.argv[1].encode(), value.buffer_info()[0]))
    except OSError:
        pass
`;

/** Connects "near" in one namespace with "far" in the other: 25 ms and 5 % each way. Addresses as "10.0.0.1/24". */
export async function slowCable(
  one: Namespace,
  oneAddress: string,
  other: Namespace,
  otherAddress: string,
): Promise<SlowCable> {
  if (hasNetem()) {
    one.connect(other, 'near', oneAddress, 'far', otherAddress);
    for (const [space, device] of [[one, 'near'], [other, 'far']] as const) space.run('tc', 'qdisc', 'add', 'dev', device, 'root', 'netem', 'loss', `${LOSS_PERCENT}%`, 'delay', `${DELAY_MS}ms`, 'limit', '100000'); // prettier-ignore
    return { by: 'netem', remove: async () => {} };
  }
  const middle = new Namespace();
  one.connect(middle, 'near', oneAddress, 'one', '');
  other.connect(middle, 'far', otherAddress, 'two', '');
  for (const [space, device] of [
    [one, 'near'],
    [other, 'far'],
  ] as const) {
    space.run('python3', '-c', NO_OFFLOAD, device);
  }
  for (const device of ['one', 'two']) middle.run('ip', 'link', 'set', device, 'promisc', 'on');
  const script = join(__dirname, 'slow-cable.py');
  const command = [...middle.prefix, 'python3', script, 'one', 'two', String(DELAY_MS), String(LOSS_PERCENT)];
  const service: Service = await startService(findProgram('ip')!, command, (output) => output.includes('ready'));
  return {
    by: 'a program, as this kernel has no netem',
    remove: async () => {
      await service.stop();
      middle.remove();
    },
  };
}

function hasNetem(): boolean {
  const space = new Namespace();
  try {
    space.run('tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms');
    return true;
  } catch {
    return false;
  } finally {
    space.remove();
  }
}
