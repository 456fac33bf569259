/** The API in this process, on a real Redis, without a worker: tests apply the transitions that a worker would. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModels } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import { newRequestId } from "@visgate/shared/ids";
import { newOrganization } from "@visgate/shared/organization";
import { createDiskStore, createFileUrls, outputKey } from "@visgate/shared/outputs";
import { createDeliveryWaker, createProducer } from "@visgate/shared/queue";
import type { Output, RequestRef, Transition } from "@visgate/shared/request";
import { createLogger, createSecrets } from "@visgate/shared/runtime";
import {
  connectFailFast,
  connectSubscriber,
  createGate,
  createRedisClock,
  createReplicas,
  createStore,
  createSubscriber,
  inspectRedis,
  type Redis,
  registerDefaultOrganization,
} from "@visgate/shared/store";
import { NO_TRACING } from "@visgate/shared/tracing";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { createApi } from "../../apps/api/src/app.js";
import { createCacheMemory } from "../../apps/api/src/cache/find-in-cache.js";
import type { Deps, Settings } from "../../apps/api/src/deps.js";
import { createAccessLog } from "../../apps/api/src/http/access-log.js";
import { createImageConverter } from "../../apps/api/src/images/converter.js";
import { createMetrics, registerRedisGauges } from "../../apps/api/src/metrics.js";
import { createStoredKeys } from "../../apps/api/src/stored-keys.js";
import { createWithdrawals } from "../../apps/api/src/use-cases/withdraw-requests.js";
import { onceStarted } from "./once-started.js";
import { apiKeyOf, submitIntended } from "./records.js";
import { type TestRedis, useTestRedis } from "./redis.js";
import { createTestClock, type TestClock } from "./signals.js";

export const KEY = "vg-key-of-the-default-organization";
export const OTHER_KEY = "vg-key-of-another-organization";
export const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
export const BASE = "http://gateway.test";
/** Not cached, so that two submits are two requests. */
export const VEO = { model: "fal-ai/veo3", prompt: "a bird, private-prompt-text", cache: "off" } as const;
export const ASYNC = { prefer: "respond-async" } as const;

export interface ApiAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely; contract tests check their shapes
  body: any;
  bytes: Buffer;
  ms: number;
}

export interface CallOptions {
  headers?: Record<string, string>;
  /** An object is sent as JSON, text and bytes as they are. */
  body?: object | string | Uint8Array;
  /** Null sends no key. */
  key?: string | null;
  signal?: AbortSignal;
}

export interface TestApi {
  deps: Deps;
  clock: TestClock;
  redis: Redis;
  dataDir: string;
  /** All log lines. */
  log(): string;
  routes(): { method: string; path: string }[];
  /** `path`: a whole URL, or a path below /api/v1. */
  call(method: string, path: string, options?: CallOptions): Promise<ApiAnswer>;
  /** Opens a stream; the test reads or cancels it. */
  open(path: string, headers?: Record<string, string>): Promise<Response>;
  generate(body: object, headers?: Record<string, string>): Promise<ApiAnswer>;
  /** Submits async; returns the request id. */
  submit(body?: object, headers?: Record<string, string>): Promise<string>;
  /** The keys with hashes of their contents, the job counts and the files, to check that a call changed nothing. */
  traces(): Promise<unknown>;
  apply(id: string, ...transitions: Transition[]): Promise<void>;
  complete(id: string, media?: Uint8Array): Promise<Output>;
  completeWith(id: string, outputs: Output[]): Promise<void>;
  fail(id: string, failure?: Partial<Failure>): Promise<void>;
  close(): Promise<void>;
}

export interface ApiOptions {
  settings?: Partial<Settings>;
  deps?: Partial<Deps>;
  /** ACCEPT_REPLICAS. */
  replicas?: number;
  /** ACCEPT_REPLICAS_ON_DISK. */
  onDisk?: boolean;
}

export const ref = (id: string, organization = "default"): RequestRef => ({ organization, id });

/** One Redis and one API for all tests of a file. */
export function useTestApi(options: ApiOptions = {}): { server: TestRedis; api: TestApi } {
  const server = useTestRedis();
  let api: TestApi | undefined;
  beforeAll(async () => {
    api = await startTestApi(server.url, options);
  });
  afterAll(() => api?.close());
  return { server, api: onceStarted(() => api) };
}

