/**
 * Questions to the person at the terminal: a line, a line that is not shown, one of several choices. What is
 * piped in answers as well, line by line. The question goes to standard output, or to standard error where
 * only that is a terminal, so that the output of `sentra notes.sn > file` holds no questions.
 */
import { printable, shownWithin } from '../diagnostics/display';
import type { Steps } from '../runtime/task';
import { colorsWanted, flush, isTerminal, noteLineEnd, terminalColumns, writeErr, writeOut } from './process';
import { Section, screen } from './screen';
import { interruptProcess, readKeys, readLine, withoutEcho } from './stdin';
import { Decoder, encode } from './text';

function say(text: string): void {
  if (isTerminal(1) || !isTerminal(2)) {
    writeOut(text);
    flush();
  } else {
    writeErr(text);
  }
}

/** Whether somebody sits there who sees what is drawn and whose keys can be read one by one. */
function interactive(): boolean {
  return isTerminal(0) && screen() !== null && process.env['TERM'] !== 'dumb';
}

/** The answer; null at the end of the input. */
export function* askLine(question: string): Steps<string | null> {
  say(question);
  const line = yield* readLine();
  if (line === null && isTerminal(0)) say('\n');
  return line;
}

const CTRL_C = '\x03';
const CTRL_D = '\x04';

/** As `askLine`, and on a terminal nothing of the answer is shown. What is piped in is not asked for. */
export function* askHidden(question: string): Steps<string | null> {
  if (!isTerminal(0)) return yield* readLine();
  const answer = yield* withoutEcho(function* () {
    say(question);
    return yield* readHidden();
  });
  say('\n');
  return answer;
}

function* readHidden(): Steps<string | null> {
  const decoder = new Decoder();
  let typed = '';
  for (;;) {
    const piece = yield* readKeys();
    if (piece === null) return typed === '' ? null : typed;
    for (const key of decoder.decode(encode(piece))) {
      if (key === '\r' || key === '\n') return typed;
      if (key === CTRL_C) interruptProcess();
      else if (key === CTRL_D && typed === '') return null;
      else if (key === '\x7f' || key === '\b') typed = [...typed].slice(0, -1).join('');
      else if (key === '\x15') typed = '';
      else if (key >= ' ') typed += key;
    }
  }
}

/** The index of the chosen one; null at the end of the input. `first` is chosen where nothing else is. */
export function* askChoice(question: string, choices: readonly string[], first: number): Steps<number | null> {
  return interactive() ? yield* new Menu(question, choices, first).run() : yield* askNumber(question, choices, first);
}

/** A list with numbers, for input that is piped in: answered by the number or the text of a choice. */
function* askNumber(question: string, choices: readonly string[], first: number): Steps<number | null> {
  const digits = String(choices.length).length;
  const list = choices.map((choice, i) => `  ${String(i + 1).padStart(digits)}) ${printable(choice)}\n`).join('');
  say(`${printable(question)}\n${list}`);
  for (;;) {
    const answer = yield* askLine(`1-${choices.length} [${first + 1}]: `);
    if (answer === null) return null;
    const text = answer.trim();
    if (text === '') return first;
    const index = choices.indexOf(answer) >= 0 ? choices.indexOf(answer) : choices.indexOf(text);
    if (index >= 0) return index;
    const number = /^\d+$/.test(text) ? Number(text) : 0;
    if (number >= 1 && number <= choices.length) return number - 1;
    say(`There is no choice ${printable(text)}.\n`);
  }
}

/** So many choices are shown at once. */
const MAX_ROWS = 10;

type Key = 'up' | 'down' | 'first' | 'last' | 'page up' | 'page down' | 'choose' | 'interrupt' | 'end' | 'other';

const KEYS: Readonly<Record<string, Key>> = {
  '\x1b[A': 'up', '\x1bOA': 'up', k: 'up', '\x10': 'up', '\x1b[B': 'down', '\x1bOB': 'down', j: 'down', '\x0e': 'down',
  '\t': 'down', '\x1b[Z': 'up', '\x1b[H': 'first', '\x1bOH': 'first', '\x1b[1~': 'first', '\x1b[F': 'last',
  '\x1bOF': 'last', '\x1b[4~': 'last', '\x1b[5~': 'page up', '\x1b[6~': 'page down', '\r': 'choose', '\n': 'choose',
  ' ': 'choose', [CTRL_C]: 'interrupt', [CTRL_D]: 'end',
}; // prettier-ignore

/** A list on the terminal in which the arrow keys move a mark. */
class Menu {
  private readonly section = new Section();
  private top = 0;

  constructor(
    private readonly question: string,
    private readonly choices: readonly string[],
    private at: number,
  ) {}

  *run(): Steps<number | null> {
    let chosen: number | null = null;
    try {
      chosen = yield* withoutEcho(() => this.choose());
    } finally {
      this.section.remove();
    }
    const answer = chosen === null ? '' : ` ${shownWithin(this.choices[chosen]!, this.room()).shown}`;
    say(`${printable(this.question)}${answer}\n`);
    noteLineEnd();
    return chosen;
  }

  private *choose(): Steps<number | null> {
    for (;;) {
      this.draw();
      const keys = yield* readKeys();
      if (keys === null) return null;
      // eslint-disable-next-line no-control-regex -- keys are control characters
      for (const [key] of keys.matchAll(/\x1b[[O][0-9;]*[A-Za-z~]|[^]/gu)) {
        const digit = /^[1-9]$/.test(key) ? Number(key) : 0;
        if (digit > 0 && digit <= this.choices.length) this.at = digit - 1;
        const meaning = Object.hasOwn(KEYS, key) ? KEYS[key]! : 'other';
        if (meaning === 'choose') return this.at;
        if (meaning === 'end') return null;
        this.move(meaning);
      }
    }
  }

  private move(key: Key): void {
    const last = this.choices.length - 1;
    switch (key) {
      case 'up':
        this.at = this.at === 0 ? last : this.at - 1;
        break;
      case 'down':
        this.at = this.at === last ? 0 : this.at + 1;
        break;
      case 'first':
        this.at = 0;
        break;
      case 'last':
        this.at = last;
        break;
      case 'page up':
        this.at = Math.max(0, this.at - MAX_ROWS);
        break;
      case 'page down':
        this.at = Math.min(last, this.at + MAX_ROWS);
        break;
      case 'interrupt':
        interruptProcess();
        break;
      case 'choose':
      case 'end':
      case 'other':
        break;
    }
  }

  private room(): number {
    return (terminalColumns(screen()!) ?? 80) - 1;
  }

  private draw(): void {
    const { choices, at } = this;
    const room = this.room();
    this.top = Math.max(0, Math.min(this.top, at), at - MAX_ROWS + 1);
    const lines = [shownWithin(this.question, room)];
    const marked = colorsWanted(screen()!);
    for (let i = this.top; i < Math.min(choices.length, this.top + MAX_ROWS); i++) {
      const { shown, width } = shownWithin(choices[i]!, room - 2);
      const line = `${i === at ? '❯' : ' '} ${shown}`;
      lines.push({ shown: marked && i === at ? `\x1b[36m${line}\x1b[39m` : line, width: width + 2 });
    }
    const hidden = choices.length - Math.min(choices.length, MAX_ROWS);
    if (hidden > 0) lines.push(shownWithin(`  ${at + 1} of ${choices.length}`, room));
    this.section.show(
      lines.map(({ shown }) => shown),
      lines.map(({ width }) => width),
    );
  }
}
