import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NEVER_LATE, pendingRecord } from "../../../../tests/support/records.js";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import type { AcceptCommand } from "./accept.js";
import { createStore, type Store } from "./store.js";

const server = useTestRedis();
let redis: Redis;
let store: Store;
beforeAll(() => {
  redis = new Redis(server.url);
  store = createStore({ redis, clock: createTestClock() });
});
afterAll(() => redis.disconnect());

let made = 0;
function command(fields: Parameters<typeof pendingRecord>[0] = {}, own: Partial<AcceptCommand> = {}): AcceptCommand {
  made += 1;
  const id = `018f0000-0000-7000-8000-${String(made).padStart(12, "0")}`;
  const record = pendingRecord({ id, ...fields });
  return { record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null, ...own };
}

const acceptAll = (commands: AcceptCommand[]) =>
  Promise.allSettled(commands.map((one) => store.requests.accept(one))).then((ends) =>
    ends.map((end) => (end.status === "fulfilled" ? end.value.kind : (end.reason as Error).message)),
  );

/** How often Redis ran a script since the last call. */
let seen = 0;
async function scriptCalls(): Promise<number> {
  const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);
  const since = calls - seen;
  seen = calls;
  return since;
}

test("requests of one turn are accepted by one call of the script, at most 32 by each, one organization at a time", async () => {
  await acceptAll([command()]);
  await scriptCalls();
  expect(await acceptAll(Array.from({ length: 40 }, () => command()))).toEqual(Array(40).fill("new"));
  expect(await scriptCalls()).toBe(2);
  await acceptAll([command(), command({ organization: "globex" }), command()]);
  expect(await scriptCalls()).toBe(2);
});

test("a request that fails, conflicts or comes too late changes nothing for its neighbours", async () => {
  const idempotency = { keyHash: "used", bodyHash: "one body", ttlSeconds: 60 };
  const first = command({}, { idempotency });
  await acceptAll([first]);
  const broken = {
    hash: "of another type",
    reason: "miss",
    leaderId: null,
    sharedFrom: null,
    avoidedCostMicro: 0,
  } as const;
  await redis.lpush(store.keys.flight("acme", broken.hash), "not a text");
  const before = await store.ledger.balance("acme");
  const commands = [
    command(),
    command({}, { idempotency }),
    command({}, { idempotency: { ...idempotency, bodyHash: "another body" } }),
    command({ cache: broken }),
    command({}, { notAfter: 0 }),
    command({}, { maxOpen: 1 }),
    command(),
  ];
  expect(await acceptAll(commands)).toEqual([
    ...["new", "replay", "conflict", expect.stringContaining("WRONGTYPE"), "late", "full", "new"],
  ]);
  const kept = await Promise.all(commands.map(async ({ record }) => (await store.requests.get(record)) !== null));
  expect(kept).toEqual([true, false, false, false, false, false, true]);
  const after = await store.ledger.balance("acme");
  expect(after.heldMicro - before.heldMicro).toBe(2 * (first.record.estimatedCostMicro ?? 0));
});

test("two calls with one idempotency key in one turn: the second gets the request of the first", async () => {
  const idempotency = { keyHash: "twice", bodyHash: "a body", ttlSeconds: 60 };
  const commands = [command({}, { idempotency }), command({}, { idempotency })];
  const [one, two] = await Promise.all(commands.map((each) => store.requests.accept(each)));
  expect(one).toEqual({ kind: "new", id: commands[0]?.record.id });
  expect(two).toEqual({ kind: "replay", id: commands[0]?.record.id });
});

test.each([1, 2, 30])("%i requests of one turn: the counters are those that the ledger adds up to", async (count) => {
  const organization = `counted-${count}`;
  const models = ["fal-ai/veo3", "fal-ai/veo3/fast"];
  await acceptAll(Array.from({ length: count }, (_, at) => command({ organization, model: models[at % 2] ?? "" })));
  const entries = await store.ledger.read(organization, "0", 100);
  expect(entries).toHaveLength(count);
  const held = entries.reduce((sum, entry) => sum + entry.held, 0);
  expect(held).toBeGreaterThan(0);
  expect(await store.ledger.balance(organization)).toEqual({ heldMicro: held, settledMicro: 0 });
  const perModel = await redis.hgetall(store.keys.runs(organization));
  expect(Object.values(perModel).reduce((sum, runs) => sum + Number(runs), 0)).toBe(count);
});

test("requests of one turn at the edge of a budget: it is never passed", async () => {
  const organization = "edge";
  const audit = { action: "budget.set", by: { kind: "admin" }, at: 0, target: "x", details: {} } as const;
  const cost = command().record.estimatedCostMicro ?? 0;
  await store.budgets.set(organization, { subject: "organization", period: "day", limitMicro: 5 * cost }, audit);
  const kinds = await acceptAll(Array.from({ length: 20 }, () => command({ organization })));
  expect(kinds.filter((kind) => kind === "new")).toHaveLength(5);
  expect(kinds.filter((kind) => kind === "budget")).toHaveLength(15);
  expect(await store.ledger.balance(organization)).toEqual({ heldMicro: 5 * cost, settledMicro: 0 });
});
