// node:http's own close().
import { createServer } from "node:http";
import { listener, onTerm, sayAddress } from "./drain_app.ts";

const server = createServer(listener);
server.listen(0, "127.0.0.1", () => sayAddress(server));
onTerm(() => server.close());
