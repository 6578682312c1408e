/**
 * The one order in which the source is read, and in which it may import: each entry knows only entries above it.
 * An entry is a file, a folder, or a file with the folder of the same name: "platforms/posix" is `platforms/posix.ts` and
 * all of `platforms/posix/`. Edit this list where a file comes or goes; `scripts/check/layers.ts` holds it against the
 * imports.
 * @module
 */

/** One line of the list. */
export interface Entry {
  readonly name: string;
  /** What it is, as one sentence. */
  readonly says: string;
  /** The entries outside of `src/` that it may import. Default: all above it. */
  readonly imports?: readonly string[];
}

/** The core: one file an entry. */
const CORE: readonly Entry[] = [
  { name: "src/_web", says: "The web-standard globals that the core needs, reached in this one file." },
  { name: "src/_deferred", says: "A promise that is settled from outside, and that may be dropped." },
  { name: "src/_adopt", says: "Waits for a value that anybody may have made, and looks at it once." },
  { name: "src/owner", says: "Whose something is, where it is not the host's: told by identity." },
  { name: "src/states", says: "The states, the goals, and the table that leads from state to state." },
  { name: "src/check", says: "Refuses bad input at once, naming the value and what was expected." },
  { name: "src/errors", says: "The errors that a caller may catch." },
  { name: "src/exit_codes", says: "The exit codes of a bus, and of the commands around it." },
  { name: "src/records", says: "The records of the log." },
  { name: "src/phase", says: "What a listener of a state gets, and why a request was made." },
  { name: "src/copies", says: "Copies for guests, which share nothing with the host." },
  { name: "src/platform", says: "What a platform is: the whole waiting and signalling of a bus." },
  { name: "src/web_clock", says: "The time of a process that has the web's timers." },
  { name: "src/deadline", says: "An end that may move, its signal, and one timer for all." },
  { name: "src/channel", says: "One channel: its listeners in the order of their turn." },
  { name: "src/channel_iterator", says: "A channel as an async iterator." },
  { name: "src/round", says: "The one way to call anything, in turn or side by side, under one deadline." },
  { name: "src/core", says: "What stands behind a bus: its channels, its log, the two ways to publish." },
  { name: "src/component", says: "Components: their type, and its check." },
  { name: "src/bus", says: "Named channels that listeners subscribe to, and a log that cannot fail." },
  { name: "src/apart", says: "The rounds of guests whose failure is their own." },
  { name: "src/reload", says: "A reload in two steps: all prepare and may veto, then all commit." },
  { name: "src/held", says: "The promises that keep `drain` open." },
  { name: "src/waiters", says: "The pending promises of calls that asked for a goal, and of `wait`." },
  { name: "src/limits", says: "How long each state may take, and what a notice leaves of it." },
  { name: "src/member", says: "One component in its bus: its start, its drain, its stop." },
  { name: "src/members", says: "The components of one bus: their order, and what a round calls of them." },
  { name: "src/course", says: "The goal of a bus, the weaker one that waits for its turn, and why." },
  { name: "src/errands", says: "What is done while the bus rests, one after another." },
  { name: "src/joins", says: "Components that join a bus that runs, or are removed from it." },
  { name: "src/reloads", says: "The reloads of one bus: calls that wait fold into one." },
  { name: "src/spans", says: "The time of a state, and the phase that its listeners get." },
  { name: "src/turns", says: "What is called in each state." },
  {
    name: "src/under_way",
    says: "What is under way: its round, its deadline, and whether it may be given up.",
  },
  { name: "src/work", says: "The `run` of components: the work itself." },
  {
    name: "src/departure",
    says: "The end, after `exited`: the successor, the exit code, the platform's end.",
  },
  { name: "src/control", says: "What a platform may do to its bus." },
  { name: "src/engine", says: "Drives a bus from state to state towards its goal, one phase at a time." },
  { name: "src/readiness", says: "Whether a bus is ready for traffic." },
  { name: "src/process_bus", says: "The process bus: one lifecycle for all that a process is made of." },
  { name: "src/inline", says: "The smallest legal platform: promises alone." },
  { name: "src/bus_like", says: "What a framework is handed: a bus, or a guest of one." },
  { name: "src/guest_component", says: "A component of a guest, as the bus has it." },
  { name: "src/guest", says: "The bus as a tenant may see it." },
  { name: "src/retry", says: "A start that is tried again." },
  { name: "src/share_bus", says: "One bus on `globalThis`, for those who cannot be handed it." },
  { name: "src/internal", says: "What platforms and components need of the core beyond its public API." },
  { name: "mod", says: "The public API of the core." },
];

/** What waits and signals. Each imports of the others only what it refines. */
const PLATFORMS: readonly Entry[] = [
  { name: "platforms/process", says: "What the platforms of a process share.", imports: [] },
  {
    name: "platforms/posix",
    says: "A process on a POSIX operating system: signals.",
    imports: ["platforms/process"],
  },
  {
    name: "platforms/windows",
    says: "A process on Windows: console events, and named events.",
    imports: ["platforms/process"],
  },
  {
    name: "platforms/native",
    says: "POSIX or Windows, by the operating system.",
    imports: ["platforms/process", "platforms/posix", "platforms/windows"],
  },
  {
    name: "platforms/embedded",
    says: "A bus that is driven by a host: by calls, a worker's port, or a parent's channel.",
    imports: ["platforms/process"],
  },
  { name: "platforms/testing", says: "A virtual clock, recorded exits, signals from the test.", imports: [] },
  {
    name: "platforms/conformance",
    says: "What every platform must do, as a suite for its author.",
    imports: [],
  },
  {
    name: "platforms/serverless",
    says: "A host that owns the loop: the bus starts on the first invocation.",
    imports: ["platforms/process"],
  },
  { name: "platforms/cloudflare", says: "Workers and Durable Objects.", imports: ["platforms/serverless"] },
  {
    name: "platforms/lambda",
    says: "Functions of AWS Lambda.",
    imports: ["platforms/process", "platforms/serverless"],
  },
  {
    name: "platforms/google",
    says: "Google's functions framework.",
    imports: ["platforms/process", "platforms/serverless"],
  },
  {
    name: "platforms/azure",
    says: "Azure Functions.",
    imports: ["platforms/process", "platforms/serverless"],
  },
  {
    name: "platforms/fetch",
    says: "Functions from Request to Response: Vercel, Netlify, Deno Deploy, Knative.",
    imports: ["platforms/process", "platforms/serverless"],
  },
];

/** Ready-made components. Each loads nothing of the others, unless it is named here. */
const COMPONENTS: readonly Entry[] = [
  {
    name: "components/http",
    says: "HTTP servers that lose no answer when they stop.",
    imports: ["platforms/process"],
  },
];

/** Every file of `src/`, `platforms/`, `components/`, `cli/`, `scripts/` and `bench/` belongs to one of these. */
export const ORDER: readonly Entry[] = [
  ...CORE,
  ...PLATFORMS,
  ...COMPONENTS,
  { name: "cli", says: "The command." },
  { name: "scripts", says: "The project's own tools." },
  { name: "bench", says: "What is measured, and against which peers." },
];
