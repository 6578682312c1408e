// An application that is loaded by its first request, and closed when nobody reads it.
import type { Guest } from "sitebus";

/** Makes the blog for the guest that it is. */
export default function blog(guest: Guest): () => Response {
  console.log("blog: loaded");
  guest.use({ name: "pages", stop: () => console.log("blog: closed") });
  let reads = 0;
  return () => new Response(`a page of the blog, read ${++reads === 1 ? "for the first time" : "again"}\n`);
}
