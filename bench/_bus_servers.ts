/**
 * The servers with which sitebus/http is measured.
 * @module
 */
import { type Candidate, everywhere } from "./_candidates.ts";
import type { Runtime } from "./_runtimes.ts";

/** node:http on every runtime, and the runtime's own server. `args` are additional arguments of the program. */
export function busServers(
  runtimes: readonly Runtime[],
  args = "",
): readonly Candidate[] {
  const of = (kind: string, on: readonly Runtime[]) =>
    everywhere(on, {
      [`sitebus, ${kind}`]: `drain_bus ${kind} ${args}`.trim(),
    });
  return [
    ...of("node:http", runtimes),
    ...(["Deno", "Bun"] as const).flatMap((name) =>
      of(`${name}.serve`, runtimes.filter((runtime) => runtime.name === name))
    ),
  ];
}
