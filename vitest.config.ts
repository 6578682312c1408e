/**
 * The configuration of vitest. `npm test` runs the same tests once in each runtime.
 * @module
 */
import process from "node:process";
import type { ViteUserConfig } from "vitest/config";
import { patient } from "./scripts/patience.ts";

/**
 * Passes over one error that is not ours: between its dial and its handshake, `@nats-io/transport-node` 3.4 has no listener for
 * the errors of its socket, and a server that closes in that moment is an uncaught error on Deno. docs/fleet.md tells users.
 */
function onUnhandledError(error: { readonly message: string; readonly VITEST_TEST_PATH?: string }): boolean {
  const isOfFleet = /components\/fleet\/|cli\/fleet\.test/.test(error.VITEST_TEST_PATH ?? "");
  return !("Deno" in globalThis && isOfFleet && error.message === "read ECONNRESET");
}

const config: ViteUserConfig = {
  // A cache of its own for each runtime, since several run at once.
  cacheDir: `node_modules/.vite/${process.env["EXPECT_RUNTIME"] ?? "vitest"}`,
  test: {
    include: ["test/**/*.test.ts"],
    // No test may wait for long: slow behaviour is tested in a spawned program or with a virtual clock.
    testTimeout: patient(15_000),
    hookTimeout: patient(15_000),
    expect: { poll: { timeout: patient(5000) } },
    // Forks of vitest crash on Bun, since `process.channel` has no `unref` there; threads work.
    pool: "Bun" in globalThis ? "threads" : "forks",
    maxWorkers: 2,
    // A run without a single test is a failure.
    passWithNoTests: false,
    allowOnly: false,
    onUnhandledError,
  },
};

export default config;
