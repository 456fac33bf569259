/**
 * A month of requests with failures, cancels, cache hits, joins and lost submits, over all models with prices: `/usage`,
 * the CSV, the receipts and the simulator's own books agree to the micro-USD, in all and by model, key, tag and day.
 * REQUESTS=10000 for the long run.
 *
 * The month is March 2026 in Berlin, from its first day to its last: the clock of all processes is set forward, when
 * all requests of the day before have ended. Where there is no libfaketime, everything happens today.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Receipt } from "@visgate/shared/contract";
import { type Simulator, startSimulator } from "@visgate/simulator";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type Account,
  accountsOf,
  billedMicro,
  micro,
  rowsOf,
  type Sums,
  settleByHand,
  settledMicro,
  sumsOf,
} from "../support/books.js";
import { type Calendar, createCalendar } from "../support/calendar.js";
import { type Caller, createCaller } from "../support/caller.js";
import {
  allEnded,
  disastersOfMonth,
  endOf,
  inParallel,
  modelsOfMonth,
  type Submitted,
  submitOf,
} from "../support/month.js";
import { RENDER_CACHE_DIR } from "../support/render-cache.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const REQUESTS = Number(process.env["REQUESTS"] ?? 120);
const IS_LONG = REQUESTS >= 1000;
const DAYS = IS_LONG ? 31 : 2;
const MODELS = modelsOfMonth(IS_LONG ? 100 : 1);
const KEYS = 4;
const AT_ONCE = 40;
const LIMIT_MS = IS_LONG ? 3_600_000 : 120_000;
const DAY_MS = 86_400_000;
const TIME_ZONE = "Europe/Berlin";
/** Ten past midnight in Berlin, when it is still February in UTC. */
const FIRST = Date.parse("2026-02-28T23:10:00Z");
const [FIRST_DAY, LAST_DAY] = ["2026-03-01", "2026-03-31"];
const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
const ADMIN = { "x-visgate-admin-key": ADMIN_KEY };
const ENV = {
  ...{ VISGATE_ADMIN_KEY: ADMIN_KEY, LOCATE_SECONDS: "3", MAX_OUTPUT_BYTES: "8000000", RETENTION_DAYS: "90" },
  ...{ LOCK_DURATION_MS: "60000", LOG_LEVEL: "warn" },
};

let calendar: Calendar | null;
let simulator: Simulator;
let test: TestStack;
let dataDir: string;
let accounts: Account[];
/** The query that selects the month in /usage, /dashboard and the export. */
let period: string;

