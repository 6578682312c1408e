/**
 * What the fleet adds to NATS: a reload of 8 processes against a bare put to 8 watchers, a roll by slots against the ideal, and
 * 2,000 virtual members on one server.
 * @module
 */
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { fleetController } from "../../components/fleet.ts";
import { setUpNats } from "../../scripts/nats/setup.ts";
import { type NatsServer, startNats } from "../../scripts/nats/server.ts";
import { type Program, spawnProgram } from "../_programs.ts";
import { digits, type Figure, ratio } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";
import { median } from "../_median.ts";

const NODES = 8;
const ROUNDS = 60;
const ROLLS = 3;
/** The pool of each node takes so long for its turn. */
const TURN_MS = 100;
const VIRTUAL = 2_000;
/** Longer than all of it takes on a busy machine. */
const LIMIT_MS = 240_000;

interface Found {
  readonly bare: number;
  readonly fleet: number;
  readonly roll: number;
}

/** Measures it on each runtime, with 8 processes of it. */
export async function fleet(runtimes: readonly Runtime[]): Promise<Figure> {
  const why = await setUpNats();
  if (why !== undefined) throw new Error(why);
  const server = await startNats();
  try {
    const found: Found[] = [];
    for (const runtime of runtimes) found.push(await measure(runtime, server));
    const virtual = await measureVirtual(runtimes[0]!, server);
    const ideal = NODES / 2 * TURN_MS;
    const row = (
      title: string,
      of: (found: Found) => string,
    ) => [title, ...found.map(of)];
    return {
      title: "A fleet over NATS",
      says:
        `${NODES} processes and one nats-server on this machine. A bare put is acknowledged by each watcher with a ` +
        `put of its own, as a reload is. Medians of ${ROUNDS}, taken in turn. A roll has ${NODES} nodes, two at once, ` +
        `each ${TURN_MS} ms: ${ideal} ms at best; the median of ${ROLLS}. The ${VIRTUAL} virtual members are buses in ` +
        "one process of Node, over 20 connections.",
      tables: [{
        columns: ["", ...runtimes.map(({ name }) => name)],
        rows: [
          row(
            "bare put to 8 watchers until all have acknowledged, ms",
            ({ bare }) => digits(bare),
          ),
          row(
            "reload until all have acknowledged, ms",
            ({ fleet }) => digits(fleet),
          ),
          row("ratio", ({ bare, fleet }) => ratio(fleet, bare)),
          row("a roll, ms", ({ roll }) => digits(roll)),
        ],
      }, {
        columns: [`${VIRTUAL} virtual members`, ""],
        rows: [
          [
            "reload until all have acknowledged, ms, the best of 3",
            digits(virtual["reloadMs"]!),
          ],
          ["the slowest of them, ms", digits(virtual["slowestMs"]!)],
          ["list of all members, ms", digits(virtual["membersMs"]!)],
          [
            "memory of the server before and after, MB",
            `${digits(virtual["emptyMb"]!)} → ${digits(virtual["serverMb"]!)}`,
          ],
        ],
      }],
      limits: [
        ...runtimes.flatMap(({ name }, place) => [{
          name: `reload of 8 processes against a bare put on ${name}`,
          found: found[place]!.fleet / found[place]!.bare,
          atMost: 2,
          unit: "times",
        }, {
          name: `a roll of 8 nodes with two slots against the ideal on ${name}`,
          found: found[place]!.roll / ideal,
          atMost: 1.3,
          unit: "times",
        }]),
        {
          name: "2,000 virtual members acknowledge a reload",
          found: virtual["slowestMs"]!,
          atMost: 5_000,
          unit: "ms",
        },
        {
          name: "virtual members that did not",
          found: virtual["missing"]!,
          atMost: 0,
          unit: "",
        },
      ],
    };
  } finally {
    await server.end();
  }
}

async function measure(runtime: Runtime, server: NatsServer): Promise<Found> {
  const connection = await connect({ servers: `127.0.0.1:${server.port}` });
  const bare = await new Kvm(connection).create("bare");
  const nodes: Program[] = [];
  try {
    for (const kind of ["bare", "fleet"]) {
      for (let node = 0; node < NODES; node++) {
        const args = [String(server.port), kind, `n${node}`];
        nodes.push(
          spawnProgram({ runtime, program: "fleet_node", args }, LIMIT_MS),
        );
      }
    }
    await Promise.all(nodes.map((node) => node.waitForLine("ready")));
    const controller = await fleetController({
      name: "bench",
      connect: () => connect({ servers: `127.0.0.1:${server.port}` }),
    });
    const times: Record<"bare" | "fleet", number[]> = { bare: [], fleet: [] };
    const acks = await bare.watch({ key: "ack.*" });
    const iterator = acks[Symbol.asyncIterator]();
    for (let round = 0; round < ROUNDS; round++) {
      const value = `${runtime.name} ${round}`;
      const began = performance.now();
      await bare.put("generation", value);
      for (let count = 0; count < NODES;) {
        if ((await iterator.next()).value.string() === value) count++;
      }
      times.bare.push(performance.now() - began);
      const then = performance.now();
      const { ok } = await controller.reload(round);
      if (!ok) throw new Error("A node has not acknowledged");
      times.fleet.push(performance.now() - then);
    }
    acks.stop();
    const rolls: number[] = [];
    for (let round = 0; round < ROLLS; round++) {
      const began = performance.now();
      const { ok, failed } = await controller.roll("restart", { atOnce: 2 });
      if (!ok) throw new Error(`A roll has failed: ${JSON.stringify(failed)}`);
      rolls.push(performance.now() - began);
    }
    await controller.close();
    return {
      bare: median(times.bare),
      fleet: median(times.fleet),
      roll: median(rolls),
    };
  } finally {
    for (const node of nodes) node.kill();
    await connection.close();
  }
}

async function measureVirtual(
  runtime: Runtime,
  server: NatsServer,
): Promise<Readonly<Record<string, number>>> {
  const args = [String(server.port), String(server.pid), String(VIRTUAL)];
  const program = spawnProgram(
    { runtime, program: "fleet_virtual", args },
    LIMIT_MS,
  );
  const { text } = await program.waitForLine("measured ");
  await program.waitForEnd();
  return JSON.parse(text.slice("measured ".length)) as Record<string, number>;
}
