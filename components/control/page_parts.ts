/**
 * The parts of the status page, made of the status and the timelines.
 * @module
 */
import type { ControlRight } from "./actions.ts";
import { graphSvg } from "./graph_svg.ts";
import { escapeHtml, msText } from "./html_text.ts";
import type { ComponentStatus, ControlStatus, ControlUnit, PendingStatus } from "./status.ts";
import type { Timeline, Timelines } from "./timeline.ts";
import { timelineHtml } from "./timeline_html.ts";

/** All that the page says of the state of the process. */
export function mainHtml(status: ControlStatus, timelines: Timelines): string {
  const { state, settled, pending, components } = status;
  return `<div id="state" data-busy="${!settled || pending.length > 0}" data-state="${state}">
${summary(status)}
${waiting(pending, status)}
<section aria-labelledby="components"><h2 id="components">Components</h2>
${components.length === 0 ? '<p class="quiet">There are none.</p>' : componentsHtml(components)}
</section>
${unitsHtml(status)}
${timelineSection("start", timelines.start)}
${timelineSection("stop", timelines.stop)}
</div>`;
}

function summary(status: ControlStatus): string {
  const { name, state, settled, ready, sinceMs, uptimeMs, goal, leftMs, inFlight } = status;
  const unwell = status.components.filter(({ check }) => check === "failed" || check === "late");
  const why = unwell.map(({ name, check }) =>
    `the check of ${name} ${check === "late" ? "is late" : "has failed"}`
  );
  const badge = ready ? "ready for traffic" : ["not ready for traffic", ...why].join(", ");
  const facts: (readonly [string, string])[] = [
    ["process", `${status.pid}, up for ${msText(uptimeMs)}`],
    ["runtime", `${status.runtime} on ${status.platform}`],
    ...status.version === undefined ? [] : [["version", status.version] as const],
    ["memory", bytesText(status.memory)],
    ...inFlight === undefined ? [] : [["requests in flight", String(inFlight)] as const],
    ["reloads", String(status.generation)],
  ];
  const way = goal === undefined ? "" : `, on its way to <strong>${goal}</strong>`;
  const left = settled || leftMs === undefined ? "" : `, ${msText(leftMs)} left`;
  return `<h1>${escapeHtml(name)}</h1>
<p class="lead"><span class="pill is-${state}">${state}</span> for ${msText(sinceMs)}${way}${left};
<span class="${ready ? "good" : "bad"}">${escapeHtml(badge)}</span></p>
<dl class="facts">${
    facts.map(([term, text]) => `<div><dt>${term}</dt><dd>${escapeHtml(text)}</dd></div>`).join("")
  }</dl>`;
}

