import { defineHandler } from "nitro/h3";
import { db } from "../db.js";

export default defineHandler(async (event) => {
  const { item } = await event.req.json();
  db.orders.push(item);
  event.res.status = 201;
  return db.orders;
});
