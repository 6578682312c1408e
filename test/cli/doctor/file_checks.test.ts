import { describe, expect, test } from "vitest";
import { dockerChecks } from "../../../cli/doctor/docker_checks.ts";
import type { Finding, Verdict } from "../../../cli/doctor/finding.ts";
import { manifestChecks } from "../../../cli/doctor/manifest_checks.ts";
import { durationMs } from "../../../cli/doctor/texts.ts";
import type { ServeValues } from "../../../cli/options.ts";
import { factsOf } from "./_facts.ts";

type Files = Readonly<Record<string, string>>;

const reader = (files: Files) => (path: string) => files[path];

function docker(files: Files, given: Partial<ServeValues> = {}): Finding[] {
  return dockerChecks(factsOf(given), reader(files));
}

function manifests(files: Files, given: Partial<ServeValues> = {}): Finding[] {
  const list = (folder: string) =>
    Object.keys(files).flatMap((path) => {
      const [first = "", second] = path.split("/");
      return second === undefined ? folder === "." ? [first] : [] : folder === first ? [second] : [];
    });
  return manifestChecks(factsOf(given), reader(files), list);
}

const verdicts = (found: readonly Finding[]) => found.map(({ verdict }) => verdict);

test.each([
  ["10s", 10_000],
  ["1m30s", 90_000],
  ["1min 30s", 90_000],
  ["45", 45_000],
  ["infinity", Infinity],
  ["soon", undefined],
  ["", undefined],
])("%j is %s ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

describe("of a Dockerfile", () => {
  const verdict = (lines: string, files: Files = {}) =>
    docker({ ...files, Dockerfile: `FROM node\n${lines}\n` }).find(({ check }) => check === "Dockerfile")
      ?.verdict;

  test.each<[string, Verdict]>([
    ['CMD ["sitebus", "serve", "app.ts"]', "ok"],
    ["CMD sitebus serve app.ts", "problem"],
    ["CMD exec sitebus serve app.ts", "ok"],
    ['CMD ["npm", "start"]', "problem"],
    ['CMD ["npx", "sitebus", "serve"]', "problem"],
    ['CMD ["node", "--run", "start"]', "problem"],
    ['CMD ["node", "main.js"]', "ok"],
    ['CMD ["sh", "-c", "sitebus serve"]', "problem"],
    ['CMD ["sh", "-c", "exec sitebus serve"]', "ok"],
    ['ENTRYPOINT ["tini", "--"]\nCMD ["npm", "start"]', "problem"],
    ['ENTRYPOINT ["tini", "--"]\nCMD ["sitebus", "serve"]', "ok"],
    ['ENTRYPOINT sitebus serve\nCMD ["x"]', "problem"],
    ['CMD npm start\nCMD ["sitebus", \\\n  "serve"]', "ok"],
    ['STOPSIGNAL SIGQUIT\nCMD ["sitebus", "serve"]', "problem"],
    ['STOPSIGNAL SIGINT\nCMD ["sitebus", "serve"]', "ok"],
    ["RUN npm ci", "ok"],
  ])("%j is %s", (lines, expected) => {
    expect(verdict(lines)).toBe(expected);
  });

  test("npm passes signals on to a script that begins with exec", () => {
    const files = { "package.json": '{"scripts":{"start":"exec sitebus serve"}}' };
    expect(verdict('CMD ["npm", "start"]', files)).toBe("ok");
    expect(verdict('CMD ["npm", "run", "start"]', files)).toBe("ok");
    expect(verdict('CMD ["npm", "run", "other"]', files)).toBe("problem");
    expect(verdict('CMD ["npm", "start"]', { "package.json": "no JSON" })).toBe("problem");
  });

  test("docker stop waits less than the stop may take", () => {
    const files = { Dockerfile: 'CMD ["sitebus", "serve"]' };
    expect(verdicts(docker(files))).toEqual(["ok", "warning"]);
    expect(verdicts(docker(files, { stopWithin: 9000 }))).toEqual(["ok", "ok"]);
  });

  test("Compose says how long it waits", () => {
    const compose = (line: string) =>
      docker({ "compose.yaml": `services:\n  app:\n    image: app\n${line}` });
    expect(compose("")[0]).toMatchObject({ verdict: "problem", mend: "stop_grace_period: 30s" });
    expect(verdicts(compose("    stop_grace_period: 30s\n"))).toEqual(["ok"]);
    expect(verdicts(compose("    stop_grace_period: soon\n"))).toEqual(["unknown"]);
  });

  test("there is nothing to say where there are no such files", () => {
    expect([...docker({}), ...manifests({})]).toEqual([]);
  });
});

describe("of a manifest of Kubernetes", () => {
  const pod = (more: string) => `kind: Deployment\nspec:\n  template:\n    spec:\n${more}`;
  const probe = "      readinessProbe:\n";

  test.each<[string, string, Partial<ServeValues>, Verdict[]]>([
    ["all is well", probe, { lameDuck: 5000 }, ["ok"]],
    ["without a probe", "", { lameDuck: 5000 }, ["ok", "warning"]],
    ["without a lame duck", probe, {}, ["ok", "warning"]],
    ["the grace is short", `      terminationGracePeriodSeconds: 20\n${probe}`, { lameDuck: 1 }, ["problem"]],
    [
      "preStop takes of the grace",
      `${probe}      preStop:\n        exec:\n          command: ["sleep", "10"]\n`,
      {},
      ["problem"],
    ],
    [
      "a shell swallows signals",
      `${probe}      command: ["sh", "-c", "sitebus serve"]\n`,
      { lameDuck: 1 },
      ["ok", "problem"],
    ],
  ])("%s", (_, more, given, expected) => {
    expect(verdicts(manifests({ "k8s/app.yaml": pod(more) }, given))).toEqual(expected);
  });

  test("other documents are left alone", () => {
    expect(manifests({ "k8s/app.yaml": "kind: Service\n---\nkind: Ingress\n" })).toEqual([]);
  });
});

test.each<[string, Verdict[]]>([
  ["", ["ok"]],
  ["TimeoutStopSec=20", ["problem"]],
  ["TimeoutStopSec=1min 30s", ["ok"]],
  ["KillSignal=SIGQUIT", ["ok", "problem"]],
  ["KillMode=none", ["ok", "problem"]],
])("a unit of systemd with %j is %j", (line, expected) => {
  const text = `[Service]\nExecStart=/usr/bin/sitebus serve\n${line}\n`;
  expect(verdicts(manifests({ "app.service": text }))).toEqual(expected);
});

test.each<[string, Verdict[]]>([
  ['app = "shop"\n', ["problem"]],
  ["kill_timeout = 30\n", ["ok"]],
  ['kill_timeout = "30s"\n', ["ok"]],
])("fly.toml with %j is %j", (text, expected) => {
  expect(verdicts(manifests({ "fly.toml": text }))).toEqual(expected);
});

test.each<[string, number]>([
  ["sitebus serve", 1],
  ["NODE_ENV=production npx sitebus serve app.ts", 1],
  ["exec sitebus serve", 0],
  ["vite build", 0],
])("a script %j of package.json has %d warnings", (script, count) => {
  const found = manifests({ "package.json": JSON.stringify({ scripts: { start: script } }) });
  expect(found).toHaveLength(count);
  if (count > 0) expect(found[0]?.mend).toContain('"start": "exec ');
});
