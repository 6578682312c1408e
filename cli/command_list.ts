/**
 * The commands of `sitebus`, by name, each with what it does. The help and the completions are made of this table.
 * @module
 */

/** The commands, each with its purpose in few words. */
export const COMMANDS = {
  serve: "serve an application over HTTP",
  ps: "list the running processes",
  ctl: "ask a running process, or have it do something",
  analyze: "show what takes the time in a start and a stop",
  doctor: "check what will go wrong where it is to run",
  supervise: "keep any program running",
  completions: "print a script that completes in your shell",
} as const;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** The shells that completions are there for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** A shell that completions are there for. */
export type Shell = typeof SHELLS[number];
