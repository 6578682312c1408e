/**
 * The metrics of a process, in the text format of OpenMetrics.
 * @see {@link https://prometheus.io/docs/specs/om/open_metrics_spec/}
 * @module
 */
import { STATES } from "../../src/states.ts";
import type { EventStream } from "./event_stream.ts";
import type { StatusReader } from "./status.ts";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number, labels?: Labels];

/** All metrics, as one text. */
export async function metricsText(reader: StatusReader, events: EventStream): Promise<string> {
  const status = await reader.read();
  const { counts, servers } = reader.parts;
  const inSeconds = (times: ReadonlyMap<string, number>, label: string) =>
    [...times].map(([name, ms]): Sample => [ms / 1000, { [label]: name }]);
  const families: string[] = [];
  const gauge = (name: string, help: string, samples: readonly Sample[], unit = "") =>
    families.push(family({ name, type: "gauge", help, unit }, samples));
  const counter = (name: string, help: string, samples: readonly Sample[]) =>
    families.push(family({ name, type: "counter", help, unit: "" }, samples));

  families.push(family(
    { name: "sitebus", type: "info", help: "The process that is asked", unit: "" },
    [[1, {
      name: status.name,
      runtime: status.runtime,
      platform: status.platform,
      ...status.version !== undefined && { version: status.version },
    }]],
  ));
  const states = STATES.map((state): Sample => [state === status.state ? 1 : 0, { sitebus_state: state }]);
  families.push(
    family({ name: "sitebus_state", type: "stateset", help: "The state of the bus", unit: "" }, states),
  );
  gauge("sitebus_ready", "Whether it is ready for traffic", [[status.ready ? 1 : 0]]);
  gauge("sitebus_uptime_seconds", "Time since the process started", [[status.uptimeMs / 1000]], "seconds");
  gauge("sitebus_in_state_seconds", "Time since the state was entered", [[status.sinceMs / 1000]], "seconds");
  gauge("sitebus_pending", "Calls that the bus waits for", [[status.pending.length]]);
  gauge("sitebus_memory_bytes", "Resident memory of the process", [[status.memory]], "bytes");
  gauge(
    "sitebus_state_last_seconds",
    "How long each state took when it was last passed",
    inSeconds(counts.stateMs, "state"),
    "seconds",
  );
  gauge(
    "sitebus_component_up",
    "Whether the component is up",
    status.components.map((
      { name, state },
    ) => [state === "up" || state === "draining" ? 1 : 0, { component: name }]),
  );
  gauge(
    "sitebus_component_start_seconds",
    "How long the last start of the component took",
    inSeconds(counts.startMs, "component"),
    "seconds",
  );
  gauge(
    "sitebus_component_stop_seconds",
    "How long the last stop of the component took",
    inSeconds(counts.stopMs, "component"),
    "seconds",
  );
  counter(
    "sitebus_component_starts",
    "How often the component has come up",
    [...counts.starts].map(([component, count]) => [count, { component }]),
  );
  gauge(
    "sitebus_requests_in_flight",
    "Requests that are not answered to their end",
    servers.flatMap(({ name }): Sample[] => {
      const count = reader.requestsOf(name);
      return count === undefined ? [] : [[count, { server: name }]];
    }),
  );
  gauge("sitebus_reload_generation", "How many reloads were committed", [[status.generation]]);
  counter(
    "sitebus_reloads",
    "Reloads by how they ended",
    [...counts.reloads].map(([outcome, count]) => [count, { outcome }]),
  );
  counter("sitebus_failures", "Failures of listeners and components", [[counts.failures]]);
  counter("sitebus_late", "Calls that the bus has gone on without", [[counts.late]]);
  counter("sitebus_log_records", "Warnings and errors in the log", [
    [counts.records.warn, { level: "warn" }],
    [counts.records.error, { level: "error" }],
  ]);
  const units = new Map<string, number>();
  for (const { state, kind } of status.units) {
    units.set(`${kind} ${state}`, (units.get(`${kind} ${state}`) ?? 0) + 1);
  }
  gauge(
    "sitebus_units",
    "Units by kind and state",
    [...units].map(([key, count]) => [count, { kind: key.split(" ")[0]!, state: key.split(" ")[1]! }]),
  );
  counter("sitebus_unit_ends", "Units that have ended otherwise than by being asked", [
    [counts.units.failed, { why: "failed" }],
    [counts.units.killed, { why: "killed" }],
    [counts.units.recycled, { why: "recycled" }],
  ]);
  counter("sitebus_unit_starts", "Units that have become ready", [[counts.units.ready]]);
  gauge(
    "sitebus_pool_degraded",
    "Whether units of the pool end more often than they may",
    status.pools.map(({ name, degraded }) => [degraded ? 1 : 0, { pool: name }]),
  );
  gauge("sitebus_event_readers", "Clients that follow the events", [[events.size]]);
  counter("sitebus_event_readers_dropped", "Clients that were cut since they did not keep up", [[
    events.dropped,
  ]]);
  return `${families.join("")}# EOF\n`;
}

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "info" | "stateset";
  readonly help: string;
  readonly unit: string;
}

/** One family of metrics. The samples of a counter end with "_total", and those of an info with "_info". */
function family({ name, type, help, unit }: Family, samples: readonly Sample[]): string {
  const suffix = type === "counter" ? "_total" : type === "info" ? "_info" : "";
  const lines = samples.map(([value, labels]) =>
    `${name}${suffix}${labelsText(labels)} ${numberText(value)}\n`
  );
  const unitLine = unit === "" ? "" : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${help}\n${lines.join("")}`;
}

function labelsText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : "NaN";
}
