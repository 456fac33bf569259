/**
 * A month of requests with failures, cancels, cache hits, joins and lost submits, over all models with prices: `/usage`,
 * the CSV, the receipts and the simulator's own books agree to the micro-USD, in all and by model, key, tag and day.
 * REQUESTS=10000 for the long run.
 *
 * The month is March 2026 in Berlin, from its first day to its last: the clock of all processes is set forward a day,
 * when all requests of the day before have ended. Where there is no libfaketime, everything happens today.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { providerOf } from "@visgate/providers";
import type { Receipt } from "@visgate/shared/contract";
import { type Simulator, startSimulator } from "@visgate/simulator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Calendar, createCalendar } from "../support/calendar.js";
import { createCaller, type SimulatedBill } from "../support/caller.js";
import {
  allEnded,
  disastersOfMonth,
  endOf,
  inParallel,
  type KeyedCaller,
  modelsOfMonth,
  type Submitted,
  submitOf,
} from "../support/month.js";
import { RENDER_CACHE_DIR } from "../support/render-cache.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const REQUESTS = Number(process.env["REQUESTS"] ?? 200);
const IS_LONG = REQUESTS >= 1000;
const DAYS = IS_LONG ? 31 : 2;
const KEYS = 4;
const AT_ONCE = 40;
const LIMIT_MS = IS_LONG ? 3_600_000 : 120_000;
const DAY_MS = 86_400_000;
const TIME_ZONE = "Europe/Berlin";
/** Ten past midnight in Berlin, when it is still February in UTC. */
const FIRST = Date.parse("2026-02-28T23:10:00Z");
const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
const ADMIN = { "x-visgate-admin-key": ADMIN_KEY };

let calendar: Calendar | null;
let simulator: Simulator;
let test: TestStack;
let dataDir: string;
beforeAll(async () => {
  calendar = await createCalendar(FIRST);
  dataDir = mkdtempSync(join(tmpdir(), "visgate-month-"));
  simulator = await startSimulator({
    ...{ host: "127.0.0.1", port: 0, dataDir, renderSeconds: 0.2, queueSeconds: 0.05 },
    ...{ renderCacheDir: RENDER_CACHE_DIR, now: calendar?.now ?? Date.now },
  });
  test = await startTestStack({
    simulatorUrl: simulator.url,
    redisServer: calendar?.redisServer,
    env: {
      ...calendar?.env,
      ...{ VISGATE_ADMIN_KEY: ADMIN_KEY, LOCATE_SECONDS: "3", MAX_OUTPUT_BYTES: "8000000", RETENTION_DAYS: "90" },
      ...{ LOCK_DURATION_MS: "60000", LOG_LEVEL: "warn" },
    },
  });
});
afterAll(async () => {
  await test?.stop();
  await simulator?.close();
  calendar?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function createKeys(): Promise<KeyedCaller[]> {
  return inParallel(Array.from({ length: KEYS }), 1, async () => {
    const { body } = await test.caller.call("POST", "/api-keys", { body: { name: "a key of the month" } });
    return { id: body.id, caller: createCaller(test.stack.baseUrls[0] ?? "", body.key) };
  });
}

/** The requests of one day, to their ends. */
async function liveThrough(numbers: number[], keys: KeyedCaller[], models: ReturnType<typeof modelsOfMonth>) {
  await test.simulator.settings({ disasters: disastersOfMonth });
  const submitted = await inParallel(numbers, AT_ONCE, (number) => submitOf(number, models, keys));
  await inParallel(submitted, AT_ONCE, (one) => endOf(test.caller, one));
  await allEnded(test.simulator);
  return submitted;
}

const receiptsOf = (requests: Submitted[]) =>
  inParallel(requests, AT_ONCE, async ({ id }): Promise<Receipt> => {
    return (await test.caller.call("GET", `/requests/${id}/receipt`)).body;
  });

/**
 * A person settles what is unknown, with the provider's bill in hand: by the id of the job, or, where the id was never
 * known, by the model. Returns the request of each line of the bill.
 */
async function settleUnknown(requests: Submitted[], receipts: Receipt[], bills: SimulatedBill[]) {
  const jobOf = (receipt: Receipt) => receipt.attempts.at(-1)?.provider_request_id ?? null;
  const owners = new Map(
    receipts.flatMap((one, index) => (jobOf(one) === null ? [] : [[jobOf(one), requests[index]]])),
  );
  // A provider that states every cost leaves only lost submits to settle.
  const needless = receipts.filter((one) => one.charge_state === "unknown" && jobOf(one) && statesAll(one.provider));
  expect(needless).toEqual([]);
  const unowned = bills.filter(({ id }) => !owners.has(id));
  for (const [index, receipt] of receipts.entries()) {
    const request = requests[index] as Submitted;
    if (receipt.charge_state !== "unknown") continue;
    const jobId = jobOf(receipt);
    const isOurs = ({ provider, endpoint, prompt }: SimulatedBill) =>
      provider === request.model.provider && endpoint === request.model.endpoint && prompt.includes("back");
    const found = jobId === null ? unowned.findIndex(isOurs) : -1;
    const line = jobId === null ? unowned.splice(found, found < 0 ? 0 : 1)[0] : bills.find(({ id }) => id === jobId);
    if (line !== undefined) owners.set(line.id, request);
    const outcome = line?.cost_micro
      ? { outcome: "charged", cost_usd: line.cost_micro / 1e6 }
      : { outcome: "released" };
    const { status } = await test.caller.call("POST", `/requests/${request.id}/settle`, { body: outcome });
    expect(status).toBe(200);
  }
  return owners;
}

const statesAll = (provider: string) => Object.values(providerOf(provider).manifest.statesCost).every(Boolean);

/** Money in micro-USD by a key, without zeros. */
type Sums = Record<string, number>;

function sumsOf<T>(items: readonly T[], microOf: (item: T) => number, keyOf: (item: T) => string): Sums {
  const sums: Sums = {};
  for (const item of items) if (microOf(item) !== 0) sums[keyOf(item)] = (sums[keyOf(item)] ?? 0) + microOf(item);
  return sums;
}

const micro = (usd: number) => Math.round(usd * 1e6);
const total = (sums: Sums) => Object.values(sums).reduce((sum, one) => sum + one, 0);

/** The rows of a CSV, by the names of its columns. */
function rowsOf(csv: string): Record<string, string>[] {
  const [head = "", ...lines] = csv.trimEnd().split("\r\n");
  const cells = (line: string) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
      quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
    );
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [cells(head)[index] ?? "", cell])));
}

