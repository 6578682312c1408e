/**
 * Azure's worker, as far as it handles an app: no registry has it as a package, so it is written here after its source.
 * It calls the real `@azure/functions`, and is the core of that library.
 * @see https://github.com/Azure/azure-functions-nodejs-worker, `src/startApp.ts`, `src/eventHandlers/InvocationHandler.ts`,
 * `src/eventHandlers/terminateWorker.ts`, `src/setupCoreModule.ts`
 * @module
 */
import Module, { createRequire } from "node:module";
import type * as azure from "@azure/functions";

type Listener = (context: object) => unknown;

interface Metadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, { readonly type: string; readonly direction: string }>>;
}

interface Model {
  getInvocationModel(context: object): {
    getArguments(): Promise<{ readonly context: object; readonly inputs: unknown[] }>;
    invokeFunction(context: object, inputs: unknown[], body: Listener): Promise<unknown>;
    getResponse(context: object, result: unknown): Promise<Answer>;
  };
}

/** The answer that the worker sends for an invocation. */
export interface Answer {
  readonly returnValue?: {
    readonly http?: {
      readonly statusCode?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: { readonly string?: string; readonly bytes?: Uint8Array };
    };
    readonly json?: string;
    readonly string?: string;
  };
}

/** One worker with one app. */
export class Worker {
  readonly #listeners = new Map<string, Listener[]>();
  readonly #functions = new Map<string, readonly [metadata: Metadata, body: Listener]>();
  #invocations = 0;
  /** The codes of `process.exit`. */
  readonly exits: number[] = [];

  /** The core API, as far as the library uses it. */
  readonly core = {
    version: "3.12.0",
    hostVersion: "4.1040.0",
    registerHook: (name: string, listener: Listener) => {
      const all = this.#listeners.get(name) ?? [];
      this.#listeners.set(name, all);
      all.push(listener);
      return { dispose: () => void all.splice(all.indexOf(listener), 1) };
    },
    setProgrammingModel: (given: Model) => void (model = given),
    getProgrammingModel: () => model,
    registerFunction: (metadata: Metadata, body: Listener) => {
      this.#functions.set(metadata.name, [metadata, body]);
      return { dispose: () => void this.#functions.delete(metadata.name) };
    },
  };

  /** How many registrations there are. */
  get registered(): number {
    return [...this.#listeners.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Starts the app, whose entry points are loaded. */
  start(): Promise<void> {
    return this.#execute("appStart", {});
  }

  /** Invokes a function with the data of its trigger. */
  async invoke(name: string, data: object = { string: "data" }): Promise<Answer> {
    const [metadata, body] = this.#functions.get(name)!;
    const invocationId = `invocation ${++this.#invocations}`;
    const [input = "input"] =
      Object.entries(metadata.bindings).find(([, { direction }]) => direction === "in") ?? [];
    const request = { invocationId, inputData: [{ name: input, data }], triggerMetadata: {} };
    const core = { invocationId, metadata, request, log: () => {}, state: undefined };
    const invocation = model!.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    const before = { hookData: {}, invocationContext: context, functionCallback: body, inputs };
    await this.#execute("preInvocation", before);
    const result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    return await invocation.getResponse(context, result);
  }

  /** The host has sent `workerTerminate`. */
  async terminate(): Promise<void> {
    await this.#execute("appTerminate", {});
    this.exits.push(0);
  }

  async #execute(name: string, context: object): Promise<void> {
    for (const listener of this.#listeners.get(name) ?? []) await listener(context);
  }
}

/** The programming model that the library registers, once a process. */
let model: Model | undefined;

/** The worker that the library uses; it looks for its core once a process. */
let worker: Worker | undefined;

const core = new Proxy({}, { get: (_target, name) => Reflect.get(worker!.core, name) });

/** Makes a worker, and the real library in it. */
export function azureWorker(): { readonly worker: Worker; readonly app: typeof azure.app } {
  worker = new Worker();
  const { prototype } = Module as unknown as { readonly prototype: { require: (id: string) => unknown } };
  const { require } = prototype;
  // The real worker does the same.
  prototype.require = function (this: unknown, id: string) {
    return id === "@azure/functions-core" ? core : require.call(this, id);
  };
  try {
    const { app } = createRequire(import.meta.url)("@azure/functions") as typeof azure;
    // Here the library first asks for its core.
    app.hook.appStart(() => {}).dispose();
    return { worker, app };
  } finally {
    prototype.require = require;
  }
}
