/** Alerts, from a provider that fails to the webhook endpoint, the feed and GET /alerts, and back. */
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type AlertView, alertList } from "../../packages/shared/src/contract/alert.js";
import { webhookEvent } from "../../packages/shared/src/contract/delivery.js";
import { VEO } from "../support/caller.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { isSignedWith, registerEndpoint } from "../support/webhooks.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ workers: 2, env: { ALERT_CLEAR_SECONDS: "1" } });
});
afterAll(() => test.stop());

/** A worker looks every 15 s; one that was killed is noticed after a few seconds more. */
const LOOKED_WITHIN_MS = 60_000;
const KINDS = ["error_rate", "provider_down"];

const alerts = async () => alertList.parse((await test.caller.call("GET", "/alerts")).body).alerts;
const kindsOf = (all: AlertView[]) => all.map(({ kind }) => kind).toSorted();
const generate = async (count: number) => {
  const ids = await Promise.all(Array.from({ length: count }, () => test.caller.submit(VEO)));
  return Promise.all(ids.map(async (id): Promise<string> => (await test.caller.finished(id)).status));
};
const eventsOf = (receiver: Receiver) =>
  receiver.received
    .map(({ body }) => webhookEvent.parse(JSON.parse(body)))
    .filter((event) => event.type === "alert.opened" || event.type === "alert.closed")
    .toSorted((a, b) => a.sequence - b.sequence);
const untilReceived = (receiver: Receiver, type: string) =>
  until(
    `${type} for each of ${KINDS}`,
    () => KINDS.every((kind) => eventsOf(receiver).some((event) => event.type === type && event.data.kind === kind)),
    LOOKED_WITHIN_MS,
  );

it("a provider that fails opens alerts once, and they are closed once it works, also when a worker is killed", async () => {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const { secret } = await registerEndpoint(test.caller, {
    ...{ url: receiver.url, events: ["alert.opened", "alert.closed"] },
  });
  await test.simulator.settings({ disasters: [{ name: "fail" }] });
  expect(new Set(await generate(10))).toEqual(new Set(["failed"]));
  await untilReceived(receiver, "alert.opened");
  const opened = await alerts();
  expect(kindsOf(opened)).toEqual(KINDS);
  expect(opened).toMatchObject(opened.map(() => ({ ended_at: null })));
  expect(opened.find(({ kind }) => kind === "error_rate")).toMatchObject({ value: 1, threshold: 0.5 });
  expect(opened.find(({ kind }) => kind === "provider_down")).toMatchObject({ subject: "fal" });

  test.stack.workers[0]?.kill();
  await test.simulator.settings({ disasters: [] });
  expect(new Set(await generate(11))).toEqual(new Set(["completed"]));
  await untilReceived(receiver, "alert.closed");
  const ended = await alerts();
  expect(ended.map(({ id }) => id).toSorted()).toEqual(opened.map(({ id }) => id).toSorted());
  expect(ended.filter(({ ended_at }) => ended_at === null)).toEqual([]);

  const events = eventsOf(receiver);
  const names = events.map(({ type, data }) => `${type} ${data.id}`);
  expect(names.toSorted()).toEqual(opened.flatMap(({ id }) => [`alert.closed ${id}`, `alert.opened ${id}`]).toSorted());
  expect(receiver.received.filter((got) => !isSignedWith(secret, got))).toEqual([]);
  const feed = await test.caller.call("GET", "/events?types=alert.opened,alert.closed");
  expect(feed.body.events).toEqual(events.map((event) => ({ ...event, request_id: null })));
});

it("GET /diagnostics shows the worker that is left, and what it serves", async () => {
  const left = await until(
    "the killed worker to be gone",
    async () => {
      const { workers } = (await test.caller.call("GET", "/diagnostics")).body;
      return workers.length === 1 && workers[0];
    },
    LOOKED_WITHIN_MS,
  );
  expect(left).toMatchObject({ id: expect.any(String), host: expect.any(String), in_flight: expect.any(Number) });
  expect(left.queues).toEqual(expect.arrayContaining(["fal", "webhooks", "maintenance"]));
});
