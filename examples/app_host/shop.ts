// An application with a component of its own, "shop/db", which starts and stops with the bus of its host.
import type { Guest } from "sitebus";

/** Makes the shop for the guest that it is. */
export default function shop(guest: Guest): (request: Request) => Response {
  const db = guest.use({
    name: "db",
    start() {
      console.log("shop: open");
      return new Map([["books", 3], ["pens", 7]]);
    },
    stop: () => console.log("shop: closed"),
  });
  return (request) => {
    const name = new URL(request.url).pathname.split("/").at(-1) ?? "";
    return new Response(`${name}: ${db.value.get(name) ?? 0} of them, told by the database of the shop\n`);
  };
}
