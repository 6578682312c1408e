/**
 * Keeps a process alive while a bus is blocked.
 * @module
 */

/**
 * Makes the function `park` of a platform. One timer that practically never fires is the only handle that keeps Node, Deno and
 * Bun alive and costs no CPU in any of them. Calls of `park` at the same time share the timer.
 */
export function keepAlive(): (until: Promise<unknown>) => Promise<void> {
  let parked = 0;
  let handle: ReturnType<typeof setInterval> | undefined;
  return async (until) => {
    if (parked++ === 0) handle = setInterval(() => {}, 2 ** 30);
    try {
      await until;
    } catch {
      // The bus reports the failure; parking only waits.
    } finally {
      if (--parked === 0) clearInterval(handle);
    }
  };
}
