// Work that is under way when the stop comes is finished first. Run `node examples/hold_work.ts`, then press Ctrl-C.
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native() });

async function sendMail(to: string): Promise<void> {
  console.log(`sending to ${to}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log(`sent to ${to}`);
}

bus.subscribe("run", () => {
  // The run goes on at once; `drain` waits until both are sent, at most for its deadline of 10 s.
  void bus.hold(sendMail("ada"));
  void bus.hold(sendMail("grace"));
});
bus.subscribe("stop", () => console.log("the mail server is closed"));
await bus.run();
