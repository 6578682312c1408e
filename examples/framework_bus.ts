// A framework that is handed a bus, by one host whole and by another as a guest. Run `node examples/framework_bus.ts`.
import { type BusLike, guest, inline, ProcessBus } from "sitebus";

/** The framework: it runs jobs, and tells its host of each when it is done. */
interface Jobs {
  add(name: string, ms: number): void;
}

/** All that the framework knows of its host is `BusLike`: a bus, or a guest of one. */
function createJobs({ bus }: { readonly bus: BusLike }): Jobs {
  const store = bus.use({
    name: "jobs",
    start: () => new Set<string>(),
    stop: (pending) => console.log(`${bus.name}: the store closes with ${pending.size} jobs pending`),
  });
  const run = async (name: string, ms: number) => {
    store.value.add(name);
    await new Promise((resolve) => setTimeout(resolve, ms));
    store.value.delete(name);
    bus.log(`job "${name}" is done`, { job: name });
  };
  // `drain` waits for what is held, so that a stop cuts no job.
  return { add: (name, ms) => void bus.hold(run(name, ms), { name: `job "${name}"` }) };
}

/** A host, whose way to hand out its bus is the argument. */
async function host(name: string, hand: (bus: ProcessBus) => BusLike): Promise<void> {
  const bus = new ProcessBus({ name, platform: inline() });
  bus.subscribe("log", ({ message, job }) => job !== undefined && console.log(`${name} heard: ${message}`));
  const jobs = createJobs({ bus: hand(bus) });
  await bus.start();
  jobs.add("letter", 50);
  await bus.exit();
}

await host("owner", (bus) => bus);
await host("landlord", (bus) => guest(bus, "tenant"));
