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
} as const;

/** The commands that have flags of their own here. */
export type FlaggedCommand = keyof typeof COMMAND_FLAGS;
