/**
 * The status of a process, as `GET /status` tells it, checked as far as the commands rely on it: another version of sitebus
 * may answer.
 * @module
 */
import type { ControlStatus } from "../../components/control.ts";
import { ask, NoAnswer } from "./wire.ts";

/** How long a process may take to answer, in milliseconds. */
export const ANSWER_MS = 5_000;

/**
 * Asks for the status.
 * @throws {NoAnswer} Where there is none, or none that is one.
 */
export async function readStatus(path: string, within: number = ANSWER_MS): Promise<ControlStatus> {
  const { status, body } = await ask(path, { route: "/status", within });
  const found = Object(body) as Partial<ControlStatus>;
  if (status !== 200 || typeof found.state !== "string" || typeof found.pid !== "number") {
    throw new NoAnswer("cut");
  }
  const { name = "", runtime = "", uptimeMs = 0, sinceMs = 0, generation = 0 } = found;
  const { pending = [], components = [], units = [] } = found;
  const lists = { pending, components, units };
  return { ...found as ControlStatus, ...lists, name, runtime, uptimeMs, sinceMs, generation };
}
