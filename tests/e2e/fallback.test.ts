/**
 * Every disaster of the simulator strikes the first provider of a request that names a model of another provider to
 * fall back on. All of them run at once on one stack. Whatever happens, no request is paid for twice.
 */
import { PROVIDERS } from "@visgate/providers";
import type { Receipt } from "@visgate/shared/contract";
import { isTerminal } from "@visgate/shared/request";
import { connectPatient, createStore, type Store } from "@visgate/shared/store";
import { systemClock } from "@visgate/shared/units";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BillLine } from "../../packages/simulator/src/core/billing.js";
import { DISASTERS, type DisasterName } from "../../packages/simulator/src/core/disasters.js";
import { billedMicro, micro } from "../support/books.js";
import type { Submit } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
const END_MS = 100_000;
const MODELS = ["fal-ai/veo3", "replicate/google/veo-3", "runway/gen4.5"] as const;

interface Row {
  disaster: DisasterName;
  first: string;
  second: string;
  tag: string;
}

/** Without the one whose output is not reachable for this server: its copy is tried for hours. */
const STRIKING = (Object.keys(DISASTERS) as DisasterName[]).filter((name) => name !== "output_private");
/** The others strike once, so the second provider is well. These two leave an output that nobody can fetch. */
const ALWAYS: ReadonlySet<DisasterName> = new Set<DisasterName>(["output_404", "output_oversized"]);
/** Too large for MAX_OUTPUT_BYTES. */
const OVERSIZED = { bytes: 12_000_000 };

const ROWS: Row[] = MODELS.flatMap((first, index) =>
  STRIKING.map((disaster) => {
    const second = MODELS[(index + 1) % MODELS.length] ?? "";
    return { disaster, first, second, tag: `row [${disaster} ${index}]` };
  }),
);
const FIRST = MODELS.map((model) => ({ model, rows: ROWS.filter(({ first }) => first === model) }));

interface Ended {
  status: Record<string, unknown>;
  receipt: Receipt;
  submits: Submit[];
  bills: BillLine[];
}

let test: TestStack;
let store: Store;
let redis: ReturnType<typeof connectPatient>;
const ends = new Map<Row, Ended>();
const endOf = (row: Row) => ends.get(row) as Ended;

beforeAll(async () => {
  test = await startTestStack({
    env: {
      ...{
        LOCATE_SECONDS: "3",
        MAX_OUTPUT_BYTES: "8000000",
        SIMULATOR_RENDER_SECONDS: "0.1",
      },
      VISGATE_ADMIN_KEY: ADMIN_KEY,
      // Every row fails on its own.
      COOL_DOWN_SECONDS: "0",
    },
  });
  redis = connectPatient(test.stack.redisUrl);
  store = createStore({ redis, clock: systemClock });
  await test.simulator.settings({
    disasters: ROWS.map(({ disaster, tag }) => ({
      ...{ name: disaster, match_prompt: tag },
      ...(ALWAYS.has(disaster) ? {} : { times: 1 }),
      ...(disaster === "output_oversized" ? OVERSIZED : {}),
    })),
  });
  const ids = await Promise.all(ROWS.map(submit));
  const statuses = await Promise.all(
    ids.map((id) => test.caller.finished(id, END_MS).catch(() => test.caller.status(id))),
  );
  const [submits, bills] = await Promise.all([test.simulator.submits(), test.simulator.bills()]);
  for (const [at, row] of ROWS.entries()) {
    ends.set(row, {
      status: statuses[at],
      receipt: (await test.caller.call("GET", `/requests/${ids[at]}/receipt`)).body,
      submits: submits.filter(({ body }) => JSON.stringify(body).includes(row.tag)),
      bills: bills.filter(({ prompt }) => prompt.includes(row.tag)),
    });
  }
}, END_MS + 40_000);
afterAll(async () => {
  redis?.disconnect();
  await test?.stop();
});

