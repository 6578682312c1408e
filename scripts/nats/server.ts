/**
 * A real nats-server, for the tests of the fleet and for the bench.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { patient } from "../patience.ts";
import { natsServerPath } from "./setup.ts";

/** A server. */
export interface NatsServer {
  readonly port: number;
  readonly pid: number;
  /** Kills it, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, at the same port and with the same files. */
  restart(): Promise<void>;
  /** Ends it, and removes its files. */
  end(): Promise<void>;
}

/** Starts a server with JetStream on a free port of 127.0.0.1; `config` is added to its configuration. */
export async function startNats(config = ""): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-nats-"));
  const file = join(folder, "nats.conf");
  let child: ChildProcess;
  let port = -1;
  const begin = async () => {
    writeFileSync(
      file,
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${
        join(folder, "js")
      }", max_mem: 64M, max_file: 512M }\n${config}\n`,
    );
    child = spawn(natsServerPath, ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
    port = await new Promise<number>((resolve, reject) => {
      let text = "";
      const timer = setTimeout(
        () => reject(new Error(`nats-server did not start:\n${text}`)),
        patient(20_000),
      );
      child.stderr!.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        const found = /client connections on 127\.0\.0\.1:(\d+)/.exec(text);
        if (!found || !text.includes("Server is ready")) return;
        clearTimeout(timer);
        resolve(Number(found[1]));
      });
      child.once("exit", (code) => reject(new Error(`nats-server ended with ${code}:\n${text}`)));
    });
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  await begin();
  return {
    get port() {
      return port;
    },
    get pid() {
      return child.pid!;
    },
    kill,
    restart: begin,
    async end() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
