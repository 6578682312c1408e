/**
 * How many bytes each adds to a bundle.
 * @module
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "../../scripts/tools.ts";
import { CORE_LIMITS } from "../../scripts/check/size.ts";
import { benchFolder } from "../_peers.ts";
import { digits, type Figure, ratio } from "../_report.ts";

const own: Readonly<Record<string, string>> = {
  "sitebus: export *": `export * from "./mod.ts"`,
  "sitebus: { ProcessBus, inline }": `export { ProcessBus, inline } from "./mod.ts"`,
  "sitebus: { ProcessBus }, { posix }":
    `export { ProcessBus } from "./mod.ts"; export { posix } from "./platforms/posix.ts"`,
  "sitebus: { httpServer }": `export { httpServer } from "./components/http.ts"`,
  "sitebus: { Bus }": `export { Bus } from "./mod.ts"`,
};

// Packages that have nothing but a default, and others.
const withDefault = [
  "async-exit-hook",
  "avvio",
  "close-with-grace",
  "emittery",
  "eventemitter3",
  "http-graceful-shutdown",
  "http-terminator",
  "mitt",
  "stoppable",
  "tapable",
];
const withNames = ["hookable", "nanoevents", "@godaddy/terminus", "srvx"];

const peers: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    withDefault.map((name) => [name, `export { default } from "${name}"`]),
  ),
  ...Object.fromEntries(
    withNames.map((name) => [name, `export * from "${name}"`]),
  ),
  "exit-hook": `export * from "exit-hook"; export { default } from "exit-hook"`,
  "fastify": `export { default } from "fastify"`,
  "effect, runMain":
    `export { Effect } from "effect"; export { runMain } from "@effect/platform-node/NodeRuntime"`,
};

/** Bundles each of them in the same way. */
export async function size(): Promise<Figure> {
  const rows: { name: string; minified: number; gzipped: number }[] = [];
  for (
    const [sources, folder] of [[own, root], [peers, benchFolder]] as const
  ) {
    for (const [name, source] of Object.entries(sources)) {
      rows.push({ name, ...await weigh(source, folder) });
    }
  }
  const smallest = Math.min(
    ...rows.filter(({ name }) => name in peers).map(({ gzipped }) => gzipped),
  );
  const whole = rows[0]?.gzipped ?? NaN;
  return {
    title: "Size",
    says:
      "Bytes of a bundle by esbuild, minified, and then gzipped; builtin modules of Node are not in it. " +
      "The peers do each a part of what the bus does: those with events publish, avvio starts and stops in order, the " +
      "exit hooks listen to signals, terminus and its kind drain a server; fastify and Effect do much more.",
    tables: [{
      columns: [
        "what is imported",
        "minified",
        "gzipped",
        "to the smallest peer",
        "to all of sitebus",
      ],
      rows: rows.map(({ name, minified, gzipped }) => [
        name,
        digits(minified),
        digits(gzipped),
        ratio(gzipped, smallest),
        ratio(gzipped, whole),
      ]),
    }],
    limits: CORE_LIMITS.map(({ says, names, bytes }) => ({
      name: `${says}, gzipped`,
      found: rows.find(({ name }) => own[name] === `export ${names} from "./mod.ts"`)
        ?.gzipped ?? NaN,
      atMost: bytes,
      unit: "bytes",
    })),
  };
}

async function weigh(
  contents: string,
  resolveDir: string,
): Promise<{ minified: number; gzipped: number }> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    minified: bytes.length,
    gzipped: gzipSync(bytes, { level: 9 }).length,
  };
}
