/**
 * What every provider adapter must do, tested with its simulator: a submit sends one POST in every case, an answer that
 * cannot be understood is never a failure of the job, and failures get our codes. Differences between providers are
 * fields of AdapterUnderTest.
 */
import type { Bill, CancelResult, ProviderAdapter, SubmitInput } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import { describe, expect, test } from "vitest";
import { DISASTERS } from "../../packages/simulator/src/core/disasters.js";
import { type AdapterBench, createAdapterBench, type Disaster } from "./adapter-bench.js";
import { cancelConformance } from "./adapter-cancels.js";
import { filesAndAccounts } from "./adapter-files.js";
import { locateConformance } from "./adapter-locates.js";
import { pollConformance } from "./adapter-polls.js";
import { submitConformance } from "./adapter-submits.js";

export interface FailureCase {
  title: string;
  input?: SubmitInput;
  disaster?: Disaster;
  failure: Partial<Failure>;
  /** Not checked when it is left out. */
  bill?: Bill | null;
}

export interface AdapterUnderTest {
  createAdapter(baseUrl: string): ProviderAdapter;
  /** The path of the adapter's base URL at the simulator. */
  mountPath: string;
  text: SubmitInput;
  /** Like `text`, with this prompt. */
  prompted(prompt: string): SubmitInput;
  /** The endpoint of another model that takes the same body. */
  otherModel: string;
  /** How certain a job in the provider's list can be the lost one; `never`: there is no list. */
  locates: "certain" | "likely" | "never";
  /** The failure of `pictures` when the provider's filter flags all of them; null when it has no filter. */
  flagged: { charged: boolean | null; bill: Bill | null } | null;
  /** The body of `text` as the provider receives it. */
  textOnTheWire: unknown;
  image(url: string): SubmitInput;
  /** An input for an image model, and how many images it makes; null when the provider has no image model. */
  pictures: { input: SubmitInput; count: number } | null;
  /** The adapter builds the URLs of outputs itself, so they never expire and are never wrong. */
  ownOutputUrls?: true;
  /** The provider's list does not show every input, so a submit with such inputs is not searched for. */
  listHidesInputs?: true;
  /** The resolution of the creation times in the provider's list. Default 1 ms. */
  listStepMs?: number;
  /** The provider deletes a job that is cancelled. */
  deletesCancelled?: true;
  unknownEndpoint: SubmitInput;
  /** The bill of `text`; null when the provider does not report it. */
  bill: Bill | null;
  reportsProgress: boolean;
  /** The result of a cancel of a running job. */
  cancelledRunning: CancelResult;
  /** Whether an image that is too long for a data URI can be uploaded. */
  uploads: boolean;
  /** The currency of an account's balance; null when the provider does not report it. */
  currency: string | null;
  /** The failures of the provider, and what our caller gets for each. */
  failures: FailureCase[];
}

/** These disasters do not reach the adapter: it polls, the worker downloads outputs, and the API receives reports. */
const NOT_FOR_ADAPTERS: readonly string[] = [
  "stream_cut",
  "output_404",
  "output_empty",
  "output_204",
  "output_one_missing",
  "output_private",
  "output_oversized",
  "output_truncated",
  "output_wrong_type",
  "webhook_duplicate",
  "webhook_never",
  "webhook_late",
  "webhook_forged",
  "webhook_stale",
];

export function adapterConformance(setup: AdapterUnderTest): void {
  const bench = createAdapterBench(setup);
  describe("submit: one POST for every answer", () => submitConformance(bench));
  describe("locate: only reads", () => locateConformance(bench));
  describe("poll: an answer that cannot be understood is not a failure", () => pollConformance(bench));
  describe("failures", () => failureConformance(bench));
  describe("cancel", () => cancelConformance(bench));
  describe("what provider.json declares", () => declarationConformance(bench));
  describe("files and accounts", () => filesAndAccounts(bench));
  test("disasters: every one of the simulator was used, or does not reach the adapter", () => {
    const others = [...NOT_FOR_ADAPTERS, ...(setup.ownOutputUrls ? ["output_missing", "output_odd_url"] : [])];
    expect([...new Set([...bench.tried, ...others])].toSorted()).toEqual(Object.keys(DISASTERS).toSorted());
  });
}

function failureConformance(bench: AdapterBench): void {
  test.each(bench.setup.failures)("$title", async ({ input, disaster, failure, bill }) => {
    if (disaster !== undefined) await bench.disasters(disaster);
    const result = await bench.ended(await bench.submitted(input));
    expect(result).toMatchObject({ kind: "failed", failure, ...(bill === undefined ? {} : { bill }) });
    expect(await bench.posts()).toBe(1);
  });

  test.skipIf(bench.setup.ownOutputUrls)("an output with an invalid URL counts as missing", async () => {
    await bench.disasters({ name: "output_odd_url" });
    const failure = { code: "PROVIDER_ERROR", retryable: true };
    expect(await bench.ended(await bench.submitted())).toMatchObject({ kind: "failed", failure });
  });

  test("pictures that the provider's filter flags are not returned", async () => {
    const { flagged, pictures } = bench.setup;
    await bench.disasters({ name: "output_flagged" });
    const result = await bench.ended(await bench.submitted(pictures?.input));
    if (flagged === null) return expect(result).toMatchObject({ kind: "succeeded", withheld: 0 });
    const failure = { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: flagged.charged };
    expect(result).toMatchObject({ kind: "failed", failure, bill: flagged.bill });
  });

  test("messages of failures contain no text of the provider", async () => {
    await bench.disasters({ name: "fail", message: "upstream-internals at 10.0.0.7" });
    expect(JSON.stringify(await bench.ended(await bench.submitted()))).not.toContain("internals");
  });
}

function declarationConformance(bench: AdapterBench): void {
  const { setup } = bench;

  test("statesCost: has a bill for a completed job", () => {
    expect(bench.manifest().statesCost.completed).toBe(setup.bill !== null);
  });

  test("statesCost: has a bill for a failed job, also when only a part is billed", async () => {
    await bench.disasters({ name: "fail", units: 3 });
    const result = await bench.ended(await bench.submitted());
    const billed = { failure: { charged: true }, bill: expect.anything() };
    expect(result).toMatchObject(bench.manifest().statesCost.failed ? billed : { bill: null });
  });

  test("listsJobs: the job of a lost submit can be found", () => {
    expect(bench.manifest().listsJobs).toBe(setup.locates !== "never");
  });
}
