/**
 * The flags of the commands beside `serve`: the parsers, the help and the completions are made of these tables.
 * @module
 */
/** The flags of each command, by its name. `doctor` takes those of `serve` as well. */
export const COMMAND_FLAGS = {
  ps: { "--json": { what: "one JSON list" } },
  ctl: {
    "--json": { what: "one JSON object a line" },
    "--pool": { value: "<name>", what: "the pool to roll or scale, where there are several" },
    "--fleet": { value: "<name>", what: "ask all nodes of a fleet: see ctl --fleet --help" },
    "--details": { value: "<json>", what: "what reload hands to the components" },
    "--level": {
      value: "<level>",
      what: "the least level of log: debug, info, warn, error (default info)",
      offers: ["debug", "info", "warn", "error"],
    },
  },
  analyze: {
    "--runs": { value: "<n>", what: "how many runs, from 1 to 100 (default 5)" },
    "--html": { value: "<file>", what: "write a page for a browser to this file", offers: "files" },
    "--start-within": { value: "<time>", what: "the time for the components to start (default 30s)" },
    "--config": { value: "<file>", what: "read this config file", offers: "files" },
    "--json": { what: "the analysis as one JSON object" },
  },
  doctor: {
    "--grace": { value: "<time>", what: "the time that the host gives for a stop, such as 10s" },
    "--no-start": { what: "do not start the application" },
  },
  supervise: {
    "--name": { value: "<name>", what: "its name in logs and lists (default: that of the program)" },
    "--daemon": { what: "start it in the background, and return when it is ready" },
    "--pid-file": {
      value: "<file>",
      what: "holds the number of the process, and keeps a second one away",
      offers: "files",
    },
    "--log-file": {
      value: "<file>",
      what: "what it prints goes there, and the log of sitebus too",
      offers: "files",
    },
    "--steady": { value: "<time>", what: "it counts as ready when it has stayed up so long" },
    "--stop-within": { value: "<time>", what: "the time from SIGTERM to SIGKILL" },
    "--give-up": { what: "end when it fails too often" },
    "--no-control": { what: "open no control socket: sitebus ps and ctl do not find it" },
    "--quiet": { what: "nothing but warnings and errors" },
    "--json": { what: "one JSON object a line" },
  },
} as const;

/** The commands that have flags of their own here. */
export type FlaggedCommand = keyof typeof COMMAND_FLAGS;
