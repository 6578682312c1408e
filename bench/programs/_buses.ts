import { EventEmitter } from "node:events";
import { Bus } from "../../mod.ts";
import { loadPeer } from "../_peers.ts";

type Listener = (n: number) => unknown;

/** What all of them can do, each in the way that its own documentation shows. */
export interface AnyBus {
  subscribe(listener: Listener): void;
  publish(n: number): unknown;
  /** Subscribes and unsubscribes. */
  comeAndGo(listener: Listener): void;
  /** Whether it has no other way than to await. */
  readonly awaits?: boolean;
}

interface OnOff {
  on(name: string, listener: Listener): unknown;
  off(name: string, listener: Listener): unknown;
  emit(name: string, n: number): unknown;
}

interface Hookable {
  hook(name: string, listener: Listener): () => void;
  callHook(name: string, n: number): unknown;
}

function onOff(emitter: OnOff): AnyBus {
  return {
    subscribe: (listener) => emitter.on("message", listener),
    publish: (n) => emitter.emit("message", n),
    comeAndGo(listener) {
      emitter.on("message", listener);
      emitter.off("message", listener);
    },
  };
}

function hookable(hooks: Hookable): AnyBus {
  return {
    subscribe: (listener) => hooks.hook("message", listener),
    publish: (n) => hooks.callHook("message", n),
    comeAndGo: (listener) => hooks.hook("message", listener)(),
  };
}

/** Each in a function, so that a process loads one of them alone. */
export const buses: Readonly<Record<string, () => AnyBus | Promise<AnyBus>>> = {
  "sitebus"() {
    const bus = new Bus<{ message: [n: number] }>();
    return {
      subscribe: (listener) => bus.subscribe("message", listener),
      publish: (n) => bus.publishSync("message", n),
      comeAndGo(listener) {
        bus.subscribe("message", listener).unsubscribe();
      },
    };
  },

  "bare"() {
    const listeners: Listener[] = [];
    return {
      subscribe: (listener) => listeners.push(listener),
      publish(n) {
        for (const listener of listeners) listener(n);
      },
      comeAndGo(listener) {
        listeners.push(listener);
        listeners.splice(listeners.indexOf(listener), 1);
      },
    };
  },

  "node:events": () => onOff(new EventEmitter().setMaxListeners(0)),

  async "mitt"() {
    const { default: mitt } = await loadPeer<{ default: () => OnOff }>("mitt");
    return onOff(mitt());
  },

  async "eventemitter3"() {
    const { default: Emitter } = await loadPeer<{ default: new () => OnOff }>(
      "eventemitter3",
    );
    return onOff(new Emitter());
  },

  async "nanoevents"() {
    interface Nano {
      on(name: string, listener: Listener): () => void;
      emit(name: string, n: number): void;
    }
    const { createNanoEvents } = await loadPeer<
      { createNanoEvents: () => Nano }
    >("nanoevents");
    const emitter = createNanoEvents();
    return {
      subscribe: (listener) => emitter.on("message", listener),
      publish: (n) => emitter.emit("message", n),
      comeAndGo: (listener) => emitter.on("message", listener)(),
    };
  },

  async "hookable"() {
    const { createHooks } = await loadPeer<{ createHooks: () => Hookable }>(
      "hookable",
    );
    return hookable(createHooks());
  },

  async "hookable core"() {
    const { HookableCore } = await loadPeer<
      { HookableCore: new () => Hookable }
    >("hookable");
    return hookable(new HookableCore());
  },

  async "tapable"() {
    interface Hook {
      tap(name: string, listener: Listener): void;
      call(n: number): unknown;
    }
    const { default: { SyncHook } } = await loadPeer<
      { default: { SyncHook: new (args: readonly string[]) => Hook } }
    >("tapable");
    const hook = new SyncHook(["n"]);
    return {
      subscribe: (listener) => hook.tap("bench", listener),
      publish: (n) => hook.call(n),
      comeAndGo() {
        throw new Error("tapable has no way to unsubscribe");
      },
    };
  },

  async "emittery"() {
    interface Emittery {
      on(
        name: string,
        listener: (event: { data: number }) => unknown,
      ): () => void;
      emit(name: string, n: number): Promise<void>;
    }
    const { default: Emittery } = await loadPeer<
      { default: new () => Emittery }
    >("emittery");
    const emitter = new Emittery();
    return {
      awaits: true,
      subscribe: (listener) => emitter.on("message", ({ data }) => listener(data)),
      publish: (n) => emitter.emit("message", n),
      comeAndGo: (listener) => emitter.on("message", ({ data }) => listener(data))(),
    };
  },

  "EventTarget"() {
    const target = new EventTarget();
    return {
      subscribe: (listener) =>
        target.addEventListener(
          "message",
          (event) => listener((event as CustomEvent<number>).detail),
        ),
      publish: (n) => target.dispatchEvent(new CustomEvent("message", { detail: n })),
      comeAndGo(listener) {
        const own = (event: unknown) => listener((event as CustomEvent<number>).detail);
        target.addEventListener("message", own);
        target.removeEventListener("message", own);
      },
    };
  },
};
