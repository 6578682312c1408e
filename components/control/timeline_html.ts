/**
 * A timeline as HTML: the same for the status page and for a report in a file. It needs no script and no other file.
 * @module
 */
import { criticalPath } from "./critical_path.ts";
import { escapeHtml, msText } from "./html_text.ts";
import type { Timeline, TimelineSpan } from "./timeline.ts";

/** The styles that {@linkcode timelineHtml} needs, for light and for dark. */
export const TIMELINE_CSS: string = `
.timeline { width: 100%; border-collapse: collapse; table-layout: fixed; }
.timeline caption { text-align: left; padding: .25rem 0; color: var(--quiet, #59636e); }
.timeline th, .timeline td { padding: .15rem .25rem; text-align: left; font-weight: normal; border: 0; vertical-align: middle; }
.timeline .who { width: 28%; overflow-wrap: anywhere; }
.timeline .took { width: 5.5rem; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.timeline svg { display: block; width: 100%; height: 14px; }
.timeline rect { fill: var(--bar, #6e9fd6); }
.timeline .critical rect { fill: var(--critical, #1f5fae); }
.timeline .critical .who { font-weight: 600; }
.timeline .failed rect, .timeline .late rect { fill: var(--bad, #c8372d); }
.timeline .late .note, .timeline .failed .note { color: var(--bad, #c8372d); }
.timeline .running rect { fill: var(--busy, #b26b00); }
.timeline .note { color: var(--quiet, #59636e); font-size: .85em; }
.timeline .phase rect { fill: var(--line, #d1d9e0); }
.timeline .phase .who { color: var(--quiet, #59636e); font-style: italic; }`;

/** How a timeline is shown. */
export interface TimelineHtmlOptions {
  /** The heading, such as "Last start". */
  readonly title: string;
  /** The present time in milliseconds since 1970, for one that is under way. Default: that of this computer. */
  readonly now?: number;
}

/**
 * A table with a row for each state of the bus and for what each component did in it, with a bar in proportion. What decided
 * how long the whole took is marked, and so is what was late or failed.
 */
export function timelineHtml(timeline: Timeline, options: TimelineHtmlOptions): string {
  const { at, ms, phases, spans } = timeline;
  const { title, now = Date.now() } = options;
  const whole = Math.max(ms ?? now - at, 0.001);
  const critical = new Set<unknown>(criticalPath(spans, whole));
  const rows = phases.flatMap((phase) => [
    row({ name: phase.state, kind: "phase", note: "", from: phase.from, ms: phase.ms, whole }),
    ...spans.filter(({ state }) => state === phase.state).map((span) => {
      const isCritical = critical.has(span);
      const kind = [span.status, ...isCritical ? ["critical"] : []].join(" ");
      return row({
        name: span.name,
        kind,
        note: noteOf(span, isCritical),
        from: span.from,
        ms: span.ms,
        whole,
      });
    }),
  ]);
  const total = ms === undefined ? `under way for ${msText(whole)}` : msText(ms);
  const when = new Date(at).toISOString();
  return `<table class="timeline">
<caption><strong>${escapeHtml(title)}</strong>: ${total}, <time datetime="${when}">${when}</time></caption>
<thead hidden><tr><th>what</th><th>bar</th><th>time</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

function noteOf({ status }: TimelineSpan, isCritical: boolean): string {
  return [...status === "done" ? [] : [status], ...isCritical ? ["critical path"] : []].join(", ");
}

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly note: string;
  readonly from: number;
  readonly ms: number | undefined;
  readonly whole: number;
}

function row({ name, kind, note, from, ms, whole }: Row): string {
  const percent = (value: number) => `${Math.round(Math.max(0, Math.min(1, value / whole)) * 10_000) / 100}%`;
  // A bar of no length is still to be seen.
  const length = Math.max(whole * 0.003, Math.min(ms ?? whole - from, whole - from));
  const text = ms === undefined ? kind === "phase" ? "" : "…" : msText(ms);
  const said = note && ` <span class="note">${note}</span>`;
  return `<tr class="${kind}"><th scope="row" class="who">${
    escapeHtml(name)
  }${said}</th><td><svg aria-hidden="true">` +
    `<rect x="${percent(from)}" y="1" height="12" width="${percent(length)}" rx="2"/></svg></td>` +
    `<td class="took">${text}</td></tr>`;
}
