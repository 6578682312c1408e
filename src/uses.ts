/**
 * The bodies of `use` and `hold`, for the host and for guests.
 * @module
 */
import { isThenable } from "./_adopt.ts";
import { checkKeys, checkName, show } from "./check.ts";
import type { Component, ComponentHandle, Resource, Status } from "./component.ts";
import { TransitionError } from "./errors.ts";
import type { Guests } from "./guests.ts";
import type { Held } from "./held.ts";
import { joinMember, type JoinsHost, removeMember } from "./joins.ts";
import type { Member } from "./member.ts";
import { isApart } from "./members.ts";
import { fullName, type Owner } from "./owner.ts";

/** The part of a bus that `use` and `hold` need. */
export interface UsesHost extends JoinsHost {
  readonly held: Held;
  readonly guests: Guests | undefined;
}

/** Holds a promise for the host, or for a guest. @throws {TypeError} If it is none. */
export function holdFor<T>(
  host: UsesHost,
  promise: Promise<T>,
  options: { readonly name?: string },
  owner?: Owner,
): Promise<T> {
  checkKeys("Cannot hold a promise", options, ["name"]);
  if (!isThenable(promise)) throw new TypeError(`Cannot hold ${show(promise)}: expected a promise`);
  const { name = "promise" } = options;
  checkName("Cannot hold a promise", name);
  host.held.add(promise, fullName(name, owner), owner);
  return promise;
}

/** Uses a component of the host, or of a guest. @throws {Error} If it cannot be used. */
export function useFor(
  host: UsesHost,
  given: Component<unknown> | Resource,
  options?: { readonly name?: string },
  owner?: Owner,
): ComponentHandle<unknown> {
  const { members, state } = host;
  if (state === "exited") {
    throw new TransitionError("exited", state, "start", "the bus has exited and uses no more components");
  }
  const member = members.use(given, options, owner);
  if (state === "start" || state === "run") {
    let isLater: boolean;
    try {
      members.verify();
      isLater = member.component.join === "next";
    } catch (error) {
      members.forget(member);
      throw error;
    }
    if (isLater) return handleOf(host, member);
    if (isApart(member)) host.guests!.joined(member);
    else joinMember(host, member);
  }
  return handleOf(host, member);
}

function handleOf(host: UsesHost, member: Member): ComponentHandle<unknown> {
  return new Handle(member, () => removeMember(host, member));
}

/** The handle that `use` returns. It gives no access to the bus. */
class Handle implements ComponentHandle<unknown> {
  readonly name: string;
  readonly #member: Member;
  readonly #remove: () => Promise<void>;

  constructor(member: Member, remove: () => Promise<void>) {
    this.name = member.name;
    this.#member = member;
    this.#remove = remove;
  }

  get status(): Status {
    return this.#member.status;
  }

  get value(): unknown {
    const { isUp, status, value, name } = this.#member;
    if (isUp || status === "stopping") return value;
    throw new Error(`Cannot read the value of component "${name}": it is ${status}`);
  }

  get ready(): Promise<unknown> {
    return this.#member.ready;
  }

  remove(): Promise<void> {
    return this.#remove();
  }
}
