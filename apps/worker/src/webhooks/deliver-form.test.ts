/** Webhooks of requests that were submitted in the words of a provider's API. */
import { providerOf } from "@visgate/providers";
import type { WebhookEndpoint } from "@visgate/shared/delivery";
import type { Failure } from "@visgate/shared/errors";
import { eventId } from "@visgate/shared/ids";
import { createSecrets } from "@visgate/shared/runtime";
import { validateWebhook } from "replicate";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Received, startReceiver } from "../../../../tests/support/receiver.js";
import { failure, renderedRecord, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { deliver } from "./deliver.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;

const STORED = { kind: "stored", key: "acme/x/0.mp4", contentType: "video/mp4", bytes: 7, sha256: "a" } as const;

interface Ended {
  form: string | undefined;
  why?: Partial<Failure>;
  answers?: number[];
}

/** What the request's own webhook gets, in all attempts. */
async function received({ form, why, answers = [] }: Ended): Promise<{ id: string; got: Received[] }> {
  const receiver = await startReceiver(answers);
  onTestFinished(receiver.close);
  worker = await openWorker({ policy: { allowPrivate: true } });
  const fields = { webhookUrl: receiver.url, ...(form === undefined ? {} : { webhookForm: form }) };
  const record = await worker.keep(renderedRecord(fields));
  await worker.store.requests.applyTo(
    record,
    why === undefined
      ? { name: "completed", at: T0 + 900, outputs: [STORED] }
      : { name: "failed", at: T0 + 900, failure: { ...failure(), ...why }, billedMicro: null },
  );
  worker.clock.advance(Date.now() - T0);
  for (let count = 0; count < answers.length + 1; count += 1) {
    await deliver(worker.deps, { organization: record.organization, id: eventId(record.id) });
    worker.clock.advance(5000);
  }
  return { id: record.id, got: receiver.received };
}

const only = ({ id, got: [one] }: Awaited<ReturnType<typeof received>>) => {
  if (one === undefined) throw new Error("no webhook");
  return { id, ...one, json: JSON.parse(one.body) };
};

/** As gateways check the webhooks that they get from fal, with the keys that this server publishes. */
function falVerdict({ headers, body }: Received, secrets = worker.deps.secrets) {
  const fetchKeys = async () => Response.json({ keys: secrets.publicKeys() });
  const urls = { reportKeys: "https://gateway.test/fal/.well-known/jwks.json" };
  const options = { apiKey: "", baseUrl: "", urls, fetch: fetchKeys as typeof fetch, now: Date.now };
  return providerOf("fal")
    .createReportVerifier?.(options)
    .verify({ headers: new Headers(headers), body });
}

describe("fal", () => {
  test("a request that completed: OK, with the result as payload", async () => {
    const { id, json } = only(await received({ form: "fal" }));
    expect(json).toEqual({
      ...{ request_id: id, gateway_request_id: id, status: "OK" },
      payload: {
        video: {
          url: expect.stringMatching(/^http:\/\/gateway\.test\/api\/v1\/files\//),
          ...{ content_type: "video/mp4", file_size: 7, file_name: `${id}-0.mp4` },
        },
      },
    });
  });

  test.each([
    {
      why: { code: "CONTENT_POLICY_VIOLATION", message: "no", retryable: false },
      error: "Invalid status code: 422",
      detail: [{ loc: ["body", "prompt"], msg: "no", type: "content_policy_violation" }],
    },
    { why: { code: "PROVIDER_ERROR", message: "it broke", retryable: true }, error: /: 424$/, detail: "it broke" },
    { why: { code: "CANCELLED", message: "stopped", retryable: false }, error: /: 424$/, detail: "stopped" },
  ] as const)("a request that failed with $why.code: ERROR", async ({ why, error, detail }) => {
    const { json, id } = only(await received({ form: "fal", why }));
    expect(json).toEqual({
      ...{ request_id: id, gateway_request_id: id, status: "ERROR" },
      ...{ error: typeof error === "string" ? error : expect.stringMatching(error), payload: { detail } },
    });
  });

  test("is signed as fal signs, and fits no other body", async () => {
    const { id, headers, body } = only(await received({ form: "fal" }));
    expect(await falVerdict({ headers, body })).toEqual({ kind: "genuine", providerRequestId: id });
    expect(await falVerdict({ headers, body: body.replace("OK", "KO") })).toEqual({ kind: "refused" });
    const stranger = createSecrets("another secret");
    expect(await falVerdict({ headers, body }, stranger)).toEqual({ kind: "refused" });
    expect(headers["x-fal-webhook-user-id"]).toBe("acme");
  });

  test("is accepted with the keys from before and after a rotation of VISGATE_SECRET", async () => {
    const { headers, body } = only(await received({ form: "fal" }));
    for (const secrets of [
      createSecrets("a master secret for tests", "a newer secret"),
      createSecrets("a newer secret", "a master secret for tests"),
    ]) {
      expect(await falVerdict({ headers, body }, secrets)).toMatchObject({ kind: "genuine" });
      expect(new Set(secrets.publicKeys().map(({ kid, x }) => `${kid} ${x}`)).size).toBe(2);
    }
    expect(await falVerdict({ headers, body }, createSecrets("a newer secret"))).toEqual({ kind: "refused" });
  });

  test("is tried again with the same body and id, and a fresh signature", async () => {
    const { got } = await received({ form: "fal", answers: [500] });
    expect(got).toHaveLength(2);
    expect(new Set(got.map(({ body }) => body)).size).toBe(1);
    expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(got.map(({ headers }) => headers["x-fal-webhook-signature"])).size).toBe(2);
  });
});

describe("replicate", () => {
  test("the prediction, as its SDK validates it", async () => {
    const { id, headers, body, json } = only(await received({ form: "replicate" }));
    expect(json).toMatchObject({
      ...{ id, status: "succeeded", error: null, logs: "", output: expect.stringMatching(/^http:/) },
      urls: { get: `http://gateway.test/replicate/v1/predictions/${id}` },
    });
    const secret = worker.deps.secrets.webhookSecret("acme");
    expect(await validateWebhook({ headers: new Headers(headers), body } as never, secret)).toBe(true);
    expect(await validateWebhook({ headers: new Headers(headers), body: `${body} ` } as never, secret)).toBe(false);
  });

  test.each([
    { why: { code: "PROVIDER_ERROR", message: "it broke" }, status: "failed", error: "it broke" },
    { why: { code: "CANCELLED", message: "stopped" }, status: "canceled", error: "stopped" },
  ] as const)("a request that failed with $why.code: $status", async ({ why, status, error }) => {
    expect(only(await received({ form: "replicate", why })).json).toMatchObject({ status, error, output: null });
  });
});

test("a form that this version does not know, and none: our event", async () => {
  for (const form of [undefined, "a-later-one"]) {
    const { json, headers } = only(await received({ form }));
    expect(json).toMatchObject({ type: "request.completed", data: { status: "completed" } });
    expect(Object.keys(headers).filter((name) => name.startsWith("x-"))).toEqual([]);
  }
});

test("an endpoint of the organization gets our event, whatever the form of the request's own webhook", async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  worker = await openWorker({ policy: { allowPrivate: true } });
  const endpoint: WebhookEndpoint = {
    ...{ v: 1, id: "we_1", organization: "acme", url: receiver.url, description: null, disabledReason: null },
    ...{ events: ["request.completed"], createdAt: T0, failingSince: null, previousSecret: null },
    secret: worker.deps.secrets.encrypt(worker.deps.secrets.webhookSecret("acme"), "we_1"),
  };
  await worker.store.endpoints.add(endpoint);
  const record = await worker.keep(renderedRecord({ webhookUrl: "https://hooks.example.com", webhookForm: "fal" }));
  await worker.store.requests.applyTo(record, { name: "completed", at: T0 + 900, outputs: [STORED] });
  await deliver(worker.deps, { organization: "acme", id: `${eventId(record.id)}-we_1` });
  await worker.store.endpoints.remove("acme", "we_1");
  expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({ type: "request.completed" });
});
