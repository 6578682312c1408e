/**
 * The address of a unix socket, as the calls of the C library take it.
 * @see https://man7.org/linux/man-pages/man7/unix.7.html
 * @module
 */

/** The family of unix sockets. */
export const AF_UNIX = 1;

const LONGEST_PATH = 107;

/**
 * The address of a path, or of an abstract name, which begins with "@" as systemd writes it.
 * @throws {Error} If it is too long.
 */
export function unixAddress(path: string, isAbstract = false): Uint8Array {
  const text = new TextEncoder().encode(path);
  if (text.length > LONGEST_PATH) {
    throw new Error(`the path has ${text.length} bytes, and ${LONGEST_PATH} are the most`);
  }
  // A path ends with a zero; an abstract name begins with one, and its length is that of the address.
  const bytes = new Uint8Array(2 + text.length + (isAbstract ? 0 : 1));
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(text, 2);
  if (isAbstract) bytes[2] = 0;
  return bytes;
}
