/** Stands in for a database. */
export const db = {
  orders: undefined,
  open() {
    this.orders = [];
  },
  close() {
    console.log("database closed");
  },
};
