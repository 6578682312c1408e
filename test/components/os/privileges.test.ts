import { createServer } from "node:net";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { privileges, type PrivilegesOptions } from "../../../components/os.ts";
import type { ServicePlan } from "../../programs/os_service.ts";
import { runtime } from "../../spawn.ts";
import { folder, isLinux, isRoot, LONG_MS, NOBODY, startService } from "./_service.ts";

/** As a login shell of root has them. */
const WITH_GROUPS = ["setpriv", "--groups", "4,27"];

describe("giving up the rights of root", () => {
  test(
    "leaves no user, group or supplementary group of root, in any thread, after a port below 1024 is open",
    async (context) => {
      if (!isRoot || !isLinux) context.skip("needs root on Linux");
      const port = await privilegedPort();
      const file = join(folder(), "made");
      const { code, lines } = await startService({
        port,
        // Its thread has to change, too.
        watchdog: { stuckMs: 30_000 },
        privileges: { user: "nobody", umask: "027", dependsOn: ["web"] },
        writes: file,
        reads: "/etc/shadow",
        then: "exit",
      }, { launcher: WITH_GROUPS }).exited;
      expect(lines).toContain("answers: user 65534");
      expect(lines).toContain("Uid: 65534 65534 65534 65534 Gid: 65534 65534 65534 65534 Groups:");
      expect(lines).toContain("could not read it");
      expect(lines.join("\n")).toContain('Runs as user "nobody", group 65534, in no other group');
      expect([statSync(file).mode & 0o777, statSync(file).uid]).toEqual([0o640, 65534]);
      expect(lines.findIndex((line) => line.includes('"web" is up'))).toBeLessThan(
        lines.findIndex((line) => line.includes("Runs as user")),
      );
      expect(code).toBe(0);
    },
    LONG_MS,
  );

  test("drops the groups also where user and group stay as they are", async (context) => {
    if (!isRoot || !isLinux) context.skip("needs root on Linux");
    const { code, lines } = await startService({ privileges: { user: "root" }, then: "exit" }, {
      launcher: WITH_GROUPS,
    }).exited;
    expect([code, lines]).toEqual([0, expect.arrayContaining(["Uid: 0 0 0 0 Gid: 0 0 0 0 Groups:"])]);
  }, LONG_MS);

  test("is done once: a graceful restart finds it done", async (context) => {
    if (!isRoot) context.skip("needs root");
    const program = startService({ privileges: { user: 65534, group: "nogroup" }, then: "graceful" });
    await program.waitForLine("Ready again");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect([code, lines.filter((line) => line.includes("Runs as"))]).toEqual([0, [expect.any(String)]]);
  }, LONG_MS);

  test("fails the start where this process is not root", async (context) => {
    if (!isRoot) context.skip("needs root, to become somebody else first");
    const { code, lines } = await asNobody({ privileges: { user: "root" } });
    expect([code, lines.join("\n")]).toEqual([
      70,
      expect.stringMatching(/Cannot become user "root", group 0: .*; only root may do that/),
    ]);
  }, LONG_MS);

  test("does nothing where this process is that user already, in no other group", async (context) => {
    if (!isRoot) context.skip("needs root, to become somebody else first");
    const { code } = await asNobody({ privileges: { user: "nobody" }, then: "exit" });
    expect(code).toBe(0);
  }, LONG_MS);

  test("on Deno without all permissions nothing is given up, and the start fails", async (context) => {
    if (runtime !== "deno") context.skip("only Deno has permissions of this kind");
    if (!isRoot) context.skip("needs root");
    const { code, lines } = await startService({ privileges: { user: "nobody" } }, {
      denoPermissions: ["-A", "--deny-ffi"],
      launcher: WITH_GROUPS,
    }).exited;
    expect([code, lines.join("\n")]).toEqual([
      70,
      expect.stringContaining(
        'Requires all access to "/proc/self/task", run again with the --allow-all flag',
      ),
    ]);
  }, LONG_MS);
});

describe("what is asked for", () => {
  test("is refused where there is no such user or group", () => {
    expect(() => privileges({ user: "no-such-user" })).toThrow(
      'Cannot make privileges: there is no user "no-such-user"',
    );
    expect(() => privileges({ group: "no-such-group" })).toThrow('there is no group "no-such-group"');
  });

  test("is refused where a number has no user, and so no group", () => {
    expect(() => privileges({ user: 4_000_000_000 })).toThrow(
      "the machine knows no user 4000000000, so the group has to be given",
    );
    expect(privileges({ user: 4_000_000_000, group: 4_000_000_000 }).name).toBe("privileges");
    expect(() => privileges({ user: 2 ** 32 - 1, group: 0 })).toThrow("there is no user");
  });

  test.each([
    [{}, "expected a user, a group or a umask"],
    [{ user: "" }, '"user" is "", expected a name or a number'],
    [{ user: -1 }, '"user" is -1, expected a name or a number'],
    [{ group: "a b" }, '"group" is "a b", expected a name or a number'],
    [{ umask: "8" }, '"umask" is "8", expected three octal digits'],
    [{ umask: 0o1000 }, '"umask" is 512, expected three octal digits'],
    [{ usr: "www" }, 'unknown option "usr"'],
  ])("refuses %j", (options, message) => {
    expect(() => privileges(options as PrivilegesOptions)).toThrow(message);
  });
});

/** A run as somebody who is not root. */
async function asNobody(plan: ServicePlan) {
  return await startService(plan, { launcher: NOBODY, env: { HOME: folder() } }).exited;
}

/** A port of this machine that only root may open, and that is free. */
async function privilegedPort(): Promise<number> {
  for (let port = 1023; port > 600; port--) {
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error("All ports below 1024 are taken");
}
