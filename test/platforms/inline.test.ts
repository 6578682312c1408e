import { inline } from "../../mod.ts";
import { conformance } from "./conformance.ts";

const alone = "promises alone: there is no process to ask or to end";

conformance("inline", () => ({ platform: inline() }), {
  parks: true,
  signals: alone,
  notices: alone,
  exitCode: alone,
  context: "the core has no async context of its own",
  exclusive: "it holds nothing that only one bus may have",
  respawns: alone,
});
