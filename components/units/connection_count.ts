/**
 * The connections that a unit may have: it says when it is worn, and closes when it is full.
 * @module
 */
import { type Accepting, watchAccepted } from "../http/accepted.ts";
import type { UpLink } from "./up_link.ts";

/** Begins to count, where the site has set a limit. */
export function countConnections(link: UpLink): void {
  const { connections } = link;
  if (connections === undefined) return;
  const { worn, most } = connections;
  const servers = new Set<Accepting>();
  let count = 0;
  watchAccepted((server) => {
    servers.add(server);
    count++;
    if (count === worn && worn < most) link.send({ sitebus: "worn" });
    if (count < most) return;
    // In the very moment, so that the next connection is another unit's.
    for (const one of servers) one.stop();
    if (count === most) link.send({ sitebus: "full" });
  });
}
