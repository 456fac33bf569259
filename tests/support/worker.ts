/** The dependencies of a worker's steps, with a real store. The test controls the provider, time and randomness. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModels, type ProviderAdapter } from "@visgate/providers";
import { createDiskStore, createFileUrls } from "@visgate/shared/outputs";
import { createDeliveryWaker, createProducer } from "@visgate/shared/queue";
import type { RequestRecord } from "@visgate/shared/request";
import { createLogger, createReportUrls, createSecrets } from "@visgate/shared/runtime";
import { createGuardedFetch, type UrlPolicy } from "@visgate/shared/runtime/net";
import { createStore, type PoolLimits, type Share, type Store } from "@visgate/shared/store";
import { NO_TRACING } from "@visgate/shared/tracing";
import { Redis } from "ioredis";
import { afterEach } from "vitest";
import type { Deps, Settings } from "../../apps/worker/src/deps.js";
import { createMetrics } from "../../apps/worker/src/metrics.js";
import { createSlots } from "../../apps/worker/src/pacing/slots.js";
import { createHealthReport } from "../../apps/worker/src/provider/health.js";
import { createReceiverSlots } from "../../apps/worker/src/webhooks/slots.js";
import { NEVER_LATE } from "./records.js";
import { useTestRedis } from "./redis.js";
import { createTestClock, type TestClock } from "./signals.js";

export interface TestWorker {
  deps: Deps;
  store: Store;
  clock: TestClock;
  dataDir: string;
  log(): string;
  /** Stores the record as an accepted request, and returns it. */
  keep(record: RequestRecord, encryptedProviderKey?: string): Promise<RequestRecord>;
  record(kept: RequestRecord): Promise<RequestRecord>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  adapter?: Partial<ProviderAdapter>;
  apiKey?: string | null;
  /** Whether the provider can send reports to this server. */
  isReachable?: boolean;
  random?: number;
  isGone?: Deps["isGone"];
  settings?: Partial<Settings>;
  policy?: Partial<UrlPolicy>;
  /** Of the provider account. */
  limits?: Partial<PoolLimits>;
  shareOf?: (organization: string) => Promise<Share>;
}

const silentAdapter: ProviderAdapter = {
  name: "fal",
  rhythm: { minMs: 500, maxMs: 5000, maxPerSecond: 1000 },
  maxDataUriLength: 100_000,
  submit: () => Promise.reject(new Error("submit was not expected")),
  locate: () => Promise.reject(new Error("locate was not expected")),
  poll: () => Promise.reject(new Error("poll was not expected")),
  cancel: () => Promise.reject(new Error("cancel was not expected")),
  upload: () => Promise.reject(new Error("upload was not expected")),
  account: () => Promise.reject(new Error("account was not expected")),
};

/** One Redis for all tests of a file. The workers that a test opens are closed after it. */
export function useTestWorkers() {
  const server = useTestRedis();
  const opened: TestWorker[] = [];
  afterEach(async () => {
    for (const worker of opened.splice(0)) await worker.close();
  });
  return {
    server,
    async openWorker(options: WorkerOptions = {}): Promise<TestWorker> {
      const worker = await createTestWorker(server.url, options);
      opened.push(worker);
      return worker;
    },
  };
}

export async function createTestWorker(redisUrl: string, options: WorkerOptions = {}): Promise<TestWorker> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const clock = createTestClock();
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-worker-"));
  const lines: string[] = [];
  const log = createLogger({
    ...{ level: "debug", service: "worker", secretNames: [] },
    destination: { write: (line: string) => void lines.push(line) },
  });
  const secrets = createSecrets("a master secret for tests");
  const policy = { allowPrivate: false, allowedOrigins: new Set<string>(), ...options.policy };
  const guarded = createGuardedFetch(policy);
  const producer = createProducer({ redis, onError: () => {} });
  const onDeliveries = createDeliveryWaker(producer, log);
  const store = createStore({ redis, clock, actor: "worker-1", onDeliveries });
  const { apiKey = "the-server's-key", isReachable = false } = options;
  const reportUrls = isReachable ? createReportUrls({ base: "https://gateway.test", secrets }) : null;
  const limits = { maxInFlight: null, maxInFlightPerModel: null, createsPerSecond: null, ...options.limits };
  const slots = createSlots({ pools: store.pools, producer, log });
  const health = createHealthReport({ health: store.health, outcomes: store.outcomes, coolDownMs: 60_000, log });
  await store.organizations.ensure("acme", 0);
  // All tests use the same ids for the provider's jobs.
  const jobs = await redis.keys(store.keys.providerJob("*", "*"));
  if (jobs.length > 0) await redis.del(jobs);
  const deps: Deps = {
    store,
    producer,
    outputs: createDiskStore(join(dataDir, "files")),
    outputsHealth: { fault: () => null, check: async () => null },
    fileUrls: createFileUrls({ base: "http://gateway.test", secrets, retentionDays: 30 }),
    secrets,
    catalogue: loadModels(),
    providers: new Map([["fal", { apiKey, adapter: { ...silentAdapter, ...options.adapter }, reportUrls, limits }]]),
    pollLoad: () => ({ inFlight: 1, dueSoon: 1 }),
    slots,
    health,
    shareOf: options.shareOf ?? (async () => ({ weight: 1, maxInFlight: null })),
    guardedFetch: guarded.fetch,
    receiverSlots: createReceiverSlots({ capacity: 200, monotonicNow: clock.now, random: () => options.random ?? 0.5 }),
    clock,
    leaseId: "lease-1",
    isGone: options.isGone ?? store.leases.isGone,
    isolation: null,
    posters: null,
    newToken: randomUUID,
    random: () => options.random ?? 0.5,
    log,
    tracing: NO_TRACING,
    metrics: createMetrics(),
    settings: {
      publicBase: "http://gateway.test",
      ...{ actor: "worker-1", cacheTtlSeconds: 86_400, cacheIsShared: false },
      submitTimeoutMs: 30_000,
      locateMs: 120_000,
      maxOutputBytes: 100_000,
      retentionDays: 30,
      webhookRetrySeconds: [5, 30],
      disableAfterMs: 5 * 86_400_000,
      alerts: { errorRate: 0.5, queueAgeMs: 300_000, clearMs: 60_000 },
      ...options.settings,
    },
  };
  return {
    deps,
    store,
    clock,
    dataDir,
    log: () => lines.join(""),
    async keep(record, encryptedProviderKey) {
      await store.requests.accept({
        record,
        idempotency: null,
        notAfter: NEVER_LATE,
        encryptedProviderKey: encryptedProviderKey ?? null,
      });
      return record;
    },
    async record(kept) {
      const stored = await store.requests.get(kept);
      if (stored === null) throw new Error("the record is gone");
      return stored.doc;
    },
    async close() {
      slots.close();
      await health.close();
      await producer.close();
      await guarded.close();
      redis.disconnect();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
