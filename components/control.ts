/**
 * Control: what a running process tells, and does when it is asked, over a socket of its own.
 * @module
 */
export type { Timeline, TimelinePhase, Timelines, TimelineSpan } from "./control/timeline.ts";
