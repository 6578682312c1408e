/**
 * The components and listeners of a plan, on the real bus.
 * @module
 */
import type { BusLike, Component, ComponentHandle, Phase, Prepared, Reload, Signal } from "../../../mod.ts";
import type { Act, ComponentPlan, ListenerPlan, ReloadPlan } from "./plan.ts";
import type { PreparedRecord } from "./record.ts";
import type { World } from "./world.ts";

/** Uses a component of the plan. */
export function useComponent(
  world: World,
  plan: ComponentPlan,
  bus: Pick<BusLike, "use"> = world.bus,
): ComponentHandle<unknown> {
  const name = bus === world.bus ? plan.name : `guest/${plan.name}`;
  const inPhase = (part: "start" | "drain" | "stop") => (phase: Phase): unknown =>
    world.body(name, part, { phase, signal: phase.signal }, plan[part] ?? { does: "return" });
  const start = inPhase("start");
  const stop = inPhase("stop");
  const drain = inPhase("drain");
  const { dependsOn, startWithin, stopWithin, join, run, reload } = plan;
  const component: Component<unknown> = {
    name: plan.name,
    ...(dependsOn && { dependsOn }),
    ...(startWithin !== undefined && { startWithin }),
    ...(stopWithin !== undefined && { stopWithin }),
    ...(join && { join }),
    start,
    stop: (_value, phase) => stop(phase),
    ...(plan.drain && { drain: (_value: unknown, phase: Phase) => drain(phase) }),
    ...(run && {
      run: (_value: unknown, signal: Signal) =>
        world.body(name, "run", { signal, phase: undefined }, run) as Promise<unknown>,
    }),
    ...(reload && {
      reload: (_value: unknown, details: Reload) =>
        prepare(world, name, details, reload) as Promise<Prepared>,
    }),
  };
  const handle = bus.use(component);
  if (bus !== world.bus) return handle;
  world.handles.set(name, handle);
  world.components.set(name, plan);
  return handle;
}

/** Subscribes a listener of the plan. */
export function listen(
  world: World,
  plan: ListenerPlan,
  name: string,
  bus: Pick<BusLike, "subscribe"> = world.bus,
): void {
  if (bus !== world.bus) name = `guest/${name}`;
  const { channel, priority, within, once } = plan;
  const options = { name, priority, ...(within !== undefined && { within }), ...(once && { once }) };
  if (channel === "reload") {
    bus.subscribe(
      "reload",
      (details: Reload) => prepare(world, name, details, { prepare: plan.act, ...plan.prepared }, plan),
      options,
    );
  } else if (channel === "restart") {
    const context = { signal: undefined, phase: undefined };
    bus.subscribe("restart", () => world.body(name, "listener", context, plan.act, plan), options);
  } else {
    bus.subscribe(
      channel,
      (phase: Phase) => world.body(name, "listener", { phase, signal: phase.signal }, plan.act, plan),
      options,
    );
  }
}

function prepare(
  world: World,
  owner: string,
  { generation, details, signal }: Reload,
  plan: ReloadPlan,
  listener?: ListenerPlan,
): unknown {
  const prepared = (inTime: boolean): Prepared => {
    const record: PreparedRecord = {
      owner,
      generation,
      reload: details,
      hasRollback: plan.rollback !== undefined,
      inTime,
      commits: [],
      rollbacks: [],
    };
    world.prepared.push(record);
    const after = (part: "commit" | "rollback", act: Act): unknown => {
      record[`${part}s`].push(world.bodies.length);
      return world.body(owner, part, { signal: undefined, phase: undefined }, act);
    };
    return {
      commit: () => after("commit", plan.commit ?? { does: "return" }),
      ...(plan.rollback && { rollback: () => after("rollback", plan.rollback ?? { does: "return" }) }),
    };
  };
  const { prepare: act } = plan;
  const value = world.body(owner, "reload", { signal, phase: undefined }, plan.prepare, listener);
  // An odd thenable is the bus's to look at, not the program's.
  if (act.does === "odd" && act.how === "return") return value;
  return value instanceof Promise ? value.then(() => prepared(!signal.aborted)) : prepared(true);
}
