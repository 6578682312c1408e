const counts = new Map();

/** Stands in for a client of a service that takes metrics in batches. */
export const metrics = {
  count(name) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  },
  async send({ signal }) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(`metrics: sent ${JSON.stringify(Object.fromEntries(counts))}`);
    counts.clear();
  },
};
