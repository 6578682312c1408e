// An application for each tenant, made of a row of a database by its first request, and made anew when the row has
// changed. Run `node examples/tenants.ts` (Node 22.13 or later, Deno or Bun), then `curl http://127.0.0.1:3000/ada`.
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { type DynamicApp, dynamicApp } from "sitebus/lazy";
import { native } from "sitebus/native";
import { serve } from "srvx";

interface Tenant {
  readonly name: string;
  readonly greeting: string;
}

const bus = new ProcessBus({ platform: native() });

const db = bus.use({
  name: "db",
  start() {
    const db = new DatabaseSync(":memory:");
    db.exec("create table tenant (name text primary key, greeting text)");
    db.exec("insert into tenant values ('ada', 'Good morning'), ('grace', 'Ahoy')");
    return { db, find: db.prepare("select name, greeting from tenant where name = ?") };
  },
  stop: ({ db }) => db.close(),
});

/** What a library that knows nothing of requests is told: whose request is at hand. */
function signature(): string {
  return `yours, ${tenants.current().name}`;
}

const tenants: DynamicApp<Tenant> = dynamicApp({
  name: "tenants",
  dependsOn: ["db"],
  // The configuration of a request is its tenant's row: where that changes, so does the application.
  config(request): Tenant {
    const name = new URL(request.url).pathname.slice(1);
    const found = db.value.find.get(name) as unknown as Tenant | undefined;
    return { name, greeting: found?.greeting ?? "Who are you" };
  },
  create({ name, greeting }) {
    console.log(`made: ${name}`);
    return () => new Response(`${greeting}, ${name}! (${signature()})\n`);
  },
  dispose: (_app, { name }) => console.log(`given up: ${name}`),
  max: 1_000,
  idleMs: 60_000,
});
bus.use(tenants);

const admin = (request: Request): Response | Promise<Response> => {
  if (request.method !== "PUT") return tenants.fetch(request);
  const { pathname, searchParams } = new URL(request.url);
  db.value.db.prepare("insert or replace into tenant values (?, ?)").run(
    pathname.slice(1),
    searchParams.get("greeting"),
  );
  return new Response("saved\n");
};

const server = serve({ fetch: admin, manual: true, gracefulShutdown: false });
const http = bus.use(httpServer(server, { port: Number(process.argv[2] ?? 3000) }));
bus.subscribe("run", () => console.log(http.value.url));
await bus.run();
