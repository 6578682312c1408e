/**
 * Makes servers listen only on 127.0.0.1 and print their port. The servers of some hosts would listen on every address.
 * @module
 */
import { type ListenOptions, Server } from "node:net";
import { print } from "./_print.ts";

type Listen = (this: Server, options: ListenOptions, listening?: () => void) => Server;

const listen = Server.prototype.listen as Listen;

Server.prototype.listen = function (
  this: Server,
  place: ListenOptions | number | string,
  ...rest: unknown[]
) {
  const options = typeof place === "object" ? place : { port: Number(place) };
  this.once("listening", () => {
    const address = this.address();
    print(`listening on ${typeof address === "object" ? address?.port : address}`);
  });
  const listening = rest.find((one) => typeof one === "function") as (() => void) | undefined;
  return listen.call(this, { ...options, host: "127.0.0.1" }, listening);
} as Server["listen"];
