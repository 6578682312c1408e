// A function of AWS Lambda with a pool and a flush: `sam build && sam deploy --guided` in examples/lambda.
import { ProcessBus } from "sitebus";
import { awsLambda, lambda } from "sitebus/lambda";
import { metrics } from "./metrics.mjs";
import { Pool } from "./pool.mjs";

const bus = new ProcessBus({ platform: awsLambda() });

// Opened once for each environment, while Lambda initializes it; closed when Lambda takes it away.
const pool = bus.use({
  name: "pool",
  start: (phase) => Pool.open(process.env.DATABASE_URL, { signal: phase.signal }),
  stop: (pool) => pool.close(),
});

// Between invocations the process is frozen, and the database may have hung up meanwhile.
bus.subscribe("thaw", (gapMs) => gapMs > 60_000 && pool.value.reconnect());

// The last thing that is done, in the 100 ms that the bus keeps for it.
bus.subscribe("flush", ({ signal }) => metrics.send({ signal }));

export const handler = await lambda(bus, async (event, _context, invocation) => {
  metrics.count("orders");
  const order = JSON.parse(event.body ?? "{}");
  // Ends shortly before Lambda cuts the invocation.
  const id = await pool.value.insert(order, { signal: invocation.signal });
  return { statusCode: 201, body: JSON.stringify({ id }) };
});
