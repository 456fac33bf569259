import { validateWebhook } from "replicate";
import { expect, test } from "vitest";
import { temporaryDir, until } from "../../test-support/harness.js";
import { type Delivery, startReceiver } from "../../test-support/receiver.js";
import { INPUT, type ReplicateFixture, startReplicate, VEO } from "../../test-support/replicate.js";
import { webhookSecret } from "./signing.js";

const secretOf = async ({ replicate }: ReplicateFixture): Promise<string> =>
  (await replicate.webhooks.default.secret.get()).key;

const isSigned = ({ headers, raw }: Delivery, secret: string): Promise<boolean> =>
  validateWebhook({
    ...{ id: String(headers["webhook-id"]), timestamp: String(headers["webhook-timestamp"]), body: raw, secret },
    signature: String(headers["webhook-signature"]),
  });

const ageSeconds = ({ headers }: Delivery): number => Date.now() / 1000 - Number(headers["webhook-timestamp"]);

type Event = "start" | "output" | "logs" | "completed";

function submit({ replicate }: ReplicateFixture, webhook: string, ...webhook_events_filter: Event[]) {
  return replicate.predictions.create({ model: VEO, input: INPUT, webhook, webhook_events_filter });
}

test("signatures: equal the documented test vector", () => {
  const secret = webhookSecret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
  const signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", '{"test": 2432232314}');
  expect(signature).toBe("v1,78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44=");
});

test("webhook: the end is sent once, with the prediction, and the client verifies its signature", async () => {
  const fixture = await startReplicate();
  const receiver = await startReceiver();
  const created = await submit(fixture, receiver.url, "completed");
  expect(created).toMatchObject({ webhook: receiver.url, webhook_events_filter: ["completed"] });
  const [delivery] = (await receiver.received(1)) as [Delivery];
  expect(delivery.body).toEqual(await fixture.replicate.predictions.get(created.id));
  expect(delivery.body).toMatchObject({ status: "succeeded", output: expect.stringMatching(/\.mp4$/) });
  const secret = await secretOf(fixture);
  expect(secret).toMatch(/^whsec_/);
  expect(await isSigned(delivery, secret)).toBe(true);
  expect(await isSigned({ ...delivery, raw: `${delivery.raw} ` }, secret)).toBe(false);
  expect(Math.abs(ageSeconds(delivery))).toBeLessThan(30);
  await until(async () => (await fixture.stats()).webhooks.ok === 1);
  expect(receiver.deliveries).toHaveLength(1);
});

test("webhook: sends every requested event with its own id; by default output and completed", async () => {
  const fixture = await startReplicate();
  const [all, usual] = [await startReceiver(), await startReceiver()];
  await submit(fixture, all.url, "start", "logs", "output", "completed");
  const deliveries = await all.received(4);
  const statuses = deliveries.map(({ body }) => body["status"]).sort();
  expect(statuses).toEqual(["processing", "processing", "succeeded", "succeeded"]);
  expect(new Set(deliveries.map(({ headers }) => headers["webhook-id"])).size).toBe(4);
  await fixture.replicate.predictions.create({ model: VEO, input: INPUT, webhook: usual.url });
  expect((await usual.received(2)).map(({ body }) => body["status"])).toEqual(["succeeded", "succeeded"]);
});

test("webhook: a filter without `completed` sends nothing at the end", async () => {
  const fixture = await startReplicate();
  const receiver = await startReceiver();
  const { id } = await submit(fixture, receiver.url, "start");
  await receiver.received(1);
  await fixture.ended(id);
  expect(receiver.deliveries).toHaveLength(1);
  expect((await fixture.stats()).webhooks.sent).toBe(0);
});

test("webhook: is sent again to a receiver that fails, under the same id; the secret outlives a restart", async () => {
  const dataDir = await temporaryDir();
  const first = await startReplicate({ dataDir });
  const receiver = await startReceiver([500]);
  await submit(first, receiver.url, "completed");
  const [refused, taken] = (await receiver.received(2)) as [Delivery, Delivery];
  expect(taken.headers["webhook-id"]).toBe(refused.headers["webhook-id"]);
  const secret = await secretOf(first);
  await first.stop();
  const second = await startReplicate({ dataDir });
  expect(await secretOf(second)).toBe(secret);
});

test("webhook_forged: sends one under another secret that claims success, then the true one", async () => {
  const fixture = await startReplicate();
  const receiver = await startReceiver();
  await fixture.disasters({ name: "webhook_forged" }, { name: "fail" });
  await submit(fixture, receiver.url, "completed");
  const [forged, honest] = (await receiver.received(2)) as [Delivery, Delivery];
  const secret = await secretOf(fixture);
  expect(await isSigned(forged, secret)).toBe(false);
  expect(forged.body).toMatchObject({ status: "succeeded", output: expect.stringContaining("forged"), error: null });
  expect(await isSigned(honest, secret)).toBe(true);
  expect(honest.body).toMatchObject({ status: "failed" });
  await until(async () => (await fixture.stats()).webhooks.ok === 1);
  expect((await fixture.stats()).webhooks).toEqual({ sent: 1, ok: 1, false_sent: 1, false_ok: 1 });
});

test("webhook_stale: sends a correctly signed webhook that is an hour old, then the current one", async () => {
  const fixture = await startReplicate();
  const receiver = await startReceiver();
  await fixture.disasters({ name: "webhook_stale" });
  await submit(fixture, receiver.url, "completed");
  const [stale, fresh] = (await receiver.received(2)) as [Delivery, Delivery];
  const secret = await secretOf(fixture);
  expect([await isSigned(stale, secret), await isSigned(fresh, secret)]).toEqual([true, true]);
  expect(Math.round(ageSeconds(stale) / 60)).toBe(60);
  expect(Math.round(ageSeconds(fresh) / 60)).toBe(0);
});

test("webhook_late, webhook_duplicate and webhook_never: send it late, twice, or not at all", async () => {
  const fixture = await startReplicate();
  const [slow, twice, never] = [await startReceiver(), await startReceiver(), await startReceiver()];
  await fixture.disasters({ name: "webhook_never", times: 1 }, { name: "webhook_duplicate", times: 1 });
  await fixture.ended((await submit(fixture, never.url, "output", "completed")).id);
  await submit(fixture, twice.url, "completed");
  const [once, again] = await twice.received(2);
  expect(again?.body).toEqual(once?.body);

  await fixture.disasters({ name: "webhook_late", seconds: 0.7 });
  await submit(fixture, slow.url, "completed");
  const [delivery] = (await slow.received(1)) as [Delivery];
  expect(Date.now() - Date.parse(String(delivery.body["completed_at"]))).toBeGreaterThanOrEqual(700);
  expect(never.deliveries).toHaveLength(0);
});
