import type { WebhookEndpoint } from "@visgate/shared/delivery";
import type { RequestRecord, Transition } from "@visgate/shared/request";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startListener } from "../../../../tests/support/listeners.js";
import { startReceiver } from "../../../../tests/support/receiver.js";
import { failure, pendingRecord, submitIntended, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { deliver } from "./deliver.js";

const DAY_MS = 86_400_000;
const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const OLD_SECRET = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

const { openWorker } = useTestWorkers();
let worker: TestWorker;
beforeEach(async () => {
  worker = await openWorker({ policy: { allowPrivate: true } });
});
afterEach(async () => {
  for (const { id } of await worker.store.endpoints.list("acme")) await worker.store.endpoints.remove("acme", id);
});

async function endpointAt(url: string, overrides: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> {
  const endpoint: WebhookEndpoint = {
    ...{ v: 1, id: "we_1", organization: "acme", url, description: null, disabledReason: null, createdAt: T0 },
    ...{ events: ["request.completed", "request.failed"], failingSince: null, previousSecret: null },
    secret: worker.deps.secrets.encrypt(SECRET, "we_1"),
    ...overrides,
  };
  await worker.store.endpoints.add(endpoint);
  return endpoint;
}
async function receiving(statuses: number[] = []) {
  const receiver = await startReceiver(statuses);
  onTestFinished(receiver.close);
  return receiver;
}
const failed: Transition = { name: "failed", at: T0, failure: failure(), billedMicro: null };
async function deliveriesAfter(record: RequestRecord, ...transitions: Transition[]) {
  await worker.keep(record);
  for (const transition of transitions) await worker.store.requests.applyTo(record, transition);
  return (await worker.store.deliveries.ofRequest(record)).map(({ doc }) => doc);
}
const endpoint = async () => worker.store.endpoints.get("acme", "we_1");
const stateOf = async (id: string) => (await worker.store.deliveries.get({ organization: "acme", id }))?.doc;

describe("a delivery to an endpoint", () => {
  test("is signed with the endpoint's own secret", async () => {
    const receiver = await receiving();
    await endpointAt(receiver.url);
    const [delivery] = await deliveriesAfter(pendingRecord(), failed);
    worker.clock.advance(Date.now() - T0);
    await deliver(worker.deps, { organization: "acme", id: delivery?.id ?? "" });
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.received;
    expect(headers["webhook-id"]).toBe(delivery?.eventId);
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      type: "request.failed",
      sequence: delivery?.sequence,
    });
    expect(() => new Webhook(worker.deps.secrets.webhookSecret("acme")).verify(body, headers)).toThrow();
  });

  test("a webhook has a second signature, by the old secret, until that secret expires", async () => {
    const receiver = await receiving();
    const previousSecret = { secret: worker.deps.secrets.encrypt(OLD_SECRET, "we_1"), until: Date.now() + 60_000 };
    await endpointAt(receiver.url, { previousSecret });
    worker.clock.advance(Date.now() - T0);
    for (const wait of [0, 60_001]) {
      worker.clock.advance(wait);
      const [delivery] = await deliveriesAfter(pendingRecord(), failed);
      await deliver(worker.deps, { organization: "acme", id: delivery?.id ?? "" });
    }
    const [during, after] = receiver.received;
    const verify = (key: string, { headers, body } = { headers: {}, body: "" }) =>
      new Webhook(key).verify(body, headers);
    expect(() => verify(SECRET, during)).not.toThrow();
    expect(() => verify(OLD_SECRET, during)).not.toThrow();
    expect(() => verify(SECRET, after)).not.toThrow();
    expect(() => verify(OLD_SECRET, after)).toThrow();
  });

  test("of an earlier event shows the request as it was then, with the same bytes in each attempt", async () => {
    const receiver = await receiving([500]);
    await endpointAt(receiver.url, { events: ["request.processing", "request.progress"] });
    const record = pendingRecord();
    const [processing, progress] = await deliveriesAfter(
      record,
      submitIntended({ at: T0 }),
      { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "p" },
      { name: "observed", progress: 0.5, queuePosition: null },
    );
    const ref = { organization: "acme", id: processing?.id ?? "" };
    await deliver(worker.deps, ref);
    await worker.store.requests.applyTo(record, failed);
    await deliver(worker.deps, ref);
    await deliver(worker.deps, { organization: "acme", id: progress?.id ?? "" });
    const [first, again, second] = receiver.received.map(({ body }) => body);
    expect(again).toBe(first);
    expect(JSON.parse(first ?? "")).toMatchObject({
      type: "request.processing",
      data: { status: "processing", progress: null, error_code: null, completed_at: null, provider_request_id: "p" },
    });
    expect(JSON.parse(second ?? "")).toMatchObject({ type: "request.progress", data: { progress: 0.5 } });
  });

  test.each([
    { what: "was removed", change: () => worker.store.endpoints.remove("acme", "we_1"), why: "removed" },
    {
      what: "is disabled",
      change: () => worker.store.endpoints.update("acme", "we_1", (one) => ({ ...one, disabledReason: "by_caller" })),
      why: "disabled",
    },
    {
      what: "has a secret that cannot be read",
      change: () => worker.store.endpoints.update("acme", "we_1", (one) => ({ ...one, secret: "nonsense" })),
      why: "VISGATE_SECRET",
    },
  ])("is abandoned with the reason, and not sent, when the endpoint $what", async ({ change, why }) => {
    const receiver = await receiving();
    await endpointAt(receiver.url);
    const [delivery] = await deliveriesAfter(pendingRecord(), failed);
    await change();
    expect(await deliver(worker.deps, { organization: "acme", id: delivery?.id ?? "" })).toEqual({ kind: "finish" });
    expect(receiver.received).toEqual([]);
    const kept = await stateOf(delivery?.id ?? "");
    expect(kept?.state).toBe("abandoned");
    expect(kept?.attempts[0]?.error).toContain(why);
    expect(await worker.store.deliveries.failedSince("acme", 0)).not.toEqual([]);
  });
});

