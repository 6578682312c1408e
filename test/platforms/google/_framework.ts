/**
 * The functions framework itself, with the functions of `test/programs/google_functions.ts`.
 * @module
 */
import { type Program, runtime, start } from "../../spawn.ts";

/** Why the framework does not run here; undefined if it does. */
export const whyNoFramework: string | undefined = runtime === "node"
  ? undefined
  : "Google runs functions on Node alone";

/** A framework that listens. */
export interface Framework extends Program {
  /** Sends a request; resolves to the status and the text of the answer. */
  get(query?: string, options?: RequestInit): Promise<readonly [status: number, text: string]>;
  /** Sends a CloudEvent, with the milliseconds that its function takes; resolves to the status of the answer. */
  send(id: string, ms?: number): Promise<number>;
  /** The address that it listens on. */
  readonly url: string;
}

/** Starts the framework, and waits until it listens. */
export async function framework(
  target: "http" | "event",
  env: Readonly<Record<string, string>> = {},
): Promise<Framework> {
  const type = target === "event" ? "cloudevent" : "http";
  const args = [
    "--source=test/programs/google_functions.ts",
    `--target=${target}`,
    `--signature-type=${type}`,
  ];
  const program = start("functions_framework", { args, env: { PORT: "0", ...env }, timeoutMs: 20_000 });
  const port = (await program.waitForLine("listening on")).split(" ").at(-1);
  const url = `http://127.0.0.1:${port}/`;
  // A function is not called before the framework has its own listeners.
  await program.waitForLine("Signature type");
  return Object.assign(program, {
    url,
    async get(query = "", options: RequestInit = {}) {
      const response = await fetch(`${url}?${query}`, options);
      return [response.status, (await response.text()).trim()] as const;
    },
    async send(id: string, ms = 0) {
      const headers = {
        "content-type": "application/json",
        "ce-id": id,
        "ce-type": "order.paid",
        "ce-source": "//shop",
        "ce-specversion": "1.0",
      };
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ ms }) });
      await response.text();
      return response.status;
    },
  });
}
