/**
 * Knative's host of functions itself: `faas-js-runtime`, as its command starts it.
 * @module
 */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { ProcessBus } from "../../mod.ts";
import { knative, knativeFunction } from "../../platforms/knative.ts";
import { conformance } from "./conformance.ts";
import { fakeProcess } from "./fake_process.ts";
import { type Program, runtime, sleep, start, type StartOptions } from "../spawn.ts";
import { goAway } from "./serverless/_gone.ts";

conformance("Knative", () => {
  const process = fakeProcess();
  return { platform: knative({ process }), exitCode: () => process.exitCode as number | undefined };
}, {
  parks: "the host owns the loop",
  signals: "the host has them, and calls shutdown()",
  exitCode: true,
  context: true,
  exclusive: "one is made for each bus",
  respawns: "the host starts another instance",
  notices: "its notice is a call of shutdown()",
});

describe("knativeFunction()", () => {
  test("refuses what is no function, and a grace that is none", () => {
    const bus = new ProcessBus({ platform: knative({ process: fakeProcess() }) });
    expect(() => knativeFunction(bus, "handle" as never)).toThrow(
      'Cannot make the Knative function: "body" is "handle", expected a function',
    );
    expect(() => knative({ graceMs: -1 })).toThrow('Cannot use the Knative platform: "graceMs" is -1');
    expect(() => knative({ grace: 1 } as object)).toThrow('unknown option "grace"');
  });
});

describe("a bus on knative()", () => {
  test("ends its process by itself, but leaves that to the host where the host asked for its shutdown", async () => {
    for (const [byHost, exits] of [[false, [3]], [true, []]] as const) {
      const process = fakeProcess();
      const bus = new ProcessBus({ platform: knative({ process }) });
      const { init, shutdown } = knativeFunction(bus, () => "hello");
      await init();
      await (byHost ? shutdown() : bus.exit(3));
      await sleep(20);
      expect(process.exits).toEqual(exits);
    }
  });
});

interface Host extends Program {
  readonly url: string;
}

function begin(env: StartOptions["env"] = {}): Program {
  const options = { args: ["test/programs/knative_function.ts"], timeoutMs: 20_000 };
  return start("faas_js_runtime", { ...options, env: { FUNC_PORT: "0", ...env } });
}

async function listening(env: StartOptions["env"] = {}): Promise<Host> {
  const program = begin(env);
  const port = (await program.waitForLine("listening on")).split(" ").at(-1);
  return Object.assign(program, { url: `http://127.0.0.1:${port}/` });
}

async function get(url: string): Promise<readonly [status: number, text: string]> {
  const response = await fetch(url);
  return [response.status, (await response.text()).trim()];
}

