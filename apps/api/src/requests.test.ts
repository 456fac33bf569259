import { requestWithInput } from "@visgate/shared/contract";
import { queuePrefix, type WakeUp } from "@visgate/shared/queue";
import { Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type ApiAnswer, ref, useTestApi, VEO } from "../../../tests/support/api.js";
import { submitIntended } from "../../../tests/support/records.js";
import { until } from "../../../tests/support/until.js";

let queue: Queue<WakeUp>;
const { api } = useTestApi();
beforeAll(async () => {
  queue = new Queue("fal", { connection: api.redis, prefix: queuePrefix("fal") });
});
afterAll(async () => {
  await queue.close();
});

const strictStatus = z.strictObject(requestWithInput.shape);
const get = (id: string, query = "", headers = {}) => api.call("GET", `/requests/${id}${query}`, { headers });
const status = async (id: string) => strictStatus.parse((await get(id)).body);
const at = () => api.clock.now();
const accepted = () =>
  [
    submitIntended({ at: at() }),
    { name: "submit_accepted", at: at() + 100, attempt: 1, providerRequestId: "provider-job-1" },
  ] as const;

describe("GET /requests/{id}", () => {
  test("shows a pending request with the fields of the contract", async () => {
    const id = await api.submit({ ...VEO, callback_id: "c", metadata: { a: "b" } });
    expect(await status(id)).toEqual({
      request_id: id,
      id,
      status: "pending",
      media_type: "video",
      model: "fal-ai/veo3",
      provider: "fal",
      mode: "managed",
      output_url: null,
      output_urls: [],
      poster_url: null,
      error_code: null,
      error_message: null,
      retryable: null,
      progress: null,
      queue_position: null,
      cost: 0,
      cache_hit: false,
      cache_reason: "off",
      provider_cost_avoided_micro: 0,
      charge_state: "none",
      latency_ms: null,
      duration_seconds: 6,
      callback_id: "c",
      metadata: { a: "b" },
      provider_request_id: null,
      simulated: true,
      created_at: new Date(at()).toISOString(),
      started_at: null,
      completed_at: null,
      input: {
        ...{ prompt: VEO.prompt, image_url: null, image_urls: [], video_url: null, audio_url: null },
        ...{ duration_seconds: 6, width: null, height: null, num_images: null, params: {} },
      },
    });
  });

  test("shows every transition, although answers are remembered", async () => {
    const id = await api.submit();
    expect((await status(id)).status).toBe("pending");
    await api.apply(id, ...accepted());
    const started_at = new Date(at() + 100).toISOString();
    expect(await status(id)).toMatchObject({ status: "processing", charge_state: "held", started_at });
    await api.apply(id, { name: "observed", progress: 0.5, queuePosition: 2 });
    expect(await status(id)).toMatchObject({ progress: 0.5, queue_position: 2 });
    await api.apply(id, {
      name: "failed",
      at: at() + 2000,
      failure: { code: "PROVIDER_ERROR", message: "it broke", retryable: true, charged: false },
      billedMicro: null,
    });
    expect(await status(id)).toMatchObject({
      status: "failed",
      error_code: "PROVIDER_ERROR",
      error_message: "it broke",
      retryable: true,
      output_url: null,
      queue_position: null,
      latency_ms: 2000,
      charge_state: "released",
      cost: 0,
    });
  });

  test("shows the output, the cost and no error for a completed request", async () => {
    const id = await api.submit();
    await api.complete(id);
    const body = await status(id);
    expect(body).toMatchObject({
      status: "completed",
      cost: 2.4,
      charge_state: "charged",
      progress: 1,
      latency_ms: 1500,
      error_code: null,
      provider_request_id: "provider-job-1",
    });
    expect(body.output_urls).toEqual([body.output_url]);
    expect((await status(id)).output_url).toBe(body.output_url);
  });

  test("shows nothing internal", async () => {
    const id = await api.submit(
      { ...VEO, webhook_url: "https://example.com/secret-path" },
      { "x-fal-key": "fal-secret" },
    );
    const text = JSON.stringify((await get(id, "?include=-input")).body);
    for (const word of ["prompt", "secret", "intent", "endpoint", "rev", "deadline"]) expect(text).not.toContain(word);
  });

  test("is a 404 for an erased request, although its answer was remembered", async () => {
    const id = await api.submit();
    await status(id);
    const stored = await api.deps.store.requests.get(ref(id));
    expect(stored !== null && (await api.deps.store.maintenance.erase(stored))).toBe(true);
    expect((await get(id)).status).toBe(404);
  });
});

