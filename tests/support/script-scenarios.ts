/** For each script that writes: a state of the store, and the call that runs the script on it with all its writes. */
import type { Alert } from "@visgate/shared/alert";
import type { Delivery, WebhookEndpoint } from "@visgate/shared/delivery";
import type { Output, RequestRecord, Transition } from "@visgate/shared/request";
import type { Pool, SlotRequest, Store } from "@visgate/shared/store";
import {
  failure,
  fallbackOf,
  intendedRecord,
  NEVER_LATE,
  pendingRecord,
  processingRecord,
  renderedRecord,
  T0,
} from "./records.js";

export interface ScriptScenario {
  what: string;
  /** The Lua files of the script. */
  lua: string[];
  /** Returns the call. It gets the store of another user of Redis. */
  prepare(store: Store): Promise<(store: Store) => Promise<unknown>>;
}

/** Always the same ids, so that two runs leave the same. */
const FIRST = "018f0000-0000-7000-8000-000000000001";
const SECOND = "018f0000-0000-7000-8000-000000000002";
const WEBHOOK = { webhookUrl: "https://example.com/hook" };
const ALL_EVENTS = ["request.processing", "request.completed", "request.failed", "request.cancelled"];
const OUTPUT: Output = { kind: "stored", key: "acme/out/x/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" };
const AUDIT = { action: "api_key.deleted", by: { kind: "admin" }, at: T0, target: "x", details: {} } as const;
const CACHE = { hash: "cache-hash", reason: "miss", leaderId: null, sharedFrom: null, avoidedCostMicro: 0 } as const;
const SOURCE = { organization: "globex", id: SECOND };
const IDEMPOTENCY = { keyHash: "key", bodyHash: "body", ttlSeconds: 60 };
const COMPLETED: Transition = { name: "completed", at: T0, outputs: [OUTPUT] };
const LOST: Transition = { name: "submit_lost", at: T0, attempt: 1, until: T0 + 1000, submitEnded: true };

const ENDPOINT: WebhookEndpoint = {
  ...{ v: 1, id: "we_1", organization: "acme", url: "https://example.com/all", description: null, secret: "sealed" },
  ...{ events: ALL_EVENTS as WebhookEndpoint["events"], disabledReason: null, failingSince: null },
  ...{ createdAt: T0, previousSecret: null },
};

const ALERT: Alert = {
  ...{
    v: 1,
    id: "alert_1",
    kind: "queue_age",
    subject: "organization",
    message: "It waits.",
    value: 400,
    threshold: 300,
  },
  ...{ since: T0, clearSince: null, endedAt: null },
};
const alertSubscription = (store: Store) =>
  store.endpoints.add({ ...ENDPOINT, events: ["alert.opened", "alert.closed"] });

const accepting = (record: RequestRecord, encryptedProviderKey: string | null = null) => {
  const command = { record, idempotency: IDEMPOTENCY, notAfter: NEVER_LATE, encryptedProviderKey };
  return (store: Store) => store.requests.accept(command);
};
const accept = (store: Store, record: RequestRecord) => accepting(record)(store);

/** Accepts the record, makes the transitions, and returns it as it is then. */
async function stored(store: Store, record: RequestRecord, ...transitions: Transition[]) {
  await store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
  for (const transition of transitions) await store.requests.applyTo(record, transition);
  const current = await store.requests.get(record);
  if (current === null) throw new Error("the record is not there");
  return current;
}

const applying = (known: Awaited<ReturnType<typeof stored>>, transition: Transition) => (store: Store) =>
  store.requests.apply(known, transition);

async function failedDelivery(store: Store): Promise<{ rev: string; doc: Delivery }> {
  await stored(store, renderedRecord({ id: FIRST, ...WEBHOOK }), COMPLETED);
  const [delivery] = await store.deliveries.ofRequest({ organization: "acme", id: FIRST });
  if (delivery === undefined) throw new Error("no delivery was created");
  return delivery;
}

const disabled = (endpoint: WebhookEndpoint) => ({ ...endpoint, disabledReason: "by_caller" as const });
const enabled = (endpoint: WebhookEndpoint) => ({ ...endpoint, disabledReason: null });

