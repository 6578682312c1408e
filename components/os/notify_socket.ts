/**
 * Sends datagrams to the service manager, in the name of this process.
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers";
import process from "node:process";
import { ownDeno } from "../../platforms/process/deno_like.ts";
import { loadLibc } from "../../platforms/process/libc.ts";
import { AF_UNIX, unixAddress } from "../../platforms/process/unix_address.ts";
import { textOf } from "../../src/errors.ts";

/** Sends one message; tells whether the manager has it. */
type Send = (text: string) => boolean | Promise<boolean>;

const SOCK_DGRAM = 2, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
const MSG_NOSIGNAL = 0x4000;

/** A message that the manager does not take is sent again so often, at such a distance: its queue may be full. */
const TRIES = 20;
const AGAIN_MS = 50;

/** How long the program systemd-notify may take, in milliseconds. */
const PROGRAM_MS = 5_000;

/** The way to the manager. Messages arrive in the order in which they are sent. */
export class NotifySocket {
  readonly #send: Send;
  readonly #failed: () => void;
  readonly #queue: string[] = [];
  #isSending = false;
  /** Whether the last message did not arrive: the next one is tried once, so that none waits for many others. */
  #hasFailed = false;

  /**
   * Finds the way that this runtime has. `failed` is called where a message does not arrive, once until others do.
   * @throws {Error} If there is no way, saying what is missing.
   */
  constructor(address: string, failed: () => void) {
    this.#failed = failed;
    this.#send = senderTo(address);
  }

  /** Sends the fields of a message, each on its line: at once where that can be done, before a listener may block the thread. */
  send(...fields: readonly string[]): void {
    this.#queue.push(fields.join("\n"));
    if (!this.#isSending) this.#begin();
  }

  #begin(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const sent = this.#send(next);
      if (sent !== true) return void this.#again(next, sent);
      this.#queue.shift();
      this.#hasFailed = false;
    }
  }

  async #again(text: string, sent: false | Promise<boolean>): Promise<void> {
    this.#isSending = true;
    let has = await sent;
    for (let tries = 1; !has && !this.#hasFailed && tries < TRIES; tries++) {
      await new Promise<void>((resolve) => void setTimeout(resolve, AGAIN_MS).unref());
      has = await this.#send(text);
    }
    if (!has && !this.#hasFailed) this.#failed();
    this.#hasFailed = !has;
    this.#queue.shift();
    this.#isSending = false;
    this.#begin();
  }
}

function senderTo(address: string): Send {
  const isAbstract = address.startsWith("@");
  if (!isAbstract && !address.startsWith("/")) {
    throw new Error('it is neither a path nor an abstract name, which begins with "@"');
  }
  let missing: unknown;
  try {
    return byLibc(unixAddress(address, isAbstract));
  } catch (error) {
    missing = error;
  }
  const program = notifyProgram();
  if (program !== undefined) return (text) => byProgram(program, text);
  throw new Error(
    `the C library cannot be called (${textOf(missing)}), and there is no program systemd-notify`,
    { cause: missing },
  );
}

function byLibc(to: Uint8Array): Send {
  const libc = loadLibc();
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new Error("the operating system gave no socket");
  return (text) => {
    const bytes = new TextEncoder().encode(text);
    const sent = libc.sendto(fd, bytes, BigInt(bytes.length), MSG_NOSIGNAL, to, to.length);
    return sent === bytes.length;
  };
}

/** The program of systemd that sends in the name of another process; the manager believes that of root alone. */
function notifyProgram(): string | undefined {
  const deno = ownDeno();
  if (deno !== undefined && deno.permissions.querySync({ name: "run" }).state !== "granted") return undefined;
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.map((folder) => `${folder}/systemd-notify`).find((path) => existsSync(path));
}

function byProgram(program: string, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const args = ["--no-block", `--pid=${process.pid}`, ...text.split("\n")];
    // Else one that hangs would hold up all further messages.
    const child = spawn(program, args, { stdio: "ignore", timeout: PROGRAM_MS, killSignal: "SIGKILL" });
    child.unref();
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}
