// On Windows: opens control on its pipe, asks itself by it, and ends by its own request.
import { request } from "node:http";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { control } from "../../components/control.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "shop", platform: native() });
bus.subscribe("log", ({ level, message }) => {
  if (level === "warn" || level === "error") print(`${level}: ${message}`);
});
const handle = control(bus);
bus.subscribe("run", () => void askAll());
print(`left with ${await bus.run()}`);

async function askAll(): Promise<void> {
  if (!await handle.opened) return void bus.exit();
  print(`open ${handle.path?.replace(String(process.pid), "PID")}`);
  const status = JSON.parse(await ask("GET", "/status")) as Record<string, unknown>;
  print(`status ${status["name"]} ${status["state"]} ${status["pid"] === process.pid}`);
  const { ok } = JSON.parse(await ask("POST", "/reload")) as Record<string, unknown>;
  print(`reload ${ok}`);
  await ask("POST", "/goal", '{ "goal": "exit", "wait": false }');
}

function ask(method: string, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: handle.path!, method, path, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => text += chunk).on("end", () => resolve(text));
    });
    asked.on("error", reject).end(body);
  });
}
