/**
 * Checks of a Dockerfile and of compose.yaml: whether signals reach the application, and whether it has the time to stop.
 * @module
 */
import { type Facts, type Finding, ok, typedTime } from "./finding.ts";
import { durationMs, type ReadText } from "./texts.ts";

const EXEC_FORM = 'CMD ["sitebus", "serve"]';

/** The signals that stop the bus. */
const STOPS = /^(SIG)?(TERM|INT|HUP)$|^(15|2|1)$/;

/** What `docker stop` and Compose wait for by default, in milliseconds. */
const DOCKER_MS = 10_000;

/** Checks of the files of this folder that are there. */
export function dockerChecks(facts: Facts, read: ReadText): Finding[] {
  const dockerfile = read("Dockerfile") ?? read("Containerfile");
  const composed = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
  const compose = composed.map((name) => ({ name, text: read(name) })).find(({ text }) => text !== undefined);
  return [
    ...dockerfile === undefined ? [] : dockerfileChecks(dockerfile, read),
    ...compose?.text === undefined ? [] : [composeCheck(facts, compose.name, compose.text)],
    ...dockerfile === undefined || compose || facts.grace !== undefined ? [] : [stopCheck(facts)],
  ];
}

function dockerfileChecks(text: string, read: ReadText): Finding[] {
  const check = "Dockerfile";
  const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
  const last = (name: string) =>
    lines.findLast((line) => new RegExp(`^\\s*${name}\\s`, "i").test(line))?.replace(/^\s*\w+\s+/, "").trim();
  const [entry, command, signal] = ["ENTRYPOINT", "CMD", "STOPSIGNAL"].map(last);
  const found: Finding[] = [];
  // A shell form of ENTRYPOINT ignores CMD.
  const started = entry === undefined
    ? command
    : entry.startsWith("[") && command?.startsWith("[")
    ? JSON.stringify([...wordsOf(entry), ...wordsOf(command)])
    : entry;
  const why = started === undefined ? undefined : swallows(started, read);
  if (why !== undefined) {
    const reason = `${why.by} does not pass signals on, so that docker stop kills the application after 10 s`;
    found.push({ check, verdict: "problem", reason, mend: why.mend });
  }
  if (signal !== undefined && !STOPS.test(signal)) {
    const reason = `STOPSIGNAL ${signal} does not stop the application`;
    found.push({ check, verdict: "problem", reason, mend: "remove STOPSIGNAL: SIGTERM is the default" });
  }
  return found.length > 0 ? found : [ok(check, "signals reach the application")];
}

function wordsOf(list: string): string[] {
  try {
    return (JSON.parse(list) as unknown[]).map(String);
  } catch {
    return []; // Docker takes what is no JSON for the shell form.
  }
}

/** The part of a command that swallows signals; undefined if none does. */
function swallows(
  command: string,
  read: ReadText,
): { readonly by: string; readonly mend: string } | undefined {
  const words = wordsOf(command);
  if (words.length === 0) {
    if (/^exec\s/.test(command)) return undefined;
    return { by: `the shell that runs "${command.slice(0, 60)}"`, mend: `write ${EXEC_FORM}` };
  }
  // An init such as tini passes them on to what it starts.
  const at = /(^|\/)(tini|dumb-init|docker-init)$/.test(words[0] ?? "")
    ? words.findIndex((word, index) => index > 0 && !word.startsWith("-"))
    : 0;
  const [first = "", second = "", third = ""] = words.slice(Math.max(0, at));
  const program = first.replace(/^.*\//, "");
  if (/^(ba|da|a)?sh$/.test(program)) {
    if (second !== "-c" || /^\s*exec\s/.test(third)) return undefined;
    return { by: `"${program} -c"`, mend: `write ${EXEC_FORM}, or put "exec" before the command` };
  }
  if (program === "npx" || program === "node" && second === "--run") {
    return { by: `"${program === "npx" ? program : "node --run"}"`, mend: `write ${EXEC_FORM}` };
  }
  if (!/^(npm|pnpm|yarn)$/.test(program)) return undefined;
  const script = second === "run" ? third : second;
  if (/^exec\s/.test(scriptOf(read, script) ?? "")) return undefined;
  const mend =
    `write ${EXEC_FORM}, or put "exec" before the command in the script "${script}" of package.json`;
  return { by: `"${program} ${second}"`, mend };
}

function scriptOf(read: ReadText, name: string): string | undefined {
  try {
    const { scripts } = JSON.parse(read("package.json") ?? "{}") as { scripts?: Record<string, unknown> };
    const script = scripts?.[name];
    return typeof script === "string" ? script : undefined;
  } catch {
    return undefined; // npm will say that it is no JSON.
  }
}

function composeCheck({ options: { stopWithin } }: Facts, file: string, text: string): Finding {
  const check = "Compose";
  const said = /^\s*stop_grace_period:\s*["']?([\w.]+)/m.exec(text)?.[1];
  const ms = said === undefined ? DOCKER_MS : durationMs(said);
  if (ms === undefined) return { check, verdict: "unknown", reason: `"${said}" in ${file} is no time` };
  const waits = `${file} gives ${said === undefined ? "by default " : ""}${typedTime(ms)}`;
  const reason = `a stop may take ${typedTime(stopWithin)} (--stop-within), and ${waits}`;
  if (ms >= stopWithin) return ok(check, reason);
  const mend = `stop_grace_period: ${Math.ceil(stopWithin / 1000) + 5}s`;
  return { check, verdict: "problem", reason: `${reason}: then it is killed`, mend };
}

function stopCheck({ options: { stopWithin } }: Facts): Finding {
  const check = "docker stop";
  const reason = `a stop may take ${
    typedTime(stopWithin)
  } (--stop-within), and docker stop waits 10s by default`;
  if (stopWithin <= DOCKER_MS) return ok(check, reason);
  const longer = `docker run --stop-timeout ${Math.ceil(stopWithin / 1000) + 5}`;
  return { check, verdict: "warning", reason, mend: `${longer}, or --stop-within 9s` };
}
