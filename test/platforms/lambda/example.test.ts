/**
 * The examples of AWS Lambda: one built as its template says, in the official client, and one as a runtime of its own.
 */
import { build } from "esbuild";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { tools } from "../../../scripts/tools.ts";
import { Environment, officialClient, startOfficial } from "./_environment.ts";

const top = new URL("../../../", import.meta.url);

// The oldest Node that AWS Lambda has is tested where the oldest one of the suite is.
const isOldest = process.versions.node.startsWith("22.");
const client = isOldest ? officialClient(20) : officialClient();

test("examples/lambda opens its pool before the first order, and at the end closes it and sends its metrics", async (context) => {
  if (typeof client === "string") return context.skip(client);
  const template = readFileSync(new URL("examples/lambda/template.yaml", top), "utf8");
  expect(template).toMatch(/Format: esm\n.*OutExtension: \[\.js=\.mjs\]\n/);
  expect(template).toContain("Handler: index.handler");
  const folder = mkdtempSync(join(tmpdir(), "sitebus-lambda-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await build({
    entryPoints: [fileURLToPath(new URL("examples/lambda/index.mjs", top))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    outExtension: { ".js": ".mjs" },
    outdir: folder,
    logLevel: "error",
    // What `npm install` would put there.
    alias: { "sitebus/lambda": source("platforms/lambda.ts"), sitebus: source("mod.ts") },
  });
  const env = await startOfficial(client, {}, {
    folder,
    module: "index",
    env: { DATABASE_URL: "postgres://test/orders" },
    ...isOldest && { executable: tools.node20 },
  });
  await env.ready();
  await env.program.waitForLine("pool: open to postgres://test/orders");
  const order = { body: JSON.stringify({ item: "tea" }) };
  const created = (id: number) => ({ ok: true, body: { statusCode: 201, body: JSON.stringify({ id }) } });
  expect(await env.api.invoke(order)).toMatchObject(created(1));
  expect(await env.api.invoke(order)).toMatchObject(created(2));
  const end = await env.shutdown();
  expect(end.killed).toBe(false);
  expect(end.lines.slice(-2).map((line) => line.split("\t").at(-1))).toEqual([
    "pool: closed",
    'metrics: sent {"orders":2}',
  ]);
});

test("examples/lambda_loop answers whole or piece by piece, and closes its books at the end", async () => {
  const file = source("examples/lambda_loop/main.ts");
  expect(readFileSync(source("examples/lambda_loop/Dockerfile"), "utf8")).toContain('["bun", "main.ts"]');
  const env = await (await Environment.start(file)).ready();
  await env.program.waitForLine("books: open");
  expect(await env.api.invoke({ id: "2" })).toMatchObject({ ok: true, body: { title: "Emma" } });
  const all = await env.api.invoke({});
  expect(all).toMatchObject({ ok: true, body: "Moby-Dick\nEmma\n" });
  expect(all.pieces).toBeGreaterThan(0);
  const end = await env.shutdown();
  expect(end).toMatchObject({ killed: false, code: 0 });
  expect(end.lines.at(-1)).toBe("books: closed");
});

function source(path: string): string {
  return fileURLToPath(new URL(path, top));
}
