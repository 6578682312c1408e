import { expect, test } from "vitest";
import { start } from "../../spawn.ts";

test("examples/log_to_pino.ts writes all records by a worker thread, the exit code among them", async () => {
  const program = start("../../examples/log_to_pino");
  await program.waitForLine('"ready":true');
  program.kill("SIGINT");
  const { code, lines } = await program.exited;
  expect(code).toBe(0);
  const records = lines.filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line) as Record<string, unknown>
  );
  expect(records).toContainEqual(
    expect.objectContaining({ level: 30, service: "shop", component: "db", status: "down" }),
  );
  expect(records.at(-1)).toMatchObject({ level: 30, event: "exit", code: 0, bus: "shop" });
});