describe("a function in faas-js-runtime", () => {
  beforeEach((context) => {
    if (runtime !== "node") context.skip("faas-js-runtime is a host of Node");
  });

  test("has started before the host listens, and serves requests and their data", async () => {
    const host = await listening({ START_MS: "200" });
    expect(host.lines.slice(0, 2)).toEqual(["start 1", "up"]);
    expect(await get(`${host.url}health/readiness`)).toEqual([200, "OK"]);
    expect(await get(host.url)).toEqual([200, '{"starts":1,"data":"none"}']);
    const headers = { "content-type": "application/json" };
    const posted = await fetch(host.url, { method: "POST", headers, body: '{"a":1}' });
    expect(await posted.json()).toEqual({ starts: 1, data: { a: 1 } });
  });

  test("does not listen where the start fails, and ends with 1", async () => {
    const { code, lines } = await begin({ FAIL: "1" }).exited;
    expect(lines.join("\n")).toContain('"db" on "start" failed: no database');
    expect(lines.join("\n")).not.toContain("listening");
    expect(code).toBe(1);
  });

  test("starts once for 50 first requests, after one that failed, where it has no init", async () => {
    const host = await listening({ LAZY: "yes", FAIL: "1", START_MS: "300" });
    const refused = await Promise.all([fetch(host.url), fetch(host.url)]);
    expect(refused.map(({ status }) => status)).toEqual([503, 503]);
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
    await sleep(400);
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(host.url)));
    expect(answers).toEqual(Array(50).fill([200, '{"starts":2,"data":"none"}']));
    host.kill("SIGTERM");
    const { lines } = await host.exited;
    expect(lines.filter((line) => /^start /.test(line))).toEqual(["start 1", "start 2"]);
  });

  test("goes on with a start whose first client has gone away, where it has no init", async () => {
    const host = await listening({ LAZY: "yes", START_MS: "500" });
    const answer = await goAway({
      first: (signal) => fetch(host.url, { signal }),
      begun: () => host.waitForLine("start 1"),
      other: () => get(host.url),
    });
    expect(answer).toEqual([200, '{"starts":1,"data":"none"}']);
  });

  test("answers what is in flight after SIGTERM, which the host alone would cut, and refuses others", async () => {
    const host = await listening();
    const slow = [get(`${host.url}?ms=1000`), get(`${host.url}?ms=1000`)];
    await vi.waitFor(() => expect(host.lines.filter((line) => line === "request")).toHaveLength(2), {
      timeout: patient(5000),
    });
    host.kill("SIGTERM");
    await host.waitForLine("drain");
    expect((await get(host.url))[0]).toBe(503);
    expect((await get(`${host.url}health/readiness`))[0]).toBe(503);
    expect((await Promise.all(slow)).map(([status]) => status)).toEqual([200, 200]);
    const { code, lines } = await host.exited;
    expect(lines.filter((line) => /^(drain|stopped|flush)/.test(line))).toEqual([
      "drain",
      "stopped",
      "flush",
    ]);
    expect(code).toBe(0);
  });

  test("sends a large answer to its end after SIGTERM, also to a slow client", async () => {
    const host = await listening();
    const response = await fetch(`${host.url}?ms=large`);
    const reader = response.body!.getReader();
    let bytes = (await reader.read()).value!.length;
    host.kill("SIGTERM");
    await host.waitForLine("flush");
    await sleep(200);
    for (let chunk; !(chunk = await reader.read()).done;) bytes += chunk.value.length;
    expect(bytes).toBe(30_000_000);
    expect((await host.exited).code).toBe(0);
  });

  test("fits the stop into what the pod has, and exits with 70, although the host says 0", async () => {
    const host = await listening({ STOP_MS: "60000", GRACE_MS: "1000" });
    const begun = performance.now();
    host.kill("SIGTERM");
    const { code, lines } = await host.exited;
    expect(performance.now() - begun).toBeLessThan(patient(2500));
    expect(lines.join("\n")).toContain('"db" on "stop"');
    expect(lines).toContain("flush");
    expect(code).toBe(70);
  });

  test("ends by a second SIGTERM", async () => {
    const host = await listening({ STOP_MS: "60000" });
    host.kill("SIGTERM");
    await host.waitForLine("stop");
    await sleep(600);
    const begun = performance.now();
    host.kill("SIGTERM");
    expect((await host.exited).code).toBe(70);
    expect(performance.now() - begun).toBeLessThan(patient(2500));
  });

  test.each([["lose", "fails", 70], ["exit", "asks for it", 3]] as const)(
    "ends its process once all is answered, where the bus exits by itself (%s: the application %s)",
    async (how, _title, expected) => {
      const host = await listening();
      const slow = get(`${host.url}?ms=700`);
      await host.waitForLine("request");
      const asked = get(`${host.url}?ms=${how}`);
      await host.waitForLine("drain");
      expect((await get(host.url))[0]).toBe(503);
      expect([(await slow)[0], (await asked)[0]]).toEqual([200, 200]);
      const { code, lines } = await host.exited;
      expect(lines).toContain("flush");
      expect(code).toBe(expected);
    },
  );

  test("ends its process where a start fails, if the bus is told to exit then", async () => {
    const host = await listening({ LAZY: "yes", FAIL: "1", ON_START_FAILURE: "exit" });
    expect((await get(host.url))[0]).toBe(503);
    expect((await host.exited).code).toBe(70);
  });

  test("leaves an error of the body to the host, which answers 500", async () => {
    const host = await listening();
    expect((await get(`${host.url}?ms=throw`))[0]).toBe(500);
    expect((await get(host.url))[0]).toBe(200);
  });

  test("logs an uncaught error, of which the host says nothing, and stops in order with 70", async () => {
    const host = await listening();
    await get(`${host.url}?ms=crash`);
    const { code, lines } = await host.exited;
    expect(lines.join("\n")).toMatch(/nobody catches this/);
    expect(lines).toContain("stopped");
    expect(code).toBe(70);
  });
});