describe("GET /requests/{id}?wait=N", () => {
  test.each([
    { how: "?wait=20", query: "?wait=20", headers: {} },
    { how: "Prefer: wait=20", query: "", headers: { prefer: "wait=20" } },
  ])("$how answers when the request ends", async ({ query, headers }) => {
    const id = await api.submit();
    const waiting = get(id, query, headers);
    await api.fail(id);
    const { body, ms } = await waiting;
    expect(strictStatus.parse(body).status).toBe("failed");
    expect(ms).toBeLessThan(10_000);
  });

  test("does not answer before the end, or before the time is up", async () => {
    const id = await api.submit();
    const waiting = get(id, "?wait=1");
    await api.apply(id, ...accepted());
    const { body, ms } = await waiting;
    expect(body.status).toBe("processing");
    expect(ms).toBeGreaterThan(950);
  });

  test("answers at once for a request that has ended", async () => {
    const id = await api.submit();
    await api.complete(id);
    const { body, ms } = await get(id, "?wait=60");
    expect(body.status).toBe("completed");
    expect(ms).toBeLessThan(10_000);
  });

  test("misses nothing when the request ends while the wait begins (30 rounds)", async () => {
    for (let round = 0; round < 30; round += 1) {
      const id = await api.submit();
      const [{ body, ms }] = await Promise.all([get(id, "?wait=20"), api.complete(id)]);
      expect(body.status).toBe("completed");
      expect(ms).toBeLessThan(5000);
    }
  });

  test.each(["0", "-1", "61", "soon", "", "NaN", "1e9"])("?wait=%s is a 422 that names the field", async (wait) => {
    const { status: code, body } = await get(await api.submit(), `?wait=${wait}`);
    expect([code, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "wait"]);
  });

  test("leaves no subscription behind", async () => {
    const id = await api.submit();
    const channel = api.deps.store.keys.channel("default", id);
    const listeners = async () => Number(((await api.redis.pubsub("NUMSUB", channel)) as unknown[])[1]);
    const waiting = get(id, "?wait=20");
    await until("the wait to begin", async () => (await listeners()) === 1);
    await api.complete(id);
    await waiting;
    await until("the subscription to end", async () => (await listeners()) === 0);
  });
});

describe("POST /requests/{id}/cancel", () => {
  const cancel = (id: string, key?: string): Promise<ApiAnswer> =>
    api.call("POST", `/requests/${id}/cancel`, key === undefined ? {} : { key });

  test("stores the cancel of a pending request, and says that nothing is charged", async () => {
    const id = await api.submit();
    const { status: code, body } = await cancel(id);
    expect([code, body]).toEqual([
      202,
      {
        request_id: id,
        status: "cancelling",
        charge_state: "none",
        message: expect.stringContaining("nothing will be charged"),
      },
    ]);
    expect((await api.deps.store.requests.get(ref(id)))?.doc.cancelRequestedAt).toBe(at());
  });

  test("does not say that nothing is charged when the provider has the job", async () => {
    const id = await api.submit();
    await api.apply(id, ...accepted());
    const { status: code, body } = await cancel(id);
    expect([code, body.charge_state]).toEqual([202, "held"]);
    expect(body.message).not.toContain("nothing will be charged");
  });

  test("wakes the request's sleeping job", async () => {
    const id = await api.submit();
    await queue.remove(id);
    await queue.add("wake-up", { v: 1, organization: "default", id }, { jobId: id, delay: 3_600_000 });
    await cancel(id);
    await until("the job to wake up", async () => (await (await queue.getJob(id))?.getState()) === "waiting");
  });

  test("creates a job for a request without one", async () => {
    const id = await api.submit();
    await queue.remove(id);
    await cancel(id);
    expect(await (await queue.getJob(id))?.getState()).toBe("waiting");
  });

  test("fails a request that was not sent at once, without a worker", async () => {
    const id = await api.submit();
    await cancel(id);
    expect(await status(id)).toMatchObject({
      status: "failed",
      error_code: "CANCELLED",
      charge_state: "none",
      cost: 0,
    });
    expect((await cancel(id)).status).toBe(409);
  });

  test("leaves a request that is being sent to its worker", async () => {
    const id = await api.submit();
    await api.apply(id, ...accepted().slice(0, 1));
    expect((await cancel(id)).body.charge_state).toBe("held");
    expect((await status(id)).status).toBe("pending");
  });

  test("keeps the time of the first cancel when it is repeated", async () => {
    const id = await api.submit();
    await api.apply(id, ...accepted());
    await cancel(id);
    api.clock.advance(1000);
    expect((await cancel(id)).status).toBe(202);
    expect((await api.deps.store.requests.get(ref(id)))?.doc.cancelRequestedAt).toBe(at() - 1000);
  });

  test.each(["completed", "failed"] as const)("is a 409 for a %s request", async (end) => {
    const id = await api.submit();
    await (end === "completed" ? api.complete(id) : api.fail(id));
    const { status: code, body } = await cancel(id);
    expect([code, body.error]).toEqual([409, "ALREADY_TERMINAL"]);
    expect(body.details).toMatchObject({ request_id: id, status: end });
    expect((await status(id)).status).toBe(end);
  });
});
