/**
 * The words of the language for `sentra doc`: what each does, and how it is written. The examples are whole programs
 * that the tests run.
 */

export interface WordHelp {
  /** Other words that are explained along with it. */
  readonly also?: readonly string[];
  readonly about: string;
  readonly example: string;
}

const WORDS: Readonly<Record<string, WordHelp>> = {
  let: {
    also: ['var'],
    about: `Declares a variable, which is known in its block from there on; without a value it is null. A 'var' is known in its whole function. An array or a map can be taken apart at once.`,
    example: `let port = 443
let {host, path = "/"} = {"host": "example.com"}
let [first, ...others] = [1, 2, 3]`,
  },
  const: {
    about: 'Declares a name that is not assigned again. What it holds may change.',
    example: `const LIMIT = 10
const seen = {}
seen["a"] = true`,
  },
  fn: {
    also: ['return'],
    about: `Declares a function, or makes one without a name. Parameters may have defaults; '...rest' takes all others. 'return' ends it with a value, and without a value with null.`,
    example: `fn area(width, height = 1) {
  return width * height
}
let double = fn(x) => x * 2`,
  },
  if: {
    also: ['else'],
    about: `Runs a block where a condition is truthy, and another one where it is not. Falsy are false, null, 0, NaN, "", [] and {}. As an expression: condition ? a : b.`,
    example: `let n = 5
if n > 9 {
  log("large")
} else if n > 3 {
  log("middling")
} else {
  log("small")
}`,
  },
  while: {
    also: ['break', 'continue'],
    about: `Runs a block as long as a condition is truthy. 'break' leaves the loop, 'continue' begins the next turn; both take the label of an outer loop.`,
    example: `let n = 0
while true {
  n++
  if n % 2 == 0 { continue }
  if n > 5 { break }
}`,
  },
  for: {
    also: ['in'],
    about: `Runs a block for each element of an array, key of a map, character of a string, number of a range, or value of a channel until it is closed. With two names, the index or key comes first. 'in' alone tells whether something is in an array, a string or the keys of a map.`,
    example: `for host in ["a", "b"] { log(host) }
let ports = {"ssh": 22, "https": 443}
for name, port in ports { log(name, port) }
for i in 1..3 { log(i) }
for (let i = 0; i < 3; i++) { log(i) }
log("a" in ["a", "b"])`,
  },
  match: {
    about: `Gives the arm of the first pattern that a value fits, or null. Patterns are values, names, arrays and maps; '_' fits everything, 'if' asks more.`,
    example: `let answer = {"status": 404, "body": ""}
log(match answer {
  {"status": 200, "body": text} => text,
  {"status": code} if code >= 500 => "their mistake",
  {"status": 404} => "our mistake",
  "down" | "gone" => "no answer",
  _ => "something else",
})`,
  },
  try: {
    also: ['catch', 'finally'],
    about: `Runs a block; when something in it fails, 'catch' gets the error: e.message, e.code, e.stack. 'finally' runs in any case. Either of them may be missing.`,
    example: `try {
  json_parse("{")
} catch e {
  log(e.code, e.message)
} finally {
  log("done")
}`,
  },
  throw: {
    about: 'Fails with any value; error(message, fields) makes one with a code.',
    example: `try {
  throw error("no such host", {"code": "ENOHOST"})
} catch e {
  log(e.code)
}`,
  },
  defer: {
    about: 'Calls a function when the one around it ends, however it ends; the last deferred call comes first.',
    example: `fn work() {
  defer log("closed")
  log("working")
}
work()`,
  },
  spawn: {
    also: ['go'],
    about: `Starts a task, which runs beside this one, and gives it. wait(task) gives what it returns. 'go' is the same word. See: sentra doc tasks`,
    example: `fn fetch(n) { sleep(1); return n * 2 }
let task = spawn fetch(21)
log(wait(task))
let other = spawn { sleep(1); return "done" }
log(wait(other))`,
  },
  select: {
    also: ['case', 'default'],
    about: `Waits for the first of several channels. 'case timeout(ms)' ends the wait, 'default' runs where none is ready at once.`,
    example: `let answers = channel(1)
spawn { answers <- "ready" }
select {
  case answer = <-answers: log(answer)
  case timeout(1000): log("too late")
}`,
  },
  import: {
    also: ['from', 'as'],
    about: `Uses what another file exports, or a group of built-ins under a name. A path is looked for beside the importing file, then from the directory of sentra.toml: import "lib/names", import {find, list as all} from "lib/names", import "lib/names" as names.`,
    example: `import math
log(math.sqrt(16))`,
  },
  export: {
    about: 'Lets other files import a name.',
    example: `export const VERSION = "1.0"
export fn greet(name) => "Hello, " + name`,
  },
  null: {
    also: ['nil'],
    about: `The empty value: what is missing, and what gives nothing. 'nil' is another spelling. a ?? b gives b where a is null.`,
    example: `let settings = {}
log(settings.port ?? 8080)`,
  },
  true: {
    also: ['false'],
    about: 'The two truth values. ! turns them round; && and || give one of their operands.',
    example: `let open = true
log(!open, open && "yes")`,
  },
};

/** By any word of the language; undefined for other names. */
export const wordHelp: ReadonlyMap<string, { readonly words: readonly string[]; readonly help: WordHelp }> = new Map(
  Object.entries(WORDS).flatMap(([word, help]) => {
    const words = [word, ...(help.also ?? [])];
    return words.map((each) => [each, { words, help }] as const);
  }),
);