/** For refused calls: each test of this file or `describe` leaves nothing behind, no key, no job and no file. */
export function expectNothingLeftBehind(api: Pick<TestApi, "traces">): void {
  let before: unknown;
  beforeEach(async () => {
    before = await api.traces();
  });
  afterEach(async () => {
    expect(await api.traces()).toEqual(before);
  });
}

export async function startTestApi(redisUrl: string, options: ApiOptions = {}): Promise<TestApi> {
  const clock = createTestClock(Date.now());
  const connections = await connect(redisUrl);
  const { redis, queueRedis, subscriberRedis } = connections;
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-api-"));
  const lines: string[] = [];
  const logging = {
    level: "debug",
    service: "api",
    secretNames: [],
    destination: { write: (line: string) => void lines.push(line) },
  };
  const log = createLogger(logging);
  const producer = createProducer({
    redis: queueRedis,
    onError: (error) => log.warn({ queue: error.message }, "queue"),
  });
  const { replicas: acceptReplicas = 0, onDisk = false } = options;
  const replicas = createReplicas(redis, acceptReplicas, { onDisk });
  const onDeliveries = createDeliveryWaker(producer, log);
  const store = createStore({ redis, clock, actor: "api-1", onDeliveries, replicas, showsLasting: true });
  const redisClock = createRedisClock({ redis, readTime: () => redis.time(), monotonicNow: () => performance.now() });
  const gate = createGate(redis, { replicas });
  const secrets = options.deps?.secrets ?? createSecrets("a master secret for tests");
  const metrics = createMetrics();
  registerRedisGauges(metrics, { store, producer, queues: ["fal", "webhooks"] });
  await registerDefaultOrganization(store, KEY, clock.now());
  await store.organizations.create(newOrganization("globex", "Globex", clock.now()), null);
  await store.apiKeys.save(apiKeyOf({ id: "other", organization: "globex" }, OTHER_KEY), null);
  const deps: Deps = {
    store,
    producer,
    subscriber: createSubscriber(subscriberRedis, store.keys),
    outputs: createDiskStore(join(dataDir, "files")),
    outputsHealth: { fault: () => null, check: async () => null },
    fileUrls: createFileUrls({ base: BASE, secrets, retentionDays: 30 }),
    secrets,
    catalogue: loadModels(),
    clock,
    sleep: async () => {},
    newRequestId: () => newRequestId(clock.now()),
    images: createImageConverter(),
    log,
    askPrices: async () => null,
    askAccount: async () => ({ kind: "unavailable", cause: "no account was expected" }),
    reportVerifiers: new Map(),
    accessLog: createAccessLog({ ...logging, pid: 1, now: clock.now }),
    tracing: NO_TRACING,
    metrics,
    cacheMemory: createCacheMemory(),
    storedKeys: createStoredKeys(store.providerKeys, clock),
    redisClock,
    ownClock: clock,
    withdrawals: createWithdrawals({ store, producer, monotonicNow: () => performance.now(), log }),
    gate,
    areKeysRegistered: () => true,
    missingRights: () => null,
    pingRedis: () => redis.ping(),
    inspectRedis: () => inspectRedis(redis, clock.now),
    draining: new AbortController().signal,
    ...options.deps,
    settings: {
      version: "0.0.0-test",
      publicBase: BASE,
      syncWaitSeconds: 20,
      urlPolicy: { allowPrivate: false, allowedOrigins: new Set() },
      copyOutputs: true,
      s3UrlSeconds: 604_800,
      needsReplicas: acceptReplicas > 0,
      needsDisks: onDisk,
      unsettledSeconds: 900,
      cacheIsShared: false,
      providers: new Map([
        ["fal", { apiKey: "the-server's-key", simulated: true }],
        ["replicate", { apiKey: "the-server's-key", simulated: false }],
        ["runway", { apiKey: null, simulated: false }],
      ]),
      adminKey: ADMIN_KEY,
      trustedProxies: 1,
      cachingDialects: [],
      hidePrompts: false,
      exposeMetrics: true,
      ...options.settings,
    },
  };
  const { app } = createApi(deps);
  const call = caller((url, init) => app.request(url, init));
  return {
    deps,
    clock,
    redis,
    dataDir,
    log: () => lines.join(""),
    routes: () => app.routes.map(({ method, path }) => ({ method, path })),
    call,
    open: async (path, headers = {}) =>
      app.request(`${BASE}/api/v1${path}`, { headers: { authorization: `Bearer ${KEY}`, ...headers } }),
    generate: (body, headers = {}) => call("POST", "/videos/generate", { body, headers }),
    async submit(body = VEO, headers = {}) {
      const answer = await call("POST", "/videos/generate", { body, headers: { ...ASYNC, ...headers } });
      if (answer.status !== 202) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body.request_id;
    },
    traces: async () => ({
      keys: await dump(redis),
      jobs: await producer.counts("fal"),
      files: readdirSync(dataDir, { recursive: true }),
    }),
    ...workerTransitions(deps),
    async close() {
      redisClock.close();
      gate.close();
      replicas.close();
      await producer.close();
      for (const connection of Object.values(connections)) connection.disconnect();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Connects like main.ts. */
async function connect(url: string) {
  const connections = {
    redis: connectFailFast(url),
    queueRedis: connectFailFast(url),
    subscriberRedis: connectSubscriber(url),
  };
  for (const connection of Object.values(connections)) {
    connection.on("error", () => {});
    if (connection.status !== "ready") await once(connection, "ready");
  }
  return connections;
}

function caller(request: (url: string, init: RequestInit) => Response | Promise<Response>): TestApi["call"] {
  return async (method, path, { headers = {}, body, key = KEY, signal } = {}) => {
    const isJson = body !== undefined && typeof body === "object" && !(body instanceof Uint8Array);
    const began = performance.now();
    const response = await request(path.startsWith("http") ? path : `${BASE}/api/v1${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: (isJson ? JSON.stringify(body) : body) as NonNullable<RequestInit["body"]> }),
      ...(signal === undefined ? {} : { signal }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isPlain = response.headers.get("content-encoding") === null;
    const answersJson =
      isPlain && response.headers.get("content-type")?.startsWith("application/json") && bytes.length > 0;
    return {
      status: response.status,
      headers: response.headers,
      body: answersJson ? JSON.parse(bytes.toString()) : bytes.toString(),
      bytes,
      ms: performance.now() - began,
    };
  };
}

/** Without the times at which keys were used, which every call may change. */
async function dump(redis: Redis): Promise<Record<string, string>> {
  const names = (await redis.keys("*")).filter((name) => !name.endsWith(":key-use")).toSorted();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await digest(redis, name)] as const)));
}

async function digest(redis: Redis, key: string): Promise<string> {
  const content = await redis.dumpBuffer(key);
  return createHash("sha256")
    .update(content ?? "")
    .digest("hex");
}

/** Functions that apply the transitions of a worker. */
function workerTransitions(deps: Deps): Pick<TestApi, "apply" | "complete" | "completeWith" | "fail"> {
  const { requests } = deps.store;
  const apply: TestApi["apply"] = async (id, ...transitions) => {
    for (const transition of transitions) {
      const { kind } = await requests.applyTo(ref(id), transition);
      if (kind !== "applied") throw new Error(`${transition.name} was ${kind}`);
    }
  };
  const acceptedByProvider = (): Transition[] => [
    submitIntended({ at: deps.clock.now() }),
    { name: "submit_accepted", at: deps.clock.now(), attempt: 1, providerRequestId: "provider-job-1" },
  ];
  const completeWith: TestApi["completeWith"] = async (id, outputs) => {
    const rendered: Transition = {
      name: "rendered",
      at: deps.clock.now() + 1000,
      outputs: [{ url: "https://provider.example.com/a.mp4" }],
      withheld: 0,
      costMicro: 2_400_000,
      costSource: "provider",
    };
    await apply(id, ...acceptedByProvider(), rendered, { name: "completed", at: deps.clock.now() + 1500, outputs });
  };
  return {
    apply,
    completeWith,
    async complete(id, media = Buffer.from("a film")) {
      const key = outputKey("default", id, 0, "mp4");
      const kept = await deps.outputs.put(
        key,
        (async function* () {
          yield media;
        })(),
      );
      const output: Output = { kind: "stored", key, contentType: "video/mp4", ...kept };
      await completeWith(id, [output]);
      return output;
    },
    async fail(id, failure = {}) {
      const whole = {
        code: "PROVIDER_ERROR",
        message: "it broke",
        retryable: true,
        charged: false,
        ...failure,
      } as const;
      await apply(id, ...acceptedByProvider(), {
        name: "failed",
        at: deps.clock.now() + 1500,
        failure: whole,
        billedMicro: null,
      });
    },
  };
}
