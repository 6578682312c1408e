/**
 * What may stand in a `sitebus.config.ts`, for the editor and the compiler. `sitebus serve` checks it again.
 * @module
 */

/** A time: milliseconds, or text such as "500ms", "10s" or "2m". */
export type ConfigTime = number | string;

/** The default export of a config file of `sitebus serve`; paths are relative to the file. */
export interface ServeConfig {
  /** The application module. Default: the one on the command line. */
  readonly module?: string | undefined;
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
  /** Nothing but warnings and errors. Default false. */
  readonly quiet?: boolean | undefined;
  /** One JSON object a line. Default false. */
  readonly json?: boolean | undefined;
}
