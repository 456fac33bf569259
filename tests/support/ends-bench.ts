/** A stack on which all rows of the table of ends (ends.ts) run at once, for every provider with prices. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROVIDERS, type Provider } from "@visgate/providers";
import type { Receipt } from "@visgate/shared/contract";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import { connectPatient, createKeys, createStore, type Store } from "@visgate/shared/store";
import { systemClock } from "@visgate/shared/units";
import type { BillLine } from "../../packages/simulator/src/core/billing.js";
import type { Caller } from "./caller.js";
import {
  benchFor,
  bodyOf,
  type Case,
  type CatalogueEntry,
  END_MS,
  MISDESCRIBED,
  ORGANIZATION,
  tagOf,
  type World,
} from "./end-actions.js";
import { ENDS } from "./ends.js";
import { createKillPoints, type KillPoint } from "./kill-points.js";
import { startTestStack } from "./stack.js";
import { until } from "./until.js";

const ADMIN_KEY = "admin-key-of-the-operator-0123456789";

export interface Ended {
  status: Awaited<ReturnType<Caller["status"]>>;
  receipt: Receipt;
  estimateMicro: number;
  /** The simulator's line for its job; null when it made none. */
  bill: BillLine | null;
  /** The submits with the prompt of the row. */
  submits: number;
  /** The sum of its entries in the ledger. */
  ledger: { heldMicro: number; settledMicro: number };
  /** The transitions that ended it or settled it, as `pending: failed`. */
  endings: string[];
}

/** The model of a provider that renders the fastest; undefined for a provider without prices. */
function cheapestOf({ models }: Provider): CatalogueEntry | undefined {
  const priced = models.filter(({ variants, price }) => variants.text !== undefined && price?.micro != null);
  return priced.toSorted((one, other) => one.usualSeconds - other.usualSeconds)[0];
}

export const CASES: readonly Case[] = PROVIDERS.flatMap((provider) => {
  const model = cheapestOf(provider);
  const rows = ENDS.filter(({ exists }) => exists?.(provider.manifest) !== false);
  return model === undefined ? [] : rows.map((end) => ({ end, provider, model }));
});

/** The same models under another id, with a prompt field that the provider does not know. */
function misdescribedCatalogue(): string {
  const models = new Set(CASES.map(({ model }) => model));
  return JSON.stringify(
    [...models].map((model) => ({
      ...model,
      id: model.id + MISDESCRIBED,
      variants: { text: { ...model.variants.text, promptField: "no_such_field" } },
    })),
  );
}

export async function startEndsBench() {
  const dir = mkdtempSync(join(tmpdir(), "visgate-ends-"));
  const catalogue = join(dir, "models.json");
  writeFileSync(catalogue, misdescribedCatalogue());
  const points = createKillPoints();
  const test = await startTestStack({
    // A poll may be under way when its kill point is set, and then ends the worker itself.
    restart: true,
    env: {
      ...points.env,
      VISGATE_ADMIN_KEY: ADMIN_KEY,
      CATALOGUE_FILE: catalogue,
      LOCATE_SECONDS: "3",
      MAX_OUTPUT_BYTES: "8000000",
      LOCK_DURATION_MS: "60000",
      SIMULATOR_RENDER_SECONDS: "0.1",
    },
  });
  const redis = connectPatient(test.stack.redisUrl);
  const store = createStore({ redis, clock: systemClock });
  await test.simulator.settings({
    disasters: CASES.flatMap((row) => (row.end.disasters ?? []).map((one) => ({ ...one, match_prompt: tagOf(row) }))),
  });
  const kills: KillPoint[] = [];
  const world = {
    ...{ redis, store, keys: createKeys(), caller: test.caller, url: test.stack.baseUrls[0] ?? "" },
    killAt(match: string) {
      kills.push({ name: `kill-${kills.length}`, match, moment: "before" });
      points.set(kills);
    },
  };
  return {
    ...{ caller: test.caller, store, adminHeaders: { "x-visgate-admin-key": ADMIN_KEY } },
    /** The receipts of all requests, also of those that others waited for. */
    async allReceipts(): Promise<Receipt[]> {
      const records = await store.listing.newest(ORGANIZATION, 0, 100_000);
      return Promise.all(
        records.map(async ({ id }) => (await test.caller.call("GET", `/requests/${id}/receipt`)).body),
      );
    },
    run: (row: Case) => runRow(world, test.simulator, row),
    /** Resolves when the provider has rendered the output of the row, as far as this server knows. */
    rendered(row: Case): Promise<RequestRecord> {
      const tag = tagOf(row);
      return until(`the output of ${tag}`, async () => {
        const records = await store.listing.newest(ORGANIZATION, 0, CASES.length);
        return records.find(({ input, rendered }) => rendered !== null && input.prompt.includes(tag));
      });
    },
    async stop() {
      redis.disconnect();
      await test.stop();
      points.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function runRow(
  world: World,
  simulator: { bills(): Promise<BillLine[]>; submits(): Promise<{ body: object }[]> },
  row: Case,
): Promise<Ended> {
  const bench = benchFor(world, row);
  const { body: quote } = await world.caller.call("POST", "/quotes", { body: bodyOf(row) });
  const id = await (row.end.run?.(bench) ?? bench.submit());
  const status = await world.caller.finished(id, END_MS);
  const receipt = await bench.status(id);
  const submits = (await simulator.submits()).filter(({ body }) => JSON.stringify(body).includes(tagOf(row)));
  const bills = await simulator.bills();
  return {
    ...{ status, receipt, submits: submits.length, estimateMicro: Math.round(quote.cost_usd * 1e6) },
    bill: bills.find((line) => line.id === status.provider_request_id) ?? null,
    ledger: await ledgerOf(world.store, id),
    endings: await endingsOf(world.store, id),
  };
}

async function ledgerOf(store: Store, id: string): Promise<Ended["ledger"]> {
  const entries = await store.ledger.read(ORGANIZATION, "0", 100_000);
  const own = entries.filter(({ request }) => request === id);
  return {
    heldMicro: own.reduce((sum, { held }) => sum + held, 0),
    settledMicro: own.reduce((sum, { settled }) => sum + settled, 0),
  };
}

async function endingsOf(store: Store, id: string): Promise<string[]> {
  const history = await store.timeline.history({ organization: ORGANIZATION, id });
  const { record, changes } = history ?? { record: null, changes: [] };
  return changes.flatMap(({ name, status }, index) => {
    const from = changes[index - 1]?.status ?? "pending";
    const transition = name === "completed" && record?.cache.sharedFrom !== null ? "shared" : name;
    return isTerminal(status) ? [`${from}: ${transition}`] : [];
  });
}