it(`${REQUESTS} requests: usage, CSV, receipts and the providers' bills agree`, { timeout: LIMIT_MS }, async () => {
  const settings = { time_zone: TIME_ZONE, usage_tag: "team" };
  await test.caller.call("PATCH", "/admin/organizations/default", { headers: ADMIN, body: settings });
  const models = modelsOfMonth(IS_LONG ? 100 : 1);
  const keys = await createKeys();
  const requests: Submitted[] = [];
  for (let day = 0; day < DAYS; day += 1) {
    if (day > 0) await calendar?.goTo(FIRST + Math.round((30 * day) / (DAYS - 1)) * DAY_MS);
    const numbers = Array.from({ length: REQUESTS }, (_, number) => number).filter((number) => number % DAYS === day);
    requests.push(...(await liveThrough(numbers, keys, models)));
  }
  expect(new Set(requests.map(({ id }) => id)).size).toBe(REQUESTS);

  const bills = await test.simulator.bills();
  const owners = await settleUnknown(requests, await receiptsOf(requests), bills);
  const receipts = await receiptsOf(requests);
  expect(receipts.filter(({ held_usd, charge_state }) => held_usd !== 0 || charge_state === "unknown")).toEqual([]);

  // Every line of the bill belongs to one request, and its receipt says the same amount.
  const billed = bills.filter(({ cost_micro }) => cost_micro !== 0);
  expect(billed.filter(({ id }) => !owners.has(id))).toEqual([]);
  const receiptOf = new Map(receipts.map((receipt) => [receipt.request_id, receipt]));
  const lines = billed.map(({ id, cost_micro }) => {
    const request = owners.get(id) as Submitted;
    return { request, receipt: receiptOf.get(request.id) as Receipt, micro: cost_micro ?? Number.NaN };
  });
  expect(lines.filter(({ receipt, micro: cost }) => micro(receipt.settlement?.cost_usd ?? 0) !== cost)).toEqual([]);

  const period = `period=month&date=${receipts[0]?.day ?? ""}`;
  const { body: csv } = await test.caller.call("GET", `/usage/export?${period}`);
  const rows = rowsOf(csv);
  const cost = ({ settlement }: Receipt) => micro(settlement?.cost_usd ?? 0);
  const sums = (by: "model" | "api_key_id" | "tag" | "day") => {
    const tagOf = new Map(requests.map(({ id, tag }) => [id, tag]));
    const ofReceipt = (one: Receipt) => (by === "tag" ? (tagOf.get(one.request_id) ?? "") : (one[by] ?? ""));
    return {
      csv: sumsOf(
        rows,
        ({ cost_usd }) => micro(Number(cost_usd)),
        (row) => row[by] ?? "",
      ),
      receipts: sumsOf(receipts, cost, ofReceipt),
      bills: sumsOf(
        lines,
        (line) => line.micro,
        ({ receipt }) => ofReceipt(receipt),
      ),
    };
  };
  for (const by of ["model", "api_key_id", "tag", "day"] as const) {
    const { csv: ofCsv, receipts: ofReceipts, bills: ofBills } = sums(by);
    expect(ofReceipts, by).toEqual(ofBills);
    expect(ofCsv, by).toEqual(ofBills);
  }

  const { body: usage } = await test.caller.call("GET", `/usage?${period}`);
  const { body: dashboard } = await test.caller.call("GET", `/dashboard?${period}`);
  const all = total(sums("model").bills);
  const saved = receipts.reduce((sum, { saved_usd }) => sum + micro(saved_usd), 0);
  const managed = receipts.filter(({ mode }) => mode === "managed").reduce((sum, one) => sum + cost(one), 0);
  const count = (status: string) => receipts.filter((one) => one.status === status).length;
  expect({
    ...{ requests: usage.total_requests, completed: usage.successful_requests, failed: usage.failed_requests },
    ...{ cost: micro(usage.total_provider_cost), billed: micro(usage.total_billed_cost) },
    ...{ saved: micro(usage.total_savings), dashboard: micro(dashboard.total_cost_usd) },
  }).toEqual({
    ...{ requests: REQUESTS, completed: count("completed"), failed: count("failed") },
    ...{ cost: all, billed: managed, saved, dashboard: all },
  });
  expect(usage.by_model).toEqual(
    sumsOf(
      receipts,
      () => 1,
      ({ model }) => model,
    ),
  );
  if (calendar !== null) expect(Object.keys(sums("day").csv).toSorted().at(0)).toBe("2026-03-01");
  if (calendar !== null) expect(Object.keys(sums("day").csv).toSorted().at(-1)).toBe("2026-03-31");
  const recount = await test.caller.call("POST", "/admin/organizations/default/recount", { headers: ADMIN });
  expect(recount.body.differences).toEqual([]);
  report({ requests: REQUESTS, micro: all, lines: billed.length, saved, cached: usage.cached_requests });
});

const report = (figures: object) => process.stdout.write(`month: ${JSON.stringify(figures)}\n`);
