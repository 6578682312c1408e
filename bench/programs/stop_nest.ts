// Nest with enableShutdownHooks(), which has no deadline.
import { loadPeer } from "../_peers.ts";
import { stayAlive, stop } from "./_stop.ts";

interface Context {
  enableShutdownHooks(): void;
}
interface Core {
  NestFactory: {
    createApplicationContext(
      module: unknown,
      options: { logger: false },
    ): Promise<Context>;
  };
}

await loadPeer("reflect-metadata");
const { NestFactory } = await loadPeer<Core>("@nestjs/core");
const part = {
  provide: "part",
  useFactory: () => ({ onModuleDestroy: () => stop() }),
};
const context = await NestFactory.createApplicationContext(
  { module: class Parts {}, providers: [part] },
  { logger: false },
);
context.enableShutdownHooks();
stayAlive();
