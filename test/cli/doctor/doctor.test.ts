import { describe, expect, test } from "vitest";
import type { Finding } from "../../../cli/doctor/finding.ts";
import { pidCheck, runtimeCheck } from "../../../cli/doctor/process_checks.ts";
import { patient } from "../../../scripts/patience.ts";
import { runtime } from "../../spawn.ts";
import { folderOf, sitebus } from "../_serve.ts";
import { factsOf } from "./_facts.ts";

const APPLICATION = "export default () => new Response();";

/** Runs `sitebus doctor` where these files are. */
async function doctor(
  files: Readonly<Record<string, string>>,
  words: readonly string[],
  denoPermissions?: readonly string[],
): Promise<{ readonly code: number | null; readonly findings: readonly Finding[] }> {
  const cwd = folderOf(files);
  const { code, lines } = await sitebus(["doctor", "--host", "0.0.0.0", "--port", "0", "--json", ...words], {
    ...{ cwd, timeoutMs: 60_000 },
    ...denoPermissions && { denoPermissions },
  }).exited;
  const line = lines.find((one) => one.startsWith("{"));
  expect(line, lines.join("\n")).toBeDefined();
  return { code, findings: JSON.parse(line ?? "").findings };
}

const timeout = patient(60_000);

describe("sitebus doctor", { timeout }, () => {
  test("finds nothing wrong with an application that is all right, and ends with 0", async () => {
    const { code, findings } = await doctor({ "app.mjs": APPLICATION }, ["--grace", "30s"]);
    expect(findings.filter(({ verdict }) => verdict === "problem" || verdict === "warning")).toEqual([]);
    expect(findings.at(-1)).toMatchObject({ check: "trial", verdict: "ok" });
    expect(code).toBe(0);
  });

  test("ends with 1 where the host waits less than a stop may take", async () => {
    const { code, findings } = await doctor({ "app.mjs": APPLICATION }, ["--grace", "5s", "--no-start"]);
    expect(findings.find(({ check }) => check === "grace")).toMatchObject({
      verdict: "problem",
      mend: "--stop-within 4s",
    });
    expect(code).toBe(1);
  });

  test("finds a foreign listener for a signal", async () => {
    const source = `import process from "node:process";
      process.on("SIGTERM", function cleanUp() { process.exit(1); });
      ${APPLICATION}`;
    const { code, findings } = await doctor({ "app.mjs": source }, []);
    const signals = findings.find(({ check }) => check === "signals");
    expect(signals).toMatchObject({ verdict: "problem", reason: expect.stringContaining("cleanUp()") });
    expect(signals?.mend).toMatch(/^switch that listener off/);
    expect(code).toBe(1);
  });

  test("finds an application that does not start, and one that cannot be loaded", async () => {
    const setup =
      `export const setup = (bus) => bus.use({ name: "db", start() { throw new Error("no route"); } });`;
    const failed = await doctor({ "app.mjs": `${setup}${APPLICATION}` }, []);
    const reasons = failed.findings.filter(({ verdict }) => verdict === "problem").map(({ reason }) =>
      reason
    );
    expect(reasons.join("\n")).toContain("no route");
    expect(failed.code).toBe(1);
    const broken = await doctor({ "app.mjs": "export default 7;" }, []);
    expect(broken.findings.at(-1)).toMatchObject({ check: "trial", verdict: "problem" });
    expect(broken.code).toBe(1);
  });

  test("finds what is left over after the stop, where the runtime tells", async (context) => {
    if (runtime === "bun") return context.skip("Bun does not tell what keeps a process alive");
    const { code, findings } = await doctor({ "app.mjs": `setInterval(() => {}, 1000);${APPLICATION}` }, []);
    expect(findings.at(-1)).toMatchObject({
      check: "left over",
      verdict: "warning",
      reason: expect.stringContaining("1 Timeout"),
    });
    expect(code).toBe(0);
  });

  test("judges the files of the folder and the config file", async () => {
    const { code, findings } = await doctor({
      "app.mjs": APPLICATION,
      Dockerfile: "FROM node\nCMD npm start\n",
      "sitebus.config.json": '{ "keepAlive": "5s" }',
    }, ["--no-start"]);
    const wrong = findings.filter(({ verdict }) => verdict === "problem").map(({ check }) => check);
    expect(wrong).toEqual(runtime === "node" ? ["keep-alive", "Dockerfile"] : ["Dockerfile"]);
    expect(code).toBe(1);
  });

  test("says that there is no module to try", async () => {
    const { code, findings } = await doctor({}, []);
    expect(findings.at(-1)).toMatchObject({ check: "trial", verdict: "unknown" });
    expect(code).toBe(0);
  });

  test("finds what Deno does not grant", async (context) => {
    if (runtime !== "deno") return context.skip("there are no such permissions");
    const { code, findings } = await doctor({ "app.mjs": APPLICATION }, [], [
      "--allow-read",
      "--allow-env",
      "--allow-sys",
    ]);
    expect(findings.find(({ check }) => check === "--allow-net")).toMatchObject({ verdict: "problem" });
    expect(findings.at(-1)).toMatchObject({ check: "trial", verdict: "unknown" });
    expect(code).toBe(1);
  });

  test("finds a shell that swallows signals", async (context) => {
    if (process.platform !== "linux") return context.skip("only Linux tells what has started a process");
    const cwd = folderOf({ "app.mjs": APPLICATION });
    const { lines } = await sitebus(["doctor", "--host", "0.0.0.0", "--port", "0", "--no-start"], {
      ...{ cwd, launcher: ["sh", folderOf({ "run.sh": '"$@"; true\n' }) + "/run.sh"], timeoutMs: 30_000 },
    }).exited;
    const text = lines.join("\n");
    expect(text).toMatch(/problem +wrapper +"sh" does not pass signals on to this process\n +→ put "exec"/);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test("refuses a grace that is no time", async () => {
    const { code, lines } = await sitebus(["doctor", "--grace", "soon"]).exited;
    expect([code, lines]).toEqual([64, [
      'sitebus: --grace is "soon": expected a time from 1ms to 1440m, such as 500ms, 10s or 2m ' +
      "(see sitebus doctor --help)",
    ]]);
  });
});

test.each([
  ["20.18.0", "app.js", "problem"],
  ["20.19.0", "app.js", "ok"],
  ["22.17.0", "app.ts", "problem"],
  ["22.18.0", "app.ts", "ok"],
  ["26.0.0", "app.mts", "ok"],
])("Node %s with %s is %s", (version, module, verdict) => {
  expect(runtimeCheck(factsOf({ module }, { version })).verdict).toBe(verdict);
});

test("PID 1 is told, and what it is in a container", () => {
  expect(pidCheck(factsOf({}, { pid: 1 })).verdict).toBe("warning");
  const inside = (first: string) => pidCheck(factsOf({}, { container: true }), () => first).verdict;
  expect([inside("npm start"), inside("sitebus")]).toEqual(["problem", "ok"]);
  expect(pidCheck(factsOf()).verdict).toBe("ok");
});
