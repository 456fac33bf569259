import type { Delivery, WebhookEndpoint } from "@visgate/shared/delivery";
import type { RequestRecord, Transition } from "@visgate/shared/request";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { startReceiver } from "../../../../tests/support/receiver.js";
import { failure, pendingRecord, submitIntended, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { deliver } from "../webhooks/deliver.js";
import { sweep } from "./sweep.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;
let made: RequestRecord[];
beforeEach(async () => {
  worker = await openWorker({ policy: { allowPrivate: true } });
  made = [];
});
afterEach(async () => {
  for (const { id } of await worker.store.endpoints.list("acme")) await worker.store.endpoints.remove("acme", id);
});

async function addEndpoint(overrides: Partial<WebhookEndpoint> = {}): Promise<void> {
  const id = overrides.id ?? "we_1";
  await worker.store.endpoints.add({
    ...{ v: 1, id, organization: "acme", url: "https://example.com/", description: null, createdAt: T0 },
    ...{ events: ["request.completed", "request.failed"], failingSince: null, previousSecret: null },
    ...{ disabledReason: null, secret: worker.deps.secrets.encrypt(`whsec_${"A".repeat(32)}`, id) },
    ...overrides,
  });
}
const set = (change: Partial<WebhookEndpoint>, id = "we_1") =>
  worker.store.endpoints.update("acme", id, (one) => ({ ...one, ...change }));
const disable = (id?: string) => set({ disabledReason: "by_caller" }, id);
const enable = (id?: string) => set({ disabledReason: null }, id);

const failed: Transition = { name: "failed", at: T0, failure: failure(), billedMicro: null };
/** A request that ends: one event, or more with the transitions before. */
async function event(...before: Transition[]): Promise<RequestRecord> {
  const record = await worker.keep(pendingRecord());
  made.push(record);
  for (const transition of [...before, failed]) await worker.store.requests.applyTo(record, transition);
  return record;
}
const taken: Transition[] = [
  submitIntended({ at: T0 }),
  { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "p" },
];
/** The deliveries of the requests of this test, in the order of their events. */
async function deliveries(endpointId = "we_1"): Promise<Delivery[]> {
  const all = await Promise.all(made.map((record) => worker.store.deliveries.ofRequest(record)));
  const docs = all.flat().map(({ doc }) => doc);
  return docs.filter((doc) => doc.endpointId === endpointId).toSorted((a, b) => a.sequence - b.sequence);
}
const requestIds = async (endpointId?: string) => (await deliveries(endpointId)).map(({ requestId }) => requestId);
const ids = (...records: RequestRecord[]) => records.map(({ id }) => id);
const missed = () => worker.store.missedEvents.list("acme");

test("an enabled endpoint gets the events from while it was disabled, once, and the later ones as usual", async () => {
  await addEndpoint();
  const before = await event();
  await disable();
  const during = [await event(), await event(), await event()];
  expect(await requestIds()).toEqual(ids(before));
  await sweep(worker.deps);
  expect(await requestIds()).toEqual(ids(before));
  await enable();
  const after = await event();
  await Promise.all([sweep(worker.deps), sweep(worker.deps), sweep(worker.deps)]);
  await sweep(worker.deps);
  expect(await requestIds()).toEqual(ids(before, ...during, after));
  expect(await missed()).toEqual([]);
});

test("a delivery that was created afterwards is the same as one that was created with its event", async () => {
  await addEndpoint({ id: "we_on", events: ["request.processing", "request.failed"] });
  await addEndpoint({ events: ["request.processing", "request.failed"] });
  await disable();
  await event(...taken);
  await enable();
  await sweep(worker.deps);
  const asCreated = await deliveries("we_on");
  expect(asCreated).toHaveLength(2);
  const renamed = (doc: Delivery) => ({ ...doc, endpointId: "we_on", id: doc.id.replace("we_1", "we_on") });
  expect((await deliveries()).map(renamed)).toEqual(asCreated);
});

test("it is sent, in the order of the events and with the same body as to another endpoint", async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  await addEndpoint({ id: "we_on", url: receiver.url });
  await addEndpoint({ url: receiver.url });
  await disable();
  await event();
  await event();
  await enable();
  await sweep(worker.deps);
  for (const doc of [...(await deliveries()), ...(await deliveries("we_on"))]) await deliver(worker.deps, doc);
  const bodies = receiver.received.map(({ body }) => body);
  expect(bodies).toHaveLength(4);
  expect(bodies.slice(0, 2)).toEqual(bodies.slice(2));
  expect(JSON.parse(bodies[0] ?? "").sequence).toBeLessThan(JSON.parse(bodies[1] ?? "").sequence);
});

test("only the event types that it has now are sent", async () => {
  await addEndpoint();
  await disable();
  await event(...taken);
  await set({ events: ["request.processing"], disabledReason: null });
  await sweep(worker.deps);
  expect((await deliveries()).map(({ type }) => type)).toEqual(["request.processing"]);
});

test("an endpoint that was registered as disabled gets the events since then", async () => {
  await event();
  await addEndpoint({ disabledReason: "by_caller" });
  const since = await event();
  await set({ description: "still disabled" });
  await enable();
  await sweep(worker.deps);
  expect(await requestIds()).toEqual(ids(since));
});

