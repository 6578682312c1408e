/**
 * A program with the services of the operating system, and the service manager that it talks to.
 * @module
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { requireTool } from "../../../scripts/tools.ts";
import type { ServicePlan } from "../../programs/os_service.ts";
import { type Program, start, type StartOptions } from "../../spawn.ts";

/** A machine that is busy starts a process in seconds. */
export const LONG_MS = patient(60_000);

export const isRoot = process.getuid?.() === 0;
export const isLinux = process.platform === "linux";

/** Somebody who is not root, and has no other rights. */
export const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** Starts the program. */
export function startService(plan: ServicePlan, options: Omit<StartOptions, "args"> = {}): Program {
  return start("os_service", { timeoutMs: LONG_MS, ...options, args: [JSON.stringify(plan)] });
}

/** A folder that everybody may write to, until the test has ended. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "sitebus-os-"));
  chmodSync(path, 0o777);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A service manager. */
export interface Manager {
  readonly address: string;
  /** What it was told, as `<process> <user>: <fields>`. */
  readonly lines: readonly string[];
  /** Resolves to the first line that contains a text. */
  told(text: string): Promise<string>;
  end(): void;
}

/** Starts a service manager at a path, or at an abstract name, which begins with "@". */
export async function startManager(address: string): Promise<Manager> {
  const program = fileURLToPath(new URL("../../programs/service_manager.ts", import.meta.url));
  const child = spawn(requireTool("node26"), ["--disable-warning=ExperimentalWarning", program, address], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const lines: string[] = [];
  const looks = new Set<() => void>();
  let rest = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    looks.forEach((look) => look());
  });
  let isEnded = false;
  const end = () => {
    if (!isEnded && child.pid !== undefined && child.exitCode === null) process.kill(child.pid, "SIGKILL");
    isEnded = true;
  };
  onTestFinished(end);
  const told = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Nobody told "${text}" but\n${lines.join("\n")}`)),
        patient(40_000),
      );
      const look = () => {
        const found = lines.find((line) => line.includes(text));
        if (found === undefined) return;
        clearTimeout(timer);
        looks.delete(look);
        resolve(found);
      };
      looks.add(look);
      look();
    });
  await told("listens");
  return { address, lines, told, end };
}
