/**
 * The one order of the source, for reading and for imports: each entry may import only entries above it. An entry is a file, a
 * folder, or a file with the folder of the same name: "platforms/posix" is `platforms/posix.ts` and all of `platforms/posix/`.
 * Edit this list when a file is added or removed; `scripts/check/layers.ts` checks the imports against it.
 * @module
 */

/** One line of the list. */
export interface Entry {
  readonly name: string;
  /** A description in a few words. */
  readonly says: string;
  /** The entries outside of `src/` that it may import. Default: all above it. */
  readonly imports?: readonly string[];
}

/** The core: one entry for each file. The table in docs/architecture.md has the same files and the same descriptions. */
const CORE: readonly Entry[] = [
  { name: "src/_web", says: "the web-standard globals that the core needs, reached in this one file" },
  { name: "src/_deferred", says: "a promise that is settled from outside" },
  {
    name: "src/_adopt",
    says: "waits for a value that anybody may have made; looks at it once, and never throws",
  },
  { name: "src/states", says: "the states, the goals, and the table that leads from state to state" },
  { name: "src/exit_codes", says: "the exit codes" },
  { name: "src/owner", says: "which guest something belongs to, told by identity" },
  { name: "src/check", says: "refuses bad input at once" },
  { name: "src/errors", says: "the errors that a caller may catch" },
  { name: "src/records", says: "the records of the log" },
  {
    name: "src/phase",
    says: "what listeners get, why a request was made, and the one check of every request",
  },
  { name: "src/platform", says: "what a platform is" },
  { name: "src/web_clock", says: "the time of a process that has the web's timers" },
  { name: "src/deadline", says: "**Deadline**: an end that may move, a signal, one timer" },
  { name: "src/channel", says: "one channel: its listeners in order" },
  { name: "src/call", says: "one call of one step, and the names of the calls that are pending" },
  { name: "src/round", says: "**Round**: the one way to call anything" },
  { name: "src/reload", says: "one reload: all prepare, then all commit or all roll back" },
  { name: "src/component", says: "the type of components, and its check" },
  { name: "src/channel_iterator", says: "a channel as an async iterator" },
  { name: "src/core", says: "what stands behind a bus: channels, log, the two ways to publish" },
  { name: "src/bus", says: "`Bus`" },
  {
    name: "src/limits",
    says: "how long each state may take, what a notice leaves, and what the end of the bus leaves",
  },
  { name: "src/waiters", says: "**Waiters**: the pending promises of calls and of `wait`" },
  { name: "src/held", says: "the promises that keep `drain` open" },
  { name: "src/spans", says: "the time of a state, and the phase that its listeners get" },
  { name: "src/member", says: "one component in its bus; it is its own step in a round" },
  {
    name: "src/under_way",
    says: "what is under way: its round, its deadline, and whether a stronger goal may give it up",
  },
  { name: "src/course", says: "what the bus was asked for, and what a new request changes" },
  { name: "src/cycles", says: "components that depend on each other in a cycle" },
  { name: "src/late_start", says: "what becomes of a start that comes up after it was given up" },
  { name: "src/member_report", says: "the components as a report has them" },
  { name: "src/members", says: "the components of one bus, and their order" },
  { name: "src/work", says: "the `run` of components" },
  { name: "src/guests", says: "what guests do beside the host, which waits for none of it" },
  { name: "src/turns", says: "what is called in each state" },
  { name: "src/errands", says: "**Errands**: what is done while the bus rests" },
  { name: "src/reloads", says: "the reloads of one bus: calls that wait fold into one errand" },
  { name: "src/joins", says: "components that join a bus that runs, and those that are removed" },
  { name: "src/uses", says: "what `use` and `hold` do, for the host and for guests" },
  {
    name: "src/departure",
    says: "the end after `exited`: the successor, the exit code, the platform's `leave`",
  },
  { name: "src/control", says: "what a platform may do to its bus; signals are folded and forced here" },
  { name: "src/report", says: "the report that `inspect()` returns" },
  { name: "src/engine", says: "drives the bus by the **state table**, one phase at a time" },
  { name: "src/readiness", says: "whether a bus is ready for traffic" },
  { name: "src/process_bus", says: "`ProcessBus`" },
  { name: "src/inline", says: "the smallest legal platform" },
  { name: "src/bus_like", says: "what a framework is handed" },
  { name: "src/copies", says: "copies for guests, which share nothing with the host" },
  { name: "src/guest_component", says: "a component of a guest, as the bus has it" },
  { name: "src/guest", says: "the bus as a tenant may see it" },
  { name: "src/retry", says: "a start that is tried again" },
  { name: "src/share_bus", says: "one bus on `globalThis`, for those who cannot be handed it" },
  { name: "src/internal", says: "what platforms and components need beyond the public API" },
  { name: "mod", says: "the public API of the core" },
];

