/**
 * 100 callers at the edge of a budget over three APIs, while an API, a worker or Redis is killed with -9. Whatever
 * happens, what is held and settled never passes the budget, and the ledger adds up. ROUNDS=20 for the long run.
 */
import { connectPatient, createStore, type Redis } from "@visgate/shared/store";
import { systemClock } from "@visgate/shared/units";
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const ROUNDS = Number(process.env["ROUNDS"] ?? 2);
const CALLERS = 100;
const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
const ASYNC = { prefer: "respond-async" };
const WATCH_EVERY_MS = 5;
/** After a kill of Redis, the sweeper wakes a request a minute after its last transition. */
const END_MS = 120_000;

let test: TestStack;
let redis: Redis;
beforeAll(async () => {
  test = await startTestStack({ apis: 3, workers: 2, restart: true, env: { VISGATE_ADMIN_KEY: ADMIN_KEY } });
  redis = connectPatient(test.stack.redisUrl);
  redis.on("error", () => {});
});
afterAll(async () => {
  redis.disconnect();
  await test.stop();
});

/** Tries until the API is back. */
const patient = <T>(what: string, ask: () => Promise<T | false>, timeoutMs?: number) =>
  until(what, () => ask().catch(() => false as const), timeoutMs);

async function budgetOfDay(): Promise<{ spent_usd: number; limit_usd: number }> {
  return patient("the budgets", async () => {
    const { status, body } = await test.caller.call("GET", "/budgets");
    return status === 200 && body.budgets.find((one: { period: string }) => one.period === "day");
  });
}

const setBudget = (limitUsd: number) =>
  patient("the budget", async () => {
    const body = { subject: "organization", period: "day", limit_usd: limitUsd };
    return (await test.caller.call("PUT", "/budgets", { body })).status === 200;
  });

/** Calls from one API to the next until one of them answers what it did. */
async function submit(index: number, key: string): Promise<{ status: number; id: string | null }> {
  return until("an answer", async () => {
    const caller = test.callers[index % test.callers.length] ?? test.caller;
    const headers = { ...ASYNC, "idempotency-key": key };
    const answer = await caller.generate({ ...VEO, prompt: key }, headers).catch(() => null);
    if (answer === null || answer.status >= 500) return false;
    return { status: answer.status, id: answer.body.request_id ?? null };
  });
}

function killOne(round: number): string {
  const { apis, workers } = test.stack;
  const victims = [apis[round % apis.length], workers[round % workers.length], test.redis];
  const victim = victims[round % victims.length];
  void victim?.kill();
  return ["an API", "a worker", "Redis"][round % victims.length] ?? "";
}

/** The records of all requests. */
async function records() {
  const store = createStore({ redis, clock: systemClock });
  return store.listing.newest("default", 0, 100_000);
}

it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
  "round %d: 100 callers at the edge of a budget: it is never passed, and the ledger adds up",
  { timeout: 2 * END_MS },
  async (round) => {
    const { body: quote } = await test.caller.call("POST", "/quotes", { body: VEO });
    await setBudget(1_000_000);
    const before = (await budgetOfDay()).spent_usd;
    const affordable = 5 + round;
    const limit = before + (affordable + 0.5) * quote.cost_usd;
    await setBudget(limit);

    let highest = 0;
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const spent = await redis.hget(`vg:{default}:spent:${month()}`, `${today()}|organization`).catch(() => null);
        highest = Math.max(highest, Number(spent ?? 0) / 1e6);
        // While Redis is away, each try fails at once.
        await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS));
      }
    })();
    const calls = Array.from({ length: CALLERS }, (_, index) => submit(index, `round ${round} call ${index}`));
    await Promise.race(calls);
    const killed = killOne(round);
    const answers = await Promise.all(calls).finally(() => {
      isOver = true;
    });
    const accepted = answers.filter(({ status }) => status === 202);
    expect([killed, accepted.length, answers.filter(({ status }) => status === 402).length]).toEqual([
      ...[killed, affordable, CALLERS - affordable],
    ]);
    await watching;
    for (const { id } of accepted) await patient("the end", () => test.caller.finished(id ?? "", END_MS), END_MS);

    expect(highest).toBeLessThanOrEqual(limit + 1e-6);
    const recount = await patient("a recount", async () => {
      const headers = { "x-visgate-admin-key": ADMIN_KEY };
      const { status, body } = await test.caller.call("POST", "/admin/organizations/default/recount", { headers });
      return status === 200 && body;
    });
    expect(recount.differences).toEqual([]);
    const all = await records();
    const held = all.reduce((sum, { heldMicro }) => sum + heldMicro, 0);
    const settled = all.reduce(
      (sum, { chargeState, costMicro }) => sum + (chargeState === "charged" ? costMicro : 0),
      0,
    );
    const balance = await redis.hgetall("vg:{default}:balance");
    expect([Number(balance["held"] ?? 0), Number(balance["settled"] ?? 0)]).toEqual([held, settled]);
  },
);

const today = () => new Date().toISOString().slice(0, 10);
const month = () => today().slice(0, 7);
