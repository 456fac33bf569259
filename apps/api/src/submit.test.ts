import { acknowledgement, videoResult } from "@visgate/shared/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  ASYNC,
  BASE,
  OTHER_KEY,
  ref,
  startTestApi,
  type TestApi,
  useTestApi,
  VEO,
} from "../../../tests/support/api.js";
import { photo } from "../../../tests/support/photo.js";
import { until } from "../../../tests/support/until.js";

/** Holds a sync call for a second at most. */
let impatient: TestApi;
const { server, api } = useTestApi();
beforeAll(async () => {
  impatient = await startTestApi(server.url, { settings: { syncWaitSeconds: 1 } });
});
beforeEach(async () => {
  await api.redis.del(api.deps.store.keys.openRequests("default"), api.deps.store.keys.allRequests("default"));
});
afterAll(() => impatient.close());

/** The ids of the requests that were accepted since the test began. */
const acceptedIds = async () =>
  (await api.deps.store.maintenance.expiredRequests(Number.MAX_SAFE_INTEGER, 1000)).map(({ id }) => id);
const theAccepted = () => until("a request to be accepted", async () => (await acceptedIds())[0]);
/** What workers get that ask now. */
async function takeAll() {
  await Promise.all([api, impatient].map(({ deps }) => deps.store.outbox.pushed()));
  return (await api.deps.store.outbox.take("fal", "a worker", 1000)).refs;
}
const record = async (id: string) => (await api.deps.store.requests.get(ref(id)))?.doc;

