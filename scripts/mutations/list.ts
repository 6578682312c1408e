/**
 * At least one way to break each rule of the core.
 * @module
 */
import { BUS } from "./bus.ts";
import { COMPONENTS } from "./components.ts";
import { DEADLINES } from "./deadlines.ts";
import { ENDS } from "./ends.ts";
import { GOALS } from "./goals.ts";
import { GUESTS } from "./guests.ts";
import type { Mutation } from "./mutation.ts";
import { RELOADS } from "./reloads.ts";
import { VALUES } from "./values.ts";

export const mutations: readonly Mutation[] = [
  ...BUS,
  ...GOALS,
  ...DEADLINES,
  ...ENDS,
  ...RELOADS,
  ...COMPONENTS,
  ...GUESTS,
  ...VALUES,
];