/** A request completes while the endpoint is disabled. */
async function missedEvent(store: Store): Promise<void> {
  await store.endpoints.add(ENDPOINT);
  await store.endpoints.update("acme", ENDPOINT.id, disabled);
  await stored(store, renderedRecord({ id: FIRST }), COMPLETED);
}

/** One slot, and one that it lets through now and then. */
const POOL: Pool = { account: "one", limits: { maxInFlight: 1, maxInFlightPerModel: 1, createsPerSecond: 1000 } };
const asking = (id: string): SlotRequest => ({
  ...{ organization: "acme", id, model: "a/model", priority: "normal", createdAt: T0, cost: 1 },
  share: { weight: 1, maxInFlight: 2 },
});
const acquire = (id: string) => (store: Store) => store.pools.acquire(POOL, asking(id));

/** The first request holds the slot, and the second waits for it. */
async function takenPool(store: Store): Promise<void> {
  for (const id of [FIRST, SECOND]) await acquire(id)(store);
}

const NEW = { organization: "acme", id: FIRST };
const pushing = (store: Store) => store.outbox.push("fal", NEW);

const POOLS = ["pool", "pool_grant"];
const ACCEPT = ["events", "ledger", "budgets", "accept"];
const TRANSITION = ["events", "ledger", "budgets", "audit", "transition"];

