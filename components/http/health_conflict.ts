/**
 * Finds out whether an application serves a path of its health itself: it would never be asked for it again.
 * @module
 */
/** The application, as a function. */
export type FetchLike = (request: never, more: never) => unknown;

/** How long an application may take to say what it answers, in milliseconds. */
const WITHIN_MS = 1000;

/**
 * Asks the application for its health paths, and for one that nobody has.
 * @throws {Error} Where it has one of the health paths, naming it.
 */
export async function refuseConflict(fetch: FetchLike, paths: readonly string[]): Promise<void> {
  const unlikely = `/${Math.random().toString(36).slice(2)}`;
  const [none, ...found] = await Promise.all([unlikely, ...paths].map((path) => statusOf(fetch, path)));
  // One that answers everything does not mean these.
  if (none !== 404) return;
  const conflict = paths.find((_, index) => found[index] !== undefined && found[index] !== 404);
  if (conflict === undefined) return;
  throw new Error(
    `Cannot answer for the health at "${conflict}": the application serves this path itself; ` +
      `give the health another path, or a port of its own`,
  );
}

/** Undefined where it does not say: it wants more than a request, or is slow. */
async function statusOf(fetch: FetchLike, path: string): Promise<number | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), WITHIN_MS);
  });
  try {
    const answer = Promise.resolve(
      fetch(new Request(`http://localhost${path}`) as never, undefined as never),
    );
    const response = await Promise.race([answer, late]) as Response | undefined;
    await response?.body?.cancel();
    return response?.status;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
