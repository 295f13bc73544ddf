/**
 * Text that goes into a table or a chart: what it shows as, and how many columns that takes. Control characters
 * and whatever else a terminal would not show are escaped, since it may come from the network; only the
 * sequences that `style` makes stay, where there are colours, and end with the text.
 */
import { shownWithin } from '../../diagnostics/display';
import { colorsWanted } from '../../host/process';

export interface Shown {
  readonly shown: string;
  /** Columns of the terminal. */
  readonly width: number;
}

const ESCAPE = '\x1b';
/** The sequences of `style`: none that hides text, blinks, or moves anything. */
// eslint-disable-next-line no-control-regex -- sequences begin with a control character
const LOOKS = /(\x1b\[(?:[01234679]|2[1-9]|3[0-79]|4[0-79]|9[0-7]|10[0-7])m)/;
const RESET = '\x1b[0m';

/** No more columns than `most`: what was cut off ends in "…". */
export function cellText(text: string, most = Infinity): Shown {
  if (!text.includes(ESCAPE) || !colorsWanted(1)) return shownWithin(text, most);
  const parts = text.split(LOOKS);
  if (parts.length === 1) return shownWithin(text, most);
  const widths = parts.map((part, i) => (i % 2 === 0 ? shownWithin(part).width : 0));
  const total = widths.reduce((sum, width) => sum + width, 0);
  // Of what does not fit, the last column is for the "…".
  let room = total <= most ? total : Math.max(0, most - 1);
  let cut = total <= most || most < 1;
  let shown = '';
  parts.forEach((part, i) => {
    if (i % 2 === 1) {
      shown += part;
    } else if (widths[i]! <= room) {
      shown += shownWithin(part).shown;
      room -= widths[i]!;
    } else if (!cut) {
      shown += room === 0 ? '…' : shownWithin(part, room + 1).shown;
      room = 0;
      cut = true;
    }
  });
  return { shown: shown + RESET, width: Math.min(total, Math.max(0, most)) };
}
