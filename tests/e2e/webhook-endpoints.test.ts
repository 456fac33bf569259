/** Registered webhook endpoints, their deliveries, and redelivery, with real processes. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { deliveryList } from "../../packages/shared/src/contract/delivery.js";
import { EVENT_TYPES } from "../../packages/shared/src/request/public-event.js";
import { type Caller, VEO } from "../support/caller.js";
import { type Answering, type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import {
  deliveriesOf,
  eventsReceived,
  isSignedWith,
  parseWebhook,
  type ReceivedEvent,
  registerEndpoint,
} from "../support/webhooks.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ workers: 2 });
});
afterAll(() => test.stop());
afterEach(() => removeEndpoints(test.caller));

async function removeEndpoints(caller: Caller): Promise<void> {
  const { body } = await caller.call("GET", "/webhook-endpoints");
  for (const { id } of body.endpoints) await caller.call("DELETE", `/webhook-endpoints/${id}`);
}

async function receiverFor(answers?: number[] | Answering) {
  const receiver = await startReceiver(answers);
  onTestFinished(() => receiver.close());
  return receiver;
}

/** A receiver and an endpoint that points at it. */
async function endpointFor(answers?: number[] | Answering, settings: object = {}) {
  const receiver = await receiverFor(answers);
  return { receiver, ...(await registerEndpoint(test.caller, { url: receiver.url, ...settings })) };
}

async function completed(body: object = VEO): Promise<string> {
  const id = await test.caller.submit(body);
  expect((await test.caller.finished(id)).status).toBe("completed");
  return id;
}

async function onlyEventOf(receiver: Receiver, requestId: string): Promise<ReceivedEvent> {
  const [first, ...rest] = await eventsReceived(receiver, requestId, 1);
  if (first === undefined || rest.length > 0) throw new Error(`${rest.length + 1} webhooks of ${requestId}, not 1`);
  return first;
}

const find = async (caller: Caller, id: string) => (await caller.call("GET", `/webhook-endpoints/${id}`)).body;
const change = (id: string, body: object) => test.caller.call("PATCH", `/webhook-endpoints/${id}`, { body });

async function rotate(id: string, overlapSeconds: number): Promise<string> {
  const body = { overlap_seconds: overlapSeconds };
  return (await test.caller.call("POST", `/webhook-endpoints/${id}/rotate-secret`, { body })).body.secret;
}

async function redeliver(path: string, since: string): Promise<number> {
  const { status, body } = await test.caller.call("POST", path, { body: { since } });
  expect(status).toBe(202);
  return body.redelivering;
}

it("endpoints: each gets the events it asks for, one webhook-id per event, signed with its own secret", async () => {
  const some = await endpointFor();
  const all = await endpointFor([], { events: EVENT_TYPES });
  const own = await receiverFor();
  const ownSecret = (await test.caller.call("GET", "/webhooks/default/secret")).body.key;
  const id = await completed({ ...VEO, webhook_url: own.url });

  const feed = (await test.caller.call("GET", "/events?limit=500")).body.events;
  const inFeed = feed.filter((event: { request_id: string }) => event.request_id === id);
  const events = await eventsReceived(all.receiver, id, inFeed.length);
  const ended = await onlyEventOf(some.receiver, id);
  const byUrl = await onlyEventOf(own, id);

  expect(events.map(({ event: { type, sequence } }) => [type, sequence])).toEqual(
    inFeed.map(({ type, sequence }: { type: string; sequence: number }) => [type, sequence]),
  );
  expect(events[0]?.event).toMatchObject({ type: "request.processing", data: { id, status: "processing" } });
  const last = events.at(-1);
  expect(last?.event).toMatchObject({ type: "request.completed", data: { id, status: "completed" } });
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);

  expect([ended.id, byUrl.id]).toEqual([last?.id, last?.id]);
  expect([ended.got.body, byUrl.got.body]).toEqual([last?.got.body, last?.got.body]);
  expect([some.receiver, own, all.receiver].map(({ received }) => received.length)).toEqual([1, 1, events.length]);
  const secrets = [some.secret, all.secret, ownSecret];
  const signers = ({ got }: ReceivedEvent) => secrets.map((secret) => isSignedWith(secret, got));
  expect(signers(ended)).toEqual([true, false, false]);
  expect(events.map(signers)).toEqual(events.map(() => [false, true, false]));
  expect(signers(byUrl)).toEqual([false, false, true]);
});

