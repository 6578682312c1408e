// Prints the results of the platform's calls of Windows. `windows_calls.ts calls <event> <mutex> <free>` gets the names of an
// event and a mutex of another process, and an unused name. `windows_calls.ts take <event>...` takes console events and holds
// their handler; `windows_calls.ts pass <event>...` takes them without holding the handler.
import process from "node:process";
import { type Win32, win32 } from "../../platforms/windows/win32.ts";
import { print } from "./_print.ts";

const [, , what, ...words] = process.argv;
const calls = win32(process);
const events = words.map(Number);
if (what === "take") await take(calls, { events, held: events });
else if (what === "pass") await take(calls, { events, held: [] });
else await callAll(calls, words);

async function take(
  { takeEvents }: Win32,
  { events, held }: { readonly events: readonly number[]; readonly held: readonly number[] },
): Promise<void> {
  setInterval(() => {}, 1000);
  await takeEvents(events, { held, told: (event) => print(`told ${event}`) });
  print("taking");
}

async function callAll(win32: Win32, [event = "", mutex = "", free = ""]: readonly string[]): Promise<void> {
  const { openEvent, createEvent, setEvent, resetEvent, closeHandle, waitFor } = win32;
  const said = (handle: bigint | undefined) => handle === undefined ? null : "handle";
  const opened = {
    missing: said(openEvent(free)),
    event: said(openEvent(event)),
    mutex: said(openEvent(mutex)),
  };
  const stop = createEvent(undefined, true);
  const asked = createEvent(free, false);
  const created = { unnamed: said(stop), free: said(asked), mutex: said(createEvent(mutex, false)) };
  const spare = createEvent(undefined, true);
  if (stop === undefined || asked === undefined || spare === undefined) {
    throw new Error("There are no events");
  }
  const open = [setEvent(spare), resetEvent(spare), closeHandle(spare)];
  const closed = [setEvent(spare), resetEvent(spare), closeHandle(spare)];
  const told: number[] = [];
  let beats = 0;
  const beating = setInterval(() => beats++, 10);
  const waiting = waitFor([stop, asked], (index) => {
    told.push(index);
    setEvent(stop);
  });
  // Another process sets `free` now, once.
  print("waiting");
  const end = await waiting.then(() => "ended", (error) => String(error));
  clearInterval(beating);
  print(`beats ${beats}`);
  const both = (index: number) => ({ open: open[index], closed: closed[index] });
  print(`answers ${
    JSON.stringify({
      openEvent: opened,
      createEvent: created,
      setEvent: both(0),
      resetEvent: both(1),
      closeHandle: both(2),
      waitFor: { told, end },
    })
  }`);
}
