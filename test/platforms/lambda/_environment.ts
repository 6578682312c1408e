/**
 * An execution environment of AWS Lambda: a function and its extensions, started, frozen, thawed and ended as Lambda
 * does it, with the limits that its documents name.
 * @module
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { ricMain, type RicVersion } from "../../../scripts/lambda/ric.ts";
import { type Exit, type Program, runtime, sleep, start, type StartOptions } from "../../spawn.ts";
import type { Life } from "../../programs/_lambda_life.ts";
import { RuntimeApi } from "./_runtime_api.ts";

export type { Life } from "../../programs/_lambda_life.ts";

/** How an environment is made. */
export interface EnvironmentOptions extends Omit<StartOptions, "timeoutMs"> {
  /** Programs that run beside the function: external extensions, each with its own name. */
  readonly external?: readonly string[];
  /** The requests that never get an answer. */
  readonly deaf?: RegExp;
  /** The requests that are answered after more than a second. */
  readonly late?: RegExp;
}

/** How an environment ended. */
export interface End extends Exit {
  /** Whether it was killed, since its time was over. */
  readonly killed: boolean;
  /** Milliseconds from SIGTERM to the end. */
  readonly ms: number;
  /** The end of each external extension; its time counts from its event on. */
  readonly extensions: readonly (Exit & { readonly killed: boolean })[];
}

// Tests share their machine with others: they get a multiple of the time that Lambda leaves, and so does the platform.
const pace = 4;

/** The time of the runtime at a shutdown, in milliseconds: alone, and beside an external extension. */
// https://github.com/aws-samples/graceful-shutdown-with-aws-lambda
export const internalMs: number = 500 * pace;
export const externalMs: number = 300 * pace;
const wholeMs = 2000 * pace;

/** An environment. */
export class Environment {
  readonly api: RuntimeApi;
  readonly program: Program;
  readonly external: readonly Program[];

  private constructor(api: RuntimeApi, program: Program, external: readonly Program[]) {
    this.api = api;
    this.program = program;
    this.external = external;
    program.exited.then(() => api.lost("The function's process has ended"), () => {});
  }

  /** Starts a program of `test/programs/`, or a file, as a function; resolves at once. */
  static async start(name: string, options: EnvironmentOptions = {}): Promise<Environment> {
    const { external = [], deaf, late, ...rest } = options;
    const api = new RuntimeApi(external);
    api.deaf = deaf;
    api.late = late;
    const env = { ...await hostVariables(api), ...rest.env };
    onTestFinished(() => api.close());
    const programs = external.map((extension) => start(extension, { env, timeoutMs: 20_000 }));
    // Extensions register before the runtime is started.
    for (const index of external.keys()) {
      await expect.poll(() => api.extensions.length, { timeout: patient(5000) }).toBeGreaterThan(index);
    }
    return new Environment(api, start(name, { ...rest, env, timeoutMs: 20_000 }), programs);
  }

  /** Resolves when the function waits for its first invocation; rejects if it failed or ended before. */
  async ready(times = 1): Promise<this> {
    const ended = this.program.exited.then(({ code, lines }) => {
      throw new Error(`The function ended with ${code} before it was ready:\n${lines.join("\n")}`);
    });
    await Promise.race([this.api.idle(times), ended]);
    return this;
  }

  /** Freezes it between two invocations, for so many milliseconds. */
  async freeze(ms: number): Promise<void> {
    await this.api.idle();
    this.program.kill("SIGSTOP");
    await sleep(ms);
    this.program.kill("SIGCONT");
  }

  /** Ends the environment as Lambda does: with a notice if there is an extension, else at once. */
  async shutdown(within = this.external.length > 0 ? externalMs : internalMs): Promise<End> {
    const { api, program } = this;
    const begun = performance.now();
    let killed = api.extensions.length === 0;
    program.kill(killed ? "SIGKILL" : "SIGTERM");
    if (!killed) killed = await killAfter(program, within);
    const exit = await program.exited;
    const ms = performance.now() - begun;
    const told = api.extensions.filter(({ external, events }) => external && events.includes("SHUTDOWN"));
    api.tell(told, {
      eventType: "SHUTDOWN",
      shutdownReason: "spindown",
      deadlineMs: Date.now() + wholeMs - ms,
    });
    const extensions = await Promise.all(
      this.external.map(async (one) => {
        const wasKilled = await killAfter(one, wholeMs - ms);
        return { ...await one.exited, killed: wasKilled };
      }),
    );
    return { ...exit, killed, ms, extensions };
  }
}

/** The official client of this runtime, or of another Node, or why it cannot be run here. */
export function officialClient(
  major = Number(process.versions.node.split(".")[0]),
): { readonly main: string; readonly version: RicVersion } | string {
  if (runtime !== "node") return `aws-lambda-ric is for Node, and this is ${runtime}`;
  const version = major >= 24 ? "4.0.2" : "3.3.0";
  const main = ricMain(version);
  return main === undefined
    ? `aws-lambda-ric ${version} is not built: npm run build:lambda`
    : { main, version };
}

/** The variables that Lambda sets for a function. */
async function hostVariables(api: RuntimeApi): Promise<Record<string, string>> {
  return {
    AWS_LAMBDA_RUNTIME_API: await api.listen(),
    AWS_LAMBDA_FUNCTION_NAME: "shop",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/shop",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/26/[$LATEST]0123",
    AWS_REGION: "eu-central-1",
  };
}

/** Waits for the end; resolves to whether the process had to be killed. */
async function killAfter(program: Program, ms: number): Promise<boolean> {
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    program.kill("SIGKILL");
  }, ms);
  await program.exited;
  clearTimeout(timer);
  return killed;
}

const programs = fileURLToPath(new URL("../../programs", import.meta.url));

/** The variable that tells a program what to do, with the time that it has at the end unless the test says otherwise. */
export function lifeVariable({ options, ...life }: Life): Record<string, string> {
  return { LAMBDA_TEST: JSON.stringify({ ...life, options: { graceMs: internalMs, ...options } }) };
}

/** Starts the test's function in the official client, or another one. */
export async function startOfficial(
  client: { readonly main: string },
  life: Life,
  options: EnvironmentOptions & { readonly folder?: string; readonly module?: string } = {},
): Promise<Environment> {
  const { folder = programs, module = "lambda_function", ...rest } = options;
  const handler = `${folder}/${module}.handler`;
  return await Environment.start(client.main, {
    ...rest,
    args: [handler],
    env: {
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: folder,
      ...lifeVariable(life),
      ...rest.env,
    },
  });
}

/** The records that a program printed. */
export function recordsOf(lines: readonly string[]): Readonly<Record<string, unknown>>[] {
  return lines.filter((line) => line.startsWith("log ")).map((line) => JSON.parse(line.slice("log ".length)));
}
