// A unit of `asked.ts` that does nothing.
import { ProcessBus } from "../../mod.ts";
import { unit } from "../../components/units.ts";

await new ProcessBus({ platform: unit() }).run();
