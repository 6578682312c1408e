/**
 * Whose something is, where it is not the host's: told by identity, never by a name.
 * @module
 */

/** A guest, as the core knows it. */
export interface Owner {
  /** Its name, which stands before all that it brings. */
  readonly name: string;
  /** Whether its failed start fails the host's. */
  readonly isCritical: boolean;
  /** Whether it may veto the host's reload. */
  readonly mayVeto: boolean;
}

/** The name of something in the bus: a guest's name stands before all that it brings. */
export function fullName(name: string, owner: Owner | undefined): string {
  return owner ? `${owner.name}/${name}` : name;
}
