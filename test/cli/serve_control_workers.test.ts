import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { runtime } from "../spawn.ts";
import { askAt, ownFolder } from "../components/control/_asking.ts";
import { moduleOf, sitebus } from "./_serve.ts";

test(
  "workers are shown, rolled and scaled by the control socket of their site",
  { timeout: patient(60_000) },
  async () => {
    const folder = await ownFolder();
    const module = moduleOf(`export default () => new Response("ok");`, "shop.mjs");
    const program = sitebus(["serve", module, "--port", "0", "--workers", "2"], {
      env: { XDG_RUNTIME_DIR: folder },
      timeoutMs: 50_000,
    });
    await program.waitForLine("Ctrl-C stops it");
    // One socket, of the site: a worker is asked through it.
    const names = readdirSync(join(folder, "sitebus"));
    expect(names).toEqual([`shop-${program.pid}.sock`]);
    const path = join(folder, "sitebus", names[0]!);
    const units = async () => (await askAt(path, "/status")).json.units;
    const before = await units();
    expect(before.map(({ name, state, kind }) => `${name} ${state} ${kind}`).sort()).toEqual([
      "web/1 run process",
      "web/2 run process",
    ]);
    for (const { pid, memory, inFlight } of before) {
      expect([typeof pid, typeof memory, inFlight]).toEqual(["number", "number", 0]);
    }
    expect((await askAt(path, "/units/roll", { method: "POST" })).json).toMatchObject({ ok: true });
    const after = await units();
    expect(after.map(({ name }) => name).sort()).toEqual(["web/1", "web/2"]);
    expect(after.some(({ pid }) => before.some((unit) => unit.pid === pid))).toBe(false);
    expect((await askAt(path, "/status")).json.lastRoll).toMatchObject({ pool: "web", ok: true });
    expect((await askAt(path, "/units/scale", { body: { count: 1 } })).json).toMatchObject({ ok: true });
    expect(await units()).toHaveLength(1);
    expect((await askAt(path, "/metrics")).text).toContain('sitebus_units{kind="process",state="run"} 1\n');
    await askAt(path, "/goal", { body: { goal: "exit" } });
    expect([runtime, (await program.exited).code]).toEqual([runtime, 0]);
  },
);
