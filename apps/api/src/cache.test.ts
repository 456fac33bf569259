import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OTHER_KEY, ref, startTestApi, type TestApi } from "../../../tests/support/api.js";
import { startTestRedis, type TestRedis } from "../../../tests/support/redis.js";
import { createCacheMemory } from "./cache/find-in-cache.js";

let server: TestRedis;
let api: TestApi;
beforeAll(async () => {
  server = await startTestRedis();
});
beforeEach(async () => {
  api = await startTestApi(server.url);
  await api.redis.flushall();
  await api.close();
  api = await startTestApi(server.url);
});
afterEach(() => api.close());
afterAll(() => server.stop());

const CALL = { model: "fal-ai/veo3", prompt: "a bird over the sea" };
const status = async (id: string, key?: string) =>
  (await api.call("GET", `/requests/${id}`, key === undefined ? {} : { key })).body;

describe("result cache: params_unchecked", () => {
  test("params that are not checked take part in the cache and in the identity of equal calls", async () => {
    const call = { ...CALL, params_unchecked: true, params: { camera: "left" } };
    const first = await api.submit(call);
    await api.complete(first);
    const [same, other, none] = [call, { ...call, params: { camera: "right" } }, { ...call, params: {} }];
    expect(await status(await api.submit(same))).toMatchObject({ cache_reason: "exact" });
    expect(await status(await api.submit(other))).toMatchObject({ cache_reason: "miss" });
    expect(await status(await api.submit(none))).toMatchObject({ cache_reason: "miss" });
    const hashOf = async (body: object) =>
      (await api.deps.store.requests.get(ref(await api.submit(body))))?.doc.call.hash;
    const hashes = await Promise.all([same, other, none].map((body) => hashOf({ ...body, cache: "off" })));
    expect(new Set(hashes).size).toBe(3);
  });
});

describe("result cache: a hit", () => {
  test("is found at the first try, and a wrong guess only costs a second try", async () => {
    await api.complete(await api.submit(CALL));
    for (let time = 0; time < 3; time += 1) {
      expect(await status(await api.submit(CALL))).toMatchObject({ cache_reason: "exact", status: "completed" });
    }
    const { cache } = (await api.deps.store.requests.get(ref(await api.submit(CALL))))?.doc ?? {};
    await api.redis.del(api.deps.store.keys.cacheEntry("default", cache?.hash ?? ""));
    const again = await api.submit(CALL);
    expect(await status(again)).toMatchObject({ cache_reason: "miss", status: "pending" });
    expect(await status(await api.submit(CALL))).toMatchObject({ cache_reason: "joined", status: "pending" });
  });

  test("wakes no worker, but sends its webhook", async () => {
    await api.complete(await api.submit(CALL));
    const { outbox } = api.deps.store;
    const counts = async () => {
      await outbox.pushed();
      return [await api.deps.producer.counts("fal"), await outbox.counts("fal")];
    };
    const before = await counts();
    await api.submit({ ...CALL, webhook_url: "https://example.com/hook" });
    expect(await counts()).toEqual(before);
    await expect.poll(async () => (await api.deps.producer.counts("webhooks"))["waiting"]).toBe(1);
  });

  test("costs one script, and nothing is read again, also when its caller waits", async () => {
    await api.complete(await api.submit(CALL));
    expect((await api.generate(CALL)).body.cache_reason).toBe("exact");
    const { requests } = api.deps.store;
    let reads = 0;
    const { get } = requests;
    requests.get = (of) => {
      reads += 1;
      return get(of);
    };
    await api.redis.config("RESETSTAT");
    expect((await api.generate(CALL)).body.cache_reason).toBe("exact");
    const scripts = /cmdstat_evalsha:calls=(\d+)/.exec(await api.redis.info("commandstats"))?.[1];
    expect([scripts, reads]).toEqual(["1", 0]);
  });

  test("does not store the caller's own provider key", async () => {
    await api.complete(await api.submit(CALL));
    const hit = await api.submit(CALL, { "x-fal-key": "the-callers-own" });
    expect(await status(hit)).toMatchObject({ cache_reason: "exact", mode: "byok" });
    expect(await api.deps.store.requests.providerKey(ref(hit))).toBeNull();
  });

  test("is found only by its own organization", async () => {
    await api.complete(await api.submit(CALL));
    const answer = await api.call("POST", "/videos/generate", {
      ...{ body: CALL, headers: { prefer: "respond-async" }, key: OTHER_KEY },
    });
    expect(await status(answer.body.id, OTHER_KEY)).toMatchObject({ cache_reason: "miss" });
  });

  test.each([{ cache: "never" }, { cache: 1 }, { cache: true }])(
    "is refused with a 422 for the mode %j",
    async (body) => {
      const answer = await api.generate({ ...CALL, ...body });
      expect(answer.status).toBe(422);
      expect(answer.body.details).toEqual({ field: "cache", allowed: ["use", "refresh", "off"] });
    },
  );
});