/** Only these may fall back, and two renders take long on a busy machine. */
const MAY_FALL_BACK: ReadonlySet<DisasterName> = new Set<DisasterName>(["submit_429", "fail", "late_moderation"]);
/** The short one is for jobs that never end, and for outputs that never become usable. */
const DEADLINE_SECONDS = { short: 30, long: 90 };

function submit({ disaster, first, second, tag }: Row): Promise<string> {
  const body = { model: first, prompt: `a bird, ${tag}`, duration_seconds: 4, cache: "off", fallback: [second] };
  const deadline_seconds = DEADLINE_SECONDS[MAY_FALL_BACK.has(disaster) ? "long" : "short"];
  return test.caller.submit({ ...body, deadline_seconds });
}

/** The provider refuses the submit, or says that the failed job costs nothing. */
function fallsBack({ disaster, first }: Row, { bills }: Ended): boolean {
  if (disaster === "submit_429") return true;
  if (!MAY_FALL_BACK.has(disaster)) return false;
  const declared = PROVIDERS.find(({ models }) => models.some(({ id }) => id === first))?.manifest;
  return declared?.statesCost.failed === true && billedMicro(bills.slice(0, 1)) === 0;
}

describe.each(FIRST)("$model", ({ rows }) => {
  it.each(rows)("$disaster: at most one paid job, and every attempt on the receipt", (row) => {
    const { status, receipt, submits, bills } = endOf(row);
    const paid = bills.filter(({ cost_micro }) => cost_micro !== 0);
    expect(paid.length).toBeLessThanOrEqual(1);
    expect(isTerminal(receipt.status)).toBe(true);

    const [first, second] = submits.map(({ endpoint }) => endpoint);
    const { attempts, tried } = receipt;
    const outcomes = attempts.map(({ outcome }) => outcome);
    expect(attempts.map(({ attempt }) => attempt)).toEqual(submits.map((_, index) => index + 1));
    if (fallsBack(row, endOf(row))) {
      expect(status).toMatchObject({ error_code: null, model: row.second, charge_state: "charged" });
      expect(tried).toMatchObject([{ model: row.first, attempts: [1], cost_usd: 0, skipped: false }]);
      expect(attempts.map(({ model }) => model)).toEqual([row.first, row.second]);
      expect(first).not.toBe(second);
    } else {
      // Nothing is sent to a second provider.
      expect(status).toMatchObject({ model: row.first });
      expect(tried).toEqual([]);
      expect(submits).toHaveLength(1);
    }
    // An unknown outcome is the last one, unless its job was found.
    expect(outcomes.slice(0, -1)).not.toContain("unknown");
    if (status["status"] === "failed" && status["error_code"] !== "PROVIDER_TIMEOUT") {
      expect(status["charge_state"]).toMatch(/^(unknown|charged)$/);
    }
    if (receipt.charge_state === "charged") {
      expect(micro(receipt.settlement?.cost_usd ?? 0)).toBe(billedMicro(bills));
    }
  });
});

it("balance, usage and recount agree with the receipts", async () => {
  const receipts = [...ends.values()].map(({ receipt }) => receipt);
  const settled = receipts.reduce((sum, { settlement }) => sum + micro(settlement?.cost_usd ?? 0), 0);
  const held = receipts.reduce((sum, { held_usd }) => sum + micro(held_usd), 0);
  expect(await store.ledger.balance("default")).toEqual({ heldMicro: held, settledMicro: settled });
  const { body: usage } = await test.caller.call("GET", "/usage");
  expect(micro(usage.total_provider_cost)).toBe(settled);
  expect(usage.total_requests).toBe(ROWS.length);
  // A request counts under the model that it ended with.
  const byModel = Object.fromEntries(MODELS.map((one) => [one, receipts.filter(({ model }) => model === one).length]));
  expect(usage.by_model).toEqual(byModel);
  const headers = { "x-visgate-admin-key": ADMIN_KEY };
  const recount = await test.caller.call("POST", "/admin/organizations/default/recount", { headers });
  expect(recount.body.differences).toEqual([]);
});
