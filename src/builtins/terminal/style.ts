/** Colours and other looks of text on a terminal. */
import { createColors } from 'picocolors';
import { didYouMean } from '../../diagnostics/did-you-mean';
import { colorsWanted } from '../../host/process';
import { failure } from '../core/value-types';
import { defineBuiltin } from '../define-builtin';
import { string } from '../types';

type Formatter = (text: string) => string;

const LOOKS = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strikethrough'] as const;
const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

let formatters: ReadonlyMap<string, Formatter> | null = null;

function allFormatters(): ReadonlyMap<string, Formatter> {
  if (formatters !== null) return formatters;
  const colours = createColors(true);
  const known = new Map<string, Formatter>(LOOKS.map((look) => [look, colours[look]]));
  for (const colour of COLOURS) {
    const background = `bg${colour[0]!.toUpperCase()}${colour.slice(1)}` as 'bgRed';
    known.set(colour, colours[colour]);
    known.set(`bright_${colour}`, colours[`${colour}Bright`]);
    known.set(`on_${colour}`, colours[background]);
    known.set(`on_bright_${colour}`, colours[`${background}Bright`]);
  }
  known.set('gray', colours.gray).set('grey', colours.gray);
  return (formatters = known);
}

function formatterNamed(name: string): Formatter {
  const known = allFormatters();
  const formatter = known.get(name);
  if (formatter !== undefined) return formatter;
  const near = didYouMean(name, [...known.keys()]);
  throw failure(
    'EINVAL',
    'style',
    `there is no look ${JSON.stringify(name)}`,
    near === null
      ? `looks are ${LOOKS.join(', ')}, a colour such as red, bright_red or on_red`
      : `did you mean '${near}'?`,
  );
}

export const style = defineBuiltin({
  name: 'style',
  group: 'terminal',
  summary: 'Gives a text colours and other looks for the terminal',
  details:
    'Looks are bold, dim, italic, underline, inverse and strikethrough; colours are black, red, green, yellow, blue, magenta, cyan, white and gray, and each of them (gray aside) also as bright_red, on_red and on_bright_red.\nThe text stays as it is where standard output is no terminal, or where the environment sets NO_COLOR; FORCE_COLOR asks for colours everywhere.',
  params: [
    { name: 'text', type: string, about: 'The text; parts of it may have looks of their own' },
    { name: 'looks', type: string, about: 'Looks with spaces between them: "bold red"' },
  ],
  gives: { type: 'string', about: 'The text with the sequences that terminals understand' },
  errors: { EINVAL: 'There is no such look' },
  example: `log(style("open", "bold green"), style("closed", "dim"))  // expect: open closed`,
  failing: 'style("open", "bold gren")  // expect error: style: there is no look "gren"',
  run: (text, looks) => {
    const chosen = looks
      .split(/[\s,]+/)
      .filter((name) => name !== '')
      .map(formatterNamed);
    return colorsWanted(1) ? chosen.reduce((styled, formatter) => formatter(styled), text) : text;
  },
});
