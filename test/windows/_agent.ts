/**
 * The tests' connection from Linux to the agent on Windows, `test/programs/windows_agent.ts`.
 * @module
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Agent } from "../programs/windows_agent.ts";
import { type Run, wordsOf } from "./_run.ts";

/** The agent on a running Wine. */
export interface RunningAgent {
  readonly agent: Agent;
  /** Ends the agent and everything that runs on its Wine. */
  end(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

const endMs = 5000;

/** Starts Wine with the agent. */
export function startAgent({ command: [file, ...args] }: Run): RunningAgent {
  const child = spawn(file, [...args, ...wordsOf("deno", "windows_agent")], { stdio: "pipe" });
  const waiting = new Map<number, (answer: Omit<Answer, "id">) => void>();
  let said = "";
  let ended: string | undefined;
  child.stderr.setEncoding("utf8").on("data", (text: string) => said += text);
  // An error of the pipe is ignored: the end of the child is reported by another event.
  child.stdin.on("error", () => {});
  const over = new Promise<void>((resolve) =>
    child.once("close", (code, signal) => {
      ended = `the agent on Windows has ended with ${signal ?? code}\n${said}`;
      for (const take of waiting.values()) take({ error: ended });
      resolve();
    })
  );
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, ...answer } = JSON.parse(line) as Answer;
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  let ids = 0;
  const ask = (name: string, given: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const fail = (error: string) => reject(new Error(`Cannot ${name} ${JSON.stringify(given)}: ${error}`));
      if (ended !== undefined) return fail(ended);
      const id = ++ids;
      waiting.set(id, ({ value, error }) => error === undefined ? resolve(value) : fail(error));
      child.stdin.write(`${JSON.stringify({ id, name, value: given })}\n`);
    });
  return {
    agent: new Proxy({}, { get: (_, name: string) => (given: unknown) => ask(name, given) }) as Agent,
    async end() {
      child.stdin.end();
      const limit = setTimeout(() => child.kill("SIGKILL"), endMs);
      await over;
      clearTimeout(limit);
    },
  };
}
