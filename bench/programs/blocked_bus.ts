// A bus that has started and is blocked.
import { measureCpu } from "./_cpu_while_blocked.ts";
import { timersFired } from "./_count_timers.ts";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";

const bus = new ProcessBus({ name: "bench", platform: posix() });
bus.subscribe("stop", () => {});
await bus.start();
const before = timersFired();
measureCpu(() => timersFired() - before);
await bus.block();
