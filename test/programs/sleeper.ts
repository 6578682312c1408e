// Sleeps, without a bus.
import process from "node:process";
import { print } from "./_print.ts";

print(`sleeps ${process.pid}`);
setTimeout(() => {}, 60_000);
