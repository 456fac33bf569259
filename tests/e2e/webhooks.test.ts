/** Signed webhooks that a real receiver gets for a request's webhook_url. */
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, it } from "vitest";
import { webhookEvent } from "../../packages/shared/src/contract/delivery.js";
import { VEO, withoutInput } from "../support/caller.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
let secret: string;
beforeAll(async () => {
  test = await startTestStack({ workers: 2 });
  secret = (await test.caller.call("GET", "/webhooks/default/secret")).body.key;
});
afterAll(() => test.stop());

it("webhook: is sent once, with a signature that the standardwebhooks package accepts", async () => {
  const receiver = await startReceiver();
  const id = await test.caller.submit({ ...VEO, webhook_url: receiver.url });
  const done = await test.caller.finished(id);
  const [event] = await receiver.atLeast(1);
  const verified = webhookEvent.parse(new Webhook(secret).verify(event?.body ?? "", event?.headers ?? {}));
  expect(verified.type).toBe("request.completed");
  expect(verified.data).toEqual(withoutInput(done));
  // A second webhook of the first request would arrive before the webhook of this later request.
  await test.caller.finished(await test.caller.submit({ ...VEO, webhook_url: receiver.url }));
  await receiver.atLeast(2);
  expect(receiver.received.filter(({ body }) => JSON.parse(body).data.id === id)).toHaveLength(1);
  await receiver.close();
});

it("webhook: is sent again with the same webhook-id and body until the receiver answers 200", async () => {
  const receiver = await startReceiver([500, 500]);
  await test.caller.submit({ ...VEO, webhook_url: receiver.url });
  const events = await receiver.atLeast(3);
  expect(new Set(events.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(events.map(({ body }) => body)).size).toBe(1);
  for (const { body, headers } of events) expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
  await receiver.close();
});

it("webhook: reports a failed request as request.failed", async () => {
  const receiver = await startReceiver();
  await test.caller.submit({ ...VEO, prompt: "content policy test", webhook_url: receiver.url });
  const [event] = await receiver.atLeast(1);
  const parsed = webhookEvent.parse(JSON.parse(event?.body ?? ""));
  expect(parsed).toMatchObject({ type: "request.failed", data: { error_code: "CONTENT_POLICY_VIOLATION" } });
  await receiver.close();
});
