/** `sentra help [COMMAND]`, with examples. */
import { didYouMean } from '../diagnostics/did-you-mean';
import { exit, writeOut } from '../host/process';
import { COMMAND_NAMES } from './command-names';
import { laidOut } from './laid-out';
import { helpWidth } from './output-style';
import { UsageError } from './usage';

const OVERVIEW = `Sentra, a scripting language with the network built in.

  sentra FILE.sn [ARGUMENTS]      runs a program
  sentra -e CODE [ARGUMENTS]      runs the code
  sentra                          a prompt to try things at

Commands
  run       runs a program; also shows its JavaScript, or lets a debugger in
  check     finds mistakes in programs without running them
  test      runs the tests of a program and tells which fail
  analyze   tells what a capture file holds, or what passes a network interface
  repl      a prompt that reads, runs and shows what comes out
  doc       explains a built-in function or a group of them
  version   shows the version
  help      shows this, or explains a command: sentra help run

Examples
  sentra hello.sn
  sentra -e 'log("127.0.0.1".split("."))'
  sentra doc split
  sentra check --json src

Exit status: that of the program (1 after an error that nothing caught); 2 when the command line makes no \
sense, the program is not there or does not parse.
`;

const TEXTS: ReadonlyMap<string, string> = new Map([
  [
    'run',
    `sentra run [OPTIONS] FILE [ARGUMENTS]
sentra run [OPTIONS] -e CODE [ARGUMENTS]

Runs a program. 'run' may be left out: sentra FILE. Options stand before the file; what stands behind it \
belongs to the program, which gets it with args(). FILE may be - for a program on standard input.

Options
  -e, --eval CODE           runs CODE
  --emit-js                 prints the JavaScript that the program becomes and does not run it; \
line N of it is line N of the program
  --inspect[=[HOST:]PORT]   lets a JavaScript debugger connect while the program runs (127.0.0.1:9229)
  --inspect-brk[=...]       waits for the debugger and stops at the first line
  --                        ends the options

Examples
  sentra run scan.sn 192.0.2.1
  sentra scan.sn 192.0.2.1
  echo 'log(1 + 2)' | sentra run -
  sentra run --inspect-brk server.sn     (then open chrome://inspect)

A file can be a command of its own: its first line is #!/usr/bin/env sentra, and chmod +x.

Exit status: 0; what exit(code) says; 1 after an error that nothing caught, in any task; 2 when the program \
is not there or does not parse; 128 and the signal's number after Ctrl-C or SIGTERM.
`,
  ],
  [
    'check',
    `sentra check [--json] FILES...

Finds what can be told without running: what does not parse, unknown names, wrong numbers of arguments, \
assigned constants, imports that lead nowhere; and warns of what is probably not meant. Files that they \
import are checked too. Of a directory, all .sn files below it. - stands for standard input.

Options
  --json     the findings as a JSON array, for editors and other programs

Examples
  sentra check server.sn
  sentra check .
  sentra check --json src | jq '.[].message'

Exit status: 2 when there is an error; warnings alone are 0.
`,
  ],
  [
    'test',
    `sentra test [OPTIONS] [FILES...]

Runs tests: of a directory all files below it whose names end in _test.sn or .test.sn; a file that is named \
in any case. Without FILES, those below the working directory. In a file each function at the top whose \
name begins with test_ is a test, and so is what the program gives to test("name", f); a file without any is \
one test as a whole. Each file runs in a process of its own, several at a time; what it prints is shown \
where something in it fails.

Options
  --filter TEXT       only tests with TEXT in their name
  --timeout SECONDS   how long a test may take; 30
  --json              the results as JSON, for other programs
  --verbose           also shows what files print whose tests all pass

Examples
  sentra test
  sentra test tests/scan_test.sn
  sentra test --filter parse --timeout 5
  sentra doc test               (the functions that tests are written with)

Exit status: 0 when all pass; 1 when one fails; 2 when there are no tests, or a file does not parse.
`,
  ],
  [
    'analyze',
    `sentra analyze [OPTIONS] FILE
sentra analyze --live [OPTIONS] INTERFACE [SECONDS]

Tells what the packets of a capture file are (pcap or pcapng, also with gzip), or those that pass an \
interface for a time; without SECONDS until Ctrl-C. Protocols, addresses, conversations, names, requests, \
and findings: port scans, floods, spoofing, passwords in plain text and more, each with its evidence.

Options
  --live           an interface in the place of a file; "any" stands for all of them. Needs root or CAP_NET_RAW
  --filter FILTER  only the packets that this filter in tcpdump's language takes
  --top COUNT      how many of each list; 10
  --json           the result as JSON, for other programs
  --html FILE      also writes a page with charts
  --promiscuous    also packets that are for others
  --libpcap        capture with the library libpcap, which other systems than Linux do anyway

Examples
  sentra analyze office.pcap
  sentra analyze office.pcapng.gz --filter 'tcp port 443' --html office.html
  sudo sentra analyze --live eth0 10
  sentra analyze --json office.pcap | jq .findings

Exit status: 0; 1 when the file cannot be read or the interface not captured; 2 when the command line makes \
no sense.
`,
  ],
  [
    'repl',
    `sentra repl

A prompt: what is typed runs at once, its value is shown, variables and functions stay. An input goes on \
over several lines while a bracket is open. Tab completes names. Ctrl-C stops what runs, Ctrl-D ends.

  .help            these commands
  .doc NAME        explains a built-in
  .type EXPR       the type of a value
  .load FILE       runs a file as if it had been typed
  .clear           forgets all variables
  .exit            ends

What was typed is kept in $XDG_STATE_HOME/sentra_history, or else ~/.sentra_history; SENTRA_HISTORY names \
another file, and none when it is empty. Input that is piped in is run line by line, without a prompt.

Example
  $ sentra
  > let hosts = ["a", "b"]
  > hosts.map(fn(h) => h.upper())
  ["A", "B"]
`,
  ],
  [
    'doc',
    `sentra doc [NAMES...]

Explains built-in functions: what they take and give, which errors they throw, with an example. The name \
of a group lists its functions; without a name, all are listed by group.

Examples
  sentra doc split
  sentra doc tasks
  sentra doc

Exit status: 1 when there is no such name.
`,
  ],
  ['version', 'sentra version\n\nShows the version of Sentra and of what it runs on.\n\nExample\n  sentra --version\n'],
  ['help', 'sentra help [COMMAND]\n\nExplains a command; without one, lists them.\n\nExample\n  sentra help run\n'],
]);

export function help(args: readonly string[]): void {
  const [name, extra] = args;
  if (extra !== undefined) throw new UsageError(`sentra help explains one command, got '${name}' and '${extra}'`);
  writeOut(laidOut(name === undefined ? OVERVIEW : textOf(name), helpWidth()));
  exit(0);
}

function textOf(name: string): string {
  const text = TEXTS.get(name);
  if (text !== undefined) return text;
  const near = didYouMean(name, COMMAND_NAMES);
  throw new UsageError(
    `there is no command '${name}'`,
    near === null ? `'sentra help' lists them; 'sentra doc ${name}' explains a built-in` : `did you mean '${near}'?`,
  );
}
