import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { installedExample } from "../../installed_example.ts";
import { skipElsewhere } from "./_workerd.ts";

/** What is used of it; miniflare's own type needs all of @cloudflare/workers-types. */
interface DatabaseLike {
  exec(sql: string): Promise<unknown>;
  prepare(sql: string): { first(column: string): Promise<unknown> };
}

beforeEach((context) => skipElsewhere(context));

/** Bundles it as wrangler does, and runs it in what `wrangler dev` runs it in. */
test("examples/cloudflare makes its client once, refuses without tables, and counts each visit, also one that could not be written at once", async () => {
  const folder = installedExample("cloudflare");
  const { outputFiles } = await build({
    entryPoints: [join(folder, "worker.js")],
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:workers"],
    write: false,
    logLevel: "silent",
  });
  const { compatibility_date: compatibilityDate } = JSON.parse(
    readFileSync(join(folder, "wrangler.jsonc"), "utf8").replace(/^\s*\/\/.*$/gm, ""),
  ) as { readonly compatibility_date: string };
  expect(compatibilityDate).toMatch(/^2026-/);
  let said = "";
  const { Miniflare } = await import("miniflare");
  const host = new Miniflare({
    modules: true,
    script: outputFiles[0]!.text,
    // The workerd that miniflare brings is older than the one that is deployed to.
    compatibilityDate: "2026-04-20",
    host: "127.0.0.1",
    port: 0,
    cf: false,
    d1Databases: ["DB"],
    handleRuntimeStdio(output: Readable, errors: Readable) {
      output.resume();
      errors.on("data", (chunk) => said += chunk);
    },
  });
  onTestFinished(() => host.dispose());
  const get = () => host.dispatchFetch("http://worker/");
  expect((await get()).status).toBe(503);
  const database = await host.getD1Database("DB") as unknown as DatabaseLike;
  for (const line of readFileSync(join(folder, "migrations/0001_shop.sql"), "utf8").trim().split("\n")) {
    await database.exec(line);
  }
  const answer = await vi.waitFor(async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    return answer;
  }, { timeout: patient(5_000) });
  expect(await answer.json()).toEqual({
    version: 1,
    items: [{ name: "milk", count: 2 }, { name: "salt", count: 0 }, { name: "tea", count: 3 }],
  });
  const visits = (count: number) =>
    vi.waitFor(async () => {
      expect(await database.prepare("SELECT count FROM visits").first("count")).toBe(count);
    }, { timeout: patient(5000) });
  await get();
  await visits(2);
  await database.exec("ALTER TABLE visits RENAME TO away");
  await get();
  await vi.waitFor(() => expect(said).toContain("no such table: visits"), { timeout: patient(5000) });
  await database.exec("ALTER TABLE away RENAME TO visits");
  await get();
  await visits(4);
});