describe("result cache shared by all organizations", () => {
  let shared: TestApi;
  beforeEach(async () => {
    shared = await startTestApi(server.url, { settings: { cacheIsShared: true } });
  });
  afterEach(() => shared.close());

  const submitAs = async (key: string, headers = {}) =>
    shared.call("POST", "/videos/generate", { body: CALL, headers: { prefer: "respond-async", ...headers }, key });

  /** Does what the worker does where the cache is shared. */
  async function made(): Promise<string> {
    const id = await shared.submit(CALL);
    const output = await shared.complete(id);
    const hash = (await shared.deps.store.requests.get(ref(id)))?.doc.cache.hash ?? "";
    const source = { organization: "default", id };
    await shared.deps.store.sharing.keepForAll(hash, { source, outputs: [output], costMicro: 7 }, 100);
    return id;
  }
  const erase = async (organization: string, id: string) => {
    const stored = await shared.deps.store.requests.get(ref(id, organization));
    if (stored !== null) await shared.deps.store.maintenance.erase(stored);
  };

  test("a hit shows another organization's output, which is then kept when its owner is erased", async () => {
    const id = await made();
    const hit = (await submitAs(OTHER_KEY)).body.id;
    expect((await shared.call("GET", `/requests/${hit}`, { key: OTHER_KEY })).body).toMatchObject({
      ...{ cache_reason: "exact", status: "completed", cost: 0, provider_cost_avoided_micro: 7 },
    });
    await erase("default", id);
    expect(await shared.deps.store.maintenance.trash("default")).not.toContain(`out/${id}`);
  });

  test("an erased output is a miss", async () => {
    await erase("default", await made());
    const { id } = (await submitAs(OTHER_KEY)).body;
    expect((await shared.call("GET", `/requests/${id}`, { key: OTHER_KEY })).body.cache_reason).toBe("miss");
  });

  test("a replay gives back the output that was borrowed for it", async () => {
    const id = await made();
    const headers = { "idempotency-key": "once" };
    const first = await submitAs(OTHER_KEY, headers);
    const again = await submitAs(OTHER_KEY, headers);
    expect(again.body.id).toBe(first.body.id);
    const uses = shared.deps.store.keys.uses("default", id);
    expect((await shared.redis.smembers(uses)).toSorted()).toEqual([id, first.body.id].toSorted());
  });
});

test("cache memory: remembers at most 5,000 entries", async () => {
  const memory = createCacheMemory();
  const record = (await api.deps.store.requests.get(ref(await api.submit(CALL))))?.doc;
  if (record === undefined) throw new Error("no record");
  const numbered = (n: number) => ({ ...record, cache: { ...record.cache, hash: String(n) } });
  const output = { source: { organization: "default", id: record.id }, outputs: [], costMicro: 1 };
  for (let n = 0; n <= 5000; n += 1) memory.keep(numbered(n), { kind: "hit", output });
  expect(memory.guess(numbered(0)).kind).toBe("miss");
  expect(memory.guess(numbered(5000)).kind).toBe("hit");
});
