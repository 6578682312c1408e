/**
 * What an application's default export says besides the application: Bun and others serve by it, `sitebus serve` goes by
 * its own options.
 * @module
 */

/** What servers of other commands read of a default export, with what `sitebus serve` has instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  port: "use --port",
  hostname: "use --host",
  unix: "use --unix",
  tls: "use --tls-cert and --tls-key",
  cert: "use --tls-cert",
  key: "use --tls-key",
  routes: 'use "httpServer(Bun.serve, { fetch, serve: { routes } })" in a program of your own',
  static: 'use "httpServer(Bun.serve, { fetch, serve: { routes } })" in a program of your own',
  websocket: 'use "httpServer(Bun.serve, { fetch, serve: { websocket } })" in a program of your own',
  error: "handle errors in the application",
  onError: "handle errors in the application",
  onListen: 'subscribe to "run" in "setup"',
  idleTimeout: "it is as long as Bun takes",
  maxRequestBodySize: "check the length in the application",
  reusePort: "there is no such option",
};

/** The warnings about a default export: one for each key that is ignored. An object of a class is a framework's. */
export function ignoredOf(main: unknown): string[] {
  if (typeof main !== "object" || main === null || Object.getPrototypeOf(main) !== Object.prototype) {
    return [];
  }
  return Object.keys(main).flatMap((key) => {
    const instead = Object.hasOwn(INSTEAD, key) ? INSTEAD[key] : undefined;
    return instead === undefined ? [] : [`"${key}" of the default export is ignored: ${instead}`];
  });
}
