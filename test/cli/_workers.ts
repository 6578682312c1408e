/**
 * Runs `sitebus serve --workers` in the runtime that runs the tests, and asks it.
 * @module
 */
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import type { StartOptions } from "../spawn.ts";
import { type Serving, sitebus } from "./_serve.ts";

/** A machine that is busy starts a process in seconds. */
export const LONG_MS = 60_000;

/** Answers by the process and the unit that it runs in; `/events` is a stream that ends when it is told to. */
export const APP = `
  import process from "node:process";

  export default async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") await request.arrayBuffer();
    if (pathname === "/hang") await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (pathname === "/spin") for (;;);
    if (pathname !== "/events") return new Response(process.env.SITEBUS_UNIT + " " + process.pid);
    const body = new ReadableStream({
      start(controller) {
        const timer = setInterval(() => controller.enqueue(new TextEncoder().encode("data: tick\\n\\n")), 50);
        request.signal.addEventListener("abort", () => {
          clearInterval(timer);
          controller.close();
        });
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };`;

/** A site that serves. */
export interface Workers extends Serving {
  readonly port: number;
}

/** Starts the command, on a free port unless there is a `--unix`, and waits until it serves. */
export async function startWorkers(
  module: string,
  args: readonly string[] = ["--workers", "2"],
  options: Omit<StartOptions, "args"> = {},
): Promise<Workers> {
  const place = args.includes("--unix") || args.includes("--port") ? [] : ["--port", "0"];
  const program = sitebus(["serve", module, ...place, ...args], { timeoutMs: LONG_MS, ...options });
  await program.waitForLine("Ctrl-C stops it");
  const line = program.lines.find((line) => /^sitebus: {3}.* at /.test(line)) ?? "";
  const [url = ""] = /(https?|unix):[^\s,]+/.exec(line) ?? [];
  return { ...program, url, port: Number(/:(\d+)\//.exec(url)?.[1]) };
}

/** The processes that a process has started and that live (Linux). */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

/** The text that is answered on a new connection. */
export function ask(port: number, path = "/"): Promise<string> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    get({ port, path, host: "127.0.0.1", agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => resolve(text));
      response.on("error", reject);
    }).on("error", reject);
  });
}

/** The status of an answer on a new connection. */
export function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ port, path, host: "127.0.0.1", agent: new Agent({ keepAlive: false }) }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    }).on("error", reject);
  });
}

/** Asks again and again, until the answer is the wanted one. */
export async function untilAnswered(port: number, wanted: (text: string) => boolean): Promise<string> {
  for (let times = 0; times < 1000; times++) {
    const text = await ask(port).catch((error: Error) => error.message);
    if (wanted(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("The answer did not come");
}

/** Ends the site in order, and expects that it says so. */
export async function stopped(program: Workers): Promise<readonly string[]> {
  program.kill("SIGTERM");
  const { code, signal, lines } = await program.exited;
  if (code !== 0) throw new Error(`It left with ${signal ?? code}:\n${lines.join("\n")}`);
  return lines;
}
