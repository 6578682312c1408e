/**
 * Checks of the manifests of Kubernetes, of the units of systemd, of fly.toml and of package.json in this folder.
 * @module
 */
import { type Facts, type Finding, ok, typedTime } from "./finding.ts";
import { durationMs, type ReadText } from "./texts.ts";

/** Lists the files of a folder; none where it is not there. */
export type ListFiles = (folder: string) => readonly string[];

const FOLDERS = [".", "k8s", ".k8s", "kubernetes", "manifests", "deploy", "systemd"];

/** Checks of the files that are there. */
export function manifestChecks(facts: Facts, read: ReadText, list: ListFiles): Finding[] {
  const files = FOLDERS.flatMap((folder) =>
    list(folder).map((name) => folder === "." ? name : `${folder}/${name}`)
  );
  const texts = (ending: RegExp) =>
    files.filter((file) => ending.test(file)).flatMap((file) => {
      const text = read(file);
      return text === undefined ? [] : [{ file, text }];
    });
  return [
    ...texts(/\.ya?ml$/).flatMap(({ file, text }) => podChecks(facts, file, text)),
    ...texts(/\.service$/).flatMap(({ file, text }) => unitChecks(facts, file, text)),
    ...texts(/^fly\.toml$/).map(({ text }) => flyCheck(facts, text)),
    ...texts(/^package\.json$/).flatMap(({ text }) => scriptCheck(text)),
  ];
}

const WORKLOAD = /^kind:\s*["']?(Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod)\b/m;

function podChecks({ options: { stopWithin, lameDuck } }: Facts, file: string, text: string): Finding[] {
  const check = "Kubernetes";
  return text.split(/^---.*$/m).filter((part) => WORKLOAD.test(part)).flatMap((part): Finding[] => {
    const found: Finding[] = [];
    const said = /^\s*terminationGracePeriodSeconds:\s*(\d+)/m.exec(part)?.[1];
    const graceMs = Number(said ?? 30) * 1000;
    const [, command, seconds] = /preStop:[\s\S]{0,200}?(?:sleep["',\s]+(\d+)|seconds:\s*(\d+))/.exec(part) ??
      [];
    const before = Number(command ?? seconds ?? 0) * 1000;
    const need = stopWithin + before;
    const what = before === 0 ? "" : ` after the ${typedTime(before)} of preStop`;
    const waits = said === undefined ? "the pod has 30s by default" : `the pod has ${typedTime(graceMs)}`;
    const reason = `a stop may take ${typedTime(stopWithin)}${what}, and ${waits} in ${file}`;
    if (graceMs >= need) found.push(ok(check, reason));
    else {
      const mend = `terminationGracePeriodSeconds: ${Math.ceil(need / 1000) + 5}`;
      found.push({ check, verdict: "problem", reason: `${reason}: then it is killed`, mend });
    }
    if (!/^\s*readinessProbe:/m.test(part)) {
      const reason = `${file} has no readinessProbe: requests come before the start has ended`;
      found.push({ check, verdict: "warning", reason, mend: "--health, and a readinessProbe of /readyz" });
    }
    if (lameDuck + before === 0) {
      const reason =
        `neither --lame-duck nor a preStop: requests that are sent while the endpoints change are refused`;
      found.push({ check, verdict: "warning", reason, mend: "--health --lame-duck 5s" });
    }
    const shell = /command:\s*\[\s*["'](?:\/bin\/)?(?:ba|da)?sh["']\s*,\s*["']-c["']\s*,\s*["'](?!\s*exec\s)/
      .test(part);
    if (shell) {
      const reason = `the "sh -c" of the command in ${file} does not pass signals on`;
      found.push({ check, verdict: "problem", reason, mend: 'put "exec" before the command' });
    }
    return found;
  });
}

/** What systemd waits for by default, in milliseconds. */
const SYSTEMD_MS = 90_000;

function unitChecks({ options: { stopWithin } }: Facts, file: string, text: string): Finding[] {
  if (!/^ExecStart=.*\b(sitebus|node|deno|bun)\b/m.test(text)) return [];
  const check = "systemd";
  const found: Finding[] = [];
  const of = (key: string) => new RegExp(`^${key}=\\s*(.*?)\\s*$`, "m").exec(text)?.[1];
  const said = of("TimeoutStopSec") ?? of("TimeoutSec");
  const ms = said === undefined ? SYSTEMD_MS : durationMs(said) ?? SYSTEMD_MS;
  const waits = said === undefined ? "systemd waits 90s by default" : `${file} says ${said}`;
  const reason = `a stop may take ${typedTime(stopWithin)} (--stop-within), and ${waits}`;
  if (ms >= stopWithin) found.push(ok(check, reason));
  else {
    const mend = `TimeoutStopSec=${Math.ceil(stopWithin / 1000) + 5}`;
    found.push({ check, verdict: "problem", reason: `${reason}: then it is killed`, mend });
  }
  const signal = of("KillSignal");
  if (signal !== undefined && !/^SIG(TERM|INT|HUP)$/.test(signal)) {
    const reason = `KillSignal=${signal} in ${file} does not stop the application in order`;
    found.push({ check, verdict: "problem", reason, mend: "remove KillSignal: SIGTERM is the default" });
  }
  if (of("KillMode") === "none") {
    const reason = `KillMode=none in ${file}: systemd does not stop the application at all`;
    found.push({ check, verdict: "problem", reason, mend: "KillMode=mixed" });
  }
  return found;
}

function flyCheck({ options: { stopWithin } }: Facts, text: string): Finding {
  const check = "Fly";
  const said = /^\s*kill_timeout\s*=\s*["']?(\w+)/m.exec(text)?.[1];
  const ms = said === undefined ? 5_000 : durationMs(said) ?? 5_000;
  const reason = `a stop may take ${typedTime(stopWithin)} (--stop-within), and fly.toml gives ${
    said === undefined ? "by default " : ""
  }${typedTime(ms)}`;
  if (ms >= stopWithin) return ok(check, reason);
  const mend = `kill_timeout = ${Math.ceil(stopWithin / 1000) + 5}, or a shorter --stop-within`;
  return { check, verdict: "problem", reason: `${reason}: then it is killed`, mend };
}

/** A script without "exec" leaves a shell above the application. */
function scriptCheck(text: string): Finding[] {
  const check = "package.json";
  let scripts: Readonly<Record<string, unknown>>;
  try {
    ({ scripts = {} } = JSON.parse(text) as { scripts?: Record<string, unknown> });
  } catch {
    return []; // npm will say that it is no JSON.
  }
  const found = Object.entries(scripts).filter(([, script]) =>
    typeof script === "string" && /(^|[&;]\s*)(\w+=\S+\s+)*(\S*\/)?(npx )?sitebus serve\b/.test(script) &&
    !/\bexec\s/.test(script)
  );
  return found.map(([name, script]) => ({
    check,
    verdict: "warning",
    reason:
      `"npm run ${name}" does not pass signals on: the shell that npm starts ends, and the application stays`,
    mend: `"${name}": "exec ${String(script).replace(/^npx /, "")}"`,
  }));
}
