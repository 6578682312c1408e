/**
 * A function of Netlify: nobody says when its process ends, so what must not be lost is written after each request.
 * @module
 */
import { ProcessBus } from "sitebus";
import { fetchFunction, netlify } from "sitebus/fetch";

const bus = new ProcessBus({ name: "shop", platform: netlify() });

const rates = bus.use({ name: "rates", start: () => ({ eur: 1.1 }) });

const visits = [];
bus.subscribe("flush", () => console.log(`${visits.splice(0).join(", ")} was visited`));

export default fetchFunction(bus, (request) => {
  visits.push(new URL(request.url).pathname);
  return Response.json(rates.value);
});

export const config = { path: "/items" };
