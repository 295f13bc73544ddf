/** The commands, in the order in which help lists them. */
export const COMMAND_NAMES = ['run', 'check', 'test', 'analyze', 'repl', 'doc', 'version', 'help'] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];
