/**
 * One suite, whatever runs it: `npm test` calls vitest once in each runtime.
 * @module
 */
import process from "node:process";
import type { ViteUserConfig } from "vitest/config";
import { patient } from "./scripts/patience.ts";

const config: ViteUserConfig = {
  // Several runtimes run at once, and each keeps its own notes here.
  cacheDir: `node_modules/.vite/${process.env["EXPECT_RUNTIME"] ?? "vitest"}`,
  test: {
    include: ["test/**/*.test.ts"],
    // Nothing in the suite may wait for long: what takes time is a program of its own, or has a virtual clock.
    testTimeout: patient(15_000),
    hookTimeout: patient(15_000),
    expect: { poll: { timeout: patient(5000) } },
    // Under Bun vitest's forks fall over (a child there has no `channel.unref`); threads do not.
    pool: "Bun" in globalThis ? "threads" : "forks",
    maxWorkers: 2,
    // A suite that runs nothing has said nothing.
    passWithNoTests: false,
    allowOnly: false,
  },
};

export default config;
