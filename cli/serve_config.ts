/**
 * The keys of a `sitebus.config.ts`, for the editor and the compiler. `sitebus serve` checks it again.
 * @module
 */

/** A time: milliseconds, or text such as "500ms", "10s" or "2m". */
export type ConfigTime = number | string;

/** One of several modules that are served; its default export is a factory, `(guest) => application`. */
export interface ServedApp {
  /** The module. */
  readonly module: string;
  /** The name of its guest. Default: after its path, as "shop" for "/shop", and "root" for "/". */
  readonly name?: string | undefined;
  /** Its rights at the bus: "reload", "veto", "critical", a goal, "publish:<channel>". Default: nothing. */
  readonly rights?: readonly string[] | undefined;
  /** Made when the bus starts, and not by its first request. Default false. */
  readonly warm?: boolean | undefined;
  /** How long it stays without a request. Default: as long as the process. */
  readonly idleMs?: ConfigTime | undefined;
  /** How long its module, its factory and its components may take. Default 30 s. */
  readonly within?: ConfigTime | undefined;
}

/** The default export of a config file of `sitebus serve`; paths are relative to the file. */
export interface ServeConfig {
  /** The application module. Default: the one on the command line. */
  readonly module?: string | undefined;
  /** Several modules by their paths, in place of one: `{ "/shop": "./shop.ts", "/": { module: "./main.ts", warm: true } }`. */
  readonly apps?: Readonly<Record<string, string | ServedApp | undefined>> | undefined;
  /** The port to listen on; 0 picks a free one. Default 3000. */
  readonly port?: number | string | undefined;
  /** The name or address to listen on. Default "127.0.0.1". */
  readonly host?: string | undefined;
  /** A unix socket instead of host and port. */
  readonly unix?: string | undefined;
  /** A certificate to serve HTTPS with, in PEM, its chain below it. */
  readonly tlsCert?: string | undefined;
  /** The private key of the certificate, in PEM. */
  readonly tlsKey?: string | undefined;
  /** Answers /livez, /readyz and /startupz: `true`, a path to stand before them, or a port of their own. Default false. */
  readonly health?: boolean | number | string | undefined;
  /** For how long it serves on when it is asked to stop, not ready meanwhile. Default 0. */
  readonly lameDuck?: ConfigTime | undefined;
  /** How long a connection of Node's server may be idle: more than the load balancer allows it to be. Default 65 s. */
  readonly keepAlive?: ConfigTime | undefined;
  /** Serves by so many processes on one socket; "auto": as many as there are processors. Default: by this process alone. */
  readonly workers?: number | string | undefined;
  /** By threads of one process instead. Default false. */
  readonly threads?: boolean | undefined;
  /** Replaces a worker after so many connections. Default never. */
  readonly maxRequests?: number | string | undefined;
  /** Replaces a worker that has more memory: bytes, or text such as "512MB". Default never. */
  readonly maxMemory?: number | string | undefined;
  /** One request at a time in each process or thread. Default false. */
  readonly serialize?: boolean | undefined;
  /** The time for the components to start. Default 30 s. */
  readonly startWithin?: ConfigTime | undefined;
  /** The time for the whole stop. Default 25 s. */
  readonly stopWithin?: ConfigTime | undefined;
  /** Whether a control socket is opened, for `sitebus ps` and `sitebus ctl`. Default true. */
  readonly control?: boolean | undefined;
  /** A status page for a browser, on this port of 127.0.0.1; 0 picks a free one. Default: none. */
  readonly statusPort?: number | string | undefined;
  /** The name that the process is found by. Default: that of the module, or of its directory. */
  readonly name?: string | undefined;
  /** Serves by a process that is replaced where a file that it loaded changes. Default false. */
  readonly watch?: boolean | undefined;
  /** Serves in the background; the command returns when it is ready. Default false. */
  readonly daemon?: boolean | undefined;
  /** The file that all it prints goes to; SIGUSR1 opens it again. Default: the standard error. */
  readonly logFile?: string | undefined;
  /** The file that holds the number of the process, and that a second process cannot have. */
  readonly pidFile?: string | undefined;
  /** The user to run as once the port is open, by name or number. Default: it stays. */
  readonly user?: string | number | undefined;
  /** The group to run as. Default: that of the user. */
  readonly group?: string | number | undefined;
  /** The permissions that new files do not get: octal digits such as "027", or a number. Default: it stays. */
  readonly umask?: string | number | undefined;
  /** How long the event loop may stand still before the process is ended; at least 300 ms. Default: watched in a stop alone. */
  readonly watchdog?: ConfigTime | undefined;
  /** Nothing but warnings and errors. Default false. */
  readonly quiet?: boolean | undefined;
  /** One JSON object a line. Default false. */
  readonly json?: boolean | undefined;
  /** Reloads when the config file, the certificate or its key changes. Default: only by SIGHUP. */
  readonly reload?: boolean | undefined;
}
