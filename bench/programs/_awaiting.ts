import { Bus } from "../../mod.ts";
import { webClock } from "../../src/web_clock.ts";
import { loadPeer } from "../_peers.ts";

type Listener = (n: number) => Promise<void>;
type Publish = (n: number) => unknown;
type Make = (listeners: readonly Listener[]) => Publish | Promise<Publish>;

// Far enough away: what is measured is what it costs that there is a deadline.
const withinMs = 10_000;

/** Each as its own documentation shows it; what has no deadline of its own gets one by hand. */
export const awaiting: Readonly<Record<string, Make>> = {
  "sitebus"(listeners) {
    const bus = new Bus<{ message: [n: number] }>();
    for (const listener of listeners) bus.subscribe("message", listener);
    return (n) => bus.publish("message", n);
  },

  "sitebus within"(listeners) {
    const bus = new Bus<{ message: [n: number] }>({ clock: webClock });
    for (const listener of listeners) {
      bus.subscribe("message", listener, { within: withinMs });
    }
    return (n) => bus.publish("message", n);
  },

  "bare": loop,
  "bare deadline": (listeners) => underOneTimer(loop(listeners)),
  "bare timers": (listeners) => loop(listeners.map(underOneTimer)),

  "Promise.all": (listeners) => (n) => Promise.all(listeners.map((listener) => listener(n))),

  "emittery": async (listeners) => {
    const emitter = await emittery(listeners);
    return (n) => emitter.emitSerial("message", n);
  },
  "emittery parallel": async (listeners) => {
    const emitter = await emittery(listeners);
    return (n) => emitter.emit("message", n);
  },
  "emittery deadline": async (listeners) => underOneTimer(await awaiting["emittery"]!(listeners)),

  "hookable": async (listeners) => {
    const hooks = await hookable(listeners);
    return (n) => hooks.callHook("message", n);
  },
  "hookable parallel": async (listeners) => {
    const hooks = await hookable(listeners);
    return (n) => hooks.callHookParallel("message", n);
  },
  "hookable deadline": async (listeners) => underOneTimer(await awaiting["hookable"]!(listeners)),

  "tapable": (listeners) => tapable("AsyncSeriesHook", listeners),
  "tapable parallel": (listeners) => tapable("AsyncParallelHook", listeners),
  "tapable deadline": async (listeners) => underOneTimer(await awaiting["tapable"]!(listeners)),
};

function loop(listeners: readonly Listener[]): Listener {
  return async (n) => {
    for (const listener of listeners) await listener(n);
  };
}

/** What one writes by hand: a race against a timer, which is cleared. */
function underOneTimer(publish: Publish): Listener {
  return async (n) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error("late")), withinMs);
    });
    try {
      await Promise.race([publish(n), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

interface Emittery {
  on(name: string, listener: (event: { data: number }) => unknown): void;
  emit(name: string, n: number): Promise<void>;
  emitSerial(name: string, n: number): Promise<void>;
}

async function emittery(listeners: readonly Listener[]): Promise<Emittery> {
  const { default: Emittery } = await loadPeer<{ default: new () => Emittery }>(
    "emittery",
  );
  const emitter = new Emittery();
  for (const listener of listeners) {
    emitter.on("message", ({ data }) => listener(data));
  }
  return emitter;
}

interface Hookable {
  hook(name: string, listener: Listener): void;
  callHook(name: string, n: number): unknown;
  callHookParallel(name: string, n: number): unknown;
}

async function hookable(listeners: readonly Listener[]): Promise<Hookable> {
  const { createHooks } = await loadPeer<{ createHooks: () => Hookable }>(
    "hookable",
  );
  const hooks = createHooks();
  for (const listener of listeners) hooks.hook("message", listener);
  return hooks;
}

interface Hook {
  tapPromise(name: string, listener: Listener): void;
  promise(n: number): Promise<void>;
}
type Hooks = Readonly<
  Record<
    "AsyncSeriesHook" | "AsyncParallelHook",
    new (args: readonly string[]) => Hook
  >
>;

async function tapable(
  kind: keyof Hooks,
  listeners: readonly Listener[],
): Promise<Publish> {
  const { default: hooks } = await loadPeer<{ default: Hooks }>("tapable");
  const hook = new hooks[kind](["n"]);
  for (const listener of listeners) hook.tapPromise("bench", listener);
  return (n) => hook.promise(n);
}
