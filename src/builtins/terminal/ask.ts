/** Questions to the person at the terminal. */
import { askChoice, askHidden, askLine } from '../../host/ask';
import { str } from '../../runtime/values';
import type { Steps } from '../../runtime/task';
import type { Value } from '../../runtime/values';
import { failure } from '../core/value-types';
import { defineBuiltin } from '../define-builtin';
import { array, boolean, option, options, string } from '../types';
import type { Type } from '../types';

export const prompt = defineBuiltin({
  name: 'prompt',
  group: 'terminal',
  summary: 'Asks for a line of text',
  details:
    'The question goes to standard output, or to standard error where only that is a terminal. Spaces around the answer are cut off, but those of a hidden one.',
  params: [
    { name: 'question', type: string, about: 'Printed as it is, so it usually ends in ": "' },
    {
      name: 'default',
      type: string,
      about: 'What an empty answer stands for, also the end of the input',
      optional: true,
    },
    {
      name: 'options',
      type: options({
        hidden: option(
          boolean,
          'The terminal shows nothing of the answer: for passwords. Where the input is piped in, no question is printed',
          false,
        ),
      }),
      about: 'How it asks',
      optional: true,
    },
  ],
  gives: { type: 'string or null', about: 'The answer; at the end of the input the default, or null without one' },
  waits: true,
  example: `let name = prompt("Name: ", "nobody")
log(name)  // expect: Name: nobody`,
  failing: 'prompt(5)  // expect error: prompt: question must be a string, got the number 5',
  run: function* (question, fallback, { hidden }): Steps<Value> {
    const answer = hidden ? yield* askHidden(question) : ((yield* askLine(question))?.trim() ?? null);
    return answer === null || answer === '' ? (fallback ?? answer) : answer;
  },
});

const YES: ReadonlySet<string> = new Set(['y', 'yes', 'true', '1']);
const NO: ReadonlySet<string> = new Set(['n', 'no', 'false', '0']);

export const confirm = defineBuiltin({
  name: 'confirm',
  group: 'terminal',
  summary: 'Asks a question that is answered with yes or no',
  details: 'It asks again until the answer is y, yes, n or no; capitals make no difference.',
  params: [
    { name: 'question', type: string, about: 'The question; " [y/n] " is put behind it' },
    {
      name: 'default',
      type: boolean,
      about:
        'What an empty answer and the end of the input stand for; at the end of the input false where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'boolean', about: 'True for yes' },
  waits: true,
  example: `if confirm("Delete it?") { log("deleted") } else { log("kept") }  // expect: Delete it? [y/n] kept`,
  failing: 'confirm()  // expect error: confirm',
  run: function* (question, fallback): Steps<Value> {
    const keys = fallback === null ? 'y/n' : fallback ? 'Y/n' : 'y/N';
    for (;;) {
      const answer = yield* askLine(`${question} [${keys}] `);
      if (answer === null) return fallback ?? false;
      const word = answer.trim().toLowerCase();
      if (word === '' && fallback !== null) return fallback;
      if (YES.has(word)) return true;
      if (NO.has(word)) return false;
    }
  },
});

const choices: Type<Value[]> = {
  ...array,
  takes: 'an array with at least one choice',
  test: '(Array.isArray($) && $.length > 0)',
};

export const selectOption = defineBuiltin({
  name: 'select_option',
  group: 'terminal',
  summary: 'Lets the person choose one of several things',
  details:
    'On a terminal the arrow keys move a mark and Enter chooses. Where the input is piped in, the choices are listed with numbers, and the answer is a number or the text of a choice; an empty one stands for the default.',
  params: [
    { name: 'question', type: string, about: 'What stands above the choices' },
    { name: 'choices', type: choices, about: 'The things to choose from; what is no text is shown as str shows it' },
    {
      name: 'default',
      type: string,
      about: 'Which of them, as it is shown, is marked at first; the first one where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'any', about: 'The chosen one of the choices; null at the end of the input' },
  errors: { EINVAL: 'The default is none of the choices' },
  waits: true,
  example: `log(select_option("Which port?", [22, 80]) ?? "none")
// expect: Which port?
// expect:   1) 22
// expect:   2) 80
// expect: 1-2 [1]: none`,
  failing:
    'select_option("Which?", [])  // expect error: select_option: choices must be an array with at least one choice',
  run: function* (question, all, fallback): Steps<Value> {
    const offered = [...all];
    const texts = offered.map(str);
    const first = fallback === null ? 0 : texts.indexOf(fallback);
    if (first < 0)
      throw failure('EINVAL', 'select_option', `the default ${JSON.stringify(fallback)} is none of the choices`);
    const index = yield* askChoice(question, texts, first);
    return index === null ? null : offered[index]!;
  },
});
