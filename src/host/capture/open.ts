/** Opens captures, with the engine that is asked for or fits the system. */
import { fault } from '../../runtime/errors';
import { FileFilter, FilterError } from '../../wire/filter';
import { askPermission } from '../permissions';
import { Reported } from '../reported';
import { findInterface } from './interfaces';
import { openLibpcap } from './libpcap';
import type { PacketSink, PacketSource, SourceOptions } from './packet-source';
import { Ring } from './ring';

/** Errors: EPERM, ENODEV, ENOSYS, EFILTER. */
export function openSource(builtin: string, name: string, options: SourceOptions, sink: PacketSink): PacketSource {
  askPermission(builtin, 'capture', name);
  const seen = new Reported('capture', 'capture', { host: name, port: null });
  try {
    return open(builtin, name, options, sink, seen);
  } catch (error) {
    seen.failed(error);
    seen.closed();
    throw error;
  }
}

/** What is `seen` is closed with the source. */
function open(builtin: string, name: string, options: SourceOptions, sink: PacketSink, seen: Reported): PacketSource {
  const { engine } = options;
  if (engine === 'libpcap' || (engine === 'auto' && process.platform !== 'linux'))
    return openLibpcap(builtin, name, options, sink, seen, () => checkFilter(builtin, options.filter));
  const on = findInterface(builtin, name);
  checkFilter(builtin, options.filter);
  return new Ring(builtin, on, options, sink, seen);
}

/** Error: EFILTER with the place in the filter. */
export function checkFilter(builtin: string, text: string): void {
  try {
    new FileFilter(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw fault('EFILTER', `${builtin}: the filter "${text}" is wrong: ${error.message} (EFILTER)`, {
      function: builtin,
      hint: 'filters are written as for tcpdump: "tcp port 80 and host 192.0.2.1"',
    });
  }
}
