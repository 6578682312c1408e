/**
 * Our own description of the package against the type of dnt's options. dnt is loaded from jsr.io, so a
 * test of scripts/npm checks this file, and is skipped where that does not answer.
 * @module
 */
import type { BuildOptions } from "@deno/dnt";
import type { NpmBuildOptions } from "../../scripts/npm/options.ts";

/** What we describe is what dnt takes. */
export const taken = (options: NpmBuildOptions): BuildOptions => options;
