/**
 * Every example with a server, and every such snippet of docs/frameworks.md, serves again after `graceful`: the bus stops
 * and starts in the same process.
 * @module
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { installedExample } from "./installed_example.ts";
import { runtime, start } from "./spawn.ts";

const top = fileURLToPath(new URL("../", import.meta.url));

/** An example that is a program: its arguments for two free ports, what tells it the port otherwise, and its runtime. */
interface ProgramExample {
  readonly args: (ports: string[]) => string[];
  readonly env?: (port: string) => Readonly<Record<string, string>>;
  readonly only?: string;
}

const programs: Readonly<Record<string, ProgramExample>> = {
  "fastify_server.ts": { args: ([port = ""]) => [port] },
  "http_bun.ts": { args: ([port = ""]) => [port], only: "bun" },
  "http_deno.ts": { args: ([port = ""]) => [port], only: "deno" },
  "http_health.ts": { args: (ports) => ports },
  "http_node.ts": { args: ([port = ""]) => [port] },
  "os_service.ts": { args: ([port = ""]) => [port, join(tmpdir(), `sitebus-graceful-${port}.pid`)] },
  "tenants.ts": { args: ([port = ""]) => [port] },
  "units_prefork.ts": { args: () => [], env: (port) => ({ PORT: port }) },
};

/** Examples for `sitebus serve`. */
const served = [
  "elysia.js",
  "express.ts",
  "fastify.ts",
  "h3.ts",
  "hono.ts",
  "oak.ts",
  "serve_fetch.ts",
  "serve_node.ts",
];

/** Why an example is not here: it has no server of its own, it has no end, or it takes minutes to build. */
const others: Readonly<Record<string, string>> = {
  "serve_events.ts": "an answer without an end; the stream is tested in test/cli/examples.test.ts",
  "upload_certificate.ts": "it serves by TLS, with a certificate in files of its own",
  "cloud_run": "has a test of its own here",
  "next": "says in its serve.js that after() does not survive it",
  "nitro": "says in its serve.js that its plug-ins do not survive it",
};

test("every example with a server is tested here", () => {
  const known = [...Object.keys(programs), ...served, ...Object.keys(others)];
  const files = readdirSync(join(top, "examples")).filter((name) => /\.(ts|js)$/.test(name));
  const withServer = files.filter((name) =>
    /httpServer\(|^export default /m.test(readFileSync(join(top, "examples", name), "utf8"))
  );
  for (const name of withServer) expect(known, name).toContain(name);
});

describe("examples", { timeout: 40_000 }, () => {
  test.for(Object.entries(programs))(
    "%s serves again after graceful",
    async ([name, { args, env, only }], context) => {
      if (only !== undefined && only !== runtime) context.skip(`It is for ${only}`);
      const ports = [await freePort(), await freePort()];
      await survives(join(top, "examples", name), {
        args: args(ports),
        port: ports[0]!,
        ...env && { env: env(ports[0]!) },
      });
    },
  );

  test.for(served)("%s serves again after graceful", async (name) => {
    const port = await freePort();
    await survives(join(top, "cli/main.ts"), { args: ["serve", `examples/${name}`, "--port", port], port });
  });

  test("cloud_run serves again after graceful", async () => {
    const port = await freePort();
    const env = { PORT: port, HOST: "127.0.0.1" };
    await survives(join(installedExample("cloud_run"), "server.js"), { args: [], port, env });
  });
});

describe("snippets of docs/frameworks.md", { timeout: 40_000 }, () => {
  const text = readFileSync(join(top, "docs/frameworks.md"), "utf8");
  const snippets = [...text.matchAll(/^## (.*)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm)].flatMap(
    ([, title, section]) => {
      const [, code] = /^```ts ignore\n([\s\S]*?^export default [\s\S]*?)^```$/m.exec(section ?? "") ?? [];
      return code === undefined ? [] : [{ title: title ?? "", code }];
    },
  );

  test("are those of these frameworks", () => {
    const titles = snippets.map(({ title }) => title);
    expect(titles).toEqual(["Hono", "H3", "Elysia", "Fastify", "Express", "Oak"]);
  });

  test.for(snippets)("$title serves again after graceful", async ({ code }) => {
    // Beside the packages that it imports.
    const cache = join(top, "node_modules/.cache");
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, "sitebus-snippet-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "app.mjs");
    writeFileSync(file, code.replace("jsr:@oak/oak", "@oakserver/oak"));
    const port = await freePort();
    await survives(join(top, "cli/main.ts"), { args: ["serve", file, "--port", port], port });
  });
});

interface Run {
  readonly args: readonly string[];
  readonly port: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Asks a program, has it do graceful, and asks it again. */
async function survives(file: string, { args, port, env = {} }: Run): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-graceful-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const flag = join(folder, "graceful");
  const program = start("graceful", { args: [flag, file, ...args], env, timeoutMs: 35_000 });
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    return [response.status, (await response.text()).replace(/\d+/g, "N")] as const;
  };
  const answers = { timeout: 15_000, interval: 100 };
  await expect.poll(() => ask().catch(() => [0]), answers).toEqual([200, expect.any(String)]);
  const before = await ask();
  writeFileSync(flag, "");
  const line = await program.waitForLine("graceful: ");
  expect(line, program.lines.join("\n")).toBe("graceful: done");
  expect(await ask()).toEqual(before);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}

/** A port that nobody has at this moment. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}
