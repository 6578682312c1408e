import { defineHandler } from "nitro/h3";
import { db } from "../db.js";

export default defineHandler(() => `Hello from Nitro, ${db.orders.length} orders\n`);
