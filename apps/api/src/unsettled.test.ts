import type { Transition } from "@visgate/shared/request";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ref, startTestApi, type TestApi, useTestApi } from "../../../tests/support/api.js";
import { failure, submitIntended, T0 } from "../../../tests/support/records.js";

/** Another API process with the same Redis. */
let other: TestApi;
let round = 0;
const { server, api } = useTestApi();
beforeAll(async () => {
  other = await startTestApi(server.url);
});
beforeEach(() => {
  round += 1;
});
afterAll(async () => {
  await other.close();
});

const ASYNC = { prefer: "respond-async" };
const call = (more: object = {}) => ({ model: "fal-ai/veo3", prompt: `waves, round ${round}`, ...more });
const ACCEPTED = { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "job" } as const;
const LOST = { name: "submit_lost", at: T0, attempt: 1, until: T0 + 120_000, submitEnded: true } as const;
const failed = (overrides = {}): Transition => ({
  ...{ name: "failed", at: T0 + 1500, billedMicro: null },
  failure: failure({ charged: null, retryable: false, ...overrides }),
});
const openCount = () => api.deps.store.maintenance.openCount();

/** A request whose submit was lost. */
async function lost(body = call()): Promise<string> {
  const id = await api.submit(body);
  await api.apply(id, submitIntended({ at: T0 }), LOST);
  return id;
}

describe("an equal call without a key, while the first one's lost submit is searched for", () => {
  test("returns the same request from every process, and says so", async () => {
    const id = await lost();
    for (const one of [api, other]) {
      const { status, body, headers } = await one.generate(call(), ASYNC);
      expect([status, body.id, body.status, body.cache_reason]).toEqual([202, id, "pending", "unsettled"]);
      expect(headers.get("idempotency-replayed")).toBeNull();
    }
  });

  test("returns the same request 100 times, and accepts no other one", async () => {
    const id = await lost();
    const before = await openCount();
    const calls = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? api : other).generate(call(), ASYNC));
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([id]));
    expect(await openCount()).toBe(before);
  });

  test("waits for the end of that request and answers with its output", async () => {
    const id = await lost();
    const waiting = api.generate(call());
    await api.apply(id, ACCEPTED);
    const outputs = [{ url: "https://provider.example.com/a.mp4" }];
    await api.apply(
      id,
      { name: "rendered", at: T0, outputs, withheld: 0, costMicro: 7, costSource: "provider" },
      { name: "completed", at: T0, outputs: [{ kind: "remote", url: outputs[0]?.url ?? "" }] },
    );
    const { status, body } = await waiting;
    expect([status, body.id, body.video_url, body.cache_reason]).toEqual([200, id, outputs[0]?.url, "unsettled"]);
  });

  test("returns the same request also when outputs are not stored", async () => {
    const direct = call({ skip_gcs_upload: true });
    const id = await lost(direct);
    expect((await api.generate(direct, ASYNC)).body.id).toBe(id);
    const { settings } = api.deps;
    const { copyOutputs } = settings;
    settings.copyOutputs = false;
    round += 1;
    const uncached = await lost();
    expect((await api.generate(call(), ASYNC)).body.id).toBe(uncached);
    settings.copyOutputs = copyOutputs;
  });
});

describe("an equal call after the first one has ended with an unsettled charge", () => {
  test.each([
    { what: "unknown", charged: null },
    { what: "charged", charged: true },
  ])("gets the same failure as a 424 that says what to do ($what)", async ({ what, charged }) => {
    const id = await lost();
    await api.apply(id, failed({ code: "SUBMIT_UNKNOWN", charged }));
    const { status, body } = await other.generate(call());
    expect([status, body.error]).toEqual([424, "SUBMIT_UNKNOWN"]);
    expect(body.details).toEqual({
      ...{ request_id: id, provider: "fal", retryable: false, charge_state: what, cache_reason: "unsettled" },
    });
    expect(body.message).toMatch(/equal call returns this request.*new Idempotency-Key or cache: "refresh"/);
  });

  test("is a new request when nothing was billed", async () => {
    const id = await lost();
    await api.apply(id, failed({ charged: false }));
    expect((await api.generate(call(), ASYNC)).body.id).not.toBe(id);
  });

  test.each([
    { what: "its own Idempotency-Key", more: {}, headers: { "idempotency-key": "a new one" } },
    { what: 'cache: "refresh"', more: { cache: "refresh" }, headers: {} },
    { what: 'cache: "off"', more: { cache: "off" }, headers: {} },
    { what: "another prompt", more: { prompt: "something else" }, headers: {} },
    { what: "another webhook_url", more: { webhook_url: "https://example.com/hook" }, headers: {} },
    { what: "another callback_id", more: { callback_id: "another" }, headers: {} },
    { what: "its own provider key", more: {}, headers: { "x-fal-key": "the-callers-own" } },
  ])("is a deliberate new generation with $what", async ({ more, headers }) => {
    const id = await lost();
    await api.apply(id, failed());
    const { status, body } = await api.generate(call(more), { ...ASYNC, ...headers });
    expect([status, body.cache_reason]).toEqual([202, undefined]);
    expect(body.id).not.toBe(id);
  });

  test("leaves the first request's status as it is", async () => {
    const id = await lost();
    expect((await api.deps.store.requests.get(ref(id)))?.doc.search).not.toBeNull();
    const { body } = await api.call("GET", `/requests/${id}?include=timeline`);
    expect(body).toMatchObject({ status: "pending", charge_state: "unknown" });
    expect(body.timeline.map(({ name }: { name: string }) => name)).toEqual(["accepted", "locating"]);
  });
});
