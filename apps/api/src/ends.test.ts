/**
 * The other half of the table of ends (tests/e2e/ends.test.ts): every error code in every stage, for each provider with
 * prices, and every answer of the provider about its bill. Also the combinations that no known provider makes.
 */
import { PROVIDERS } from "@visgate/providers";
import { FAILURE_CODES, type Failure } from "@visgate/shared/errors";
import type { ChargeState, Transition } from "@visgate/shared/request";
import { describe, expect, test } from "vitest";
import { ASYNC, ref, useTestApi } from "../../../tests/support/api.js";
import { submitIntended } from "../../../tests/support/records.js";

const providers = new Map(PROVIDERS.map(({ manifest: { name } }) => [name, { apiKey: "the-key", simulated: false }]));
const { api } = useTestApi({ settings: { providers } });

const MODELS = PROVIDERS.flatMap(({ manifest, models }) => {
  const priced = models.find(({ variants, price }) => variants.text !== undefined && price?.micro != null);
  return priced === undefined ? [] : [{ provider: manifest.name, model: priced.id, mediaType: priced.mediaType }];
});

const at = Date.now();
const RENDER_COST = 123_457;
const PROVIDER_ESTIMATE = 9_876_543;
const intended = (attempt = 1) => submitIntended({ at, attempt });
const accepted = (estimateMicro: number | null = null): Transition => {
  return { name: "submit_accepted", at, attempt: 1, providerRequestId: "job", estimateMicro };
};
const rendered: Transition = {
  ...{ name: "rendered", at, outputs: [], withheld: 0, costMicro: RENDER_COST, costSource: "provider" },
};
const copyFailed: Transition = { name: "copy_failed", copies: [], error: "HTTP 404" };

/** `owes`: what the provider can bill. Before a submit nothing, afterwards what it says, after the render all of it. */
interface Stage {
  stage: string;
  by: Transition[];
  owes: "nothing" | "as the provider says" | "the render";
  /** The estimate that replaced the catalogue's. */
  estimate?: number;
}

const STAGES: Stage[] = [
  { stage: "before a submit", by: [], owes: "nothing" },
  { stage: "between two submits", by: [intended(), { name: "submit_rejected", attempt: 1 }], owes: "nothing" },
  { stage: "in a submit", by: [intended()], owes: "as the provider says" },
  {
    stage: "in a second submit",
    by: [intended(), { name: "submit_rejected", attempt: 1 }, intended(2)],
    owes: "as the provider says",
  },
  {
    stage: "with its submit lost",
    by: [intended(), { name: "submit_lost", at, attempt: 1, until: at + 1, submitEnded: true }],
    owes: "as the provider says",
  },
  { stage: "at the provider", by: [intended(), accepted()], owes: "as the provider says" },
  {
    stage: "at the provider, which named a maximum",
    ...{ by: [intended(), accepted(PROVIDER_ESTIMATE)], owes: "as the provider says", estimate: PROVIDER_ESTIMATE },
  },
  { stage: "rendered", by: [intended(), accepted(), rendered], owes: "the render" },
  {
    stage: "while its output is copied",
    ...{ by: [intended(), accepted(), rendered, { name: "copy_begun" }, copyFailed], owes: "the render" },
  },
];

interface Verdict {
  charged: Failure["charged"];
  billedMicro: number | null;
}

const VERDICTS: Verdict[] = [
  { charged: false, billedMicro: null },
  { charged: null, billedMicro: null },
  { charged: true, billedMicro: null },
  { charged: true, billedMicro: 4321 },
];

interface Money {
  charge: ChargeState;
  held: number;
  settlement: { cost_usd: number; cost_source: string } | null;
}

const usd = (micro: number) => micro / 1e6;
const free = (charge: ChargeState, held = 0): Money => ({ charge, held: usd(held), settlement: null });
const charged = (micro: number, cost_source: string): Money => {
  return { charge: "charged", held: 0, settlement: { cost_usd: usd(micro), cost_source } };
};

function expected({ owes, estimate }: Stage, { charged: isCharged, billedMicro }: Verdict, quoted: number): Money {
  if (owes === "nothing") return free("none");
  if (owes === "the render") return charged(RENDER_COST, "provider");
  if (isCharged === null) return free("unknown", estimate ?? quoted);
  if (!isCharged) return free("released");
  return billedMicro === null ? charged(quoted, "catalogue") : charged(billedMicro, "provider");
}

describe.each(MODELS)("$provider: a request that fails", ({ model, mediaType }) => {
  const body = { model, prompt: "a lighthouse", cache: "off" };

  async function failedIn({ by }: Stage, code: Failure["code"], { charged, billedMicro }: Verdict) {
    const answer = await api.call("POST", `/${mediaType}s/generate`, { body, headers: ASYNC });
    const id: string = answer.body.request_id;
    const failure = { code, message: "it broke", retryable: true, charged };
    await api.apply(id, ...by, { name: "failed", at, failure, billedMicro });
    return { id, receipt: (await api.call("GET", `/requests/${id}/receipt`)).body };
  }

  test.each(STAGES)("$stage: has the right hold and settlement, for any code and any bill", async (stage) => {
    const { body: quote } = await api.call("POST", "/quotes", { body });
    const quoted = Math.round(quote.cost_usd * 1e6);
    for (const code of FAILURE_CODES) {
      for (const verdict of VERDICTS) {
        const { id, receipt } = await failedIn(stage, code, verdict);
        const { charge, held, settlement } = expected(stage, verdict, quoted);
        const seen = { code, verdict, ...receipt };
        expect(seen).toMatchObject({ status: "failed", charge_state: charge, held_usd: held, settlement });
        expect(receipt.attempts).toHaveLength(stage.by.filter(({ name }) => name === "submit_intended").length);
        const stored = await api.deps.store.requests.get(ref(id));
        expect(stored?.doc).toMatchObject({ failure: { code }, heldMicro: Math.round(held * 1e6) });
        expect(stored?.doc.failure?.retryable).toBe(charge === "none" || charge === "released");
      }
    }
  });
});

test("the balance of the ledger is the sum of all records", async () => {
  const records = await api.deps.store.listing.newest("default", 0, 100_000);
  expect(records.length).toBe(MODELS.length * STAGES.length * VERDICTS.length * FAILURE_CODES.length);
  const heldMicro = records.reduce((sum, record) => sum + record.heldMicro, 0);
  const settledMicro = records.reduce((sum, { chargeState, costMicro }) => {
    return sum + (chargeState === "charged" ? costMicro : 0);
  }, 0);
  expect(await api.deps.store.ledger.balance("default")).toEqual({ heldMicro, settledMicro });
});
