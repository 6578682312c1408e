/**
 * One text for all configurations that say the same.
 * @module
 */

/** How deep a configuration may be nested. */
const MAX_DEPTH = 64;

/**
 * Returns the text that all configurations of the same content have: JSON whose keys are sorted. As in JSON, a property
 * that is undefined, and one whose key is a symbol, counts as one that is not there.
 *
 * @throws {TypeError} If it is no plain data, naming the place and what was found there.
 */
export function canonical(config: unknown): string {
  return textOf(config, []);
}

interface Step {
  readonly key: string | number;
  readonly parent: object;
}

function textOf(value: unknown, path: readonly Step[]): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return JSON.stringify(value);
    refuse(String(value), path);
  }
  if (typeof value !== "object") refuse(value === undefined ? "undefined" : `a ${typeof value}`, path);
  if (path.some(({ parent }) => parent === value)) refuse("an object that contains itself", path);
  if (path.length >= MAX_DEPTH) refuse(`nested more than ${MAX_DEPTH} deep`, path.slice(0, 3));
  if (Array.isArray(value)) {
    // By index, so that a hole is found.
    const items = Array.from(value, (item: unknown, key) => textOf(item, [...path, { key, parent: value }]));
    return `[${items.join()}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    refuse(`an object of ${classOf(prototype)}`, path);
  }
  const object = value as Readonly<Record<string, unknown>>;
  const properties = Object.keys(object).sort().filter((key) => object[key] !== undefined).map((key) =>
    `${JSON.stringify(key)}:${textOf(object[key], [...path, { key, parent: value }])}`
  );
  return `{${properties.join()}}`;
}

function classOf(prototype: unknown): string {
  const { constructor } = Object(prototype) as { readonly constructor?: { readonly name?: unknown } };
  const name = constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `the class ${name}`
    : "no plain prototype";
}

function refuse(found: string, path: readonly Step[]): never {
  const place = path.map(({ key }) => typeof key === "number" ? `[${key}]` : `.${key}`).join("").replace(
    /^\./,
    "",
  );
  const where = place === "" ? "it is" : `"${place}" is`;
  throw new TypeError(
    `Cannot use the configuration: ${where} ${found}, expected plain data: ` +
      "null, booleans, finite numbers, strings, lists, and objects of these",
  );
}

/**
 * Whether two configurations like this one say the same where their JSON is the same. It is made for speed, and false
 * also for a few that `canonical` takes.
 */
export function isPlain(config: unknown): boolean {
  return isPlainValue(config, MAX_DEPTH);
}

function isPlainValue(value: unknown, depth: number): boolean {
  // The difference of an infinite number, or of NaN, with itself is not 0.
  if (typeof value === "number") return value - value === 0;
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  if (value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (typeof item !== "string" && !isPlainValue(item, depth - 1)) return false;
    }
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    const property = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof property === "string" || property === undefined) continue;
    if (!isPlainValue(property, depth - 1)) return false;
  }
  return true;
}
