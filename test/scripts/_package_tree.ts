/**
 * A small project of the shape of ours, to build packages of.
 * @module
 */
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const shared = { version: "1.2.3", exports: { ".": "./mod.ts", "./posix": "./platforms/posix.ts" } };

/** The files of a project in which all is well. */
export const SOUND: Readonly<Record<string, string>> = {
  "deno.json": JSON.stringify({ ...shared, name: "@sitebus/sitebus", license: "MIT" }),
  "package.json": JSON.stringify({
    ...shared,
    name: "sitebus",
    description: "A bus.",
    license: "MIT",
    engines: { node: ">=20.19" },
    devDependencies: { "@types/node": "^26.0.0" },
  }),
  "CHANGELOG.md": "# Changelog\n\n## 1.2.3\n",
  "README.md": "# sitebus\n",
  "LICENSE": "MIT\n",
  "mod.ts": `/**\n * A bus.\n * @module\n */\nexport { ride } from "./src/ride.ts";\n`,
  "src/ride.ts": `import { price } from "./_price.ts";
import type { Fare, Ticket } from "./tickets.ts";

/** Rides, and says so. */
export function ride(ticket: Ticket, fare?: Fare): string {
  // Why it is so.
  return \`From
    \${ticket.from}
      for \${fare ?? price}\`;
}
`,
  "src/tickets.ts": `export type { Ticket } from "./ticket.ts";\nexport type * from "./fare.ts";\n`,
  "src/ticket.ts": `import type { Clerk } from "./clerk.ts";
import type { Stop, Way } from "./way.ts";

/** A ticket, as read in @sitebus/sitebus. */
export interface Ticket {
  /** Where. */
  readonly from: Stop;
}

/** A ticket with more to it. */
export interface LongTicket extends Ticket {
  readonly way: Way;
  readonly clerk: Clerk;
}
`,
  "src/way.ts":
    `/** A stop. */\nexport type Stop = string;\n\n/** A way. */\nexport type Way = readonly Stop[];\n`,
  "src/clerk.ts": `/** A clerk. */\nexport type Clerk = string;\n`,
  "src/fare.ts": `/** A fare. */\nexport type Fare = number;\n`,
  "src/_price.ts": `/** Nobody's concern. */\nexport const price: number = Number("3");\n`,
  "platforms/posix.ts":
    `/**\n * POSIX.\n * @module\n */\nimport process from "node:process";\n\n/** Who. */\nexport const pid: number = process.pid;\n`,
  "cli/version.ts": `/** The version. */\nexport const VERSION: string = "1.2.3";\n`,
  "cli/main.ts": `import { VERSION } from "./version.ts";\nconsole.log(VERSION);\n`,
};

/** Writes a project into a new folder, and returns the folder. The caller removes it. */
export function makeTree(files: Readonly<Record<string, string>>): string {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "sitebus-tree-")));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
  return top;
}

/** One of the project's JSON files with other fields. */
export function withFields(path: "deno.json" | "package.json", fields: object): Record<string, string> {
  return { [path]: JSON.stringify({ ...JSON.parse(SOUND[path] ?? "{}") as object, ...fields }) };
}
