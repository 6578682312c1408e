import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { configFile, type FileChanges } from "../../../components/reload.ts";
import { hashOf } from "../../../components/reload/contents.ts";
import { newBus, newFolder, wait } from "./_bus.ts";

const QUICK = { timeout: 3_000, interval: 5 };

/** A bus that uses a file, which is not watched, and one that another unit would ask by. */
async function newConfig(watch = false) {
  const path = join(newFolder(), "shop.json");
  writeFileSync(path, '"one"');
  const { bus, log } = newBus();
  const handle = bus.use(configFile<string>(bus, path, { watch }));
  await bus.start();
  const changed = (text: string): FileChanges => ({ changedFiles: { [path]: hashOf(text) } });
  return { path, bus, log, changed, current: () => handle.value.current };
}

test("a reload for a content that is not there yet waits for it", async () => {
  const { path, bus, changed, current } = await newConfig();
  const reloaded = bus.reload(changed('"two"'));
  await wait(60);
  writeFileSync(path, '"two"');
  expect(await reloaded).toBe(1);
  expect(current()).toBe("two");
});

test("a reload for a content that does not come is vetoed after a while", async () => {
  const { path, bus, changed, current } = await newConfig();
  const since = performance.now();
  writeFileSync(path, '"two"');
  await expect(bus.reload(changed('"three"'))).rejects.toThrow(
    `"${path}" has another content here than the one that is asked for`,
  );
  expect(performance.now() - since).toBeGreaterThanOrEqual(190);
  expect(current()).toBe("one");
});

test("what was read and vetoed for that is asked for a moment later", async () => {
  const { path, bus, changed, current } = await newConfig(true);
  const reloaded = bus.reload(changed('"three"'));
  writeFileSync(path, '"two"');
  await expect(reloaded).rejects.toThrow("has another content here");
  await vi.waitFor(() => expect(current()).toBe("two"), QUICK);
});

test("the details of a reload that a file has caused tell which file has which content", async () => {
  const { path, bus, changed } = await newConfig(true);
  const seen: unknown[] = [];
  bus.subscribe("reload", ({ details }) => void seen.push(structuredClone(details)));
  writeFileSync(path, '"two"');
  await vi.waitFor(() => expect(seen).toEqual([changed('"two"')]), QUICK);
});

test("files that change before a reload has begun are told together", async () => {
  const { bus, path, changed } = await newConfig(true);
  const other = join(newFolder(), "blog.json");
  writeFileSync(other, '"one"');
  bus.use(configFile(bus, other));
  await bus.reload();
  const seen: unknown[] = [];
  let release = () => {};
  bus.subscribe("reload", async ({ details }) => {
    seen.push(structuredClone(details));
    if (seen.length === 1) await new Promise<void>((resolve) => release = resolve);
  });
  const first = bus.reload({ color: "red" });
  await vi.waitFor(() => expect(seen.length).toBe(1), QUICK);
  writeFileSync(path, '"two"');
  writeFileSync(other, '"two"');
  await wait(200);
  release();
  await first;
  const both = { changedFiles: { ...changed('"two"').changedFiles, [other]: hashOf('"two"') } };
  await vi.waitFor(() => expect(seen).toEqual([{ color: "red" }, both]), QUICK);
});
