import { describe, expect, test } from "vitest";
import { play } from "./_crew.ts";

describe("a roll without overlap", () => {
  test("asks the old unit to exit before it starts the new one", async () => {
    const { start, crew, carrier, clock } = play({ overlap: false });
    await start(1);
    const rolled = crew.roll();
    await clock.advance(5);
    expect(carrier.units).toHaveLength(1);
    await clock.advance(100);
    await rolled;
    expect(carrier.units).toHaveLength(2);
    expect(carrier.living).toHaveLength(1);
    expect(crew.serving).toHaveLength(1);
  });

  test("fills the slot as soon as it can where the new unit fails", async () => {
    const { start, crew, carrier, clock, logs } = play({ overlap: false });
    await start(1);
    carrier.behave({ fails: { ms: 1, end: { code: 70 } } });
    const rolled = crew.roll();
    rolled.catch(() => {});
    await clock.advance(50);
    await expect(rolled).rejects.toThrow("exited with 70");
    expect(logs.map(({ message }) => message).join("\n")).not.toContain("the old units stay");
    carrier.behave({});
    await clock.advance(1000);
    expect(crew.serving).toHaveLength(1);
  });
});
