import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCertificate } from "../../cli/certificate.ts";
import { CERT, ENCRYPTED_KEY, KEY, OTHER_KEY } from "./_certificates.ts";
import { folderOf, sitebus } from "./_serve.ts";

const BROKEN = "-----BEGIN CERTIFICATE-----\naaaa\n-----END CERTIFICATE-----\n";

function files(cert: string, key: string): { folder: string; cert: string; key: string } {
  const folder = folderOf({ "a.crt": cert, "a.key": key });
  return { folder, cert: join(folder, "a.crt"), key: join(folder, "a.key") };
}

describe("readCertificate", () => {
  test("reads a certificate and its key, without the text that stands above the PEM", async () => {
    expect(await readCertificate(files(`Subject: CN=localhost\n${CERT}`, KEY))).toEqual({
      cert: CERT,
      key: KEY,
    });
  });

  test("keeps the chain", async () => {
    const chain = `${CERT}\n${CERT}`;
    expect((await readCertificate(files(chain, KEY))).cert).toBe(chain);
  });

  test.each<[string, string, string, RegExp]>([
    [
      "another's key",
      CERT,
      OTHER_KEY,
      /^Cannot use the certificate ".*a\.crt": ".*a\.key" is the key of another one$/,
    ],
    [
      "a certificate that does not parse",
      BROKEN,
      KEY,
      /^Cannot use the certificate ".*a\.crt": it does not parse: /,
    ],
    [
      "a key that does not parse",
      CERT,
      BROKEN.replaceAll("CERTIFICATE", "PRIVATE KEY"),
      /^Cannot use the key ".*a\.key": it does not parse: /,
    ],
    [
      "an encrypted key",
      CERT,
      ENCRYPTED_KEY,
      /^Cannot use the key ".*a\.key": it is encrypted, and no passphrase was given$/,
    ],
    [
      "the two changed over",
      KEY,
      CERT,
      /^Cannot use the certificate ".*a\.crt": it has no certificate in PEM$/,
    ],
    ["a certificate for a key", CERT, CERT, /^Cannot use the key ".*a\.key": it has no key in PEM$/],
  ])("refuses %s", async (_, cert, key, message) => {
    const error = await readCertificate(files(cert, key)).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: "ConfigError", message: expect.stringMatching(message) });
  });

  test("refuses a file that is not there, and a directory", async () => {
    const { folder, cert, key } = files(CERT, KEY);
    const missing = join(folder, "no.crt");
    await expect(readCertificate({ cert: missing, key })).rejects.toThrow(
      `Cannot use the certificate "${missing}": there is no such file`,
    );
    await expect(readCertificate({ cert, key: folder })).rejects.toThrow(
      `Cannot use the key "${folder}": it is a folder`,
    );
  });
});

test("sitebus serve ends with 78 and one line before anything starts", async () => {
  const { folder, cert } = files(CERT, KEY);
  const key = join(folder, "no.key");
  const { code, lines } = await sitebus(["serve", "nothing.ts", "--tls-cert", cert, "--tls-key", key]).exited;
  expect([code, lines]).toEqual([78, [`sitebus: Cannot use the key "${key}": there is no such file`]]);
});
