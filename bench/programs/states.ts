// A round of a state: ten awaited listeners under the one deadline that a state has. Five states have them, and a
// round is a fifth of what a cycle of the bus takes longer than without them.
import { inline, ProcessBus } from "../../mod.ts";
import { checkHeard, waitingListeners } from "./_listeners.ts";
import { nsPerAwaitedCall, printMeasured } from "./_time.ts";

const states = ["start", "run", "drain", "stop", "idle"] as const;

async function makeCycle(listeners: number): Promise<() => Promise<void>> {
  const bus = new ProcessBus({ platform: inline() });
  for (const state of states) {
    for (const listener of waitingListeners(listeners)) {
      bus.subscribe(state, () => listener(1));
    }
  }
  const cycle = async () => {
    await bus.start();
    await bus.stop();
  };
  await cycle();
  await checkHeard(listeners * states.length, cycle);
  return cycle;
}

const [empty, full] = [await makeCycle(0), await makeCycle(10)];
const found: number[] = [];
// In turn, so that what happens on the machine meanwhile happens to both.
for (let left = 5; left > 0; left--) {
  found.push(await nsPerAwaitedCall(full) - await nsPerAwaitedCall(empty));
}
printMeasured({ ns: found.sort((a, b) => a - b)[2]! / states.length });
