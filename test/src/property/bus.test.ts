import { expect, test } from "vitest";
import { checkBus, setting } from "./check.ts";

const seed = setting("FC_SEED", Math.trunc(Math.random() * 2 ** 31));
const runs = setting("FC_RUNS", 1000);

test(`the bus keeps its promises to ${runs} random programs (FC_SEED=${seed})`, async () => {
  console.log(`FC_SEED=${seed} FC_RUNS=${runs}`);
  await expect(checkBus(seed, runs)).resolves.toBe(undefined);
}, 3_600_000);
