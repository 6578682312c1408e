// Registers, starts and stops 1,000 parts, once: as a program does it, before any compiler has warmed up.
import process from "node:process";
import { containers } from "./_containers.ts";
import { checkParts, makeParts } from "./_parts.ts";
import { printMeasured } from "./_time.ts";

const count = 1000;
const parts = makeParts(count);
const register = await containers[process.argv.slice(2).join(" ")]!();
const beganAt = performance.now();
const container = register(parts);
const registeredAt = performance.now();
await container.start();
await container.stop();
const stoppedAt = performance.now();
checkParts(count);
printMeasured({
  all: stoppedAt - beganAt,
  startAndStop: stoppedAt - registeredAt,
});
