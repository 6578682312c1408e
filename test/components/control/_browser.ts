/**
 * A real Chromium, driven by its DevTools protocol.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished } from "vitest";
import { findChromium, makeChromium, whyNoChromium } from "../../../scripts/chromium/setup.ts";
import { patient } from "../../../scripts/patience.ts";

/** What is used of the WebSocket of the web, which all runtimes have. */
interface SocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void;
}

type Fields = Readonly<Record<string, unknown>>;

/** One page. */
export interface Page {
  /** Opens an address, and waits until it is loaded. */
  open(url: string): Promise<void>;
  /** Evaluates an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses a key, such as "Tab" or "Enter". */
  press(key: string): Promise<void>;
  /** Calls a method of the protocol. */
  send(method: string, params?: Fields): Promise<Fields>;
  /** The width, the height, and whether it is dark. */
  look(width: number, height: number, scheme: "light" | "dark"): Promise<void>;
  /** Takes a picture of the whole page; returns its bytes. SITEBUS_SCREENSHOTS names a folder that keeps it. */
  picture(name: string): Promise<Uint8Array>;
  /** What went wrong in the page. */
  readonly errors: readonly string[];
}

/** Why there is no browser; undefined where there is, or can be, one. In CI it is unpacked where that can be done. */
export function whyNoBrowser(): string | undefined {
  if (findChromium()) return undefined;
  const why = whyNoChromium();
  if (why !== undefined) return `there is no Chromium, and it cannot be unpacked: ${why}`;
  return process.env["CI"]
    ? undefined
    : "there is no Chromium: node scripts/chromium/setup.ts unpacks Debian's";
}

/** Starts a browser with one page; it ends with the test. */
export async function browse(): Promise<Page> {
  const { file, env } = await makeChromium();
  const folder = mkdtempSync(join(tmpdir(), "sitebus-chromium-"));
  const child = spawn(file, [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"],
    ...[`--user-data-dir=${folder}`, "about:blank"],
  ], { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const address = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on("exit", () => reject(new Error(`Chromium has ended: ${text}`)));
    setTimeout(() => reject(new Error(`Chromium does not start: ${text}`)), patient(20_000));
  });
  return await pageAt(address);
}

async function pageAt(address: string): Promise<Page> {
  const { WebSocket } = globalThis as unknown as { readonly WebSocket: new (url: string) => SocketLike };
  const socket = new WebSocket(address);
  onTestFinished(() => socket.close());
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`Cannot connect to ${address}`)));
  });
  const waiting = new Map<number, (answer: Fields) => void>();
  const errors: string[] = [];
  const loads = new Set<() => void>();
  let count = 0;
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Fields;
    const { id, method, params } = message;
    if (typeof id === "number") return waiting.get(id)?.(message);
    if (method === "Page.loadEventFired") { for (const loaded of loads) loaded(); }
    if (method === "Runtime.exceptionThrown") errors.push(JSON.stringify(params));
    if (method === "Log.entryAdded" && JSON.stringify(params).includes("Security Policy")) {
      errors.push(JSON.stringify(params));
    }
  });
  const call = async (method: string, params: Fields = {}, sessionId?: unknown): Promise<Fields> => {
    const id = ++count;
    const answer = await new Promise<Fields>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params, ...sessionId !== undefined && { sessionId } }));
    });
    waiting.delete(id);
    if (answer["error"]) throw new Error(`${method}: ${JSON.stringify(answer["error"])}`);
    return answer["result"] as Fields;
  };
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  const send = (method: string, params?: Fields) => call(method, params, sessionId);
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  return {
    errors,
    send,
    async open(url) {
      const loaded = new Promise<void>((resolve) => loads.add(resolve));
      await send("Page.navigate", { url });
      await loaded;
    },
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", {
        ...{ expression, awaitPromise: true, returnByValue: true },
      });
      if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
      return (result as { readonly value: T }).value;
    },
    async press(key) {
      const text = key === "Enter" ? { text: "\r" } : {};
      const code = { Enter: 13, Tab: 9, Escape: 27 }[key];
      const details = { key, code: key, windowsVirtualKeyCode: code, ...text };
      await send("Input.dispatchKeyEvent", { type: "keyDown", ...details });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...details });
    },
    async look(width, height, scheme) {
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: scheme }],
      });
    },
    async picture(name) {
      const { data } = await send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
      const bytes = Uint8Array.from(atob(String(data)), (one) => one.charCodeAt(0));
      const kept = process.env["SITEBUS_SCREENSHOTS"];
      if (kept) writeFileSync(join(kept, `${name}.png`), bytes);
      return bytes;
    },
  };
}