describe("an endpoint's health", () => {
  /** Makes the first attempt of one delivery, at a receiver that answers `status`. */
  async function attempted(status: number) {
    const receiver = await receiving([status]);
    await worker.store.endpoints.update("acme", "we_1", (one) => ({ ...one, url: receiver.url }));
    const [delivery] = await deliveriesAfter(pendingRecord(), failed);
    await deliver(worker.deps, { organization: "acme", id: delivery?.id ?? "" });
    return endpoint();
  }
  beforeEach(() => endpointAt("https://example.com/"));

  test("a 410 disables the endpoint at once", async () => {
    expect(await attempted(410)).toMatchObject({ disabledReason: "gone" });
    expect(await deliveriesAfter(pendingRecord(), failed)).toEqual([]);
  });

  test("a 410 from its former URL does not disable the endpoint", async () => {
    const elsewhere = "https://elsewhere.example.com/";
    const moved = await startListener(async (_request, response) => {
      await worker.store.endpoints.update("acme", "we_1", (one) => ({ ...one, url: elsewhere }));
      response.writeHead(410).end();
    });
    onTestFinished(moved.close);
    await worker.store.endpoints.update("acme", "we_1", (one) => ({ ...one, url: moved.origin }));
    const [delivery] = await deliveriesAfter(pendingRecord(), failed);
    await deliver(worker.deps, { organization: "acme", id: delivery?.id ?? "" });
    expect((await stateOf(delivery?.id ?? ""))?.state).toBe("abandoned");
    expect(await endpoint()).toMatchObject({ url: elsewhere, disabledReason: null, failingSince: null });
  });

  test("five days of failures only disable the endpoint, a shorter time does not", async () => {
    expect(await attempted(500)).toMatchObject({ failingSince: T0, disabledReason: null });
    worker.clock.advance(5 * DAY_MS - 1);
    expect(await attempted(500)).toMatchObject({ failingSince: T0, disabledReason: null });
    worker.clock.advance(1);
    expect(await attempted(500)).toMatchObject({ failingSince: T0, disabledReason: "failing" });
  });

  test("one success in between resets the count of failures", async () => {
    await attempted(500);
    worker.clock.advance(4 * DAY_MS);
    expect(await attempted(200)).toMatchObject({ failingSince: null });
    worker.clock.advance(4 * DAY_MS);
    expect(await attempted(500)).toMatchObject({ failingSince: T0 + 8 * DAY_MS, disabledReason: null });
  });
});
