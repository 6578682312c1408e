/**
 * A bus with control, in this process, and what is asked of it.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished } from "vitest";
import { type BusReport, inline, type LogRecord, ProcessBus, type ProcessBusOptions } from "../../../mod.ts";
import {
  control,
  type ControlHandle,
  type ControlOptions,
  type ControlStatus,
  type Timeline,
} from "../../../components/control.ts";

/** The fields that the answers of all routes have. */
export type AnswerBody = ControlStatus & {
  readonly ok: boolean;
  readonly error: string;
  readonly url: string;
  readonly start: Timeline;
  readonly stop: Timeline;
  readonly channels: BusReport["channels"];
};

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: AnswerBody;
}

/** What is asked. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** A port instead of the socket. */
  readonly port?: number;
}

/** Asks at a socket, or at a port. */
export function askAt(socketPath: string | undefined, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = asked.body === undefined ? "GET" : "POST", body, port, headers = {} } = asked;
  return new Promise((resolve, reject) => {
    const place = port === undefined ? { socketPath } : { host: "127.0.0.1", port };
    const outgoing = request({ ...place, path, method, headers, agent: false }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk) => text += chunk);
      incoming.on("end", () => {
        const isJson = incoming.headers["content-type"]?.includes("json");
        const json = isJson && text ? JSON.parse(text) : undefined;
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json });
      });
      incoming.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A folder of its own, which is removed after the test. */
export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sitebus-control-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A bus with control. */
export interface Controlled {
  readonly bus: ProcessBus;
  readonly handle: ControlHandle;
  readonly path: string;
  readonly records: LogRecord[];
  ask(path: string, asked?: Asked): Promise<Answer>;
}

/** Makes a bus with control in a folder of its own; it exits after the test. */
export async function controlled(
  options: ControlOptions & {
    readonly deadlines?: NonNullable<ProcessBusOptions["deadlines"]>;
    readonly setup?: (bus: ProcessBus) => ControlOptions | void;
  } = {},
): Promise<Controlled> {
  const { deadlines, setup, ...more } = options;
  const bus = new ProcessBus({ name: "shop", platform: inline(), ...deadlines && { deadlines } });
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => void records.push(record));
  const path = join(await ownFolder(), "shop.sock");
  const handle = control(bus, { path, ...setup?.(bus), ...more });
  onTestFinished(() => bus.exit().catch(() => {}));
  return { bus, handle, path, records, ask: (route, asked) => askAt(path, route, asked) };
}

/** Opens a connection, and writes what is given. */
export function rawly(path: string, text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path }, () => {
      socket.write(text);
      resolve(socket);
    });
    socket.on("error", reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** Sets variables of the environment for one test; undefined takes one away. */
export function withEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  const set = (some: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(some)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(values);
  onTestFinished(() => set(before));
}
