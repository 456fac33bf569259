/** Webhooks of calls that come in the words of another API: how they are kept, and how receivers verify them. */
import { describe, expect, test } from "vitest";
import { BASE, OTHER_KEY, useTestApi } from "../../../../tests/support/api.js";

const { api } = useTestApi();
const HOOK = "https://example.com/hook";
let prompts = 0;
const fresh = () => `a webhook, ${prompts++}`;
const post = async (path: string, body: object) => {
  const answer = await api.call("POST", BASE + path, { body });
  const id = answer.body.id ?? answer.body.request_id;
  return { answer, record: (await api.deps.store.requests.get({ organization: "default", id }))?.doc };
};
const predict = (further: object) =>
  post("/replicate/v1/predictions", { version: "google/veo-3", input: { prompt: fresh() }, ...further });

test("fal_webhook is kept with its form, and so is that of a prediction", async () => {
  const queued = await post(`/fal/fal-ai/veo3?fal_webhook=${HOOK}`, { prompt: fresh() });
  expect(queued.record).toMatchObject({ webhookUrl: HOOK, webhookForm: "fal" });
  expect((await predict({ webhook: HOOK })).record).toMatchObject({ webhookUrl: HOOK, webhookForm: "replicate" });
});

test("a call without a webhook, and one of our own API, have no form", async () => {
  const own = await api.submit({ model: "fal-ai/veo3", prompt: fresh(), webhook_url: HOOK });
  const kept = await api.deps.store.requests.get({ organization: "default", id: own });
  const records = [(await predict({})).record, (await post("/fal/fal-ai/veo3", { prompt: fresh() })).record, kept?.doc];
  for (const record of records) expect(record).not.toHaveProperty("webhookForm");
});

test("equal calls with webhooks in other words are other calls", async () => {
  const prompt = fresh();
  const input = { prompt, duration: 4 };
  const queued = await post(`/fal/fal-ai/veo3?fal_webhook=${HOOK}`, input);
  const predicted = await post("/replicate/v1/predictions", { version: "fal-ai/veo3", input, webhook: HOOK });
  expect(predicted.record?.id).not.toBe(queued.record?.id);
  expect(predicted.record?.call.hash).not.toBe(queued.record?.call.hash);
});

describe("webhook_events_filter", () => {
  test.each([
    { filter: undefined, url: HOOK },
    { filter: null, url: HOOK },
    { filter: ["completed"], url: HOOK },
    { filter: ["start", "completed"], url: HOOK },
    { filter: ["start", "output", "logs"], url: null },
    { filter: [], url: null },
  ])("$filter: $url", async ({ filter, url }) => {
    const { record } = await predict({ webhook: HOOK, webhook_events_filter: filter });
    expect(record?.webhookUrl).toBe(url);
    expect(record?.webhookForm).toBe(url === null ? undefined : "replicate");
  });

  test("an unknown event: 422 with the events", async () => {
    const { answer } = await predict({ webhook: HOOK, webhook_events_filter: ["finished"] });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      field: "webhook_events_filter.0",
      detail: expect.stringContaining("completed"),
    });
  });
});

test("a private webhook URL: 422", async () => {
  expect((await predict({ webhook: "http://10.0.0.1/" })).answer).toMatchObject({ status: 422 });
});

test("GET /replicate/v1/webhooks/default/secret: the organization's secret, only for its own keys", async () => {
  const url = `${BASE}/replicate/v1/webhooks/default/secret`;
  expect((await api.call("GET", url)).body).toEqual({ key: api.deps.secrets.webhookSecret("default") });
  expect((await api.call("GET", url, { key: OTHER_KEY })).body.key).not.toBe(api.deps.secrets.webhookSecret("default"));
  expect((await api.call("GET", url, { key: null })).status).toBe(401);
});

test("the keys that verify webhooks as fal signs them are public", async () => {
  for (const path of ["/fal/.well-known/jwks.json", "/fal/rest.fal.ai/.well-known/jwks.json"]) {
    const { status, headers, body } = await api.call("GET", BASE + path, { key: null });
    expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=3600"]);
    expect(body).toEqual({ keys: api.deps.secrets.publicKeys() });
    expect(Object.keys(body.keys[0]).toSorted()).toEqual(["crv", "kid", "kty", "x"]);
  }
});
