/**
 * `sitebus ctl --fleet <name> members|reload|roll|status`: commands a fleet. It is no node of it, and may be ended at any time:
 * a roll goes on without it, and the same command follows it again.
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  type FleetController,
  fleetController,
  type FleetMember,
  type FleetRoll,
} from "../components/fleet.ts";
import { textOf } from "../src/errors.ts";
import { oneLine } from "../components/log/plain_text.ts";
import { say } from "./say.ts";
import { UsageError } from "./usage_error.ts";

/** The help of the command, for `sitebus ctl --fleet --help`. */
export const FLEET_HELP = `sitebus ctl --fleet: asks a fleet, or has it do something

  sitebus ctl --fleet shop status            the generation, and who lags behind
  sitebus ctl --fleet shop members           all members, with state and load
  sitebus ctl --fleet shop reload            reload all to a new generation
  sitebus ctl --fleet shop roll              restart all, one after another
  sitebus ctl --fleet shop roll graceful     idle and run again, in one process

  --server <url>     the server of NATS, or several, separated by commas
                     (default $NATS_URL, or nats://127.0.0.1:4222)
  --creds <file>     credentials of NATS, of a controller
  --details <json>   of reload: what the listeners are given
  --at-once <n>      of roll: so many at the same time (default 1)
  --keep-going       of roll: go on after one has failed
  --within <time>    how long to wait for a member, such as 500ms, 30s or 2m
  --json             one JSON object instead of text

A roll goes on when this command ends, and the same command follows it again.
Exit codes: 0 it is done, 1 it has failed on a member, 2 the server cannot be
reached or refuses, 64 wrong usage.`;

const OPTIONS = {
  fleet: { type: "string" },
  server: { type: "string" },
  creds: { type: "string" },
  details: { type: "string" },
  "at-once": { type: "string" },
  "keep-going": { type: "boolean" },
  within: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const VERBS = ["status", "members", "reload", "roll"] as const;
type Verb = typeof VERBS[number];

/** The request that the words make. */
interface Asked {
  readonly fleet: string;
  readonly verb: Verb;
  readonly how: "restart" | "graceful";
  readonly servers: readonly Server[];
  readonly creds: string | undefined;
  readonly details: unknown;
  readonly atOnce: number;
  readonly keepGoing: boolean;
  readonly within: number | undefined;
  readonly json: boolean;
}

/** A server of NATS. */
interface Server {
  readonly address: string;
  readonly isTls: boolean;
  readonly user?: string;
  readonly pass?: string;
}

const FAILED = 1;
const UNREACHABLE = 2;

/**
 * Runs the command by the words that follow `ctl`, among them `--fleet`; sets the exit code.
 * @throws {UsageError} If they cannot be understood.
 */
export async function runFleet(words: readonly string[]): Promise<void> {
  if (words.includes("--help") || words.includes("-h")) return console.log(FLEET_HELP);
  const asked = askedBy(words);
  let controller: FleetController | undefined;
  try {
    controller = await fleetController({ name: asked.fleet, connect: () => connect(asked) });
    process.exitCode = await DO[asked.verb](controller, asked);
  } catch (error) {
    say(textOf(error), { json: asked.json, event: "fleet", code: UNREACHABLE });
    process.exitCode = UNREACHABLE;
  } finally {
    await controller?.close();
  }
}

function askedBy(words: readonly string[]): Asked {
  const { values, positionals } = parse(words);
  const { fleet, details, within, json = false } = values;
  if (fleet === undefined || !/^[A-Za-z0-9_-]{1,64}$/.test(fleet)) {
    throw new UsageError(`--fleet is "${fleet ?? ""}": expected up to 64 letters, digits, "-" and "_"`);
  }
  const [verb = "status", how = "restart", ...more] = positionals;
  if (!isVerb(verb)) {
    throw new UsageError(`Unknown "${verb}" of --fleet: expected one of ${VERBS.join(", ")}`);
  }
  if (more.length > 0 || positionals.length > 1 && verb !== "roll") {
    throw new UsageError(`ctl --fleet has an argument "${more[0] ?? how}" too many`);
  }
  if (how !== "restart" && how !== "graceful") {
    throw new UsageError(`Unknown roll "${how}": expected restart or graceful`);
  }
  const server = values.server ?? process.env["NATS_URL"] ?? "nats://127.0.0.1:4222";
  return {
    fleet,
    verb,
    how,
    servers: server.split(",").map(serverOf),
    creds: values.creds,
    details: details === undefined ? undefined : jsonOf(details),
    atOnce: countOf(values["at-once"] ?? "1"),
    keepGoing: values["keep-going"] ?? false,
    within: within === undefined ? undefined : msOf(within),
    json,
  };
}

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

function parse(words: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    // Node tells how such an argument could be written; that is its own matter.
    throw new UsageError(textOf(cause).split(". ")[0]!.replaceAll("'", '"'), { cause });
  }
}

function isVerb(word: string): word is Verb {
  return (VERBS as readonly string[]).includes(word);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`--details is "${text}": expected JSON`, { cause });
  }
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError(`--at-once is "${text}": expected a number from 1 on`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function msOf(text: string): number {
  const [, count, unit = ""] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? NaN);
  if (ms > 0 && ms < 2 ** 31) return ms;
  throw new UsageError(`--within is "${text}": expected a time such as 500ms, 30s or 2m`);
}

const PACKAGE = "@nats-io/transport-node";

/** The members of the client that are used here. */
interface Transport {
  connect(
    options: Readonly<Record<string, unknown>>,
  ): ReturnType<Parameters<typeof fleetController>[0]["connect"]>;
  credsAuthenticator(creds: Uint8Array): unknown;
}

