/**
 * Files that are read again without a restart: `configFile` for a configuration, `tlsFiles` for a certificate and its key.
 *
 * @example
 * ```ts ignore
 * const bus = new ProcessBus({ platform: native() });
 * const config = bus.use(configFile(bus, "shop.json", { schema: z.object({ greeting: z.string() }) }));
 * bus.use(tlsFiles(bus, server, { cert: "cert.pem", key: "key.pem" }));
 * ```
 * @module
 */
export { type Config, configFile, type ConfigFileOptions } from "./reload/config_file.ts";
export type { FileChanges, Hashes } from "./reload/contents.ts";
export type { ReloadableBus } from "./reload/reloadable_bus.ts";
export type { IssueLike, ResultLike, SchemaLike } from "./reload/schema.ts";
export { type TlsCertificate, type TlsFiles, tlsFiles, type TlsFilesOptions } from "./reload/tls_files.ts";
export type { TlsServerLike } from "./reload/tls_server.ts";
export type { UrlLike } from "../src/internal.ts";
