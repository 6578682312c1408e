/**
 * Rolls a pool as often as it is told, under load, and prints what became of the requests:
 * `node bench/roll_by_hand.ts <file of a runtime> <rolls> [tls]`.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { cert, key } from "../test/components/http/_certificate.ts";
import { spawnProgram } from "./_programs.ts";
import { loadPort } from "./_roll_load.ts";

const [file = process.execPath, rolls = "10", secure] = process.argv.slice(2);
const name = file.includes("deno") ? "Deno" : file.includes("bun") ? "Bun" : "Node";
const folder = mkdtempSync(join(tmpdir(), "sitebus-rolls-"));
const files = [join(folder, "cert.pem"), join(folder, "key.pem")] as const;
writeFileSync(files[0], cert);
writeFileSync(files[1], key);
const program = spawnProgram({
  runtime: {
    name,
    version: "",
    command: name === "Deno" ? [file, "run", "--quiet", "--no-prompt", "-A"] : [file],
  },
  program: "roll_site",
  args: [rolls, ...secure === "tls" ? files : []],
}, 60_000 + Number(rolls) * 30_000);
const { text } = await program.waitForLine("ready");
const end = loadPort(Number(text.split(" ")[1]), secure === "tls");
await new Promise((resolve) => setTimeout(resolve, 500));
const since = performance.now();
process.kill(program.pid, "SIGUSR2");
await program.waitForLine("rolled");
const ms = (performance.now() - since) / Number(rolls);
console.log(JSON.stringify({ name, rolls, secure: secure === "tls", ms: Math.round(ms), ...await end() }));
program.terminate();
await program.waitForEnd();
rmSync(folder, { recursive: true });
