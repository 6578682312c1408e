import { expect, test } from "vitest";

// Under `npm test` a suite that believes to run on Bun, and runs on Node, would prove nothing.
interface Host {
  readonly process?: {
    readonly versions: Readonly<Record<string, string | undefined>>;
    readonly env: Readonly<Record<string, string | undefined>>;
  };
  readonly navigator?: { readonly userAgent?: string };
  readonly EXPECT_RUNTIME?: string;
}

const host = globalThis as unknown as Host;

function runtime(): string {
  if (host.navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  // Deno and Bun also say which Node they are like, so Node comes last.
  for (const name of ["deno", "bun", "node"]) {
    const version = host.process?.versions[name];
    if (version !== undefined) return `${name}${version.split(".")[0]}`;
  }
  return "unknown";
}

test("the runtime is the one that was asked for", (context) => {
  const expected = host.process?.env["EXPECT_RUNTIME"] ?? host.EXPECT_RUNTIME;
  if (expected === undefined) return context.skip("EXPECT_RUNTIME is not set: npm test sets it");
  expect(runtime()).toBe(expected);
});
