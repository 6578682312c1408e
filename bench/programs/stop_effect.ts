// Effect with NodeRuntime.runMain, which has no deadline.
import { loadPeer } from "../_peers.ts";
import { print } from "./_print.ts";
import { stop } from "./_stop.ts";

type Value = object;
interface Effect {
  sync(run: () => void): Value;
  promise(run: () => Promise<void>): Value;
  acquireRelease(acquire: Value, release: () => Value): Value;
  andThen(first: Value, second: Value): Value;
  scoped(effect: Value): Value;
  readonly never: Value;
}

const { Effect } = await loadPeer<{ readonly Effect: Effect }>("effect");
const { runMain } = await loadPeer<{ runMain(effect: Value): void }>(
  "@effect/platform-node/NodeRuntime",
);
const part = Effect.acquireRelease(
  Effect.sync(() => setTimeout(() => print("ready"), 50)),
  () => Effect.promise(() => stop()),
);
runMain(Effect.scoped(Effect.andThen(part, Effect.never)));
