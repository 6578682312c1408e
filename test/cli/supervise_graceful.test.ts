import { expect, test } from "vitest";
import { SupervisingBus } from "../../cli/supervise.ts";
import { inline } from "../../mod.ts";

test("graceful of a supervised program is refused, and names what is there instead.", async () => {
  const bus = new SupervisingBus({ platform: inline() });
  await bus.start();
  await expect(bus.graceful()).rejects.toThrow(
    'Cannot reach "graceful": a program that is supervised knows no such',
  );
  expect(bus.state).toBe("run");
  await bus.exit();
});
