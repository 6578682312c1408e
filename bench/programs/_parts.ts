/** A part of a program, with its start and its stop. */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const order: string[] = [];

/** Parts that take a turn of the promises, and keep a list of what they did. */
export function makeParts(
  count: number,
  wait: () => unknown = () => null,
): Part[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `part${index}`,
    async start() {
      await wait();
      order.push(`+${index}`);
    },
    async stop() {
      await wait();
      order.push(`-${index}`);
    },
  }));
}

/**
 * Looks whether all were started, then all stopped.
 * @throws {Error} where not.
 */
export function checkParts(count: number): void {
  const [starts, stops] = ["+", "-"].map((sign) =>
    new Set(order.filter((what) => what.startsWith(sign))).size
  );
  const mixed = order.slice(0, count).some((what) => what.startsWith("-"));
  if (
    starts === count && stops === count && order.length === 2 * count && !mixed
  ) return;
  throw new Error(
    `${starts} starts and ${stops} stops in ${order.length}, expected ${count} of each`,
  );
}
