/** Any process killed with -9 at any moment of a delivery: each receiver hears of each event, under one webhook-id. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FeedEvent, feedAnswer } from "../../packages/shared/src/contract/feed.js";
import { type Answer, type Caller, VEO } from "../support/caller.js";
import { type Received, type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { deliveriesOf, groupBy, type Heard, heard, isSignedWith, registerEndpoint } from "../support/webhooks.js";

const PER_ROUND = 7;
const FAILS_EVERY = 6;
const PAGE = 7;
const PATIENCE_MS = 60_000;

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

/** Called with the next webhook that comes to any receiver, which is not answered before it resolves. */
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

/** The next webhook, in its receiver's hands: it was sent, and the worker does not know yet that it came. */
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

/** An event was told just now: its deliveries are born, their wake-ups on their way. */
async function eventTold(): Promise<null> {
  const { latest } = (await persist((caller) => caller.call("GET", "/events?limit=1"))).body;
  const news = `/events?after=${latest}&types=request.completed&wait=20`;
  await until("an event", async () => (await persist((caller) => caller.call("GET", news))).body.events.length > 0);
  return null;
}

type Process = TestStack["stack"]["apis"][number] | NonNullable<TestStack["stack"]["redis"]>;

async function crash(process: Process): Promise<void> {
  const restarted = new Promise((resolve) => process.events.once("restart", resolve));
  process.kill();
  await restarted;
}

interface Round {
  moment(): Promise<Held | null>;
  victims: Process[];
}

function rounds({ workers, apis, redis }: TestStack["stack"]): Round[] {
  if (redis === undefined) throw new Error("this stack has a Redis of its own");
  return [
    { moment: nextHeld, victims: workers },
    { moment: eventTold, victims: apis.slice(0, 1) },
    { moment: nextHeld, victims: [redis] },
    { moment: someReceived, victims: workers.slice(0, 1) },
    { moment: eventTold, victims: workers },
    { moment: someReceived, victims: [redis, ...apis.slice(1)] },
    { moment: eventTold, victims: [redis, ...workers] },
    { moment: someReceived, victims: workers.slice(1) },
    { moment: nextHeld, victims: [redis, ...apis, ...workers] },
  ];
}

/** Again until there is an answer below 300: an API, or its Redis, may be away for a moment. */
function persist(ask: (caller: Caller) => Promise<Answer>): Promise<Answer> {
  let tries = 0;
  const once = async () => {
    tries += 1;
    const answer = await ask(test.callers[tries % test.callers.length] ?? test.caller).catch(() => null);
    return answer !== null && answer.status < 300 && answer;
  };
  return until("an API that answers", once, PATIENCE_MS);
}

async function submit(name: string): Promise<string> {
  const body = { ...VEO, webhook_url: own.url };
  const headers = { prefer: "respond-async", "idempotency-key": name };
  return (await persist((caller) => caller.generate(body, headers))).body.id;
}

/** The terminal status. */
async function ended(id: string): Promise<string> {
  const ask = () => persist((caller) => caller.call("GET", `/requests/${id}?wait=5`));
  return until(`the end of ${id}`, async () => {
    const { status } = (await ask()).body;
    return (status === "completed" || status === "failed") && status;
  });
}

async function readFeed(): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let after = 0; ; ) {
    const page = feedAnswer.parse((await test.caller.call("GET", `/events?after=${after}&limit=${PAGE}`)).body);
    if (page.events.length === 0) return events;
    events.push(...page.events);
    after = page.next_after;
  }
}

/** Whatever is killed: submits go on; answers the requests' ids, and what a killed worker had just sent. */
async function runThroughCrashes(): Promise<{ ids: string[]; cutShort: Received[] }> {
  const submits: Promise<string>[] = [];
  const cutShort: Received[] = [];
  for (const [round, { moment, victims }] of rounds(test.stack).entries()) {
    const reached = moment();
    for (let n = 0; n < PER_ROUND; n += 1) submits.push(submit(`request-${round}-${n}`));
    const held = await reached;
    await Promise.all(victims.map(crash));
    held?.release();
    if (held !== null && test.stack.workers.every((worker) => victims.includes(worker))) cutShort.push(held.got);
  }
  return { ids: await Promise.all(submits), cutShort };
}

/** Each receiver's webhooks once all requests have ended and nothing is left to be delivered. */
async function allDelivered(ids: string[]): Promise<Heard[][]> {
  await Promise.all(ids.map(ended));
  await until("all delivered", async () => {
    const deliveries = (await Promise.all(ids.map((id) => deliveriesOf(test.caller, id)))).flat();
    return deliveries.every(({ state }) => state === "delivered") && deliveries.length === 2 * ids.length;
  });
  return [own, registered].map(({ received }) => received.map(heard));
}

const isTerminal = ({ type }: { type: string }) => type === "request.completed" || type === "request.failed";

it("loses no event and tells none under two ids", async () => {
  const endpoint = await registerEndpoint(test.caller, { url: registered.url });
  const ownSecret = (await test.caller.call("GET", "/webhooks/default/secret")).body.key;
  const { ids, cutShort } = await runThroughCrashes();
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
  // What a worker had sent when it was killed was sent once more, by the next one.
  expect(cutShort).toHaveLength(2);
  for (const { headers, body } of cutShort) {
    const same = both.filter(({ got }) => got.headers["host"] === headers["host"] && got.body === body);
    expect(same.length).toBeGreaterThanOrEqual(2);
  }

  expect(feed.map(({ sequence }) => sequence)).toEqual(feed.map((_, n) => n + 1));
  const ends = feed.filter(isTerminal);
  // A worker that is killed in the middle of a submit leaves its outcome unknown; all others completed.
  expect(ends.filter(({ type }) => type === "request.completed").length).toBeGreaterThan(ids.length / 2);
  expect(ends.map(({ request_id }) => request_id).toSorted()).toEqual(ids.toSorted());
  const sequences = new Map(both.map(({ event }) => [event.data.id, event.sequence]));
  expect(ends.map(({ request_id, sequence }) => [request_id, sequence])).toEqual(
    ends.map(({ request_id }) => [request_id, sequences.get(request_id)]),
  );
});