async function connect({ servers, creds }: Asked): ReturnType<Transport["connect"]> {
  const name: string = PACKAGE;
  let transport: Transport;
  try {
    transport = await import(name) as Transport;
  } catch (cause) {
    throw new Error(
      `The package "${name}" cannot be loaded: npm install ${name} @nats-io/jetstream @nats-io/kv`,
      { cause },
    );
  }
  const { user, pass } = servers.find(({ user }) => user !== undefined) ?? {};
  try {
    return await transport.connect({
      servers: servers.map(({ address }) => address),
      name: "sitebus ctl",
      ...(user !== undefined && { user, pass }),
      ...(servers.some(({ isTls }) => isTls) && { tls: {} }),
      ...(creds !== undefined && { authenticator: transport.credsAuthenticator(readFileSync(creds)) }),
    });
  } catch (cause) {
    const where = servers.map(({ address }) => address).join(", ");
    throw new Error(`The server of the fleet cannot be reached at ${where}: ${textOf(cause)}`, { cause });
  }
}

/** "nats://me:secret@host:4222" as the client wants it: it takes no user from an address. */
function serverOf(server: string): Server {
  const [, scheme = "nats", login, address = ""] =
    /^(?:(\w+):\/\/)?(?:([^@]*)@)?([^@/]+)\/?$/.exec(server.trim()) ?? [];
  if (address === "" || scheme !== "nats" && scheme !== "tls") {
    throw new UsageError(`--server is "${server}": expected an address such as nats://127.0.0.1:4222`);
  }
  const isTls = scheme === "tls";
  if (login === undefined) return { address, isTls };
  const [user = "", ...pass] = login.split(":");
  return { address, isTls, user: decodeURIComponent(user), pass: decodeURIComponent(pass.join(":")) };
}

const DO: Readonly<Record<Verb, (controller: FleetController, asked: Asked) => Promise<number>>> = {
  async status(controller, { json, fleet }) {
    const status = await controller.status();
    const { generation, members, roll } = status;
    if (json) {
      console.log(JSON.stringify(status));
      return 0;
    }
    const ready = members.filter(({ ready }) => ready).length;
    console.log(`${fleet}: generation ${generation}, ${members.length} members, ${ready} ready`);
    for (
      const { node, applied, generation: own } of members.filter((member) => member.generation < generation)
    ) {
      const why = applied?.ok === false ? `: ${applied.error}` : "";
      print(`  ${node} is at generation ${own}${why}`);
    }
    if (roll !== undefined && !roll.isOver) print(`  ${rollLine(roll)}`);
    return 0;
  },

  async members(controller, { json }) {
    const members = await controller.members();
    console.log(json ? JSON.stringify(members) : table(members));
    return 0;
  },

  async reload(controller, { details, within, json }) {
    const result = await controller.reload(details, within === undefined ? {} : { within });
    const { generation, ok, receipts } = result;
    if (json) console.log(JSON.stringify(result));
    else {
      const failed = receipts.filter(({ ok }) => !ok);
      console.log(
        `Generation ${generation}: ${receipts.length - failed.length} of ${receipts.length} members have it`,
      );
      for (const { path, error } of failed) print(`  ${path}: ${error}`);
    }
    return ok ? 0 : FAILED;
  },

  async roll(controller, { how, atOnce, keepGoing, within, json }) {
    const told = new Set<string>();
    const tell = (node: string, what: string, key: string) => {
      if (json || told.has(`${node} ${key}`)) return;
      told.add(`${node} ${key}`);
      print(`  ${node} ${what}`);
    };
    const roll = await controller.roll(how, {
      atOnce,
      keepGoing,
      ...(within !== undefined && { within }),
      progress({ rolling, done, failed, left, waiting }) {
        const count = done.length + rolling.length + failed.length + left.length + waiting.length;
        for (const node of rolling) tell(node, "has its turn", "rolling");
        for (const [index, node] of done.entries()) tell(node, `is ready, ${index + 1} of ${count}`, "done");
        for (const { node, error } of failed) tell(node, `has failed: ${error}`, "failed");
        for (const node of left) tell(node, "has left the fleet", "left");
      },
    });
    print(json ? JSON.stringify(roll) : rollLine(roll));
    return roll.ok ? 0 : FAILED;
  },
};

function rollLine({ how, isOver, done, rolling, waiting, failed }: FleetRoll): string {
  const parts = [
    `${done.length} done`,
    ...(rolling.length > 0 ? [`${rolling.join(", ")} under way`] : []),
    ...(failed.length > 0 ? [`${failed.map(({ node }) => node).join(", ")} failed`] : []),
    ...(waiting.length > 0 ? [`${waiting.length} ${isOver ? "left as they were" : "waiting"}`] : []),
  ];
  return `Roll "${how}" ${isOver ? "is over" : "is under way"}: ${parts.join(", ")}`;
}

function table(members: readonly FleetMember[]): string {
  const rows = [
    ["NODE", "STATE", "GENERATION", "VERSION", "LOAD", "RUNTIME", "PID"],
    ...members.map(({ node, state, ready, generation, version = "-", load, runtime, pid }) => [
      node,
      ready || state !== "run" ? state : `${state}, not ready`,
      String(generation),
      version,
      String(load),
      runtime,
      String(pid ?? "-"),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).map(
    oneLine,
  )
    .join("\n");
}

/** Prints one line: the names of nodes are chosen by others. */
function print(line: string): void {
  console.log(oneLine(line));
}
