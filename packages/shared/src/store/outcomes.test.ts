import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createKeys } from "./keys.js";
import { createOutcomes, type Outcome, type OutcomeStore } from "./outcomes.js";

const server = useTestRedis();
const keys = createKeys();
let redis: Redis;
let outcomes: OutcomeStore;
let now = 1_767_225_600_000;
beforeAll(() => {
  redis = new Redis(server.url);
});
beforeEach(async () => {
  await redis.flushall();
  outcomes = createOutcomes(redis, keys, () => now);
});
afterAll(() => redis.disconnect());

const request = (isError: boolean): Outcome => ({ kind: "request", isError });
const used = (account: string, model: string, end = { isError: false, isKeyRefused: false }): Outcome => ({
  ...{ kind: "account", account, end: { model, ...end } },
});
const refused = (account: string) => used(account, "a/model", { isError: true, isKeyRefused: true });
const failed = (account: string) => used(account, "a/model", { isError: true, isKeyRefused: false });
const read = () => outcomes.read("acme");
const note = (...all: Outcome[]) => outcomes.note("acme", all);
const isKeyRefused = async () => (await read()).accounts[0]?.isKeyRefused;

test("adds up the ends of the last ten minutes, of one organization", async () => {
  await note(request(true), request(false), request(true));
  now += 9 * 60_000;
  await note(request(false));
  await outcomes.note("globex", [request(true)]);
  expect(await read()).toEqual({ requests: 4, errors: 2, accounts: [] });
  now += 60_000;
  expect(await read()).toMatchObject({ requests: 1, errors: 0 });
  now += 9 * 60_000;
  expect(await read()).toEqual({ requests: 0, errors: 0, accounts: [] });
});

test("its keys expire", async () => {
  await note(request(true));
  expect(await redis.ttl(keys.outcomesMinute("acme", Math.floor(now / 60_000)))).toBeGreaterThan(600);
});

test("names the models that were used at each account, also with | in their names", async () => {
  await note(used("fal", "b/model"), used("fal:acme", "a|b"));
  now += 60_000;
  await note(used("fal", "a/model"), used("fal", "b/model"));
  expect((await read()).accounts.toSorted((one, other) => (one.account < other.account ? -1 : 1))).toEqual([
    { account: "fal", models: ["a/model", "b/model"], isKeyRefused: false },
    { account: "fal:acme", models: ["a|b"], isKeyRefused: false },
  ]);
});

test("a key is refused until something succeeds with it, and again when it is refused later", async () => {
  await note(refused("fal"));
  expect(await isKeyRefused()).toBe(true);
  now += 60_000;
  await note(failed("fal"));
  expect(await isKeyRefused()).toBe(true);
  await note(used("fal", "a/model"));
  expect(await isKeyRefused()).toBe(false);
  now += 60_000;
  await note(refused("fal"));
  expect(await isKeyRefused()).toBe(true);
});