export const SCRIPT_SCENARIOS: ScriptScenario[] = [
  {
    what: "accept",
    lua: ACCEPT,
    prepare: async () => accepting(pendingRecord({ id: FIRST, cache: CACHE }), "sealed"),
  },
  {
    what: "accept: within a budget",
    lua: ACCEPT,
    async prepare(store) {
      await store.budgets.set("acme", { subject: "organization", period: "day", limitMicro: 9_000_000 }, AUDIT);
      return accepting(pendingRecord({ id: FIRST }));
    },
  },
  {
    what: "accept: with an alert of a budget",
    lua: ACCEPT,
    async prepare(store) {
      await store.endpoints.add({ ...ENDPOINT, events: ["budget.threshold"] });
      await store.budgets.set("acme", { subject: "organization", period: "day", limitMicro: 2_400_000 }, AUDIT);
      return accepting(pendingRecord({ id: FIRST }));
    },
  },
  {
    what: "accept: refused, with an alert of the budget that has no room",
    lua: ACCEPT,
    async prepare(store) {
      await store.endpoints.add({ ...ENDPOINT, events: ["budget.threshold"] });
      await store.budgets.set("acme", { subject: "organization", period: "day", limitMicro: 1 }, AUDIT);
      return accepting(pendingRecord({ id: FIRST }));
    },
  },
  {
    what: "accept: a request that follows another one",
    lua: ACCEPT,
    async prepare(store) {
      await stored(store, pendingRecord({ id: SECOND, cache: CACHE }));
      return accepting(pendingRecord({ id: FIRST, cache: { ...CACHE, reason: "joined", leaderId: SECOND } }));
    },
  },
  {
    what: "accept: a cache hit with its event",
    lua: ACCEPT,
    async prepare(store) {
      await store.endpoints.add(ENDPOINT);
      await stored(store, renderedRecord({ id: SECOND, cache: CACHE }), COMPLETED);
      const cache = { ...CACHE, reason: "exact", sharedFrom: { organization: "acme", id: SECOND } } as const;
      const hit = { id: FIRST, cache, status: "completed", completedAt: T0, outputs: [OUTPUT], ...WEBHOOK } as const;
      return accepting(pendingRecord({ ...hit, outputs: [OUTPUT] }));
    },
  },
  {
    what: "transition: goes on with another model, with an alert of its budget",
    lua: TRANSITION,
    async prepare(store) {
      const provider = { subject: "provider:replicate", period: "day", limitMicro: 7 } as const;
      await store.endpoints.add({ ...ENDPOINT, events: ["budget.threshold"] });
      await store.budgets.set("acme", provider, AUDIT);
      const record = processingRecord({ id: FIRST, fallback: fallbackOf("replicate/google/veo-3") });
      return applying(await stored(store, record), { name: "fell_back", at: T0, attempt: 1, failure: failure() });
    },
  },
  {
    what: "transition: completed, with its event and its cache entry",
    lua: TRANSITION,
    async prepare(store) {
      await store.endpoints.add(ENDPOINT);
      return applying(await stored(store, renderedRecord({ id: FIRST, cache: CACHE, ...WEBHOOK })), COMPLETED);
    },
  },
  {
    what: "transition: a change that is no event",
    lua: TRANSITION,
    prepare: async (store) =>
      applying(await stored(store, processingRecord({ id: FIRST })), { name: "cancel_requested", at: T0 }),
  },
  {
    what: "transition: an unsettled charge",
    lua: TRANSITION,
    prepare: async (store) => applying(await stored(store, intendedRecord({ id: FIRST })), LOST),
  },
  {
    what: "transition: a settled charge",
    lua: TRANSITION,
    prepare: async (store) =>
      applying(await stored(store, intendedRecord({ id: FIRST }), LOST), { name: "submit_rejected", attempt: 1 }),
  },
  {
    what: "transition: a charge that a person settles",
    lua: TRANSITION,
    async prepare(store) {
      const unknown = failure({ charged: null });
      const ended = await stored(store, intendedRecord({ id: FIRST }), LOST, {
        ...{ name: "failed", at: T0, failure: unknown, billedMicro: null },
      });
      return (other) => other.requests.apply(ended, { name: "settled", costMicro: 1 }, AUDIT);
    },
  },
  {
    what: "claimFlight",
    lua: ["claim_flight"],
    async prepare(store) {
      const follower = pendingRecord({ id: FIRST, cache: { ...CACHE, reason: "joined", leaderId: SECOND } });
      await stored(store, pendingRecord({ id: SECOND, cache: CACHE }));
      await accept(store, follower);
      return (other) => other.sharing.claimFlight(follower);
    },
  },
  {
    what: "borrow",
    lua: ["borrow"],
    async prepare(store) {
      await stored(store, renderedRecord({ ...SOURCE }), COMPLETED);
      return (other) => other.sharing.borrow(SOURCE, FIRST);
    },
  },
  {
    what: "giveBack",
    lua: ["give_back"],
    async prepare(store) {
      const first = await stored(store, renderedRecord({ ...SOURCE }), COMPLETED);
      await store.sharing.borrow(SOURCE, FIRST);
      await store.maintenance.erase(first);
      return (other) => other.sharing.giveBack(SOURCE, FIRST);
    },
  },
  {
    what: "erase",
    lua: ["ledger", "erase"],
    async prepare(store) {
      const ended = await stored(store, renderedRecord({ id: FIRST, cache: CACHE, ...WEBHOOK }), COMPLETED);
      return (other) => other.maintenance.erase(ended);
    },
  },
  {
    what: "erase: a request that still holds money",
    lua: ["ledger", "erase"],
    async prepare(store) {
      const unknown = failure({ charged: null });
      const ended = await stored(store, intendedRecord({ id: FIRST }), LOST, {
        ...{ name: "failed", at: T0, failure: unknown, billedMicro: null },
      });
      return (other) => other.maintenance.erase(ended);
    },
  },
  {
    what: "withdraw",
    lua: ["ledger", "withdraw"],
    async prepare(store) {
      const record = pendingRecord({ id: FIRST, cache: CACHE });
      await accept(store, record);
      await stored(store, pendingRecord({ id: SECOND, cache: { ...CACHE, reason: "joined", leaderId: FIRST } }));
      return (other) => other.requests.withdraw({ record, idempotency: IDEMPOTENCY });
    },
  },
  {
    what: "postponeOrphan",
    lua: ["postpone_orphan"],
    async prepare(store) {
      const { doc } = await stored(store, pendingRecord({ id: FIRST }));
      return (other) => other.maintenance.postponeOrphan(doc);
    },
  },
  {
    what: "countDeath",
    lua: ["count_death"],
    async prepare(store) {
      const { doc } = await stored(store, pendingRecord({ id: FIRST }));
      return (other) => other.requests.countDeath(doc, "lease-1");
    },
  },
  {
    what: "replaceProviderKey",
    lua: ["replace_provider_key"],
    async prepare(store) {
      await accepting(pendingRecord({ id: FIRST, mode: "byok" }), "sealed")(store);
      const key = { organization: "acme", id: FIRST, encrypted: "sealed" };
      return (other) => other.requestKeys.replace(key, "sealed again");
    },
  },
  {
    what: "saveDelivery: to be sent again",
    lua: ["save_delivery"],
    async prepare(store) {
      const { rev, doc } = await failedDelivery(store);
      return (other) => other.deliveries.save(rev, { ...doc, nextAttemptAt: T0 }, 5000);
    },
  },
  {
    what: "saveDelivery: abandoned",
    lua: ["save_delivery"],
    async prepare(store) {
      const { rev, doc } = await failedDelivery(store);
      return (other) => other.deliveries.save(rev, { ...doc, state: "abandoned" }, null);
    },
  },
  {
    what: "saveEndpoint: a new one",
    lua: ["audit", "save_endpoint"],
    prepare: async () => (other) => other.endpoints.add(ENDPOINT, AUDIT),
  },
  {
    what: "saveSetting: removed",
    lua: ["audit", "save_setting"],
    async prepare(store) {
      await store.budgets.set("acme", { subject: "organization", period: "day", limitMicro: 9_000_000 }, AUDIT);
      return (other) => other.budgets.remove("acme", "organization", "day", AUDIT);
    },
  },
  {
    what: "saveSetting: a new one",
    lua: ["audit", "save_setting"],
    prepare: async () => (other) =>
      other.budgets.set("acme", { subject: "organization", period: "day", limitMicro: 9_000_000 }, AUDIT),
  },
  {
    what: "saveSetting: changed",
    lua: ["audit", "save_setting"],
    prepare: async () => (other) =>
      other.organizations.update("acme", (before) => ({ after: { ...before, weight: 2 }, audit: AUDIT })),
  },
  {
    what: "saveEndpoint: disabled",
    lua: ["save_endpoint"],
    async prepare(store) {
      await store.endpoints.add(ENDPOINT);
      return (other) => other.endpoints.update("acme", ENDPOINT.id, disabled);
    },
  },
  {
    what: "saveEndpoint: enabled again",
    lua: ["save_endpoint"],
    async prepare(store) {
      await missedEvent(store);
      return (other) => other.endpoints.update("acme", ENDPOINT.id, enabled);
    },
  },
  {
    what: "catchUp",
    lua: ["catch_up"],
    async prepare(store) {
      await missedEvent(store);
      await store.endpoints.update("acme", ENDPOINT.id, enabled);
      const [missed] = await store.missedEvents.list("acme");
      if (missed === undefined) throw new Error("no event was missed");
      const entries = await store.feed.read("acme", missed.after, 10);
      return (other) => other.missedEvents.catchUp("acme", missed, { ...missed, after: missed.last }, entries);
    },
  },
  {
    what: "saveAlerts: opened, with its event",
    lua: ["events", "save_alerts"],
    async prepare(store) {
      await alertSubscription(store);
      return (other) => other.alerts.save("acme", "0", [{ event: "alert.opened", alert: ALERT }]);
    },
  },
  {
    what: "saveAlerts: one is closed and one has changed",
    lua: ["events", "save_alerts"],
    async prepare(store) {
      await alertSubscription(store);
      const other: Alert = { ...ALERT, id: "alert_2", kind: "error_rate" };
      await store.alerts.save("acme", "0", [
        { event: "alert.opened", alert: ALERT },
        { event: "alert.opened", alert: other },
      ]);
      return ({ alerts }) =>
        alerts.save("acme", "1", [
          { event: "alert.closed", alert: { ...ALERT, clearSince: T0, endedAt: T0 } },
          { event: null, alert: { ...other, value: 1 } },
        ]);
    },
  },
  {
    what: "saveEndpoint: removed",
    lua: ["save_endpoint"],
    async prepare(store) {
      await store.endpoints.add(ENDPOINT);
      return (other) => other.endpoints.remove("acme", ENDPOINT.id);
    },
  },
  {
    what: "claimOverdue",
    lua: ["claim_overdue"],
    async prepare(store) {
      for (const id of [FIRST, SECOND]) await stored(store, pendingRecord({ id, createdAt: T0 - 60_000 }));
      return (other) => other.maintenance.overdueRequests(10);
    },
  },
  {
    what: "freeze",
    lua: ["freeze"],
    async prepare(store) {
      await stored(store, renderedRecord({ id: FIRST }), COMPLETED);
      return (other) => other.coldRequests.freezeEnded("acme", Number.MAX_SAFE_INTEGER, 1);
    },
  },
  {
    what: "pushOutbox",
    lua: ["outbox", "push_outbox"],
    prepare: async () => pushing,
  },
  {
    what: "takeOutbox",
    lua: ["outbox", "take_outbox"],
    async prepare(store) {
      await pushing(store);
      return (other) => other.outbox.take("fal", "a-lease", 10);
    },
  },
  {
    what: "settleOutbox",
    lua: ["settle_outbox"],
    async prepare(store) {
      await pushing(store);
      await store.outbox.take("fal", "a-lease", 10);
      return (other) => other.outbox.settle("fal", "a-lease", NEW);
    },
  },
  {
    what: "returnOutbox",
    lua: ["outbox", "return_outbox"],
    async prepare(store) {
      await pushing(store);
      await store.outbox.take("fal", "a-lease", 10);
      return (other) => other.outbox.giveBack("fal", "a-lease", [NEW]);
    },
  },
  {
    what: "beat",
    lua: ["beat"],
    async prepare(store) {
      await store.leases.holder("other").beat();
      return (other) => other.leases.holder("own").beat();
    },
  },
  {
    what: "acquireSlot: a free slot",
    lua: [...POOLS, "acquire_slot"],
    prepare: async () => acquire(FIRST),
  },
  {
    what: "acquireSlot: a place in the line",
    lua: [...POOLS, "acquire_slot"],
    async prepare(store) {
      await acquire(FIRST)(store);
      return acquire(SECOND);
    },
  },
  {
    what: "releaseSlot: the next one gets it",
    lua: [...POOLS, "release_slot"],
    async prepare(store) {
      await takenPool(store);
      return (other) => other.pools.release(POOL, asking(FIRST));
    },
  },
  {
    what: "releaseSlot: later",
    lua: [...POOLS, "release_slot"],
    async prepare(store) {
      await takenPool(store);
      return (other) => other.pools.release(POOL, asking(FIRST), 60_000);
    },
  },
  {
    what: "releaseSlot: the last one",
    lua: [...POOLS, "release_slot"],
    async prepare(store) {
      await acquire(FIRST)(store);
      return (other) => other.pools.release(POOL, asking(FIRST));
    },
  },
  {
    what: "grantSlots",
    lua: [...POOLS, "grant_slots"],
    async prepare(store) {
      await takenPool(store);
      await store.pools.release(POOL, asking(FIRST), 1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      return (other) => other.pools.grant(POOL);
    },
  },
  {
    what: "holdSlot",
    lua: ["pool", "hold_slot"],
    async prepare(store) {
      await takenPool(store);
      return (other) => other.pools.hold(POOL, asking(SECOND));
    },
  },
  {
    what: "sentSubmit",
    lua: [...POOLS, "sent_submit"],
    async prepare(store) {
      await acquire(FIRST)(store);
      return (other) => other.pools.sent(POOL, asking(FIRST));
    },
  },
  {
    what: "departure",
    lua: [...POOLS, "departure"],
    prepare: async () => (other) => other.pools.departure(POOL, asking(FIRST)),
  },
  {
    what: "countCalls",
    lua: ["count_calls"],
    async prepare() {
      const limit = { name: "organization", maximum: 5 } as const;
      return (other) => other.rateLimits.count({ organization: "acme", id: "key_1" }, [limit]);
    },
  },
  {
    what: "a failure with its event",
    lua: TRANSITION,
    async prepare(store) {
      const known = await stored(store, processingRecord({ id: FIRST, ...WEBHOOK }));
      return applying(known, { name: "failed", at: T0, failure: failure(), billedMicro: null });
    },
  },
];
