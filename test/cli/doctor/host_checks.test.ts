import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  addressCheck,
  graceCheck,
  keepAliveCheck,
  portCheck,
  trafficCheck,
} from "../../../cli/doctor/host_checks.ts";
import type { Facts, Verdict } from "../../../cli/doctor/finding.ts";
import type { ServeValues } from "../../../cli/options.ts";
import { factsOf } from "./_facts.ts";

test.each<[Partial<ServeValues>, Partial<Facts>, Verdict, RegExp?]>([
  [{}, {}, "unknown"],
  [{}, { grace: 30_000 }, "ok"],
  [{}, { grace: 10_000 }, "problem", /^--stop-within 9s$/],
  [{}, { env: { K_SERVICE: "shop" } }, "problem", /^--stop-within 9s$/],
  [{ stopWithin: 9000 }, { env: { K_SERVICE: "shop" } }, "ok"],
  [{}, { env: { FLY_APP_NAME: "shop" } }, "warning", /kill_timeout/],
  [{}, { env: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } }, "ok"],
  [{ stopWithin: 60_000 }, { env: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } }, "warning", /terminationGrace/],
])("the grace of %j with %j is %s", (given, others, verdict, mend = /./) => {
  const finding = graceCheck(factsOf(given, others));
  expect(finding.verdict).toBe(verdict);
  if (finding.mend !== undefined) expect(finding.mend).toMatch(mend);
  expect(finding.mend === undefined).toBe(verdict === "ok" || verdict === "unknown");
});

test.each<[Partial<ServeValues>, Partial<Facts>, Verdict]>([
  [{}, {}, "ok"],
  [{}, { container: true }, "problem"],
  [{}, { container: true, env: { CODESPACES: "true" } }, "ok"],
  [{ host: "0.0.0.0" }, { container: true }, "ok"],
  [{ unix: "/run/app.sock" }, { container: true }, "ok"],
])("the address of %j with %j is %s", (given, others, verdict) => {
  expect(addressCheck(factsOf(given, others)).verdict).toBe(verdict);
});

test.each<[Partial<ServeValues>, Partial<Facts>, Verdict]>([
  [{}, {}, "ok"],
  [{ keepAlive: 5000 }, {}, "warning"],
  [{ keepAlive: 60_000, host: "0.0.0.0" }, {}, "problem"],
  [{ keepAlive: 5000, host: "0.0.0.0" }, { runtime: "deno" }, "ok"],
  [{ keepAlive: 5000, host: "0.0.0.0" }, { runtime: "bun" }, "ok"],
])("the keep-alive of %j with %j is %s", (given, others, verdict) => {
  expect(keepAliveCheck(factsOf(given, others)).verdict).toBe(verdict);
});

test.each<[Partial<ServeValues>, Verdict]>([
  [{}, "warning"],
  [{ health: { prefix: "" } }, "warning"],
  [{ health: { prefix: "" }, lameDuck: 5000 }, "ok"],
])("in Kubernetes, %j is %s", (given, verdict) => {
  const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
  expect(trafficCheck(factsOf(given, { env })).verdict).toBe(verdict);
  expect(trafficCheck(factsOf(given)).verdict).toBe("ok");
});

test("a port in use is a warning, since it may be this application itself", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  expect(await portCheck(factsOf({ port }))).toMatchObject({ verdict: "warning" });
});

test("a host that is no name of anything is a problem", async () => {
  expect(await portCheck(factsOf({ host: "no.such.host.invalid" }))).toMatchObject({ verdict: "problem" });
});