describe("POST /videos/generate: an accepted request", () => {
  test("is acknowledged with the fields of the contract", async () => {
    const { status, headers, body } = await api.generate(VEO, ASYNC);
    expect(status).toBe(202);
    expect(z.strictObject(acknowledgement.shape).parse(body)).toEqual({
      id: body.request_id,
      request_id: body.request_id,
      status: "pending",
      model: "fal-ai/veo3",
      provider: "fal",
      created_at: new Date(api.clock.now()).toISOString(),
      status_url: `${BASE}/api/v1/requests/${body.id}`,
      output_url_when_ready: expect.stringMatching(
        new RegExp(`^${BASE}/api/v1/files/default/${body.id}/0\\.mp4\\?expires=\\d+&signature=`),
      ),
    });
    expect(headers.get("location")).toBe(`/api/v1/requests/${body.id}`);
    expect(headers.get("preference-applied")).toBe("respond-async");
    expect(headers.get("idempotency-replayed")).toBeNull();
  });

  test.each([
    { given: {}, seconds: 1800 },
    { given: { deadline_seconds: 90 }, seconds: 90 },
    { given: { deadline_seconds: null }, seconds: 1800 },
  ])("with $given has a deadline of $seconds s", async ({ given, seconds }) => {
    const kept = await record(await api.submit({ ...VEO, ...given }));
    expect((kept?.deadlineAt ?? 0) - (kept?.createdAt ?? 0)).toBe(seconds * 1000);
  });

  test("is stored, and the outbox contains only its ids", async () => {
    const id = await api.submit();
    expect(await record(id)).toMatchObject({ id, organization: "default", status: "pending", chargeState: "none" });
    await api.deps.store.outbox.pushed();
    expect(await api.redis.lindex(api.deps.store.keys.outbox("fal"), -1)).toBe(`default ${id}`);
  });

  test("has a duration that the model allows, and a cost estimate", async () => {
    for (const [duration_seconds, durationSeconds, estimatedCostMicro] of [
      [undefined, 6, 2_400_000],
      [null, 6, 2_400_000],
      [4, 4, 1_600_000],
      [6.5, 8, 3_200_000],
    ] as const) {
      const id = await api.submit({ ...VEO, duration_seconds });
      expect(await record(id)).toMatchObject({ input: { durationSeconds }, estimatedCostMicro });
    }
  });

  test("takes model params from params and from the top", async () => {
    const id = await api.submit({ ...VEO, seed: 7, params: { resolution: "1080p" } });
    expect((await record(id))?.input.params).toEqual({ seed: 7, resolution: "1080p" });
  });

  test("with params_unchecked, takes params that the catalogue does not know", async () => {
    const camera = { move: "left" };
    const id = await api.submit({ ...VEO, params_unchecked: true, zoom: 2, params: { camera } });
    expect((await record(id))?.input.params).toEqual({ zoom: 2, camera });
    const image = { model: "fal-ai/flux/schnell", prompt: "a bird", cache: "off", params: { lora: 1 } };
    const options = { headers: ASYNC, body: { ...image, params_unchecked: true } };
    expect((await api.call("POST", "/images/generate", options)).status).toBe(202);
    for (const [path, body] of [
      ["/videos/generate", { ...VEO, params_unchecked: false, params: { camera } }],
      ["/images/generate", image],
    ] as const) {
      const refused = await api.call("POST", path, { body });
      expect(refused).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining("params_unchecked: true") },
      });
    }
  });

  test("stores the caller's own labels and options", async () => {
    const extras = { callback_id: "order-7", metadata: { order: "7" }, webhook_url: "https://example.com/hook" };
    const id = await api.submit({ ...VEO, ...extras, skip_gcs_upload: true });
    expect(await record(id)).toMatchObject({
      callbackId: "order-7",
      metadata: { order: "7" },
      webhookUrl: "https://example.com/hook",
      copyOutput: false,
    });
  });

  test.each([
    { given: {}, priority: "normal" },
    { given: { priority: null }, priority: "normal" },
    { given: { priority: "low" }, priority: "low" },
  ])("stores the priority $priority for $given", async ({ given, priority }) => {
    expect((await record(await api.submit({ ...VEO, ...given })))?.priority).toBe(priority);
  });

  test("with the caller's own key is byok, and stores the key only encrypted", async () => {
    const id = await api.submit(VEO, { "x-fal-key": "fal-key-of-the-caller" });
    expect((await record(id))?.mode).toBe("byok");
    const sealed = await api.deps.store.requests.providerKey(ref(id));
    expect(sealed).not.toContain("fal-key");
    expect(api.deps.secrets.decrypt(sealed ?? "", id)).toBe("fal-key-of-the-caller");
    expect(api.log()).not.toContain("fal-key-of-the-caller");
  });

  test("takes an empty key header as no key", async () => {
    const answer = await api.generate(VEO, { ...ASYNC, "x-fal-key": "" });
    expect(answer.status).toBe(202);
    expect((await record(answer.body.id))?.mode).toBe("managed");
  });

  test("stores each URL in the form that was checked, never in the caller's", async () => {
    const image_url = "https:\\\\EXAMPLE.com\\a.png";
    const webhook_url = "HTTPS://hooks.example.com:443/a/../b?x=ü";
    const model = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
    const params = { tail_image_url: "https://ex%61mple.com\\@example.org/a.png" };
    const kept = await record(await api.submit({ ...VEO, model, image_url, webhook_url, params }));
    expect(kept?.input).toMatchObject({
      image: { kind: "url", url: "https://example.com/a.png" },
      params: { tail_image_url: "https://example.com/@example.org/a.png" },
    });
    expect(kept?.webhookUrl).toBe("https://hooks.example.com/b?x=%C3%BC");
  });

  test("stores a small image in the record under its real type, and a large one in the output store", async () => {
    const dataUri = await photo();
    const image_url = dataUri.replace("image/jpeg", "image/png;charset=utf-8;name=a.png");
    const small = await record(await api.submit({ ...VEO, image_url }));
    expect(small?.input.image).toEqual({ kind: "inline", dataUri });
    expect(small?.endpoint).toBe("fal-ai/veo3/image-to-video");
    const large = await record(await api.submit({ ...VEO, image_url: await photo(40_000) }));
    expect(large?.input.image).toEqual({
      kind: "stored",
      key: `default/in/${large?.id}/input.jpg`,
      contentType: "image/jpeg",
    });
    const file = await api.deps.outputs.open(`default/in/${large?.id}/input.jpg`);
    expect(file?.totalBytes).toBe(
      Buffer.from(dataUri.slice("data:image/jpeg;base64,".length), "base64").length + 40_000,
    );
    expect(JSON.stringify(large).length).toBeLessThan(5000);
  });
});

describe("POST /videos/generate: Prefer", () => {
  test.each(["respond-async", "wait=0", "Respond-Async", "respond-async, wait=0", "handling=lenient; respond-async"])(
    "%s is answered at once",
    async (prefer) => {
      const { status, headers, body, ms } = await api.generate(VEO, { prefer });
      expect([status, body.status]).toEqual([202, "pending"]);
      expect(headers.get("preference-applied")).toBe("respond-async");
      expect(ms).toBeLessThan(5000);
    },
  );

  test.each(["wait=1", "respond-async, wait=1", 'wait="1"', "wait=1; respond-async"])(
    "%s waits for its time and is then acknowledged, while the request continues",
    async (prefer) => {
      const { status, headers, body, ms } = await api.generate(VEO, { prefer });
      expect([status, body.status]).toEqual([202, "pending"]);
      expect(headers.get("preference-applied")).toBe("wait=1");
      expect(headers.get("location")).toBe(`/api/v1/requests/${body.id}`);
      expect(ms).toBeGreaterThan(950);
      expect((await record(body.id))?.status).toBe("pending");
      expect(await takeAll()).toContainEqual({ organization: "default", id: body.id });
    },
  );

  test("without the header the call waits for the server's limit and is then acknowledged", async () => {
    const { status, headers, body, ms } = await impatient.generate(VEO);
    expect([status, body.status]).toEqual([202, "pending"]);
    expect(headers.get("preference-applied")).toBeNull();
    expect(ms).toBeGreaterThan(950);
    expect(ms).toBeLessThan(5000);
  });

  test("a wait above the server's limit is shortened to it, and the answer says so", async () => {
    const { status, headers, ms } = await impatient.generate(VEO, { prefer: "wait=500" });
    expect(status).toBe(202);
    expect(headers.get("preference-applied")).toBe("wait=1");
    expect(ms).toBeLessThan(5000);
  });

  test("unknown preferences are ignored", async () => {
    const { headers, status } = await impatient.generate(VEO, {
      prefer: "handling=strict, wait-a-bit, return=minimal",
    });
    expect([status, headers.get("preference-applied")]).toEqual([202, null]);
  });
});

