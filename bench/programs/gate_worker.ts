// The same in workerd, whose clock counts milliseconds, and stands still until the request has waited for something.
import { measureGate } from "./_gate.ts";

declare const scheduler: { wait(ms: number): Promise<void> };

export default {
  async fetch(): Promise<Response> {
    const now = async () => {
      await scheduler.wait(0);
      return performance.now();
    };
    return Response.json(
      await measureGate({ rounds: 40, batch: 200_000, now }),
    );
  },
};
