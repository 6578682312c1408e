// A unit without a bus: it speaks the protocol by hand, so that hundreds of them start fast.
import process from "node:process";

const say = (message: object) => void process.send?.(message);
process.on("disconnect", () => process.exit(0));
process.on("message", ({ sitebus, ...message }: { sitebus: string; id: number; round: number }) => {
  const { id, round } = message;
  if (sitebus === "welcome") say({ sitebus: "state", bus: "light", state: "run", settled: true });
  if (sitebus === "prepare") say({ sitebus: "vote", round });
  if (sitebus === "decide") say({ sitebus: "committed", round });
  if (sitebus === "exit") process.exit(0);
  if (sitebus !== "message") return;
  const path = process.env["SITEBUS_UNIT"];
  say({ sitebus: "receipts", id, receipts: [{ bus: "light", path, ok: true, ms: 0 }] });
});
say({ sitebus: "hello", bus: "light", inspected: false });
