import { expect, test, type TestContext } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { controlled } from "./_asking.ts";
import { browse, type Page, whyNoBrowser } from "./_browser.ts";

const TOKEN = "a-token-for-the-browser";

/** The first test of a fresh clone unpacks the browser. */
const LIMIT = { timeout: patient(240_000) };

const poll = <T>(look: () => T) => expect.poll(look, { timeout: patient(10_000) });

interface Shop {
  readonly page: Page;
  readonly bus: Awaited<ReturnType<typeof controlled>>["bus"];
  readonly url: string;
  text(): Promise<string>;
  click(text: string): Promise<void>;
}

/** A bus with some components, and a browser. */
async function shop(context: TestContext, stop: () => unknown = () => {}): Promise<Shop> {
  const why = whyNoBrowser();
  if (why !== undefined) context.skip(why);
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const { bus, handle } = await controlled({
    page: { port: 0, token: TOKEN },
    deadlines: { stop: 60_000 },
    version: "2.4.1",
    setup: (bus) => {
      bus.use({ name: "config", start: () => pause(20) });
      bus.use({ name: "db", dependsOn: ["config"], start: () => pause(60), check: () => true, stop });
      bus.use({ name: "cache", dependsOn: ["config"], start: () => pause(30), drain: () => pause(10) });
      bus.use({ name: "mail-with-a-long-name", dependsOn: ["db", "cache"], start: () => pause(10) });
      bus.use({ name: "web", dependsOn: "all", start: () => pause(5), drain: () => pause(30) });
      bus.subscribe("reload", () => {});
    },
  });
  await bus.start();
  const page = await browse();
  return {
    page,
    bus,
    url: `${handle.pageUrl}`,
    text: () => page.evaluate<string>("document.body.innerText"),
    click: (text) =>
      page.evaluate(
        `[...document.querySelectorAll("button")].find((one) => one.textContent === ${
          JSON.stringify(text)
        }).click()`,
      ),
  };
}

test("it fits two widths in both schemes, and breaks no rule of its own", LIMIT, async (context) => {
  const { page, bus, url, text } = await shop(context);
  await bus.graceful();
  await page.open(`${url}#token=${TOKEN}`);
  await poll(text).toContain("Last stop");
  const backs = new Set<string>();
  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1200, 390]) {
      await page.look(width, 900, scheme);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      backs.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      expect((await page.picture(`page-${scheme}-${width}`)).length).toBeGreaterThan(10_000);
    }
  }
  expect(backs.size).toBe(2);
  expect(await text()).toContain("Critical path: config → db → mail-with-a-long-name → web");
  expect(await page.evaluate("location.href")).toBe(url);
  expect(page.errors).toEqual([]);
});

test("it is live, and reloads by a button", LIMIT, async (context) => {
  const { page, bus, url, text, click } = await shop(context);
  await page.open(`${url}#token=${TOKEN}`);
  await poll(text).toContain("ready for traffic");
  bus.use({ name: "late-one", start: () => {} });
  await poll(text).toContain("late-one");
  await click("Reload");
  await poll(text).toContain("Reload: done");
  expect(bus.inspect().generation).toBe(1);
  await poll(() => page.evaluate(`document.querySelector(".facts").innerText`)).toMatch(/reloads\s+1/);
  await poll(text).toContain("Asked by control: reload");
  expect(page.errors).toEqual([]);
});

test("an exit is confirmed, also by keyboard, and escape leaves it", LIMIT, async (context) => {
  const { page, bus, url, text } = await shop(context);
  await page.open(`${url}#token=${TOKEN}`);
  await poll(text).toContain("ready for traffic");
  const isOpen = () => page.evaluate(`document.getElementById("confirm").open`);
  const focus = () => page.evaluate<string>("document.activeElement.textContent");
  await page.evaluate(`document.querySelector("button.exit[data-path]").focus()`);
  await page.press("Enter");
  await poll(isOpen).toBe(true);
  expect(await focus()).toBe("Cancel");
  await page.press("Escape");
  await poll(isOpen).toBe(false);
  expect(bus.state).toBe("run");
  await page.press("Enter");
  await poll(isOpen).toBe(true);
  await page.press("Tab");
  expect(await focus()).toBe("Exit");
  await page.press("Enter");
  await poll(() => bus.state).toBe("exited");
  await poll(text).toContain("Exit: done");
  await poll(text).toContain("not reachable");
});

test("a stop that hangs says who is late, and what is left", LIMIT, async (context) => {
  let release = () => {};
  const { page, bus, url, text } = await shop(
    context,
    () => new Promise<void>((resolve) => release = resolve),
  );
  await page.open(`${url}#token=${TOKEN}`);
  await poll(text).toContain("ready for traffic");
  const stop = bus.stop();
  await poll(text).toMatch(/Waits for[^]*db\s+stop[^]*left, then the bus goes on without it/);
  await page.look(1200, 900, "light");
  await page.picture("page-hung");
  release();
  await stop;
  await poll(text).toMatch(/idle for/);
});

test("without a script it says the state, to who signs in by a password", LIMIT, async (context) => {
  const { page, url, text } = await shop(context);
  await page.send("Emulation.setScriptExecutionDisabled", { value: true });
  await page.open(url);
  expect(await text()).toContain("Without JavaScript: sign in");
  expect(await text()).not.toContain("db");
  await page.send("Network.setExtraHTTPHeaders", {
    headers: { authorization: `Basic ${btoa(`me:${TOKEN}`)}` },
  });
  await page.open(`${url}sign-in`);
  expect(await text()).toContain("ready for traffic");
  expect(await text()).toContain("mail-with-a-long-name");
  const shown = "[...document.querySelectorAll('button')].filter((one) => one.offsetParent !== null).length";
  expect(await page.evaluate(shown)).toBe(0);
});

test("a wrong token says so, and shows nothing", LIMIT, async (context) => {
  const { page, url, text } = await shop(context);
  await page.open(`${url}#token=${TOKEN}-wrong`);
  await poll(text).toContain("The token is missing or wrong");
  expect(await text()).not.toContain("config");
});
