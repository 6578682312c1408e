import { inline, ProcessBus } from "../../mod.ts";
import { loadPeer } from "../_peers.ts";
import type { Part } from "./_parts.ts";

/** Starts and stops all parts that it was made of. */
export interface Container {
  start(): unknown;
  stop(): unknown;
}

/** What comes before is the loading of the peer; this is the registering of the parts. */
export type Register = (parts: readonly Part[]) => Container;

function busOf(
  parts: readonly Part[],
  dependsOn: (index: number) => readonly string[],
): Container {
  const bus = new ProcessBus({ platform: inline() });
  parts.forEach(({ name, start, stop }, index) =>
    bus.use({ name, dependsOn: dependsOn(index), start, stop })
  );
  return { start: () => bus.start(), stop: () => bus.stop() };
}

async function startInTurn(parts: readonly Part[]): Promise<void> {
  for (const part of parts) await part.start();
}

/** Each in a function, so that a process loads one of them alone. */
export const containers: Readonly<
  Record<string, () => Register | Promise<Register>>
> = {
  "sitebus": () => (parts) => busOf(parts, () => []),

  "sitebus chain": () => (parts) => busOf(parts, (index) => index === 0 ? [] : [`part${index - 1}`]),

  "bare": () => (parts) => ({
    start: () => startInTurn(parts),
    async stop() {
      for (const part of parts.toReversed()) await part.stop();
    },
  }),

  "bare side by side": () => (parts) => ({
    start: () => Promise.all(parts.map((part) => part.start())),
    stop: () => Promise.all(parts.toReversed().map((part) => part.stop())),
  }),

  "AsyncDisposableStack": () => (parts) => {
    const stack = new AsyncDisposableStack();
    return {
      async start() {
        for (const part of parts) {
          await part.start();
          stack.defer(() => part.stop());
        }
      },
      stop: () => stack.disposeAsync(),
    };
  },

  async "emittery"() {
    interface Emittery {
      on(name: string, listener: () => Promise<void>): void;
      emitSerial(name: string): Promise<void>;
    }
    const { default: Emittery } = await loadPeer<
      { default: new () => Emittery }
    >("emittery");
    return (parts) => {
      const emitter = new Emittery();
      for (const part of parts) emitter.on("start", () => part.start());
      for (const part of parts.toReversed()) {
        emitter.on("stop", () => part.stop());
      }
      return {
        start: () => emitter.emitSerial("start"),
        stop: () => emitter.emitSerial("stop"),
      };
    };
  },

  async "hookable"() {
    interface Hookable {
      hook(name: string, listener: () => Promise<void>): void;
      callHook(name: string): Promise<void>;
    }
    const { createHooks } = await loadPeer<{ createHooks: () => Hookable }>(
      "hookable",
    );
    return (parts) => {
      const hooks = createHooks();
      for (const part of parts) hooks.hook("start", () => part.start());
      for (const part of parts.toReversed()) {
        hooks.hook("stop", () => part.stop());
      }
      return {
        start: () => hooks.callHook("start"),
        stop: () => hooks.callHook("stop"),
      };
    };
  },

  async "avvio"() {
    interface Avvio {
      use(plugin: (server: Avvio) => Promise<void>): void;
      onClose(close: () => Promise<void>): void;
      ready(): Promise<void>;
      close(): Promise<void>;
    }
    const { default: avvio } = await loadPeer<{ default: () => Avvio }>(
      "avvio",
    );
    return (parts) => {
      const app = avvio();
      for (const part of parts) {
        app.use(async (server) => {
          await part.start();
          server.onClose(() => part.stop());
        });
      }
      return { start: () => app.ready(), stop: () => app.close() };
    };
  },

  async "fastify"() {
    interface Fastify {
      register(plugin: (server: Fastify) => Promise<void>): void;
      addHook(name: "onClose", close: () => Promise<void>): void;
      ready(): Promise<void>;
      close(): Promise<void>;
    }
    const { default: fastify } = await loadPeer<{ default: () => Fastify }>(
      "fastify",
    );
    return (parts) => {
      const app = fastify();
      for (const part of parts) {
        app.register(async (server) => {
          await part.start();
          server.addHook("onClose", () => part.stop());
        });
      }
      return { start: () => app.ready(), stop: () => app.close() };
    };
  },

  async "Nest"() {
    interface Context {
      close(): Promise<void>;
    }
    interface Core {
      NestFactory: {
        createApplicationContext(
          module: unknown,
          options: { logger: false },
        ): Promise<Context>;
      };
    }
    await loadPeer("reflect-metadata");
    const { NestFactory } = await loadPeer<Core>("@nestjs/core");
    return (parts) => {
      const providers = parts.map((part) => ({
        provide: part.name,
        useFactory: () => ({
          onModuleInit: () => part.start(),
          onModuleDestroy: () => part.stop(),
        }),
      }));
      let context: Context | undefined;
      return {
        async start() {
          context = await NestFactory.createApplicationContext(
            { module: class Parts {}, providers },
            { logger: false },
          );
          await (context as unknown as { init(): Promise<void> }).init();
        },
        stop: () => context?.close(),
      };
    };
  },

  async "Effect"() {
    type Value = object;
    interface Effect {
      acquireRelease(acquire: Value, release: () => Value): Value;
      promise(run: () => Promise<void>): Value;
      forEach(
        parts: readonly Part[],
        make: (part: Part) => Value,
        options: { discard: true },
      ): Value;
      runPromise(effect: Value): Promise<void>;
    }
    interface Scope {
      make(): Value;
      provide(scope: unknown): (effect: Value) => Value;
      close(scope: unknown, exit: unknown): Value;
    }
    const { Effect, Scope, Exit } = await loadPeer<
      { Effect: Effect; Scope: Scope; Exit: { void: unknown } }
    >("effect");
    return (parts) => {
      const all = Effect.forEach(
        parts,
        (part) =>
          Effect.acquireRelease(
            Effect.promise(() => part.start()),
            () => Effect.promise(() => part.stop()),
          ),
        { discard: true },
      );
      let scope: unknown;
      return {
        async start() {
          scope = await Effect.runPromise(Scope.make());
          await Effect.runPromise(Scope.provide(scope)(all));
        },
        stop: () => Effect.runPromise(Scope.close(scope, Exit.void)),
      };
    };
  },
};