it("request.failed: goes only to endpoints that ask for it", async () => {
  const failures = await endpointFor([], { events: ["request.failed"] });
  const successes = await endpointFor([], { events: ["request.completed"] });
  const id = await test.caller.submit({ ...VEO, prompt: "content policy test" });
  expect((await onlyEventOf(failures.receiver, id)).event).toMatchObject({
    type: "request.failed",
    data: { status: "failed" },
  });
  await onlyEventOf(successes.receiver, await completed());
  expect([failures, successes].map(({ receiver }) => receiver.received.length)).toEqual([1, 1]);
});

it("rotate-secret: signs with both secrets during the overlap, then only with the new one", async () => {
  const { id, receiver, secret: first } = await endpointFor();
  const second = await rotate(id, 600);
  const overlapping = await onlyEventOf(receiver, await completed());
  const third = await rotate(id, 0);
  const after = await onlyEventOf(receiver, await completed());
  const signers = ({ got }: ReceivedEvent) => [first, second, third].map((secret) => isSignedWith(secret, got));
  expect(signers(overlapping)).toEqual([true, true, false]);
  expect(signers(after)).toEqual([false, false, true]);
  expect((await find(test.caller, id)).secret_rotates_until).toBeNull();
});

it("disabled endpoint: gets no events, and gets them once it is enabled again", async () => {
  const { id, receiver } = await endpointFor();
  expect((await change(id, { enabled: false })).body).toMatchObject({ enabled: false, disabled_reason: "by_caller" });
  const missed = [await completed(), await completed()];
  for (const request of missed) expect(await deliveriesOf(test.caller, request)).toEqual([]);
  expect(receiver.received).toEqual([]);
  expect((await change(id, { enabled: true })).body).toMatchObject({ enabled: true, disabled_reason: null });
  const next = await completed();
  const received = await receiver.atLeast(3);
  const events = received.map((got) => parseWebhook(got).event);
  expect(events.map(({ data }) => data.id).toSorted()).toEqual([...missed, next].toSorted());
});

it("endpoint that answers 410: is disabled, and its delivery is abandoned", async () => {
  const { id, receiver } = await endpointFor([410]);
  const request = await completed();
  await until("disabled", async () => !(await find(test.caller, id)).enabled);
  expect((await find(test.caller, id)).disabled_reason).toBe("gone");
  const [delivery] = await deliveriesOf(test.caller, request);
  expect(delivery).toMatchObject({ state: "abandoned", attempts: [{ http_status: 410 }] });
  await completed();
  expect(receiver.received).toHaveLength(1);
});

it("redeliver a delivery: sends it again with the same webhook-id, and the delivery lists all attempts", async () => {
  const { id, receiver } = await endpointFor([500]);
  const request = await completed();
  await until("delivered", async () => (await deliveriesOf(test.caller, request))[0]?.state === "delivered");
  const { body } = await test.caller.call("GET", `/requests/${request}/deliveries`);
  const [delivery] = deliveryList.parse(body).deliveries;
  const [first] = receiver.received;
  expect(delivery).toMatchObject({ event_id: first?.headers["webhook-id"], type: "request.completed" });
  expect(delivery).toMatchObject({ endpoint_id: id, sequence: first && parseWebhook(first).event.sequence });
  expect(delivery?.attempts).toMatchObject([
    { http_status: 500, error: "HTTP 500" },
    { http_status: 200, error: null },
  ]);
  for (const { ms, worker } of delivery?.attempts ?? []) {
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(worker).toMatch(/\S/);
  }

  const path = `/requests/${request}/deliveries/${delivery?.id}/redeliver`;
  expect(await test.caller.call("POST", path)).toMatchObject({ status: 202, body: { redelivering: 1 } });
  const received = await receiver.atLeast(3);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(received.map((got) => got.body)).size).toBe(1);
  const again = await until("the record of a third attempt", async () => {
    const [stored] = await deliveriesOf(test.caller, request);
    return stored?.attempts.length === 3 && stored;
  });
  expect(again).toMatchObject({ id: delivery?.id, state: "delivered" });
});

