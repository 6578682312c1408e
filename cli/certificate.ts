/**
 * The certificate and key of `sitebus serve`, held against each other before anything starts.
 * @module
 */
import {
  checkKeyPair,
  type KeyPairFiles,
  type KeyPairText,
  readKeyPair,
} from "../components/reload/key_pair.ts";
import { textOf } from "../src/errors.ts";
import { ConfigError } from "./config_error.ts";

/**
 * Reads both files.
 * @throws {ConfigError} Naming the file that is not there, cannot be read, or does not fit the other.
 */
export async function readCertificate(files: KeyPairFiles): Promise<KeyPairText> {
  try {
    const { cert, key } = checkKeyPair(await readKeyPair(files), files);
    return { cert, key };
  } catch (error) {
    throw new ConfigError(textOf(error), { cause: error });
  }
}
