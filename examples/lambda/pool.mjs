/** Stands in for the pool of a database. */
export class Pool {
  #url;
  #rows = 0;

  constructor(url) {
    this.#url = url;
  }

  static async open(url = "postgres://localhost/orders", { signal } = {}) {
    signal?.throwIfAborted();
    console.log(`pool: open to ${url}`);
    return new Pool(url);
  }

  async insert(_order, { signal } = {}) {
    signal?.throwIfAborted();
    return ++this.#rows;
  }

  async reconnect() {
    console.log(`pool: open to ${this.#url} again`);
  }

  async close() {
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log("pool: closed");
  }
}
