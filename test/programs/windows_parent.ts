// Runs a bus as pm2 does, and asks it to stop over IPC when it is ready: `windows_parent.ts <program> <argument>...`.
import { fork } from "node:child_process";
import process from "node:process";
import { print } from "./_print.ts";

const [, , program = "", ...args] = process.argv;
const child = fork(program, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
child.stdout?.setEncoding("utf8").on("data", (text: string) => {
  print(text.trimEnd());
  if (text.includes("ready")) child.send("shutdown");
});
child.on("exit", (code) => print(`the child ended with ${code}`));