/** The platforms. Each imports only those that it is built on. */
const PLATFORMS: readonly Entry[] = [
  { name: "platforms/process", says: "what the platforms of a process share", imports: [] },
  {
    name: "platforms/posix",
    says: "a process on a POSIX operating system: signals",
    imports: ["platforms/process"],
  },
  {
    name: "platforms/windows",
    says: "a process on Windows: console events, and named events",
    imports: ["platforms/process"],
  },
  {
    name: "platforms/native",
    says: "POSIX or Windows, by the operating system",
    imports: ["platforms/process", "platforms/posix", "platforms/windows"],
  },
  {
    name: "platforms/embedded",
    says: "a bus that is driven by a host: by calls, a worker's port, or a parent's channel",
    imports: ["platforms/process"],
  },
  { name: "platforms/testing", says: "a virtual clock, recorded exits, signals from the test", imports: [] },
  {
    name: "platforms/conformance",
    says: "what every platform must do, as a suite for its author",
    imports: [],
  },
  {
    name: "platforms/serverless",
    says: "a host that owns the loop: the bus starts on the first invocation",
    imports: ["platforms/process", "platforms/testing"],
  },
  { name: "platforms/cloudflare", says: "Workers and Durable Objects", imports: ["platforms/serverless"] },
  {
    name: "platforms/lambda",
    says: "functions of AWS Lambda",
    imports: ["platforms/process", "platforms/testing", "platforms/serverless"],
  },
  {
    name: "platforms/google",
    says: "Google's functions framework",
    imports: ["platforms/process", "platforms/serverless"],
  },
  {
    name: "platforms/knative",
    says: "functions in Knative's host for Node",
    imports: ["platforms/process", "platforms/serverless"],
  },
  {
    name: "platforms/azure",
    says: "Azure Functions",
    imports: ["platforms/process", "platforms/serverless"],
  },
  {
    name: "platforms/fetch",
    says: "functions from Request to Response: Vercel, Netlify, Deno Deploy, Knative",
    imports: ["platforms/process", "platforms/serverless"],
  },
];

/** Ready-made components. Each imports another component or a platform only if it is named here. */
const COMPONENTS: readonly Entry[] = [
  {
    name: "components/http",
    says: "HTTP servers that lose no answer when they stop",
    imports: ["platforms/process"],
  },
  {
    name: "components/lazy",
    says: "values and applications that are made when they are first needed",
    imports: ["platforms/process", "platforms/serverless"],
  },
  {
    name: "components/reload",
    says: "a configuration and a certificate that are read again without a restart",
    imports: [],
  },
  {
    name: "components/log",
    says: "the log of a bus for a console, for pino, winston, or a function",
    imports: [],
  },
  {
    name: "components/units",
    says: "pools of processes and threads, tasks, and the tree of their buses",
    imports: [
      "platforms/process",
      "platforms/native",
      "platforms/embedded",
      "components/http",
      "components/reload",
    ],
  },
  {
    name: "components/control",
    says: "what a running process tells, and does when it is asked, over a socket of its own",
    imports: ["components/http", "components/log", "components/units"],
  },
  {
    name: "components/watch",
    says: "the files that an application has loaded, and a roll where one changes",
    imports: ["components/units"],
  },
  {
    name: "components/os",
    says: "a pid file, rights that are given up, systemd, a watchdog",
    imports: ["platforms/process"],
  },
  {
    name: "components/fleet",
    says: "the buses of many machines, over a server of NATS",
    imports: ["components/units"],
  },
];

/** Every file of `src/`, `platforms/`, `components/`, `cli/`, `scripts/` and `bench/` belongs to one of these. */
export const ORDER: readonly Entry[] = [
  ...CORE,
  ...PLATFORMS,
  ...COMPONENTS,
  { name: "cli", says: "the command" },
  { name: "scripts", says: "the project's own tools" },
  { name: "bench", says: "what is measured, and against which peers" },
];
