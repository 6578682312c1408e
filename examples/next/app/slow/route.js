import { after } from "next/server";
import { setTimeout as delay } from "node:timers/promises";

export async function GET(request) {
  await delay(Number(request.nextUrl.searchParams.get("ms") ?? 3000));
  // The component "next" stops when this is done; the database lives until then.
  after(async () => {
    await delay(200);
    console.log(`after the answer, ${globalThis.orders.length} orders`);
  });
  return new Response(`Slow, but here, ${globalThis.orders.length} orders\n`);
}
