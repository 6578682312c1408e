/**
 * The published conformance suite, with vitest's functions.
 * @module
 */
import { describe, expect, test } from "vitest";
import { conformance as register, type Flags, type Subject } from "../../platforms/conformance.ts";
import type { Platform } from "../../src/platform.ts";

export { ofProcess, recordedControl, type Subject } from "../../platforms/conformance.ts";

/** Registers the suite for one platform. `make` is called once a test. */
export function conformance(name: string, make: () => Platform | Subject, flags: Flags): void {
  const skip = (title: string, why: string) => test(title, (context) => context.skip(why));
  register(name, make, { flags, describe, test, expect, skip });
}
