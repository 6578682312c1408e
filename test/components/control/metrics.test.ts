import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { controlled } from "./_asking.ts";

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly metrics: readonly { readonly value: string; readonly labels?: Readonly<Record<string, string>> }[];
}

// The package has no types.
const parse = createRequire(import.meta.url)("parse-prometheus-text-format") as (text: string) => Family[];

test("the metrics are read by a parser of Prometheus, and tell states, durations, requests and reloads", async () => {
  let inFlight = 3;
  const { bus, ask } = await controlled({
    version: 'a "quoted"\\version\nof two lines',
    servers: [{
      name: "web",
      value: {
        get inFlight() {
          return inFlight;
        },
      },
    }],
    setup: (bus) => {
      bus.use({ name: "db", start: () => 1, stop: () => {} });
      bus.subscribe("reload", () => {});
    },
  });
  await bus.start();
  await bus.reload();
  await bus.stop();
  await bus.start();
  const { text, headers } = await ask("/metrics");
  expect(headers["content-type"]).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  expect(text.endsWith("# EOF\n")).toBe(true);
  const families = new Map(parse(text).map((family) => [family.name, family]));
  const value = (name: string, labels: Record<string, string> = {}) =>
    families.get(name)?.metrics.find((metric) =>
      Object.entries(labels).every(([label, value]) => metric.labels?.[label] === value)
    )?.value;
  expect(value("sitebus_state", { sitebus_state: "run" })).toBe("1");
  expect(value("sitebus_state", { sitebus_state: "stop" })).toBe("0");
  expect(value("sitebus_ready")).toBe("1");
  expect(value("sitebus_component_up", { component: "db" })).toBe("1");
  expect(Number(value("sitebus_component_start_seconds", { component: "db" }))).toBeLessThan(10);
  expect(Number(value("sitebus_component_stop_seconds", { component: "db" }))).toBeGreaterThanOrEqual(0);
  expect(Number(value("sitebus_state_last_seconds", { state: "drain" }))).toBeGreaterThanOrEqual(0);
  expect(value("sitebus_requests_in_flight", { server: "web" })).toBe("3");
  expect(value("sitebus_reload_generation")).toBe("1");
  expect(text).toContain('sitebus_reloads_total{outcome="committed"} 1\n');
  expect(text).toContain('sitebus_component_starts_total{component="db"} 2\n');
  expect(text).toContain('version="a \\"quoted\\"\\\\version\\nof two lines"');
  inFlight = 0;
});

test("the text has the form of OpenMetrics", async () => {
  const { bus, ask } = await controlled({ setup: (bus) => void bus.use({ name: "db", start: () => 1 }) });
  await bus.start();
  const { text } = await ask("/metrics");
  const types = new Map<string, string>();
  const seen = new Set<string>();
  for (const line of text.split("\n").slice(0, -2)) {
    const [, keyword, family = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === "TYPE") {
      // A family comes once, and its metadata before its samples.
      expect(types.has(family)).toBe(false);
      types.set(family, rest);
    } else if (keyword === "UNIT") expect(family.endsWith(`_${rest}`)).toBe(true);
    else if (keyword === undefined) {
      const [, name = "", labels = ""] = /^([a-z_]+)(\{[^}]*\})? -?[\d.e+-]+$/.exec(line) ?? [];
      const type = types.get(name) ?? types.get(name.replace(/_(total|info)$/, ""));
      expect([line, type]).toEqual([line, expect.any(String)]);
      if (type === "counter") expect(name.endsWith("_total")).toBe(true);
      if (type === "info") expect(name.endsWith("_info")).toBe(true);
      if (type === "stateset") expect(labels).toContain(`{${name}="`);
      expect(seen.has(name + labels)).toBe(false);
      seen.add(name + labels);
    }
  }
  expect(types.get("sitebus_state")).toBe("stateset");
});
