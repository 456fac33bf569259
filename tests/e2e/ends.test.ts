/**
 * The table of ends: each way in which a request can end, for each provider with prices. Each row checks the hold, the
 * settlement, the charge state, the receipt and the ledger, against what the simulator says that it bills.
 */
import { FAILURE_CODES } from "@visgate/shared/errors";
import { isTerminal, next, STATUSES, TRANSITIONS } from "@visgate/shared/request";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Case, END_MS } from "../support/end-actions.js";
import { ENDS, type End, STAGES } from "../support/ends.js";
import { CASES, type Ended, startEndsBench } from "../support/ends-bench.js";

const usd = (micro: number) => micro / 1e6;
const BY_PROVIDER = [...new Set(CASES.map(({ provider }) => provider))].map((provider) => {
  const rows = CASES.filter((row) => row.provider === provider);
  return { name: provider.manifest.name, declared: provider.manifest, rows };
});
/** The transitions that end a request or settle an ended one, as `pending: failed`. */
const ENDINGS = STATUSES.flatMap((from) =>
  TRANSITIONS.filter((name) => {
    const to = next(from, name);
    return to !== null && isTerminal(to);
  }).map((name) => `${from}: ${name}`),
);
/** The possible outcomes of the last submit for each stage; undefined: there was no submit. */
const LAST_SUBMIT: Record<End["stage"], readonly (string | undefined)[]> = {
  "no submit": [undefined, "rejected"],
  "submit refused": ["rejected"],
  "submit lost": ["unknown", "accepted"],
  "queued at the provider": ["accepted"],
  rendering: ["accepted"],
  "failed at the provider": ["accepted"],
  "copying the output": ["accepted"],
  completed: ["accepted"],
  shared: [undefined],
};

let bench: Awaited<ReturnType<typeof startEndsBench>>;
let running: Map<Case, Promise<Ended>>;
beforeAll(async () => {
  bench = await startEndsBench();
  const start = (rows: Case[]) => rows.map((row) => [row, bench.run(row)] as const);
  // A row that fails is reported by its own test.
  const over = (rows: (readonly [Case, Promise<Ended>])[]) => Promise.allSettled(rows.map(([, ended]) => ended));
  const urgent = start(CASES.filter(({ end }) => end.isUrgent));
  await Promise.all(urgent.map(([row]) => bench.rendered(row)));
  const calm = [...urgent, ...start(CASES.filter(({ end }) => !end.isUrgent && !end.killsWorkers))];
  await over(calm);
  const deadly = start(CASES.filter(({ end }) => end.killsWorkers));
  await over(deadly);
  running = new Map([...calm, ...deadly]);
}, END_MS + 20_000);
afterAll(() => bench?.stop());

const endOf = (row: Case) => running.get(row) as Promise<Ended>;

describe.each(BY_PROVIDER)("$name", ({ declared, rows }) => {
  it.each(rows.map((row) => ({ what: row.end.what, row })))("a request that $what", async ({ row: { end }, row }) => {
    const { status, receipt, estimateMicro, bill, submits, ledger } = await endOf(row);
    const code = typeof end.code === "function" ? end.code(declared) : end.code;
    const cost = end.cost({ estimate: estimateMicro, billed: bill?.cost_micro ?? null }, declared);
    expect(status).toMatchObject({
      ...{ status: code === null ? "completed" : "failed", error_code: code, charge_state: cost.charge },
      ...{ cost: usd(cost.settled ?? 0), provider: declared.name },
    });
    expect(receipt).toMatchObject({
      ...{ status: status.status, charge_state: cost.charge, held_usd: usd(cost.held) },
      quote: { cost_usd: usd(estimateMicro), cost_source: "catalogue" },
      settlement: cost.settled === null ? null : { cost_usd: usd(cost.settled), cost_source: cost.source },
      saved_usd: end.stage === "shared" ? expect.any(Number) : 0,
    });
    expect(end.lastSubmit ?? LAST_SUBMIT[end.stage]).toContain(receipt.attempts.at(-1)?.outcome);
    expect(ledger).toEqual({ heldMicro: cost.held, settledMicro: cost.settled ?? 0 });
    expect(submits).toBe(end.submits ?? 1);
  });

  it("has a row for each code and each stage", async () => {
    const possible = FAILURE_CODES.filter(
      (code) => code !== "PROVIDER_NOT_CONFIGURED" || declared.callerKeyHeader !== null,
    );
    const ends = await Promise.all(rows.map(endOf));
    expect(new Set(ends.map(({ status }) => status.error_code))).toEqual(new Set([...possible, null]));
    expect(new Set(rows.map(({ end }) => end.stage))).toEqual(new Set(STAGES));
  });

  it("has a row for each transition that ends or settles a request", async () => {
    const ends = await Promise.all(rows.map(endOf));
    expect(new Set(ends.flatMap(({ endings }) => endings))).toEqual(new Set(ENDINGS));
  });
});

it("every row exists for at least one provider", () => {
  expect(ENDS.filter((end) => !CASES.some((row) => row.end === end))).toEqual([]);
});

it("balance, usage and recount agree with the receipts", async () => {
  const { caller, adminHeaders } = bench;
  const receipts = await bench.allReceipts();
  const settled = receipts.reduce((sum, { settlement }) => sum + Math.round((settlement?.cost_usd ?? 0) * 1e6), 0);
  const held = receipts.reduce((sum, { held_usd }) => sum + Math.round(held_usd * 1e6), 0);
  expect(await bench.store.ledger.balance("default")).toEqual({ heldMicro: held, settledMicro: settled });
  const { body: usage } = await caller.call("GET", "/usage");
  expect(Math.round(usage.total_provider_cost * 1e6)).toBe(settled);
  const recount = await caller.call("POST", "/admin/organizations/default/recount", { headers: adminHeaders });
  expect(recount.body.differences).toEqual([]);
});
