import { db } from "../db.js";

/** A plug-in of Nitro, with something to do before the database closes. */
export default function plugin(nitro) {
  nitro.hooks.hook("close", () => console.log(`nitro closed, ${db.orders.length} orders`));
}