describe("POST /videos/generate: a sync call", () => {
  test("answers with the fields of the contract when the video is ready", async () => {
    const answering = api.generate(VEO);
    const id = await theAccepted();
    await api.complete(id);
    const { status, body } = await answering;
    expect(status).toBe(200);
    expect(z.strictObject(videoResult.shape).parse(body)).toMatchObject({
      id,
      model: "fal-ai/veo3",
      provider: "fal",
      mode: "managed",
      cost: 2.4,
      cache_hit: false,
      latency_ms: 1500,
      duration_seconds: 6,
    });
    expect(body.video_url).toMatch(new RegExp(`^${BASE}/api/v1/files/default/${id}/0\\.mp4\\?expires=\\d+&signature=`));
    expect(body).not.toHaveProperty("provider_cost_avoided_micro");
  });

  test("answers with the video when wait=N is long enough", async () => {
    const answering = api.generate(VEO, { prefer: "wait=15" });
    await api.complete(await theAccepted());
    const { status, headers } = await answering;
    expect([status, headers.get("preference-applied")]).toEqual([200, "wait=15"]);
  });

  test.each([
    { code: "PROVIDER_ERROR", retryable: true, status: 502 },
    { code: "PROVIDER_ERROR", retryable: false, status: 424 },
    { code: "CONTENT_POLICY_VIOLATION", retryable: false, status: 422 },
    { code: "VALIDATION_ERROR", retryable: false, status: 422 },
    { code: "RATE_LIMIT_ERROR", retryable: true, status: 429 },
    { code: "PROVIDER_TIMEOUT", retryable: true, status: 504 },
    { code: "INTERNAL_ERROR", retryable: false, status: 424 },
    { code: "CANCELLED", retryable: false, status: 424 },
  ] as const)(
    "answers $code (retryable=$retryable) that cost nothing with a $status that names the request",
    async (row) => {
      const { code, retryable, status } = row;
      const answering = api.generate(VEO);
      const id = await theAccepted();
      await api.fail(id, { code, message: "what to do now", retryable });
      const answer = await answering;
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({
        error: code,
        message: "what to do now",
        details: { request_id: id, provider: "fal", retryable, charge_state: "released" },
      });
    },
  );

  test.each([
    { code: "PROVIDER_ERROR", charged: null, charge_state: "unknown", status: 424 },
    { code: "PROVIDER_TIMEOUT", charged: true, charge_state: "charged", status: 424 },
    { code: "SUBMIT_UNKNOWN", charged: null, charge_state: "unknown", status: 424 },
    { code: "OUTPUT_UNAVAILABLE", charged: true, charge_state: "charged", status: 424 },
    { code: "CANCELLED", charged: null, charge_state: "unknown", status: 424 },
    { code: "CONTENT_POLICY_VIOLATION", charged: true, charge_state: "charged", status: 422 },
  ] as const)(
    "answers $code that is $charge_state with a $status that no client repeats, and says what to do",
    async (row) => {
      const { code, charged, charge_state, status } = row;
      const answering = api.generate({ ...VEO, prompt: `${code} ${charge_state}` });
      await api.fail(await theAccepted(), { code, retryable: true, charged });
      const answer = await answering;
      expect([answer.status, answer.body.error, answer.headers.get("retry-after")]).toEqual([status, code, null]);
      expect(answer.body.details).toMatchObject({ retryable: false, charge_state });
      expect(answer.body.message).toMatch(/For 900 s, an equal call returns this request.*new Idempotency-Key/);
    },
  );

  test("answers an internal error after the acceptance with a 202, not a 500 that clients would retry", async () => {
    const answering = api.generate({ ...VEO, prompt: "a fault of ours" });
    const id = await theAccepted();
    const { urlOf } = api.deps.fileUrls;
    api.deps.fileUrls.urlOf = () => {
      api.deps.fileUrls.urlOf = urlOf;
      throw new Error("a fault of ours");
    };
    await api.complete(id);
    const answer = await answering;
    expect([answer.status, answer.body.id]).toEqual([202, id]);
  });

  test("answers each of ten waiting callers with its own video", async () => {
    const answering = Array.from({ length: 10 }, () => api.generate(VEO));
    const ids = await until("all to be accepted", async () => {
      const found = await acceptedIds();
      return found.length === 10 && found;
    });
    for (const id of ids) await api.complete(id);
    const answers = await Promise.all(answering);
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set(ids));
  });

  test("ends at once when the caller hangs up, while the job continues", async () => {
    const caller = new AbortController();
    const answering = api.call("POST", "/videos/generate", { body: VEO, signal: caller.signal });
    const id = await theAccepted();
    caller.abort();
    const { ms } = await answering;
    expect(ms).toBeLessThan(5000);
    expect(await record(id)).toMatchObject({ status: "pending", cancelRequestedAt: null });
  });
});

