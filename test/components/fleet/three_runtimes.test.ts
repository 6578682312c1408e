import { type ChildProcess, spawn } from "node:child_process";
import { createServer, get, type IncomingMessage, request } from "node:http";
import { createServer as createTcpServer } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { runFleet } from "../../../cli/fleet.ts";
import { fleetController } from "../../../components/fleet.ts";
import { patient } from "../../../scripts/patience.ts";
import { requireTool } from "../../../scripts/tools.ts";
import { runtime } from "../../spawn.ts";
import { connectTo, startNats, type Way, wayTo, whyNoNats } from "./_nats.ts";
import { until } from "./_node.ts";

const LONG_MS = 90_000;
const PROGRAM = fileURLToPath(new URL("../../programs/fleet_node.ts", import.meta.url));

const RUNTIMES = [
  ["node", requireTool("node26"), []],
  ["deno", requireTool("deno"), ["run", "--quiet", "-A"]],
  ["bun", requireTool("bun"), ["--bun"]],
] as const;

interface Answer {
  readonly node: string;
  readonly pid: number;
  readonly color: string;
}

/** A node as a process of its own. */
interface Node {
  readonly port: number;
  readonly way: Way;
  readonly lines: string[];
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startNode(
  [name, binary, flags]: (typeof RUNTIMES)[number],
  nats: number,
): Promise<Node> {
  const port = await freePort();
  const way = await wayTo(nats);
  const lines: string[] = [];
  const child: ChildProcess = spawn(
    binary,
    [...flags, PROGRAM, String(way.port), "shop", name, String(port)],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1" },
      // A group of its own, so that the successors of a restart end with it.
      detached: true,
    },
  );
  for (const output of [child.stdout!, child.stderr!]) {
    output.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trimEnd().split("\n")));
  }
  onTestFinished(() => {
    way.end();
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      // It has ended.
    }
  });
  await until(
    `${name} runs:\n${lines.join("\n")}`,
    () => lines.some((line) => line.includes("runs as")),
    30_000,
  );
  return { port, way, lines };
}

/** Passes requests on, in turn, to the next where one does not take it; a small one of what nginx does. */
async function startProxy(ports: readonly number[]): Promise<number> {
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const first = turn++;
    const attempt = (tries: number) => {
      const port = ports[(first + tries) % ports.length]!;
      const failed = () => {
        if (tries + 1 < ports.length * 2) attempt(tries + 1);
        else outgoing.writeHead(502).end();
      };
      const onward = request(
        { port, host: "127.0.0.1", path: incoming.url, agent: false },
        (answer: IncomingMessage) => {
          outgoing.writeHead(answer.statusCode ?? 500);
          answer.pipe(outgoing);
        },
      );
      onward.on("error", failed).end();
    };
    attempt(0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

function ask(port: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`status ${response.statusCode}`));
      }).on("error", reject);
    }).on("error", reject);
  });
}

/** Runs `sitebus ctl --fleet shop …`; returns its exit code. */
async function ctl(port: number, ...words: string[]): Promise<number> {
  const before = process.exitCode;
  try {
    process.exitCode = undefined;
    await runFleet(["--fleet", "shop", "--server", `127.0.0.1:${port}`, "--json", ...words]);
    return Number(process.exitCode ?? 0);
  } finally {
    process.exitCode = before;
  }
}

test(
  "three processes of three runtimes are one fleet: a reload, a roll under load, a partition",
  async (context) => {
    if (runtime !== "node" || process.versions.node.split(".")[0] !== "26") {
      return context.skip("it starts all runtimes by itself, and so runs on Node 26 alone");
    }
    if (whyNoNats !== undefined) return context.skip(whyNoNats);
    const server = await startNats();
    onTestFinished(() => server.end());
    const nodes: Node[] = [];
    for (const each of RUNTIMES) nodes.push(await startNode(each, server.port));
    const proxy = await startProxy(nodes.map(({ port }) => port));
    const controller = await fleetController({ name: "shop", connect: () => connectTo(server.port) });
    onTestFinished(() => controller.close());
    const colors = async () =>
      (await Promise.all(nodes.map(({ port }) => ask(port)))).map(({ color }) => color);
    const members = await controller.members();
    expect(members.map(({ node, runtime }) => `${node} ${runtime.split(" ")[0]}`)).toEqual([
      "bun bun",
      "deno deno",
      "node node",
    ]);

    // A reload reaches all.
    expect(await ctl(server.port, "reload", "--details", '{"color":"blue"}')).toBe(0);
    expect(await colors()).toEqual(["blue", "blue", "blue"]);

    // One that vetoes keeps what it has.
    expect(await ctl(server.port, "reload", "--details", '{"color":"not deno"}')).toBe(1);
    expect(await colors()).toEqual(["not deno", "blue", "not deno"]);
    expect(await ctl(server.port, "reload", "--details", '{"color":"red"}')).toBe(0);

    // A rolling restart under load fails no request.
    const before = new Map(
      (await Promise.all(nodes.map(({ port }) => ask(port)))).map(({ node, pid }) => [node, pid]),
    );
    let isOver = false;
    let answered = 0;
    const failures: unknown[] = [];
    const clients = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        await ask(proxy).then(() => answered++, (error) => failures.push(error));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    expect(await ctl(server.port, "roll", "restart")).toBe(0);
    isOver = true;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    const after = await controller.members();
    expect(after).toHaveLength(3);
    const instances = new Map(members.map(({ node, instance }) => [node, instance]));
    for (const { node, instance, generation, roll } of after) {
      expect(instance, `${node} is another process`).not.toBe(instances.get(node));
      expect(generation).toBe(3);
      expect(roll).toMatchObject({ state: "done" });
    }
    expect(before.size).toBe(3);
    expect(await colors()).toEqual(["red", "red", "red"]);

    // Cut off, they go on; healed, all have the newest.
    for (const { way } of nodes) way.cut();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    for (let number = 1; number <= 5; number++) {
      await controller.reload({ color: `c${number}` }, { within: 10 });
    }
    expect(await colors()).toEqual(["red", "red", "red"]);
    for (const { way } of nodes) way.heal();
    await until("all have the newest", async () => (await colors()).every((color) => color === "c5"), 15_000);
    expect(await ctl(server.port, "status")).toBe(0);
    await until(
      "all have said so",
      async () => (await controller.members()).every(({ generation }) => generation === 8),
    );
  },
  patient(LONG_MS),
);
