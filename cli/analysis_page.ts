/**
 * An analysis as one page for a browser, drawn as the status page draws its timelines. It needs no script and no other file.
 * @module
 */
import { escapeHtml, msText } from "../components/control/html_text.ts";
import type { Timeline, TimelineSpan } from "../components/control/timeline.ts";
import { TIMELINE_CSS, timelineHtml } from "../components/control/timeline_html.ts";
import type { Analysis, Gain, PhaseAnalysis } from "./analysis.ts";

const CSS = `
:root { color-scheme: light dark; --line: #d1d9e0; --quiet: #59636e; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; }
p, li { max-width: 45rem; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --quiet: #9198a1; --bar: #4f7db3; --critical: #82b8f5; --bad: #f47067; --busy: #d49a3a; }
}
${TIMELINE_CSS}`;

/** The whole page; `title` is the module and the runtime. `at`: when it was made, in milliseconds since 1970. */
export function analysisPage(analysis: Analysis, title: string, at: number = Date.now()): string {
  const { runs, bootMs, start, stop } = analysis;
  const shown = escapeHtml(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown}</title>
<style>${CSS}</style>
</head>
<body>
<h1>${shown}</h1>
<p>${
    runs === 1 ? "One run" : `The median of ${runs} runs`
  }. Before the import, the runtime and sitebus take ${msText(bootMs)}.</p>
<h2>Start</h2>
${timelineHtml(startOf(analysis, at), { title: "Start" })}
${path(start)}
${gains(start.gains, "started")}
<h2>Stop</h2>
${timelineHtml(stopOf(analysis, at), { title: "Stop" })}
${path(stop)}
${gains(stop.gains, "stopped")}
</body>
</html>
`;
}

const [IMPORT, SETUP] = ["(import)", "(setup)"];

/** The start as a timeline: what is done before the components are spans that all of them wait for. */
function startOf({ loadMs, setupMs, start }: Analysis, at: number): Timeline {
  const before = loadMs + setupMs;
  const span = (name: string, from: number, ms: number, dependsOn: readonly string[]): TimelineSpan => ({
    ...{ name, state: "start", from, ms, status: "done", dependsOn },
  });
  const ms = before + start.ms;
  return {
    at,
    ms,
    phases: [{ state: "start", from: 0, ms }],
    spans: [
      span(IMPORT, 0, loadMs, []),
      span(SETUP, loadMs, setupMs, [IMPORT]),
      ...start.steps.map(({ name, from, ms, after }) => span(name, before + from, ms, [SETUP, ...after])),
    ],
    critical: [IMPORT, SETUP, ...start.critical],
  };
}

/** The stop as a timeline. There a span names those that stop after it. */
function stopOf({ drainMs, stop }: Analysis, at: number): Timeline {
  const spans = stop.steps.map(({ name, from, ms }): TimelineSpan => ({
    ...{ name, state: "stop", from: drainMs + from, ms, status: "done" },
    dependsOn: stop.steps.filter(({ after }) => after.includes(name)).map(({ name }) => name),
  }));
  return {
    at,
    ms: drainMs + stop.ms,
    phases: [{ state: "drain", from: 0, ms: drainMs }, { state: "stop", from: drainMs, ms: stop.ms }],
    spans,
    critical: stop.critical,
  };
}

function path({ critical, ms }: PhaseAnalysis): string {
  if (critical.length === 0) return "";
  return `<p>The critical path of the components: ${critical.map(escapeHtml).join(" → ")}, ${
    msText(ms)
  }.</p>`;
}

function gains(gains: readonly Gain[], verb: string): string {
  if (gains.length === 0) return "";
  const items = gains.map(({ component, waitsFor, ms }) =>
    `<li>${msText(ms)}, if <b>${escapeHtml(component)}</b> ${verb} beside <b>${escapeHtml(waitsFor)}</b></li>`
  );
  return `<p>What would be gained, where the steps do not need each other:</p>\n<ul>\n${
    items.join("\n")
  }\n</ul>`;
}