it("redeliver since a time: sends abandoned deliveries again, of one endpoint or of all", async () => {
  let isUp = false;
  const answer = () => (isUp ? 200 : 500);
  const { id, receiver } = await endpointFor(answer);
  const own = await receiverFor(answer);
  const since = new Date().toISOString();
  const body = { ...VEO, webhook_url: own.url };
  const requests = [await completed(body), await completed(body)];
  const deliveries = async () => (await Promise.all(requests.map((each) => deliveriesOf(test.caller, each)))).flat();
  const inState = async (state: string) => (await deliveries()).filter((delivery) => delivery.state === state);
  const untilInState = (state: string, count: number) =>
    until(`${count} ${state}`, async () => (await inState(state)).length === count);
  await untilInState("abandoned", 4);
  expect([receiver.received.length, own.received.length]).toEqual([8, 8]);
  isUp = true;

  const path = `/webhook-endpoints/${id}/redeliver`;
  expect(await redeliver(path, (await deliveries()).at(-1)?.created_at ?? "")).toBe(1);
  await untilInState("delivered", 1);
  expect(await redeliver(path, since)).toBe(1);
  await untilInState("delivered", 2);
  const sentAgain = receiver.received.slice(8).map((got) => parseWebhook(got).event.data.id);
  expect([sentAgain, own.received.length]).toEqual([requests.toReversed(), 8]);

  expect(await redeliver("/deliveries/redeliver", since)).toBe(2);
  await untilInState("delivered", 4);
  expect(await redeliver("/deliveries/redeliver", since)).toBe(0);
  for (const { received } of [receiver, own]) {
    expect(received).toHaveLength(10);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
  }
});

describe("with few worker slots and early disabling", () => {
  const SLOW_ENDPOINTS = 15;
  const REQUESTS = 20;
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({
      env: {
        WEBHOOK_DISABLE_AFTER_SECONDS: "1",
        WEBHOOK_RETRY_SECONDS: "0.5,0.5,0.5,0.5",
        WORKER_CONCURRENCY: "4",
      },
    });
  });
  afterAll(() => stack.stop());

  it("endpoint that always fails: is disabled, and its pending delivery is abandoned", async () => {
    const { caller } = stack;
    const receiver = await receiverFor(() => 500);
    const { id } = await registerEndpoint(caller, { url: receiver.url });
    const request = await caller.submit();
    await until("disabled", async () => !(await find(caller, id)).enabled);
    expect((await find(caller, id)).disabled_reason).toBe("failing");
    const [delivery] = await until("abandoned", async () => {
      const deliveries = await deliveriesOf(caller, request);
      return deliveries[0]?.state === "abandoned" && deliveries;
    });
    expect(delivery?.attempts.at(-1)).toMatchObject({ http_status: null, error: "The endpoint is disabled." });
    expect(delivery?.attempts.filter(({ http_status }) => http_status === 500)).toHaveLength(receiver.received.length);
    await removeEndpoints(caller);
  });

  const submitMany = (length: number) => Promise.all(Array.from({ length }, () => stack.caller.submit()));

  async function pendingOf(requests: string[]): Promise<number> {
    const deliveries = await Promise.all(requests.map((id) => deliveriesOf(stack.caller, id)));
    return deliveries.flat().filter(({ state }) => state === "pending").length;
  }

  it("endpoint that never answers: does not delay the webhooks of a healthy endpoint", async () => {
    const { caller } = stack;
    const slow = await receiverFor(() => null);
    const register = () => registerEndpoint(caller, { url: slow.url });
    const endpoints = await Promise.all(Array.from({ length: SLOW_ENDPOINTS }, register));
    const first = await submitMany(REQUESTS);
    await until("all pending", async () => (await pendingOf(first)) === SLOW_ENDPOINTS * REQUESTS);
    // From now on the slow endpoints get no new deliveries. Those that are pending stay pending.
    const body = { events: ["request.failed"] };
    await Promise.all(endpoints.map(({ id }) => caller.call("PATCH", `/webhook-endpoints/${id}`, { body })));

    const healthy = await receiverFor();
    await registerEndpoint(caller, { url: healthy.url });
    // The second half is sent after the first. No delivery may wait until the sweeper finds it.
    const half = await submitMany(REQUESTS / 2);
    await healthy.atLeast(REQUESTS / 2);
    const requests = [...half, ...(await submitMany(REQUESTS / 2))];
    const received = await healthy.atLeast(REQUESTS);
    expect([slow.hungUp, await pendingOf(first)]).toEqual([0, SLOW_ENDPOINTS * REQUESTS]);
    expect(slow.received.length).toBeGreaterThan(0);
    expect(received.map((got) => parseWebhook(got).event.data.id).toSorted()).toEqual(requests.toSorted());
  });
});
