/**
 * Values that nobody expects: errors that throw when they are looked at, and thenables that keep no promise.
 * @module
 */

/** Makes one odd value anew. */
export type Odd = () => unknown;

function throws(): never {
  throw new Error("a getter throws");
}

/** An error with one property that throws when it is read. */
function errorWith(property: PropertyKey): Odd {
  return () => Object.defineProperty(new Error("odd"), property, { get: throws });
}

/** A proxy whose every trap throws. */
function hostile(target: object): unknown {
  return new Proxy(target, new Proxy({}, { get: () => throws }));
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** What may be thrown. */
export const ODD_ERRORS: Readonly<Record<string, Odd>> = {
  "an error whose cause throws": errorWith("cause"),
  "an error whose name throws": errorWith("name"),
  "an error whose message throws": errorWith("message"),
  "an error whose toString throws": errorWith("toString"),
  "an error whose constructor throws": errorWith("constructor"),
  "an error whose stack throws": errorWith("stack"),
  "an error whose then throws": errorWith("then"),
  "an error whose primitive throws": errorWith(Symbol.toPrimitive),
  "an error whose message is a symbol": () => Object.assign(new Error(), { message: Symbol("odd") }),
  "an error whose name is a symbol": () => Object.assign(new Error(), { name: Symbol("odd") }),
  "an error that is its own cause": () => {
    const error = new Error("odd");
    error.cause = error;
    return error;
  },
  "an object that cannot be printed": () => ({ toString: throws, valueOf: throws }),
  "an object that prints as an object": () => ({ toString: () => ({}) }),
  "an object without a prototype": () => Object.create(null),
  "a revoked proxy": () => revoked({}),
  "a revoked proxy of a function": () => revoked(throws),
  "a proxy that throws": () => hostile({}),
  "a proxy of an error that throws": () => hostile(new Error("odd")),
  "a function whose name is a symbol": () =>
    Object.defineProperty(() => {}, "name", { value: Symbol("odd") }),
  "a function whose name throws": () => Object.defineProperty(() => {}, "name", { get: throws }),
  "a symbol": () => Symbol("odd"),
  "a big integer": () => 1n,
  "nothing": () => undefined,
  "null": () => null,
};

function native(then: unknown, promise = Promise.resolve("odd")): unknown {
  return Object.defineProperty(promise, "then", { value: then });
}

type Answer = (value?: unknown) => void;

/** What may be returned. */
export const ODD_THENABLES: Readonly<Record<string, Odd>> = {
  "a thenable whose then throws": () => ({ then: throws }),
  "a thenable whose then cannot be read": () => Object.defineProperty({}, "then", { get: throws }),
  "a thenable whose then can be read once": () => {
    let reads = 0;
    const then = (yes: Answer) => yes();
    return Object.defineProperty({}, "then", { get: () => ++reads > 1 ? throws() : then });
  },
  "a thenable that says yes twice": () => ({ then: (yes: Answer) => (yes("one"), yes("two")) }),
  "a thenable that says yes and no": () => ({
    then: (yes: Answer, no: Answer) => (yes("one"), no(new Error("no"))),
  }),
  "a thenable that says no and yes": () => ({
    then: (yes: Answer, no: Answer) => (no(new Error("no")), yes("one")),
  }),
  "a thenable that says yes and throws": () => ({ then: (yes: Answer) => (yes("one"), throws()) }),
  "a thenable that answers later, twice": () => ({
    then(yes: Answer, no: Answer) {
      void Promise.resolve().then(() => yes("one")).then(() => no(new Error("no"))).then(() => yes("two"));
    },
  }),
  "a thenable that answers its second then alone": () => {
    let asked = 0;
    return { then: (yes: Answer) => ++asked > 1 && yes("one") };
  },
  "a thenable that never answers": () => ({ then() {} }),
  "a thenable that resolves to itself": () => {
    const self = { then: (yes: Answer) => yes(self) };
    return self;
  },
  "a thenable that resolves to itself later": () => {
    const self = { then: (yes: Answer) => void Promise.resolve().then(() => yes(self)) };
    return self;
  },
  "two thenables that resolve to each other": () => {
    const one: object = { then: (yes: Answer) => yes(other) };
    const other = { then: (yes: Answer) => yes(one) };
    return one;
  },
  "a thenable that resolves to a new one for ever": () => {
    const next = () => ({ then: (yes: Answer) => yes(next()) });
    return next();
  },
  "a thenable that rejects with a thenable": () => ({
    then: (_: Answer, no: Answer) => no({ then: throws }),
  }),
  "a thenable function": () => Object.assign(() => {}, { then: (yes: Answer) => yes("one") }),
  "a promise whose own then calls back twice": () => native((yes: Answer) => (yes("one"), yes("two"))),
  "a promise whose own then says yes and no": () =>
    native((yes: Answer, no: Answer) => (yes("one"), no(new Error("no")))),
  "a promise whose own then throws": () => native(throws),
  "a promise whose own then never answers": () => native(() => {}),
  "a promise whose own then is none": () => native("none"),
  "a promise whose constructor throws": () =>
    Object.defineProperty(Promise.resolve("one"), "constructor", { get: throws }),
  "a promise of a class that throws": () =>
    Object.defineProperty(Promise.resolve("one"), "constructor", { value: { [Symbol.species]: throws } }),
  "an object that takes its then from promises": () => ({ then: Promise.prototype.then }),
  "a revoked proxy": () => revoked({}),
  "a proxy that throws": () => hostile({}),
  "a proxy of a promise": () => new Proxy(Promise.resolve("one"), {}),
};
