// The least that keeps a process alive in each runtime.
import { measureCpu } from "./_cpu_while_blocked.ts";
import { timersFired } from "./_count_timers.ts";

setInterval(() => {}, 2 ** 30);
measureCpu(timersFired);
