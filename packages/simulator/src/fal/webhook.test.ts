import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { expect, test } from "vitest";
import { SHORT, start, temporaryDir, until, VEO } from "../../test-support/harness.js";
import { type Delivery, startReceiver } from "../../test-support/receiver.js";

interface Jwks {
  keys: (JsonWebKey & { kid: string })[];
}

const jwksOf = async (url: string): Promise<Jwks> =>
  (await fetch(`${url}/fal/.well-known/jwks.json`)).json() as Promise<Jwks>;

/** Verifies as fal documents it for receivers, with node:crypto alone. */
function isSigned({ headers, raw }: Delivery, { keys }: Jwks): boolean {
  const header = (name: string) => String(headers[`x-fal-webhook-${name}`]);
  const digest = createHash("sha256").update(raw).digest("hex");
  const message = [header("request-id"), header("user-id"), header("timestamp"), digest].join("\n");
  const signature = Buffer.from(header("signature"), "hex");
  return keys.some((key) => verify(null, Buffer.from(message), createPublicKey({ key, format: "jwk" }), signature));
}

test("webhook: a finished job sends one, signed with the published key", async () => {
  const { fal, url, stats } = await start();
  const receiver = await startReceiver();
  const { request_id: id } = await fal.queue.submit(VEO, { input: SHORT, webhookUrl: receiver.url });
  const [delivery] = (await receiver.received(1)) as [Delivery];
  expect(delivery.body).toMatchObject({
    ...{ request_id: id, gateway_request_id: id, status: "OK" },
    payload: { video: { url: expect.stringContaining(`/media/fal/${id}/`) } },
  });
  expect(delivery.headers["x-fal-webhook-request-id"]).toBe(id);
  const age = Date.now() / 1000 - Number(delivery.headers["x-fal-webhook-timestamp"]);
  expect(Math.abs(age)).toBeLessThan(30);
  const jwks = await jwksOf(url);
  expect(isSigned(delivery, jwks)).toBe(true);
  expect(isSigned({ ...delivery, raw: `${delivery.raw} ` }, jwks)).toBe(false);
  await until(async () => (await stats()).webhooks.ok === 1);
  expect(receiver.deliveries).toHaveLength(1);
});

test("webhook: a failed job sends an error with the body of the model", async () => {
  const { fal } = await start();
  const receiver = await startReceiver();
  const input: object = { prompt: "x", duration: "9s" };
  await fal.queue.submit("fal-ai/veo3.1" as string, { input, webhookUrl: receiver.url });
  const [delivery] = (await receiver.received(1)) as [Delivery];
  expect(delivery.body).toMatchObject({
    ...{ status: "ERROR", error: "Invalid status code: 422", payload: { detail: [{ type: "literal_error" }] } },
  });
});

test("webhook: is sent again to a receiver that fails, but not to one that redirects", async () => {
  const { fal, stats } = await start();
  const failing = await startReceiver([500]);
  const redirecting = await startReceiver([302]);
  await fal.queue.submit(VEO, { input: SHORT, webhookUrl: redirecting.url });
  await fal.queue.submit(VEO, { input: SHORT, webhookUrl: failing.url });
  await failing.received(2);
  await until(async () => (await stats()).webhooks.ok === 1);
  expect((await stats()).webhooks.sent).toBe(3);
  expect(redirecting.deliveries).toHaveLength(1);
});

test("webhook_forged: sends one under another key that claims success, then the true one", async () => {
  const { fal, url, disasters, stats } = await start();
  const receiver = await startReceiver();
  await disasters({ name: "webhook_forged" }, { name: "fail" });
  await fal.queue.submit(VEO, { input: SHORT, webhookUrl: receiver.url });
  const [forged, honest] = (await receiver.received(2)) as [Delivery, Delivery];
  const jwks = await jwksOf(url);
  expect(isSigned(forged, jwks)).toBe(false);
  expect(forged.body).toMatchObject({ request_id: honest.body["request_id"], status: "OK" });
  expect(isSigned(honest, jwks)).toBe(true);
  expect(honest.body).toMatchObject({ status: "ERROR" });
  await until(async () => (await stats()).webhooks.ok === 1);
  expect((await stats()).webhooks).toEqual({ sent: 1, ok: 1, false_sent: 1, false_ok: 1 });
});

test("webhook_stale: sends one that is an hour old and correctly signed, then the true one", async () => {
  const { fal, url, disasters } = await start();
  const receiver = await startReceiver();
  await disasters({ name: "webhook_stale" });
  await fal.queue.submit(VEO, { input: SHORT, webhookUrl: receiver.url });
  const deliveries = await receiver.received(2);
  const jwks = await jwksOf(url);
  expect(deliveries.map((delivery) => isSigned(delivery, jwks))).toEqual([true, true]);
  const ages = deliveries.map(({ headers }) => Date.now() / 1000 - Number(headers["x-fal-webhook-timestamp"]));
  expect(ages.map((seconds) => Math.round(seconds / 60))).toEqual([60, 0]);
});

test("webhook_late: sends it `seconds` after the end", async () => {
  const { fal, disasters, finished } = await start();
  const receiver = await startReceiver();
  await disasters({ name: "webhook_late", seconds: 0.7 });
  const submitted = Date.now();
  const { request_id: id } = await fal.queue.submit(VEO, { input: SHORT, webhookUrl: receiver.url });
  await finished(VEO, id);
  await receiver.received(1);
  expect(Date.now() - submitted).toBeGreaterThanOrEqual(700);
});

test("webhook: is sent after a restart if it was still due, under the same key", async () => {
  const dataDir = await temporaryDir();
  const receiver = await startReceiver();
  const first = await start({ dataDir, renderSeconds: 60 });
  const { request_id: id } = await first.fal.queue.submit(VEO, { input: SHORT, webhookUrl: receiver.url });
  await first.http(`/fal/${VEO}/requests/${id}/cancel`, { method: "PUT" });
  await receiver.received(1);
  const { request_id: second } = await first.fal.queue.submit(VEO, { input: SHORT, webhookUrl: receiver.url });
  const jwks = await jwksOf(first.url);
  await first.stop();

  // The clock is two minutes ahead, in place of waiting.
  const again = await start({ dataDir, now: () => Date.now() + 120_000 });
  const deliveries = await receiver.received(2);
  expect(deliveries.map(({ body }) => body["request_id"])).toEqual([id, second]);
  expect(isSigned(deliveries[1] as Delivery, jwks)).toBe(true);
  expect(await jwksOf(again.url)).toEqual(jwks);
});
