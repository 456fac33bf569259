/** Processes are killed with -9 during deliveries: each receiver gets each event, with one webhook-id. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, type Caller, VEO } from "../support/caller.js";
import { type Received, type Receiver, startReceiver } from "../support/receiver.js";
import { type RequestFeedEvent, requestEventPage } from "../support/request-events.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import {
  deliveriesOf,
  groupBy,
  isSignedWith,
  parseWebhook,
  type ReceivedEvent,
  registerEndpoint,
} from "../support/webhooks.js";

const PER_ROUND = 7;
const FAILS_EVERY = 6;
const PAGE = 7;
const UNAVAILABLE_LIMIT_MS = 60_000;

let test: TestStack;
let own: Receiver;
let registered: Receiver;
beforeAll(async () => {
  test = await startTestStack({
    restart: true,
    apis: 2,
    workers: 2,
    env: { WEBHOOK_RETRY_SECONDS: Array(12).fill("0.3").join(",") },
  });
  own = await startReceiver(answerFrom(1));
  registered = await startReceiver(answerFrom(4));
});
afterAll(async () => {
  await Promise.all([own.close(), registered.close()]);
  await test.stop();
});

/** Called with the next webhook at any receiver. The receiver answers when the promise resolves. */
let onNext: ((got: Received) => Promise<void>) | null = null;

function answerFrom(start: number) {
  let count = start;
  return async (got: Received) => {
    const hold = onNext;
    onNext = null;
    await hold?.(got);
    count += 1;
    return count % FAILS_EVERY === 0 ? 500 : 200;
  };
}

interface Held {
  got: Received;
  release(): void;
}

/** Resolves when the next webhook has arrived and is not answered yet: the worker does not know that it arrived. */
function nextHeld(): Promise<Held> {
  return new Promise((resolve) => {
    onNext = (got) => new Promise((release) => resolve({ got, release }));
  });
}

const receivedTotal = () => own.received.length + registered.received.length;

async function someReceived(): Promise<null> {
  const before = receivedTotal();
  await until("some webhooks", () => receivedTotal() >= before + 3);
  return null;
}

/** Resolves right after a new event: its deliveries are created, and the jobs that wake them are on their way. */
async function eventCreated(): Promise<null> {
  const { latest } = (await callWithRetries((caller) => caller.call("GET", "/events?limit=1"))).body;
  const path = `/events?after=${latest}&types=request.completed&wait=20`;
  const readNew = async () => (await callWithRetries((caller) => caller.call("GET", path))).body.events;
  await until("an event", async () => (await readNew()).length > 0);
  return null;
}

type Process = TestStack["stack"]["apis"][number] | TestStack["redis"];

async function crash(process: Process): Promise<void> {
  if (!("events" in process)) return process.kill();
  const restarted = new Promise((resolve) => process.events.once("restart", resolve));
  process.kill();
  await restarted;
}

interface Round {
  moment(): Promise<Held | null>;
  /** The processes that are killed at the moment. */
  killed: Process[];
}

function rounds({ stack: { workers, apis }, redis }: TestStack): Round[] {
  return [
    { moment: nextHeld, killed: workers },
    { moment: eventCreated, killed: apis.slice(0, 1) },
    { moment: nextHeld, killed: [redis] },
    { moment: someReceived, killed: workers.slice(0, 1) },
    { moment: eventCreated, killed: workers },
    { moment: someReceived, killed: [redis, ...apis.slice(1)] },
    { moment: eventCreated, killed: [redis, ...workers] },
    { moment: someReceived, killed: workers.slice(1) },
    { moment: nextHeld, killed: [redis, ...apis, ...workers] },
  ];
}

/** Repeats a call until an answer is 2xx, because the API or its Redis may be restarting. */
function callWithRetries(ask: (caller: Caller) => Promise<Answer>): Promise<Answer> {
  let tries = 0;
  const once = async () => {
    tries += 1;
    const answer = await ask(test.callers[tries % test.callers.length] ?? test.caller).catch(() => null);
    return answer !== null && answer.status < 300 && answer;
  };
  return until("an API that answers", once, UNAVAILABLE_LIMIT_MS);
}

async function submit(name: string): Promise<string> {
  const body = { ...VEO, webhook_url: own.url };
  const headers = { prefer: "respond-async", "idempotency-key": name };
  return (await callWithRetries((caller) => caller.generate(body, headers))).body.id;
}

