// Subscribes and unsubscribes one listener, where there are no others and where there are 100.
import process from "node:process";
import { buses } from "./_buses.ts";
import { checkHeard, countingListeners } from "./_listeners.ts";
import { nsPerCall, printMeasured } from "./_time.ts";

const make = buses[process.argv.slice(2).join(" ")]!;
const numbers: Record<string, number> = {};
for (const count of [0, 100]) {
  const bus = await make();
  for (const listener of countingListeners(count)) bus.subscribe(listener);
  const coming = countingListeners(10);
  numbers[count] = nsPerCall((n) => bus.comeAndGo(coming[n % 10]!));
  await checkHeard(count, (n) => bus.publish(n));
}
printMeasured(numbers);
