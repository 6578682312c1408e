/**
 * Runs every `@example` of the sources and every ts block of the pages with `deno test --doc`, and checks the pages.
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { command } from "../command.ts";
import { requireTool, root } from "../tools.ts";
import { checkPages } from "./doc_pages.ts";
import { addReports, crashed, type Report } from "./report.ts";

/** Runs the examples in the given files, and checks those files that are pages. */
export async function runDocTests(
  files: readonly string[],
  ended: (count: number) => void,
): Promise<Report> {
  const pages = files.filter((path) => path.endsWith(".md"));
  const report = await runInDeno(files, ended);
  return addReports([report, await checkPages(pages, ended)]);
}

/** The timeout until the next example ends, in milliseconds. Before the first one runs, all examples are compiled. */
const SILENCE_MS = 120_000;

async function runInDeno(files: readonly string[], ended: (count: number) => void): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-doc-"));
  const path = join(folder, "junit.xml");
  try {
    const args = ["test", "--doc", "-A", "--quiet", `--junit-path=${path}`, ...files];
    const run = await command(requireTool("deno"), args, {
      timeoutMs: SILENCE_MS,
      isProgress: (line) => {
        const isEnd = / \.\.\. (ok|FAILED) \(/.test(line);
        if (isEnd) ended(1);
        return isEnd;
      },
      env: { NO_COLOR: "1" },
    });
    // If a type check fails, Deno writes no report.
    if (!existsSync(path)) return crashed("doc", `${run.crash ?? ""}\n${run.output}`.trim());
    const report = parseJunit(readFileSync(path, "utf8"));
    const ok = run.code === 0 && run.crash === undefined;
    if (ok || report.failures.length > 0) return report;
    return { ...report, failures: [{ name: "doc", message: `ended with ${run.code}\n${run.output}` }] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads the report that Deno writes with `--junit-path`. */
export function parseJunit(text: string): Report {
  const cases = [...text.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map((
    [, name = "", body = ""],
  ) => ({ name: plain(name).replace(pathToFileURL(`${root}/`).href, ""), body }));
  return {
    passed: cases.filter(({ body }) => !/<(failure|error|skipped)/.test(body)).length,
    failures: cases.filter(({ body }) => /<(failure|error)/.test(body)).map(({ name, body }) => ({
      name,
      message: plain(body.replace(/<[^>]*>/g, "").trim()),
    })),
    skips: cases.filter(({ body }) => body.includes("<skipped")).map(({ name }) => ({ name, why: "" })),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function plain(xml: string): string {
  return xml.replace(
    /&(?:#(x?)([0-9a-f]+)|([a-z]+));/gi,
    (all, hex, number, name) =>
      number === undefined
        ? ENTITIES[name] ?? all
        : String.fromCodePoint(parseInt(number, hex === "" ? 10 : 16)),
  );
}