test("disabled and enabled again before the sweep: nothing is lost or sent twice", async () => {
  await addEndpoint();
  for (let round = 0; round < 3; round += 1) {
    await disable();
    await event();
    await enable();
    await event();
  }
  await sweep(worker.deps);
  await sweep(worker.deps);
  expect(await requestIds()).toEqual(ids(...made));
});

test("disabled while it catches up: the events that were not sent yet stay missed", async () => {
  await addEndpoint();
  await disable();
  await event();
  await enable();
  const { feed } = worker.store;
  const read = feed.read;
  onTestFinished(() => void Object.assign(feed, { read }));
  feed.read = async (...args) => {
    feed.read = read;
    await disable();
    return read(...args);
  };
  await sweep(worker.deps);
  expect(await requestIds()).toEqual([]);
  await enable();
  await sweep(worker.deps);
  expect(await requestIds()).toEqual(ids(...made));
});

test("more events than one batch takes", async () => {
  await addEndpoint();
  await disable();
  await Promise.all(Array.from({ length: 410 }, () => event()));
  await enable();
  await sweep(worker.deps);
  const sent = await requestIds();
  expect([sent.length, new Set(sent).size]).toEqual([410, 410]);
  expect(await missed()).toEqual([]);
});

test("events that come while it is disabled and enabled by several processes have one delivery each", async () => {
  await addEndpoint();
  const toggle = async () => {
    for (let round = 0; round < 15; round += 1) {
      await disable();
      await enable();
      await sweep(worker.deps);
    }
  };
  const events = async () => {
    for (let round = 0; round < 40; round += 1) await event();
  };
  await Promise.all([toggle(), toggle(), events(), events(), events()]);
  await sweep(worker.deps);
  expect((await requestIds()).toSorted()).toEqual(ids(...made).toSorted());
});

test("events of erased requests are left out, and a removed endpoint leaves nothing behind", async () => {
  await addEndpoint();
  await disable();
  const erased = await event();
  const kept = await event();
  const stored = await worker.store.requests.get(erased);
  if (stored !== null) await worker.store.maintenance.erase(stored);
  await enable();
  await sweep(worker.deps);
  expect(await requestIds()).toEqual(ids(kept));
  await disable();
  await event();
  await worker.store.endpoints.remove("acme", "we_1");
  await addEndpoint();
  await sweep(worker.deps);
  expect(await missed()).toEqual([]);
  expect(await requestIds()).toEqual(ids(kept));
});

const stateOf = async (id = "") => (await worker.store.deliveries.get({ organization: "acme", id }))?.doc.state;

test("a delivery that waited when its endpoint was disabled is sent again, with all its attempts ahead", async () => {
  const receiver = await startReceiver([500]);
  onTestFinished(receiver.close);
  await addEndpoint({ url: receiver.url });
  await event();
  const [waiting] = await deliveries();
  if (waiting === undefined) throw new Error("no delivery");
  expect((await deliver(worker.deps, waiting)).kind).toBe("sleep");
  await disable();
  expect(await deliver(worker.deps, waiting)).toEqual({ kind: "finish" });
  expect(await stateOf(waiting.id)).toBe("abandoned");
  await enable();
  await sweep(worker.deps);
  const [again] = await deliveries();
  expect(again).toMatchObject({ id: waiting.id, state: "pending", attemptsBefore: 2 });
  expect(await deliver(worker.deps, waiting)).toEqual({ kind: "finish" });
  expect([await stateOf(waiting.id), receiver.received.length]).toEqual(["delivered", 2]);
});

test("a delivery that was answered 410 is sent again, one that used up its attempts is not", async () => {
  const receiver = await startReceiver([500, 500, 500, 410]);
  onTestFinished(receiver.close);
  await addEndpoint({ url: receiver.url });
  await event();
  const [exhausted] = await deliveries();
  for (let attempt = 0; attempt < 3; attempt += 1) if (exhausted) await deliver(worker.deps, exhausted);
  await event();
  const [, gone] = await deliveries();
  if (gone !== undefined) await deliver(worker.deps, gone);
  expect([await stateOf(exhausted?.id), await stateOf(gone?.id)]).toEqual(["abandoned", "abandoned"]);
  expect((await worker.store.endpoints.get("acme", "we_1"))?.disabledReason).toBe("gone");
  await event();
  await enable();
  await sweep(worker.deps);
  expect((await deliveries()).map(({ state }) => state)).toEqual(["abandoned", "pending", "pending"]);
});

test("an endpoint that is enabled while a delivery to it is given up gets that delivery too", async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  await addEndpoint({ url: receiver.url });
  await event();
  const [waiting] = await deliveries();
  if (waiting === undefined) throw new Error("no delivery");
  await disable();
  const { deliveries: kept } = worker.store;
  const save = kept.save;
  onTestFinished(() => void Object.assign(kept, { save }));
  kept.save = async (...args) => {
    kept.save = save;
    await enable();
    await sweep(worker.deps);
    return save(...args);
  };
  expect(await deliver(worker.deps, waiting)).toEqual({ kind: "advance" });
  expect(await deliver(worker.deps, waiting)).toEqual({ kind: "finish" });
  expect([await stateOf(waiting.id), receiver.received.length]).toEqual(["delivered", 1]);
});