beforeAll(async () => {
  await startWorld();
  const requests = await liveThroughMonth();
  const unsettled = accountsOf(requests, await receiptsOf(requests), await test.simulator.bills());
  await settleByHand(test.caller, unsettled);
  const receipts = await receiptsOf(requests);
  accounts = unsettled.map((account, index) => ({ ...account, receipt: receipts[index] as Receipt }));
  period = `period=month&date=${receipts[0]?.day ?? ""}`;
}, LIMIT_MS);
afterAll(async () => {
  await test?.stop();
  await simulator?.close();
  calendar?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function startWorld(): Promise<void> {
  calendar = await createCalendar(FIRST);
  dataDir = mkdtempSync(join(tmpdir(), "visgate-month-"));
  simulator = await startSimulator({
    ...{ host: "127.0.0.1", port: 0, dataDir, renderSeconds: 0.2, queueSeconds: 0.05 },
    ...{ renderCacheDir: RENDER_CACHE_DIR, now: calendar?.now ?? Date.now, framesPerSecond: 2 },
  });
  const clock = calendar === null ? {} : { redisServer: calendar.redisServer, env: { ...calendar.env, ...ENV } };
  test = await startTestStack({ simulatorUrl: simulator.url, env: ENV, ...clock });
  const settings = { time_zone: TIME_ZONE, usage_tag: "team" };
  await test.caller.call("PATCH", "/admin/organizations/default", { headers: ADMIN, body: settings });
}

async function createCallers(): Promise<Caller[]> {
  return inParallel(Array.from({ length: KEYS }), 1, async () => {
    const { body } = await test.caller.call("POST", "/api-keys", { body: { name: "a key of the month" } });
    return createCaller(test.stack.baseUrls[0] ?? "", body.key);
  });
}

async function liveThroughMonth(): Promise<Submitted[]> {
  const callers = await createCallers();
  const requests: Submitted[] = [];
  for (let day = 0; day < DAYS; day += 1) {
    if (day > 0) await calendar?.goTo(FIRST + Math.round((30 * day) / (DAYS - 1)) * DAY_MS);
    const [from, to] = [day, day + 1].map((one) => Math.floor((REQUESTS * one) / DAYS)) as [number, number];
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    requests.push(...(await liveThroughDay(numbers, callers)));
  }
  return requests;
}

/** The requests of one day, to their ends. */
async function liveThroughDay(numbers: number[], callers: Caller[]): Promise<Submitted[]> {
  await test.simulator.settings({ disasters: disastersOfMonth });
  const submitted = await inParallel(numbers, AT_ONCE, (number) => submitOf(number, MODELS, callers));
  const ended = await inParallel(submitted, AT_ONCE, (one) => endOf(test.caller, one));
  // A cancelled request with another end would leave its job at the provider for ever, and allEnded would wait for it.
  const others = ended.filter(({ error_code }, index) => submitted[index]?.isCancelled && error_code !== "CANCELLED");
  expect(others).toEqual([]);
  await allEnded(test.simulator);
  return submitted;
}

const receiptsOf = (requests: Submitted[]) =>
  inParallel(requests, AT_ONCE, async ({ id }): Promise<Receipt> => {
    return (await test.caller.call("GET", `/requests/${id}/receipt`)).body;
  });

const get = async (path: string) => (await test.caller.call("GET", `${path}?${period}`)).body;
const sumOf = (microOf: (account: Account) => number) => accounts.reduce((sum, one) => sum + microOf(one), 0);
const settled = ({ receipt }: Account) => settledMicro(receipt);
const billed = ({ lines }: Account) => billedMicro(lines);

it(`${REQUESTS} requests: each is settled for what the provider bills`, () => {
  expect(new Set(accounts.map(({ request }) => request.id)).size).toBe(REQUESTS);
  const open = accounts.filter(({ receipt }) => receipt.held_usd !== 0 || receipt.charge_state === "unknown");
  expect(open).toEqual([]);
  expect(accounts.filter((account) => settled(account) !== billed(account))).toEqual([]);
});

it.each<{ column: string; of: (account: Account) => string }>([
  { column: "model", of: ({ receipt }) => receipt.model },
  { column: "api_key_id", of: ({ receipt }) => receipt.api_key_id ?? "" },
  { column: "tag", of: ({ request }) => request.tag },
  { column: "day", of: ({ receipt }) => receipt.day },
])("the CSV, the receipts and the bills agree by $column", async ({ column, of }) => {
  const rows = rowsOf(await get("/usage/export"));
  const sumsOfCsv = (name: string): Sums =>
    sumsOf(
      rows,
      (row) => row[column] ?? "",
      (row) => micro(Number(row[name])),
    );
  expect(sumsOfCsv("cost_usd")).toEqual(sumsOf(accounts, of, settled));
  expect(sumsOfCsv("cost_usd")).toEqual(sumsOf(accounts, of, billed));
  expect(sumsOfCsv("saved_usd")).toEqual(sumsOf(accounts, of, ({ receipt }) => micro(receipt.saved_usd)));
});

it("usage and the dashboard agree with the receipts and the bills", async () => {
  const usage = await get("/usage");
  const ended = (status: string) => accounts.filter(({ receipt }) => receipt.status === status).length;
  expect(usage).toMatchObject({
    ...{ total_requests: REQUESTS, successful_requests: ended("completed"), failed_requests: ended("failed") },
    by_model: sumsOf(
      accounts,
      ({ receipt }) => receipt.model,
      () => 1,
    ),
  });
  const isManaged = ({ receipt }: Account) => receipt.mode === "managed";
  expect(micro(usage.total_provider_cost)).toBe(sumOf(settled));
  expect(micro(usage.total_provider_cost)).toBe(sumOf(billed));
  expect(micro(usage.total_billed_cost)).toBe(sumOf((one) => (isManaged(one) ? billed(one) : 0)));
  expect(micro(usage.total_savings)).toBe(sumOf(({ receipt }) => micro(receipt.saved_usd)));
  expect(micro((await get("/dashboard")).total_cost_usd)).toBe(sumOf(billed));
  const figures = { cost: sumOf(billed), billedJobs: accounts.filter((one) => billed(one) > 0).length };
  process.stdout.write(`month: ${JSON.stringify({ ...figures, cached: usage.cached_requests, ...ends() })}\n`);
});

/** How many requests ended in each way. */
const ends = (): Sums =>
  sumsOf(
    accounts,
    ({ receipt }) => `${receipt.status} ${receipt.charge_state} ${receipt.settlement?.cost_source ?? "-"}`,
    () => 1,
  );

it("the month has its first and its last day, and a recount finds no difference", async () => {
  const days = accounts.map(({ receipt }) => receipt.day).toSorted();
  if (calendar !== null) expect([days[0], days.at(-1)]).toEqual([FIRST_DAY, LAST_DAY]);
  const recount = await test.caller.call("POST", "/admin/organizations/default/recount", { headers: ADMIN });
  expect(recount.body.differences).toEqual([]);
});
