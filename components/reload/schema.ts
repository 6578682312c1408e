/**
 * The check of a configuration by any schema that follows Standard Schema, as those of zod, valibot and arktype do.
 * @see https://standardschema.dev/
 * @module
 */

/** The members of a schema that are used here. */
export interface SchemaLike<T> {
  /** Its part that all such libraries share. */
  readonly "~standard": {
    /** Checks a value, and may change it. */
    readonly validate: (value: unknown) => ResultLike<T> | Promise<ResultLike<T>>;
  };
}

/** The result of a check: a value, or issues. */
export type ResultLike<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly IssueLike[] };

/** One issue of a value. */
export interface IssueLike {
  /** The message. */
  readonly message: string;
  /** Where it is. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** How many issues a message names. */
const MAX_ISSUES = 3;

/** Checks a value by a schema. @throws {TypeError} If it does not hold, naming the places and what is wrong there. */
export async function checkBySchema<T>(schema: SchemaLike<T>, value: unknown): Promise<T> {
  const result = await schema["~standard"].validate(value);
  if (!result.issues) return result.value;
  const issues = result.issues.slice(0, MAX_ISSUES).map(({ message, path = [] }) => {
    const place = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
    return place === "" ? message : `"${place}": ${message}`;
  });
  const more = result.issues.length - issues.length;
  throw new TypeError(`${issues.join("; ")}${more > 0 ? `; and ${more} more` : ""}`);
}
