/** Alerts of budgets, from the call that raises them to the webhook endpoint and the feed. */
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { budgetWebhookEvent } from "../../packages/shared/src/contract/delivery.js";
import { VEO } from "../support/caller.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { isSignedWith, registerEndpoint } from "../support/webhooks.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ workers: 1 });
});
afterAll(() => test.stop());

const call = { ...VEO, cache: "off" };

it("80 % and 100 % of a budget reach the endpoint and the feed, each once, even when the first attempt fails", async () => {
  const receiver = await startReceiver([500, 200, 200]);
  onTestFinished(() => receiver.close());
  const { secret } = await registerEndpoint(test.caller, { url: receiver.url, events: ["budget.threshold"] });
  const quote = await test.caller.call("POST", "/quotes", { body: call });
  const price: number = quote.body.cost_usd;
  const limit = Math.round(price * 1.25e6) / 1e6;
  const set = { subject: "organization", period: "month", limit_usd: limit };
  expect((await test.caller.call("PUT", "/budgets", { body: set })).status).toBe(200);

  await test.caller.submit(call);
  await receiver.atLeast(2);
  expect((await test.caller.call("POST", "/videos/generate", { body: call })).status).toBe(402);
  const received = await receiver.atLeast(3);
  expect((await test.caller.call("POST", "/videos/generate", { body: call })).status).toBe(402);

  const [refused, eighty, hundred] = received;
  expect(refused?.headers["webhook-id"]).toBe(eighty?.headers["webhook-id"]);
  expect(hundred?.headers["webhook-id"]).not.toBe(eighty?.headers["webhook-id"]);
  expect(received.filter((got) => !isSignedWith(secret, got))).toEqual([]);
  const events = [eighty, hundred].map((got) => budgetWebhookEvent.parse(JSON.parse(got?.body ?? "")));
  const left = Math.round((limit - price) * 1e6) / 1e6;
  const data = { ...set, spent_usd: price, left_usd: left, renews_on: expect.stringMatching(/^\d{4}-\d\d-01$/) };
  expect(events.map((event) => event.data)).toEqual([
    { ...data, threshold_percent: 80 },
    { ...data, threshold_percent: 100 },
  ]);
  const feed = await test.caller.call("GET", "/events?types=budget.threshold");
  expect(feed.body.events).toEqual(events.map((event) => ({ ...event, request_id: null })));
});
