import { z } from "zod";
import { startSimulator } from "./index.js";

const environment = z.object({
  SIMULATOR_HOST: z.string().default("127.0.0.1"),
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65535).default(8790),
  SIMULATOR_DATA_DIR: z.string().default(".data/simulator"),
  SIMULATOR_RENDER_SECONDS: z.coerce.number().min(0).default(4),
  SIMULATOR_QUEUE_SECONDS: z.coerce.number().min(0).optional(),
  PUBLIC_SIMULATOR_URL: z.url({ protocol: /^https?$/ }).optional(),
  SIMULATOR_FRAMES_PER_SECOND: z.coerce.number().int().min(1).max(60).optional(),
  SIMULATOR_RENDER_CACHE_DIR: z.string().optional(),
});

/** The longest wait for a clean end. Calls still open are then cut; the journal has every job. */
const EXIT_MS = 900;

function refuse(reason: string): never {
  console.error(`simulator: ${reason}`);
  process.exit(1);
}

async function main(): Promise<void> {
  // Prompts, pictures and signing keys are only for the user of this process.
  process.umask(0o077);
  const parsed = environment.safeParse(process.env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    refuse(faults.join("; "));
  }
  const { SIMULATOR_HOST: host, SIMULATOR_PORT: port, SIMULATOR_DATA_DIR: dataDir } = parsed.data;
  const simulator = await startSimulator({
    ...{ host, port, dataDir },
    renderSeconds: parsed.data.SIMULATOR_RENDER_SECONDS,
    publicUrl: parsed.data.PUBLIC_SIMULATOR_URL,
    queueSeconds: parsed.data.SIMULATOR_QUEUE_SECONDS,
    framesPerSecond: parsed.data.SIMULATOR_FRAMES_PER_SECOND,
    renderCacheDir: parsed.data.SIMULATOR_RENDER_CACHE_DIR,
  });

  let stopping = false;
  function stop(): void {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), EXIT_MS).unref();
    void simulator.close().finally(() => process.exit(0));
  }
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);

  console.log(`simulator listening on ${simulator.url} (data in ${dataDir})`);
  process.send?.({ type: "ready", url: simulator.url });
}

main().catch((error: unknown) => refuse(error instanceof Error ? error.message : String(error)));
