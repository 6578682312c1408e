// A process that can be asked while it runs. Run `node examples/control.ts`, and from another terminal the lines that it prints.
import process from "node:process";
import { ProcessBus } from "sitebus";
import { control } from "sitebus/control";
import { native } from "sitebus/native";

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const bus = new ProcessBus({ name: "shop", platform: native() });

// By default the socket is in a private folder of the user, and the process id is in its name.
const path = process.argv[2];
const socket = control(bus, path === undefined ? {} : { path });

bus.use({ name: "db", start: () => sleep(50), stop: () => sleep(20) });
// A component that is slow to stop: ask for the status meanwhile.
bus.use({ name: "queue", dependsOn: ["db"], start: () => sleep(20), stop: () => sleep(3000) });

bus.subscribe("run", () => {
  console.log(`curl --unix-socket ${socket.path} http://bus/status`);
  console.log(`curl --unix-socket ${socket.path} http://bus/timeline`);
  console.log(`curl --unix-socket ${socket.path} http://bus/goal -d '{ "goal": "exit" }'`);
});

await bus.run();
