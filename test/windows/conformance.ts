/**
 * The conformance suite for the Windows platform on Windows itself. `conformance.test.ts` bundles this file, runs it in each
 * runtime, and delivers the events from another process.
 * @module
 */
import process from "node:process";
import { windows, type WindowsOptions } from "../../platforms/windows.ts";
import { conformance, ofProcess, type Subject } from "../platforms/conformance.ts";

const subjects: readonly [name: string, options: WindowsOptions][] = [
  ["Windows", {}],
  ["Windows, with named events and as a service,", { named: true, service: true }],
];

for (const [name, options] of subjects) {
  conformance(name, (): Subject => ({
    platform: windows(options),
    second: () => windows(options),
    signal: { name: "CTRL_C", number: 2 },
    deliver: (event) =>
      new Promise((resolve) => {
        // Called after the platform's own listener, which was added earlier.
        const listener = () => {
          process.off("SIGINT", listener);
          resolve();
        };
        process.on("SIGINT", listener);
        console.log(`deliver ${event}`);
      }),
    exitCode: () => process.exitCode as number | undefined,
  }), ofProcess);
}
