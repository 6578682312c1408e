/**
 * What `sitebus --help` and `sitebus --version` print.
 * @module
 */

/** The version of this package, as in its package.json. */
export const VERSION = "0.1.0";

/** How to use `sitebus`. */
export const HELP: string = `sitebus ${VERSION}: runs an application that starts, drains and stops in order

  sitebus serve <module> [options]   serve an application over HTTP
  sitebus --help | --version

The module's default export says what it is:
  export default (request) => new Response("Hello")     a fetch function
  export default app                                    or an object that has one as "fetch": Hono, H3, Elysia
  export default { node: (req, res) => res.end("Hi") }  a Node-style function, or an Express application
It may also bring what runs beside the server, before anything starts:
  export function setup(bus) { bus.use({ name: "db", start: connect, stop: (db) => db.close() }) }

Options:
  --port <port>          port to listen on, 0 for a free one (default 3000)
  --host <host>          name or address to listen on (default 127.0.0.1; 0.0.0.0 for every interface)
  --start-within <time>  time for the components to start (default 30s)
  --stop-within <time>   time for the whole stop (default 25s): 70 % of it at most for requests in flight,
                         15 % to stop components, the rest to clean up. Times are like 500ms, 10s or 2m.

Ctrl-C or SIGTERM: no new connections, requests in flight finish, components stop in reverse order, and the
exit code is 0. A second one ends it at once. Exit codes: 64 wrong usage, 70 a failure, 130 ended by Ctrl-C.
`;
