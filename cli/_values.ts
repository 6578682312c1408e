/**
 * The kinds of values that options have. On the command line each is a word; in a config file it may also be a
 * number or a boolean.
 * @module
 */

/** A kind of values. */
export interface Kind<T> {
  /** Reads a value; undefined where it is not of this kind. */
  read(raw: unknown): T | undefined;
  /** The expected value, in the words of an error message. */
  readonly expected: string;
  /** The words that a shell completes it with: the names of files, or these words. */
  readonly offers?: "files" | readonly string[];
}

/** Where the probes of the application's health are answered. */
export interface Health {
  /** The prefix of /livez, /readyz and /startupz: "" or such as "/internal". */
  readonly prefix: string;
  /** A port of their own. Default: that of the application. */
  readonly port?: number;
}

const MAX_PORT = 65_535;
const UNITS = { ms: 1, s: 1000, m: 60_000 };
const MAX_MS = 1440 * UNITS.m;

/** A TCP port; 0 picks a free one. */
export const PORT: Kind<number> = {
  expected: `a port from 0 to ${MAX_PORT}`,
  read(raw) {
    const port = typeof raw === "string" && /^\d+$/.test(raw) ? Number(raw) : raw;
    return Number.isInteger(port) && port as number >= 0 && port as number <= MAX_PORT
      ? port as number
      : undefined;
  },
};

/** A name or an address, as it is given to the system. */
export const HOST: Kind<string> = {
  expected: "a name or an address, such as 0.0.0.0",
  offers: ["127.0.0.1", "0.0.0.0", "localhost"],
  read(raw) {
    if (typeof raw !== "string") return undefined;
    // An IPv6 address may be typed as it stands in a URL.
    const host = /^\[(.*)\]$/.exec(raw)?.[1] ?? raw;
    return /^[\w.:%-]+$/.test(host) ? host : undefined;
  },
};

/** A time in milliseconds that is not zero. */
export const TIME: Kind<number> = {
  expected: "a time from 1ms to 1440m, such as 500ms, 10s or 2m",
  read(raw) {
    const ms = readMs(raw);
    return ms !== undefined && ms >= 1 ? ms : undefined;
  },
};

/** A time in milliseconds that may be zero. */
export const TIME_OR_NONE: Kind<number> = {
  expected: "a time from 0s to 1440m, such as 500ms, 5s or 2m",
  read: readMs,
};

function readMs(raw: unknown): number | undefined {
  const match = typeof raw === "string" ? /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(raw) : null;
  const ms = match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : raw;
  return typeof ms === "number" && ms >= 0 && ms <= MAX_MS ? Math.round(ms) : undefined;
}

/** A whole number from 1 on. */
export const COUNT: Kind<number> = {
  expected: "a whole number from 1 on",
  read: (raw) => readCount(raw, Number.MAX_SAFE_INTEGER),
};

/** How many units there are: a number, or as many as there are processors. */
export const WORKERS: Kind<number | "auto"> = {
  expected: "a whole number from 1 to 1000, or auto",
  offers: ["auto"],
  read: (raw) => raw === "auto" ? raw : readCount(raw, 1000),
};

function readCount(raw: unknown, most: number): number | undefined {
  const count = typeof raw === "string" && /^\d+$/.test(raw) ? Number(raw) : raw;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 1 && count <= most
    ? count
    : undefined;
}

const BYTES = { KB: 1e3, MB: 1e6, GB: 1e9 };

/** A size in bytes. */
export const SIZE: Kind<number> = {
  expected: "a size such as 512MB or 2GB",
  read(raw) {
    const match = typeof raw === "string" ? /^(\d+(?:\.\d+)?)(KB|MB|GB)$/i.exec(raw) : null;
    const bytes = match ? Number(match[1]) * BYTES[match[2]!.toUpperCase() as keyof typeof BYTES] : raw;
    return typeof bytes === "number" && bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER
      ? Math.round(bytes)
      : undefined;
  },
};

/** A user or a group, by name or number. */
export const ACCOUNT: Kind<string> = {
  expected: "a name or a number, such as www-data",
  read: (raw) =>
    typeof raw === "number" && Number.isInteger(raw) && raw >= 0
      ? String(raw)
      : typeof raw === "string" && /^[^\s:/-][^\s:/]*$/.test(raw)
      ? raw
      : undefined,
};

/** The permissions that new files do not get: octal digits, or in a config file also a number. */
export const UMASK: Kind<number> = {
  expected: "three octal digits, such as 027",
  read(raw) {
    const umask = typeof raw === "string" && /^[0-7]{1,4}$/.test(raw) ? Number.parseInt(raw, 8) : raw;
    return typeof umask === "number" && Number.isInteger(umask) && umask >= 0 && umask <= 0o777
      ? umask
      : undefined;
  },
};

/** The path of a file. */
export const FILE: Kind<string> = {
  expected: "the path of a file",
  offers: "files",
  read: (raw) => typeof raw === "string" && raw !== "" && !raw.includes("\0") ? raw : undefined,
};

/** The name of a process, which is also that of a file. */
export const NAME: Kind<string> = {
  expected: "up to 40 letters, digits, and . _ -",
  read: (raw) => typeof raw === "string" && /^\w[\w.-]{0,39}$/.test(raw) ? raw : undefined,
};

/** An option that is on or off. */
export const FLAG: Kind<boolean> = {
  expected: "true or false",
  read: (raw) => typeof raw === "boolean" ? raw : undefined,
};

/** Whether and where the application's health is told: on or off, a port, or what stands before the paths. */
export const HEALTH: Kind<Health | false> = {
  expected: "a path such as /internal, or a port from 1 to 65535",
  read(raw) {
    if (typeof raw === "boolean") return raw && { prefix: "" };
    const port = PORT.read(raw);
    if (port !== undefined) return port === 0 ? undefined : { prefix: "", port };
    return typeof raw === "string" && /^(\/[\w.~-]+)*\/?$/.test(raw) && raw !== ""
      ? { prefix: raw.replace(/\/$/, "") }
      : undefined;
  },
};
