// Publishes to 1, 10 and 100 listeners that are not awaited.
import process from "node:process";
import { buses } from "./_buses.ts";
import { checkHeard, countingListeners } from "./_listeners.ts";
import { nsPerAwaitedCall, nsPerCall, printMeasured } from "./_time.ts";

const make = buses[process.argv.slice(2).join(" ")]!;
const numbers: Record<string, number> = {};
// One listener comes last: the compiler has seen all ten by then, and does not put that one in place of its call.
for (const count of [10, 100, 1]) {
  const bus = await make();
  for (const listener of countingListeners(count)) bus.subscribe(listener);
  const publish = (n: number) => bus.publish(n);
  await checkHeard(count, publish);
  numbers[count] = bus.awaits ? await nsPerAwaitedCall(publish) : nsPerCall(publish);
  await checkHeard(count, publish);
}
printMeasured(numbers);