function waiting(pending: readonly PendingStatus[], { state }: ControlStatus): string {
  if (pending.length === 0) return "";
  const rows = pending.map(({ name, state: called, pendingMs, leftMs, requests }) => {
    const what = called === "hold" ? "a promise that is held" : called;
    const then = leftMs !== undefined
      ? `${msText(leftMs)} left, then the bus goes on without it${
        requests ? `, and cuts ${countText(requests, "request")}` : ""
      }`
      : called === state || called === "hold"
      ? "no limit"
      : "late: the bus has gone on without it";
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${what}</td><td class="number">${
      msText(pendingMs)
    }</td><td>${then}</td></tr>`;
  });
  return `<section aria-labelledby="waiting" class="alert"><h2 id="waiting">Waits for</h2>
<div class="wide"><table><thead><tr><th>who</th><th>on</th><th class="number">since</th><th>then</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></div></section>`;
}

function componentsHtml(components: readonly ComponentStatus[]): string {
  const rows = components.map(({ name, state, ms, check, waitsFor, dependsOn }) => {
    const isUnwell = check === "failed" || check === "late";
    const after = dependsOn.length === 0 ? "" : dependsOn.join(", ");
    const waits = waitsFor ? ` <span class="busy">waits for ${escapeHtml(waitsFor.join(", "))}</span>` : "";
    return `<tr><th scope="row">${
      escapeHtml(name)
    }</th><td><span class="pill is-${state}">${state}</span>${waits}</td>
<td class="number">${ms === undefined ? "" : msText(ms)}</td><td class="${isUnwell ? "bad" : ""}">${
      check ?? ""
    }</td>
<td>${escapeHtml(after)}</td></tr>`;
  });
  return `<div class="wide" id="graph" tabindex="0" role="group" aria-label="Graph of the components">${
    graphSvg(components)
  }</div>
<div class="wide"><table><thead><tr><th>name</th><th>state</th><th class="number">last took</th><th>check</th><th>after</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function unitsHtml({ pools, units, degraded = [], lastRoll }: ControlStatus): string {
  if (pools.length === 0 && units.length === 0) return "";
  const said = [
    ...pools.map(({ name, kind, count, serving, rolling }) =>
      `<li>${escapeHtml(name)}: ${serving} of ${count} ${kind === "thread" ? "threads" : "processes"} serve${
        rolling ? ', <span class="busy">a roll is under way</span>' : ""
      }</li>`
    ),
    ...degraded.map(({ pool, restarts, maxRestarts }) =>
      `<li class="bad">${
        escapeHtml(pool)
      } is degraded: ${restarts} units were replaced, ${maxRestarts} may be</li>`
    ),
    ...lastRoll === undefined ? [] : [
      `<li class="${lastRoll.ok ? "" : "bad"}">The last roll of ${escapeHtml(lastRoll.pool)} ${
        lastRoll.ok ? `took ${msText(lastRoll.ms)}` : `failed: ${escapeHtml(lastRoll.error ?? "")}`
      }, ${timeText(lastRoll.at)}</li>`,
    ],
  ];
  const rows = units.map(unitRow);
  return `<section aria-labelledby="units"><h2 id="units">Units</h2>
<ul class="plain">${said.join("")}</ul>
<div class="wide"><table><thead><tr><th>name</th><th>state</th><th>process</th><th class="number">up for</th>
<th class="number">memory</th><th class="number">requests</th><th class="number">reloads</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

function unitRow({ name, kind, pid, state, sinceMs, memory, inFlight, generation }: ControlUnit): string {
  return `<tr><th scope="row">${escapeHtml(name)}</th><td><span class="pill is-${state}">${state}</span></td>
<td>${pid ?? kind}</td><td class="number">${msText(sinceMs)}</td>
<td class="number">${memory === undefined ? "" : bytesText(memory)}</td><td class="number">${
    inFlight ?? ""
  }</td>
<td class="number">${generation}</td></tr>`;
}

function timelineSection(kind: "start" | "stop", timeline: Timeline | undefined): string {
  const head = `<section aria-labelledby="last-${kind}"><h2 id="last-${kind}">Last ${kind}</h2>`;
  if (!timeline) return `${head}<p class="quiet">There was none yet.</p></section>`;
  const { critical, spans } = timeline;
  const late = [...new Set(spans.filter(({ status }) => status === "late").map(({ name }) => name))];
  const failed = [...new Set(spans.filter(({ status }) => status === "failed").map(({ name }) => name))];
  const list = (names: readonly string[]) => escapeHtml(names.join(" → "));
  const said = [
    ...critical.length > 0 ? [`<p>Critical path: <strong>${list(critical)}</strong></p>`] : [],
    ...late.length > 0 ? [`<p class="bad">Late: ${escapeHtml(late.join(", "))}</p>`] : [],
    ...failed.length > 0 ? [`<p class="bad">Failed: ${escapeHtml(failed.join(", "))}</p>`] : [],
  ];
  return `${head}
${timelineHtml(timeline, { title: kind === "start" ? "Start" : "Stop" })}
${said.join("\n")}</section>`;
}

interface Button {
  readonly right: ControlRight;
  readonly text: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The question before it is done. */
  readonly ask?: string;
}

const BUTTONS: readonly Button[] = [
  { right: "reload", text: "Reload", path: "/reload", body: {} },
  { right: "roll", text: "Roll", path: "/units/roll", body: {} },
  { right: "graceful", text: "Graceful", path: "/goal", body: { goal: "graceful" } },
  { right: "start", text: "Start", path: "/goal", body: { goal: "start" } },
  {
    ...{ right: "stop", text: "Stop", path: "/goal", body: { goal: "stop" } },
    ask: "All components stop, and the process stays. Start brings them up again.",
  },
  {
    ...{ right: "restart", text: "Restart", path: "/goal", body: { goal: "restart" } },
    ask: "The process ends, and a new one takes its place.",
  },
  {
    ...{ right: "exit", text: "Exit", path: "/goal", body: { goal: "exit" } },
    ask: "The process ends. Nobody starts it again from this page.",
  },
];

/** The buttons of what may be asked here; hidden, until the script of the page shows them. */
export function actionsHtml(rights: readonly ControlRight[], hasPools: boolean): string {
  const buttons = BUTTONS.filter(({ right }) => rights.includes(right) && (right !== "roll" || hasPools));
  const made = buttons.map(({ text, path, body, ask, right }) =>
    `<button type="button" class="${right}" data-path="${path}" data-body="${
      escapeHtml(JSON.stringify(body))
    }"${ask === undefined ? "" : ` data-ask="${escapeHtml(ask)}"`}>${text}</button>`
  );
  if (rights.includes("scale") && hasPools) {
    made.push(
      '<span class="scale"><label for="count">units</label> <input id="count" type="number" min="0" max="999" size="3">' +
        '<button type="button" data-path="/units/scale" data-body="{}" data-count="count">Scale</button></span>',
    );
  }
  return made.join("\n");
}

function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e8) / 10} GB`;
}

function countText(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

function timeText(at: number): string {
  const text = new Date(at).toISOString();
  return `<time datetime="${text}">${text}</time>`;
}
