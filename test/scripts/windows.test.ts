import { describe, expect, test } from "vitest";
import { deliveries, runOnWindows } from "../../scripts/testing/windows.ts";
import { mirrorOf, whyNoWine } from "../../scripts/windows/wine_root.ts";

describe("the tests on Windows", () => {
  const files = ["test/windows/a.test.ts", "test/windows/b.test.ts"];
  const setUp = () => Promise.resolve("there is no Wine");
  const run = () => Promise.reject(new Error("nothing is to be run"));

  test("are skipped with the reason if Windows cannot be set up", async () => {
    expect(await runOnWindows(files, { run, setUp, needed: false })).toEqual({
      passed: 0,
      failures: [],
      skips: files.map((name) => ({ name, why: "there is no Wine" })),
    });
  });

  test("fail if Windows is required and cannot be set up", async () => {
    expect(await runOnWindows(files, { run, setUp, needed: true })).toEqual({
      passed: 0,
      failures: [{ name: "windows", message: "there is no Wine" }],
      skips: [],
    });
  });

  test("print which events were delivered to which runtimes", () => {
    expect(deliveries("node26 CTRL_C\nbun CTRL_CLOSE\nnode26 CTRL_BREAK\nnode26 CTRL_C\n")).toEqual([
      "windows bun: 1 CTRL_CLOSE",
      "windows node26: 1 CTRL_BREAK, 2 CTRL_C",
    ]);
    expect(deliveries("")).toEqual([]);
  });
});

describe("Wine", () => {
  const machine = { platform: "linux", arch: "x64", user: 0, path: "/nowhere" };
  const cases: readonly [title: string, found: object, why: string][] = [
    ["on another operating system", { platform: "darwin" }, 'the operating system is "darwin"'],
    ["on another processor", { arch: "arm64" }, 'the processor is "arm64"'],
    ["by another user", { user: 1000 }, "the user is not root"],
    ["without apt", {}, "there is no apt-get"],
  ];
  test.each(cases)("cannot be set up %s", (_title, found, why) => {
    expect(whyNoWine({ ...machine, ...found })).toContain(why);
  });

  test("comes from the mirror in apt's sources, in either format", () => {
    const mirror = "http://mirror.example/debian";
    expect(mirrorOf(`Types: deb\n# ${mirror}-old/debian/\nURIs: ${mirror}\nSuites: bookworm`)).toBe(mirror);
    expect(mirrorOf(`deb [arch=amd64] ${mirror}/ bookworm main`)).toBe(mirror);
    expect(mirrorOf(`deb ${mirror}-security bookworm-security main`)).toBe(undefined);
    expect(mirrorOf(`# deb ${mirror} bookworm main`)).toBe(undefined);
  });
});
