/**
 * What it takes to ask a running process: `sitebus ps` and `sitebus ctl`, against the smallest clients.
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { installBuilt } from "../_built.ts";
import { bestOf, byRuntime, type Candidate, everywhere, resultsOf } from "../_candidates.ts";
import { benchFolder } from "../_peers.ts";
import { startProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 15;
const atMost = 1.3;

const HTTP = `import { request } from "node:http";
import process from "node:process";
request({ socketPath: process.argv[2], path: "/status" }, (response) => {
  let text = "";
  response.setEncoding("utf8").on("data", (more) => text += more).on("end", () => console.log(text));
}).end();
`;

const BY_HAND = `import { connect } from "node:net";
import process from "node:process";
let text = "";
const socket = connect(process.argv[2]);
socket.setEncoding("utf8").on("data", (more) => text += more);
socket.on("end", () => console.log(text.slice(text.indexOf("\\r\\n\\r\\n"))));
socket.write("GET /status HTTP/1.1\\r\\nHost: bus\\r\\nConnection: close\\r\\n\\r\\n");
`;

/** Asks one process of Node from each runtime, by a client in a process of its own, once a round. */
export async function ask(runtimes: readonly Runtime[]): Promise<Figure> {
  await installBuilt();
  const [node] = runtimes;
  if (!node) throw new Error("Cannot measure: there is no runtime");
  const folder = mkdtempSync(join(tmpdir(), "sitebus-ask-"));
  const sockets = join(folder, "sitebus");
  mkdirSync(sockets, { mode: 0o700 });
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const asked = await startProgram({
    runtime: node,
    program: "asked",
    args: [sockets],
  });
  try {
    const socket = join(
      sockets,
      readdirSync(sockets).find((name) => name.endsWith(".sock")) ?? "",
    );
    const command = `${benchFolder}node_modules/sitebus/esm/cli/main.js`;
    const candidates = everywhere(runtimes, {
      "bare, nothing": write("empty.mjs", ""),
      "bare, node:http": `${write("http.mjs", HTTP)} ${socket}`,
      "bare, by hand over node:net": `${write("net.mjs", BY_HAND)} ${socket}`,
      "sitebus ps": `${command} ps`,
      "sitebus ctl": `${command} ctl bench`,
    });
    const measure = (one: Candidate) => Promise.resolve(run(one, folder));
    const numbers = await interleave(candidates, { rounds, measure });
    const time = resultsOf(candidates, numbers, "ms");
    return {
      title: "Asking a running process",
      says:
        "Milliseconds from the start of a client to its end, all asking the same process of Node; best of " +
        `${rounds} rounds and the worst. The bare clients print what the socket answers, by node:http as one would ` +
        "write them, or by hand; `ps` and `ctl` are those of the npm package.",
      tables: [byRuntime(time, { unit: "ms" })],
      limits: runtimes.flatMap((runtime) => {
        const least = bestOf(time, { runtime, name: "bare, node:http" });
        return ["sitebus ps", "sitebus ctl"].map((name) => ({
          name: `${name} over a client by node:http on ${runtime.name}`,
          found: bestOf(time, { runtime, name }) / least,
          atMost,
          unit: "times",
        }));
      }),
    };
  } finally {
    asked.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(
  { runtime, name, program, args }: Candidate,
  folder: string,
): Record<string, number> {
  const [file, ...before] = runtime.command;
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    XDG_RUNTIME_DIR: folder,
  };
  const began = performance.now();
  const { status, stderr } = spawnSync(file, [...before, program, ...args], {
    encoding: "utf8",
    env,
  });
  const ms = performance.now() - began;
  if (status !== 0) {
    throw new Error(
      `Cannot measure ${name} on ${runtime.name}: ${stderr.trim()}`,
    );
  }
  return { ms };
}
