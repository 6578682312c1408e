import { expect, test } from "vitest";
import { inline, ProcessBus } from "../../../mod.ts";
import { mount } from "../../../components/lazy.ts";

const factory = () => Promise.resolve({ default: () => () => new Response("ok") });

const newBus = () => new ProcessBus({ platform: inline() });

test.each([
  [null, "Cannot mount the applications: they are null, expected them by their paths"],
  [{ shop: { load: factory } }, 'Cannot mount "shop": it is no path, expected one such as "/shop"'],
  [{ "/shop/": { load: factory } }, 'Cannot mount "/shop/": it is no path'],
  [{ "//": { load: factory } }, 'Cannot mount "//": it is no path'],
  [{ "/a/../b": { load: factory } }, 'Cannot mount "/a/../b": it is no path'],
  [{ "/a?b": { load: factory } }, 'Cannot mount "/a?b": it is no path'],
  [{ "/shop": {} }, 'Cannot mount "/shop": "load" is undefined, expected a function'],
  [{ "/shop": undefined }, 'Cannot mount "/shop": "load" is undefined, expected a function'],
  [{ "/shop": { load: factory, warm: 1 } }, '"warm" is 1, expected true or false'],
  [
    { "/shop": { load: factory, warm: true, idleMs: 1 } },
    'it has both "warm" and "idleMs", expected one of them',
  ],
  [{ "/shop": { load: factory, idleMs: -1 } }, '"idleMs" is -1, expected milliseconds'],
  [{ "/shop": { load: factory, fetch: 1 } }, 'unknown option "fetch"'],
  [
    { "/": { load: factory }, "/root": { load: factory } },
    'Cannot mount "/root": "/" has the name "root", too, give it another',
  ],
])("bad input is refused by name: %#", (apps, message) => {
  expect(() => mount(newBus(), apps as never)).toThrow(message);
});

test("where sockets end with their request, an application has to be warm", () => {
  const bus = new ProcessBus({ platform: inline({ traits: { ioOutsideRequests: false } }) });
  expect(() => mount(bus, { "/shop": { load: factory } })).toThrow(
    'Cannot mount "/shop": on the inline platform, sockets and timers end with the request that began them, so that ' +
      'it has to start with the bus: set "warm"',
  );
  mount(bus, { "/shop": { load: factory, warm: true } });
});
