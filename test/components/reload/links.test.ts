import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { configFile } from "../../../components/reload.ts";
import { newBus, newFolder, wait } from "./_bus.ts";

const QUICK = { timeout: 3_000, interval: 5 };

test("what Kubernetes swaps behind a ConfigMap is seen, time after time", async () => {
  const folder = newFolder();
  const swap = (version: number) => {
    mkdirSync(join(folder, `..${version}`));
    writeFileSync(join(folder, `..${version}`, "shop.json"), String(version));
    symlinkSync(`..${version}`, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    rmSync(join(folder, `..${version - 1}`), { recursive: true, force: true });
  };
  swap(1);
  symlinkSync(join("..data", "shop.json"), join(folder, "shop.json"));
  const { bus } = newBus();
  const config = bus.use(configFile<number>(bus, join(folder, "shop.json")));
  await bus.start();
  for (const version of [2, 3, 4]) {
    swap(version);
    await vi.waitFor(() => expect(config.value.current).toBe(version), QUICK);
  }
});

test("a change that the disk tells nothing of is found after a while", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "seen"));
  mkdirSync(join(folder, "unseen"));
  const [path, other] = [join(folder, "seen", "a.json"), join(folder, "unseen", "a.json")];
  writeFileSync(path, "1");
  // Linux tells of a change under the name alone that it was made by.
  linkSync(path, other);
  const { bus } = newBus();
  const config = bus.use(configFile<number>(bus, path, { pollMs: 300 }));
  await bus.start();
  writeFileSync(other, "2");
  await wait(150);
  const soon = config.value.current;
  await vi.waitFor(() => expect(config.value.current).toBe(2), QUICK);
  if (process.platform === "linux") expect(soon).toBe(1);
});

test("a folder that is replaced as a whole is watched again", async () => {
  const top = newFolder();
  const folder = join(top, "config");
  mkdirSync(folder);
  const path = join(folder, "a.json");
  writeFileSync(path, "1");
  const { bus } = newBus();
  const config = bus.use(configFile<number>(bus, path, { pollMs: 200 }));
  await bus.start();
  renameSync(folder, join(top, "old"));
  mkdirSync(folder);
  writeFileSync(path, "2");
  await vi.waitFor(() => expect(config.value.current).toBe(2), QUICK);
});