/** Waits for the end of the request. Returns its terminal status. */
async function ended(id: string): Promise<string> {
  const ask = () => callWithRetries((caller) => caller.call("GET", `/requests/${id}?wait=5`));
  return until(`the end of ${id}`, async () => {
    const { status } = (await ask()).body;
    return (status === "completed" || status === "failed") && status;
  });
}

async function readFeed(): Promise<RequestFeedEvent[]> {
  const events: RequestFeedEvent[] = [];
  for (let after = 0; ; ) {
    const page = requestEventPage.parse((await test.caller.call("GET", `/events?after=${after}&limit=${PAGE}`)).body);
    if (page.events.length === 0) return events;
    events.push(...page.events);
    after = page.next_after;
  }
}

/** Submits while processes are killed. `unconfirmed`: the webhooks whose worker was killed before the answer. */
async function runThroughCrashes(): Promise<{ ids: string[]; unconfirmed: Received[] }> {
  const submits: Promise<string>[] = [];
  const unconfirmed: Received[] = [];
  for (const [round, { moment, killed }] of rounds(test).entries()) {
    const reached = moment();
    for (let n = 0; n < PER_ROUND; n += 1) submits.push(submit(`request-${round}-${n}`));
    const held = await reached;
    await Promise.all(killed.map(crash));
    held?.release();
    if (held !== null && test.stack.workers.every((worker) => killed.includes(worker))) unconfirmed.push(held.got);
  }
  return { ids: await Promise.all(submits), unconfirmed };
}

/** Waits until all requests have ended and all deliveries are delivered. Returns the events of each receiver. */
async function allDelivered(ids: string[]): Promise<ReceivedEvent[][]> {
  await Promise.all(ids.map(ended));
  await until("all delivered", async () => {
    const deliveries = (await Promise.all(ids.map((id) => deliveriesOf(test.caller, id)))).flat();
    return deliveries.every(({ state }) => state === "delivered") && deliveries.length === 2 * ids.length;
  });
  return [own, registered].map(({ received }) => received.map(parseWebhook));
}

const isTerminal = ({ type }: { type: string }) => type === "request.completed" || type === "request.failed";

it("deliveries through 9 crashes: each event is delivered to both receivers, with the same webhook-id", async () => {
  const endpoint = await registerEndpoint(test.caller, { url: registered.url });
  const ownSecret = (await test.caller.call("GET", "/webhooks/default/secret")).body.key;
  const { ids, unconfirmed } = await runThroughCrashes();
  expect(new Set(ids).size).toBe(ids.length);
  const [byUrl = [], byEndpoint = []] = await allDelivered(ids);
  const feed = await readFeed();

  for (const events of [byUrl, byEndpoint]) {
    expect([...groupBy(events, ({ event }) => event.data.id).keys()].toSorted()).toEqual(ids.toSorted());
    expect(events.filter(({ event }) => !isTerminal(event))).toEqual([]);
  }
  expect(byUrl.filter(({ got }) => !isSignedWith(ownSecret, got))).toEqual([]);
  expect(byEndpoint.filter(({ got }) => !isSignedWith(endpoint.secret, got))).toEqual([]);
  const both = [...byUrl, ...byEndpoint];
  for (const [id, events] of groupBy(both, ({ event }) => event.data.id)) {
    expect([id, new Set(events.map((each) => each.id)).size]).toEqual([id, 1]);
    expect(new Set(events.map(({ got }) => got.body)).size).toBe(1);
  }
  expect(new Set(both.map(({ id }) => id)).size).toBe(ids.length);
  // A webhook that a worker had sent when it was killed was sent again by the next worker.
  expect(unconfirmed).toHaveLength(2);
  for (const { headers, body } of unconfirmed) {
    const same = both.filter(({ got }) => got.headers["host"] === headers["host"] && got.body === body);
    expect(same.length).toBeGreaterThanOrEqual(2);
  }

  expect(feed.map(({ sequence }) => sequence)).toEqual(feed.map((_, n) => n + 1));
  const ends = feed.filter(isTerminal);
  // A request whose worker was killed during the submit may end as SUBMIT_UNKNOWN; the others complete.
  expect(ends.filter(({ type }) => type === "request.completed").length).toBeGreaterThan(ids.length / 2);
  expect(ends.map(({ request_id }) => request_id).toSorted()).toEqual(ids.toSorted());
  const sequences = new Map(both.map(({ event }) => [event.data.id, event.sequence]));
  expect(ends.map(({ request_id, sequence }) => [request_id, sequence])).toEqual(
    ends.map(({ request_id }) => [request_id, sequences.get(request_id)]),
  );
});
