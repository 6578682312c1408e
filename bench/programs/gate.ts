// What the gate of a serverless host costs over calling the application directly.
import { measureGate } from "./_gate.ts";
import { printMeasured } from "./_time.ts";

printMeasured(
  await measureGate({
    rounds: 60,
    batch: 20_000,
    now: () => performance.now(),
  }),
);
