// Publishes to ten listeners that are awaited, without a deadline and with one.
import process from "node:process";
import { awaiting } from "./_awaiting.ts";
import { checkHeard, waitingListeners } from "./_listeners.ts";
import { nsPerAwaitedCall, printMeasured } from "./_time.ts";

const publish = await awaiting[process.argv.slice(2).join(" ")]!(
  waitingListeners(10),
);
await checkHeard(10, publish);
const ns = await nsPerAwaitedCall(publish);
await checkHeard(10, publish);
printMeasured({ ns });
