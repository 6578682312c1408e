// The log of a bus in pino, which writes in a worker thread. Run `node examples/log_to_pino.ts`, and press Ctrl-C.
import pino from "pino";
import { ProcessBus } from "sitebus";
import { logTo } from "sitebus/log";
import { native } from "sitebus/native";

const transport = pino.transport({ target: "pino/file", options: { destination: 1 } });
const logger = pino({ level: "info" }, transport);

const bus = new ProcessBus({ name: "shop", platform: native() });
logTo(bus, logger.child({ service: "shop" }));
bus.use({ name: "db", start: () => "connection", stop: (_connection, phase) => phase.delay(100) });
// The last listener of `exit`: it waits until the worker has written what was logged so far.
const flush = () => new Promise((resolve) => logger.flush(resolve));
bus.subscribe("exit", flush, { name: "flush the log", priority: 100 });

await bus.run();
