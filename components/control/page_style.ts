/**
 * The styles of the status page, for light and for dark.
 * @module
 */
import { TIMELINE_CSS } from "./timeline_html.ts";

/** All of them. */
export const PAGE_CSS: string = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --box: #f6f8fa;
  --good: #1a7f37; --bad: #c0271e; --busy: #8a5200; --link: #0b57c2;
  --bar: #8fb4dc; --critical: #1f5fae;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1419; --text: #e6edf3; --quiet: #9aa4af; --line: #3a424c; --box: #181f27;
    --good: #56d364; --bad: #ff8178; --busy: #e3a642; --link: #79b8ff;
    --bar: #3f6a9c; --critical: #82b8f5;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
.page { max-width: 68rem; margin: 0 auto; padding: 1rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--back); padding: .25rem .5rem; }
a { color: var(--link); }
h1 { font-size: 1.6rem; margin: .25rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
.lead { margin: .25rem 0 1rem; }
.quiet { color: var(--quiet); } .good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); }
.facts { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 0; }
.facts dt { color: var(--quiet); font-size: .85em; } .facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.pill { display: inline-block; padding: 0 .55em; border: 1px solid var(--line); border-radius: 1em; background: var(--box); white-space: nowrap; }
.pill.is-run, .pill.is-up { border-color: var(--good); color: var(--good); }
.pill.is-start, .pill.is-starting, .pill.is-drain, .pill.is-draining, .pill.is-stop, .pill.is-stopping, .pill.is-exit, .pill.is-spawned
  { border-color: var(--busy); color: var(--busy); }
.pill.is-failed, .pill.is-start_error, .pill.is-stop_error, .pill.is-exit_error { border-color: var(--bad); color: var(--bad); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--quiet); font-weight: normal; font-size: .85em; }
tbody th { font-weight: 600; min-width: 6rem; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.alert { border: 1px solid var(--busy); border-radius: .5rem; padding: 0 1rem .75rem; margin-top: 1.25rem; }
.alert h2 { margin-top: .75rem; color: var(--busy); }
.plain { list-style: none; padding: 0; margin: 0 0 .5rem; }
.graph { display: block; margin-bottom: .75rem; }
.graph rect { fill: var(--box); stroke: var(--line); }
.graph .is-up rect { stroke: var(--good); }
.graph .is-starting rect, .graph .is-draining rect, .graph .is-stopping rect { stroke: var(--busy); stroke-width: 2; }
.graph .is-failed rect, .graph .is-unwell rect { stroke: var(--bad); stroke-width: 2; }
.graph text { fill: var(--quiet); font-size: 12px; } .graph .name { fill: var(--text); font-size: 13px; font-weight: 600; }
.graph .edges path { fill: none; stroke: var(--quiet); }
.bar { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 1rem 0 0; }
.bar[hidden] { display: none; }
button { font: inherit; color: inherit; padding: .25rem .9rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--box); cursor: pointer; }
button:hover { border-color: var(--quiet); }
button:disabled { opacity: .5; cursor: wait; }
button.exit, button.restart, button.stop { border-color: var(--bad); color: var(--bad); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
input { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .4rem; }
.scale { display: inline-flex; gap: .4rem; align-items: center; }
#said { min-height: 1.5em; margin: .5rem 0 0; }
#live { float: right; font-size: .85em; color: var(--quiet); }
#log { max-height: 20rem; overflow: auto; margin: 0; font: 12.5px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
#log:empty::before { content: "Nothing yet."; color: var(--quiet); }
#log .warn { color: var(--busy); } #log .error { color: var(--bad); }
dialog { color: var(--text); background: var(--back); border: 1px solid var(--line); border-radius: .5rem; max-width: 26rem; }
dialog::backdrop { background: rgb(0 0 0 / .4); }
${TIMELINE_CSS}
.timeline th, .timeline td { border-bottom: 0; }
@media (max-width: 40rem) {
  .page { padding: .75rem; }
  .timeline .who { width: 38%; }
}
@media (prefers-reduced-motion: no-preference) { .pill.is-start, .pill.is-drain, .pill.is-stop { transition: color .2s; } }`;