describe("POST /videos/generate: Idempotency-Key", () => {
  const keyed = (idempotencyKey: string, body: object = VEO, prefer = "respond-async") =>
    api.generate(body, { prefer, "idempotency-key": idempotencyKey });

  test("the same key and body return the same request, marked as a replay", async () => {
    const [first, again] = [await keyed("same"), await keyed("same")];
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.status).toBe(202);
    expect(again.body).toEqual(first.body);
    expect(await acceptedIds()).toEqual([first.body.id]);
  });

  test("a body with its keys in another order is the same body", async () => {
    const first = await keyed("order", { ...VEO, params: { seed: 1, resolution: "720p" } });
    const reversed = {
      params: { resolution: "720p", seed: 1 },
      cache: VEO.cache,
      prompt: VEO.prompt,
      model: VEO.model,
    };
    expect((await keyed("order", reversed)).body.id).toBe(first.body.id);
  });

  test.each([
    { what: "prompt", body: { ...VEO, prompt: "another" } },
    { what: "duration", body: { ...VEO, duration_seconds: 8 } },
    { what: "metadata", body: { ...VEO, metadata: { a: "b" } } },
  ])("another $what with the same key is a conflict", async ({ what, body }) => {
    await keyed(`other-${what}`);
    const answer = await keyed(`other-${what}`, body);
    expect([answer.status, answer.body.error]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
    expect(answer.body.message).not.toContain(VEO.prompt);
    expect(await acceptedIds()).toHaveLength(1);
  });

  test("an acknowledgement says pending, also for a request that has ended", async () => {
    const { body } = await keyed("ended");
    await api.complete(body.id);
    const again = await keyed("ended");
    expect([again.status, again.body.status]).toEqual([202, "pending"]);
    expect(again.body).toEqual(body);
  });

  test("a sync replay answers with the video of a completed request, or the error of a failed one", async () => {
    const { body } = await keyed("sync");
    await api.complete(body.id);
    const replay = await keyed("sync", VEO, "wait=10");
    expect([replay.status, replay.body.id, replay.headers.get("idempotency-replayed")]).toEqual([200, body.id, "true"]);
    const failing = await keyed("sync-failed");
    await api.fail(failing.body.id, { code: "PROVIDER_ERROR" });
    expect((await keyed("sync-failed", VEO, "wait=10")).status).toBe(502);
  });

  test("100 equal calls at the same time to two APIs make one request, which one worker gets", async () => {
    await takeAll();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? api : impatient).generate(VEO, { ...ASYNC, "idempotency-key": "storm" }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(202));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotency-replayed") === "true")).toHaveLength(99);
    expect(await acceptedIds()).toHaveLength(1);
    expect(await takeAll()).toEqual([{ organization: "default", id: answers[0]?.body.id }]);
  });

  test("the same key is another key for another organization", async () => {
    const mine = await keyed("shared");
    const theirs = await api.call("POST", "/videos/generate", {
      body: { ...VEO, prompt: "theirs" },
      key: OTHER_KEY,
      headers: { ...ASYNC, "idempotency-key": "shared" },
    });
    expect(theirs.status).toBe(202);
    expect(theirs.headers.get("idempotency-replayed")).toBeNull();
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  test("a replay with a large image leaves one copy of the image", async () => {
    const image_url = await photo(40_000);
    const first = await keyed("image", { ...VEO, image_url });
    const { files } = (await api.traces()) as { files: string[] };
    const again = await keyed("image", { ...VEO, image_url });
    expect([first.status, again.body.id]).toEqual([202, first.body.id]);
    expect(((await api.traces()) as { files: string[] }).files).toEqual(files);
  });

  test("a key is stored as a hash", async () => {
    await keyed("order-4711 of jane@example.com");
    expect((await api.redis.keys("*")).join()).not.toContain("jane");
  });
});
