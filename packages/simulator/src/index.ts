import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { seenBy } from "./core/base-url.js";
import { controlRoutes } from "./core/control.js";
import type { Job } from "./core/job.js";
import { openJournal, readJournal } from "./core/journal.js";
import { apply, createLedger, type Ledger, type LedgerEvent, withoutOld } from "./core/ledger.js";
import type { SeenBy, SimulatedProvider } from "./core/provider.js";
import { assertLoopback, listen } from "./core/server.js";
import { createSettings } from "./core/settings.js";
import { createSimulation, type Simulation } from "./core/simulation.js";
import { createWebhooks, type Webhooks } from "./core/webhooks.js";
import { createSingleFlight, openInputs } from "./media/inputs.js";
import { openLibrary } from "./media/library.js";
import { withCache } from "./media/render-cache.js";
import { createRenderer } from "./media/renderer.js";
import { mediaRoutes } from "./media/routes.js";
import { openProviders } from "./providers.js";

export interface SimulatorOptions {
  /** A loopback address; any other address is refused. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** The address for callers elsewhere, for example behind a proxy: calls with its host get URLs that begin with it. */
  publicUrl?: string | undefined;
  dataDir: string;
  /** Wall-clock seconds a render takes. */
  renderSeconds: number;
  /** Wall-clock seconds a job waits before its render; half of `renderSeconds` if absent. */
  queueSeconds?: number | undefined;
  /** Of the videos. Fewer are rendered faster. Default 24. */
  framesPerSecond?: number | undefined;
  /** A folder of finished renders that several simulators share; without it nothing is shared. */
  renderCacheDir?: string | undefined;
  now?: () => number;
  newId?: () => string;
}

export interface Simulator {
  url: string;
  close(): Promise<void>;
}

const KEEP_MS = 24 * 3600 * 1000;

/** The hashes of the uploaded pictures and of those that a job may still be drawn from. */
function picturesInUse({ jobs, uploads }: Ledger): Set<string> {
  const specs = [...jobs.values()].flatMap((job) => (job.plan.kind === "media" ? job.plan.specs : []));
  const images = specs.flatMap((spec) => (spec.kind === "video" && spec.image ? [spec.image] : []));
  const given = images.flatMap((image) => (image.from === "stored" ? [image.sha256] : []));
  return new Set([...given, ...[...uploads.values()].map(({ sha256 }) => sha256)]);
}

function routes(simulation: Simulation, providers: readonly SimulatedProvider[]): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.route("/control", controlRoutes(simulation));
  app.route("/media", mediaRoutes(simulation));
  const forCall: SeenBy = (c) => seenBy(c.req.header("host"), simulation);
  for (const provider of providers) app.route(`/${provider.name}`, provider.routes(forCall));
  app.notFound((c) => c.json({ detail: "Not Found" }, 404));
  app.onError((error, c) => c.json({ detail: String(error) }, 500));
  return app;
}

type Filled = SimulatorOptions & Required<Pick<SimulatorOptions, "now" | "newId">>;

async function openStores({ dataDir, renderCacheDir, newId, framesPerSecond = 24 }: Filled) {
  await mkdir(dataDir, { recursive: true });
  const singleFlight = createSingleFlight();
  const own = createRenderer();
  const renderer = renderCacheDir === undefined ? own : withCache(own, renderCacheDir);
  const inputs = await openInputs(join(dataDir, "inputs"), newId, singleFlight);
  const library = await openLibrary({ dir: join(dataDir, "media"), inputs, renderer, singleFlight, framesPerSecond });
  return { renderer, inputs, library };
}

async function openLedger(dataDir: string, now: number) {
  const path = join(dataDir, "journal.jsonl");
  const events = withoutOld(await readJournal<LedgerEvent>(path), now - KEEP_MS);
  const ledger = createLedger();
  for (const event of events) apply(ledger, event);
  return { ledger, journal: await openJournal(path, events) };
}

interface Opened {
  app: Hono<{ Bindings: HttpBindings }>;
  close(): Promise<void>;
}

/** Loads the jobs of an earlier process and continues them. */
async function open(options: Filled, url: string): Promise<Opened> {
  const { dataDir, publicUrl, now, newId } = options;
  const { renderer, inputs, library } = await openStores(options);
  const { ledger, journal } = await openLedger(dataDir, now());
  await inputs.prune(picturesInUse(ledger));
  const providers = await openProviders(dataDir);
  const providerOf = (job: Job) => providers.find(({ name }) => name === job.provider) as SimulatedProvider;
  const webhooks: Webhooks = createWebhooks({
    now,
    url,
    webhookOf: (job) => providerOf(job).webhook,
    commit: (event) => simulation.commit(event),
  });
  const settings = createSettings(options);
  const onProgress = webhooks.schedule;
  const parts = { now, newId, url, publicUrl, ledger, journal, library, inputs, settings, onProgress };
  const simulation = createSimulation(parts);
  for (const job of ledger.jobs.values()) simulation.continueJob(job);
  return {
    app: routes(simulation, providers),
    async close() {
      webhooks.close();
      await renderer.close();
      await journal.close();
    },
  };
}

/** Starts every simulated provider in this process, with the jobs that an earlier process left in `dataDir`. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { host, port } = options;
  assertLoopback(host);
  const full = { now: Date.now, newId: randomUUID, ...options, dataDir: resolve(options.dataDir) };
  // Listens before it opens the journal: a second process on the same port must not rewrite the journal.
  const server = await listen(host, port, async (request, bindings) => (await opening).app.fetch(request, bindings));
  const opening = open(full, server.url);
  const opened = await opening.catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  return {
    url: server.url,
    async close() {
      await server.close();
      await opened.close();
    },
  };
}
