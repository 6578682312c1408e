import { setTimeout as delay } from "node:timers/promises";
import { defineHandler, getQuery } from "nitro/h3";
import { db } from "../db.js";

export default defineHandler(async (event) => {
  await delay(Number(getQuery(event).ms ?? 3000));
  return `Slow, but here, ${db.orders.length} orders\n`;
});
