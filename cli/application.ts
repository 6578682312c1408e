/**
 * The application of `sitebus serve` on a bus: loaded, held against what it needs, served, and set up.
 * @module
 */
import type { ComponentHandle, ProcessBus } from "../mod.ts";
import {
  type HttpServer,
  httpServer,
  type HttpServerOptions,
  type NodeServerLike,
} from "../components/http.ts";
import { lineOf } from "../components/log/place.ts";
import type { TlsFilesOptions, TlsServerLike } from "../components/reload.ts";
import type { KeyPairText } from "../components/reload/key_pair.ts";
import { answerBy } from "./answer.ts";
import { takeServedRequests } from "./global_request.ts";
import { LoadError } from "./load_error.ts";
import { makeServer } from "./make_server.ts";
import { type Application, type Fetch, loadApplication } from "./module.ts";
import { ALONE, type ServedUnit } from "./needs.ts";
import type { ServeOptions } from "./serve_options.ts";
import { within } from "./within.ts";

/** An application, or several that one function is made of once there is a bus. */
interface Loaded extends Omit<Application<ProcessBus>, "serve"> {
  readonly serve: Application<ProcessBus>["serve"] | { readonly mount: (bus: ProcessBus) => Fetch };
}

/**
 * Loads the application for a unit, by default for a process that serves alone.
 * @throws {LoadError} If it cannot be used, or needs what the options do not give it.
 */
export async function loadServed(options: ServeOptions, unit?: ServedUnit): Promise<Loaded> {
  const { module, startWithin: ms, json, serialize } = options;
  await takeServedRequests({ byNode: unit !== undefined || options.tls !== undefined });
  if (options.apps !== undefined) {
    const { mountApps } = await import("./mount_apps.ts");
    return { serve: { mount: await mountApps(options.apps, options) }, needs: {}, ignored: [] };
  }
  const application = await within(() => loadApplication<ProcessBus>(module, unit ?? ALONE), {
    ...{ ms, action: `load "${module}"`, subject: "its import", json, unit: unit?.name },
  });
  const { needs, serve } = application;
  if (!serialize) {
    if (needs.concurrency === undefined) return application;
    throw new LoadError(
      `Cannot serve "${module}": it needs the concurrency "one", that is one request at a time; --serialize gives it that`,
    );
  }
  if (!("fetch" in serve)) {
    throw new LoadError(
      `Cannot serialize "${module}": its default export is a Node-style function, expected a fetch function`,
    );
  }
  const { serialize: inTurn } = await import("../components/lazy.ts");
  const { fetch } = inTurn(serve);
  return { ...application, serve: { fetch: fetch as typeof serve.fetch } };
}

/** The options of the server. */
export interface ServedOptions {
  readonly application: Loaded;
  readonly tls: KeyPairText | undefined;
  readonly keepAlive: number;
  /** Where it listens, and how it stops. */
  readonly server: HttpServerOptions;
  /** The files that the certificate is read from again, and whether they are watched. Default: they are not. */
  readonly certificate?: Pick<TlsFilesOptions, "cert" | "key" | "watch"> | undefined;
}

/** A server that is used. */
export interface Served {
  readonly http: ComponentHandle<HttpServer>;
  /** Changes for how long a connection may be idle, in milliseconds. */
  setKeepAlive(ms: number): void;
}

/** Makes the server of the application, and uses it. */
export async function useServer(
  bus: ProcessBus,
  options: ServedOptions,
): Promise<Served> {
  const { application, tls, keepAlive, certificate } = options;
  const { serve } = application;
  const answer = answerBy("mount" in serve ? { fetch: serve.mount(bus) } : serve, (request, error) => {
    bus.log(`Cannot answer ${request}`, { level: "error", event: "request", error });
  });
  const inUnit = options.server.inherit !== undefined;
  const server = await makeServer({ answer, tls, keepAlive, inUnit });
  const node = ("node" in server ? server.node?.server : server) as NodeServerLike | undefined;
  if (certificate && node) {
    const { tlsFiles } = await import("../components/reload.ts");
    bus.use(tlsFiles(bus, node as NodeServerLike & TlsServerLike, certificate));
  }
  return {
    http: bus.use(httpServer(server, options.server)),
    setKeepAlive(ms) {
      // HTTP/2 has no such time.
      if (node && "keepAliveTimeout" in node) node.keepAliveTimeout = ms;
    },
  };
}

/**
 * Warns of what the module exports in vain, and calls its `setup`.
 * @throws {LoadError} If that fails, or does not settle in time.
 */
export async function setUp(
  bus: ProcessBus,
  { application, options, unit }: {
    readonly application: Loaded;
    readonly options: ServeOptions;
    readonly unit?: ServedUnit;
  },
): Promise<void> {
  for (const ignored of application.ignored) bus.log(ignored, { level: "warn", event: "ignored" });
  const { setup } = application;
  if (setup === undefined) return;
  const { module, startWithin: ms, json } = options;
  const action = `set up "${module}"`;
  const body = async () => {
    try {
      await setup(bus);
    } catch (error) {
      throw new LoadError(`Cannot ${action}: ${lineOf(error)}`, { cause: error });
    }
  };
  await within(body, { ms, action, subject: "its setup", json, unit: unit?.name });
}
