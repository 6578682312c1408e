/**
 * Checks of the process and of what has started it: the runtime, PID 1, a wrapper that swallows signals, permissions.
 * @module
 */
import { readFileSync } from "node:fs";
import { ownDeno } from "../../platforms/process/deno_like.ts";
import { wrapperWarning } from "../wrapper.ts";
import { type Facts, type Finding, ok } from "./finding.ts";

/** All checks of this kind. */
export function processChecks(facts: Facts): Finding[] {
  return [runtimeCheck(facts), pidCheck(facts), wrapperCheck(facts), ...permissionChecks()];
}

/** Whether the runtime is new enough for the module. */
export function runtimeCheck({ runtime, version, options: { module = "" } }: Facts): Finding {
  const check = "runtime";
  if (runtime !== "node") return ok(check, `${runtime === "deno" ? "Deno" : "Bun"} ${version}`);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const atLeast = (wanted: number, part: number) => major > wanted || major === wanted && minor >= part;
  if (!atLeast(20, 19)) {
    const reason = `Node ${version} is too old: sitebus needs 20.19 or later`;
    return { check, verdict: "problem", reason, mend: "use the newest Node of an even number" };
  }
  if (/\.m?ts$/.test(module) && !(atLeast(22, 18) && major !== 23)) {
    const reason = `Node ${version} does not run TypeScript, which ${module} is`;
    return {
      check,
      verdict: "problem",
      reason,
      mend: "use Node 22.18 or later, Deno or Bun, or build it first",
    };
  }
  return ok(check, `Node ${version}`);
}

/** Whether this is the first process of its container, or what that is. */
export function pidCheck({ pid, container }: Facts, nameOf: () => string | undefined = nameOfFirst): Finding {
  const check = "PID 1";
  if (pid === 1) {
    return {
      check,
      verdict: "warning",
      reason:
        "this process is PID 1: sitebus listens for its signals, but reaps no orphans of child processes",
      mend: "docker run --init, where the application starts programs that start others",
    };
  }
  const first = container ? nameOf() : undefined;
  if (first !== undefined && /^(npm|npx|yarn|pnpm)\b/.test(first)) {
    return {
      check,
      verdict: "problem",
      reason: `PID 1 of this container is "${first}", which does not pass signals on`,
      mend: 'write CMD ["sitebus","serve"] in the Dockerfile',
    };
  }
  return ok(
    check,
    first === undefined ? "this process is not PID 1" : `PID 1 of this container is "${first}"`,
  );
}

function nameOfFirst(): string | undefined {
  try {
    return readFileSync("/proc/1/comm", "utf8").trim();
  } catch {
    return undefined;
  }
}

function wrapperCheck({ options: { module } }: Facts): Finding {
  const check = "wrapper";
  const warning = wrapperWarning(module === undefined ? ["serve"] : ["serve", module]);
  if (warning === undefined) {
    return ok(check, "nothing above this process swallows its signals, as far as to be seen");
  }
  const [reason = warning, mend] = warning.split(/: (?=put |run |write )/);
  return { check, verdict: "problem", reason, ...mend !== undefined && { mend } };
}

/** The permissions that `sitebus serve` needs on Deno. */
const NEEDED = ["net", "read", "env"];

function permissionChecks(): Finding[] {
  const deno = ownDeno();
  if (!deno) return [];
  return NEEDED.map((name): Finding => {
    const check = `--allow-${name}`;
    if (deno.permissions.querySync({ name }).state === "granted") return ok(check, "Deno grants it");
    const reason = `Deno does not grant "${name}" without a limit, and without a terminal it cannot ask`;
    return { check, verdict: "problem", reason, mend: `deno run ${check}, or -A` };
  });
}
