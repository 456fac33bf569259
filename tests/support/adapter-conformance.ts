/**
 * What every provider adapter must do, run against its simulator: one submit is one POST whatever happens, what cannot
 * be understood is never a failure, and failures are mapped to our codes. What providers differ in is data.
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
  /** Left out where it does not matter. */
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
  /** How sure it can be of a job that it finds in the provider's list; `never`: there is no list. */
  locates: "certain" | "likely" | "never";
  /** What becomes of `pictures` when the provider flags them all; null when it flags nothing. */
  flagged: { charged: boolean | null; bill: Bill | null } | null;
  /** The body of `text` as the provider sees it. */
  textOnTheWire: unknown;
  image(url: string): SubmitInput;
  /** From a model of images; null when the provider makes none. */
  pictures: { input: SubmitInput; count: number } | null;
  /** The adapter makes the addresses of outputs itself: they stay the same, and nobody can give it a wrong one. */
  ownAddresses?: true;
  /** The provider's list does not show every input, so a submit with such inputs is not searched for. */
  listHidesInputs?: true;
  /** How exactly the provider's list tells when a job was created; 1 ms unless given. */
  listStepMs?: number;
  /** The provider deletes a job that is cancelled. */
  forgetsCancelled?: true;
  unknownEndpoint: SubmitInput;
  /** What `text` is billed as; null when the provider does not tell. */
  bill: Bill | null;
  tellsProgress: boolean;
  /** What a cancel of a running job comes to. */
  cancelledRunning: CancelResult;
  /** Whether an image too long for a data URI can be handed over otherwise. */
  uploads: boolean;
  /** What it counts an account's money in; null when it does not tell. */
  currency: string | null;
  /** How each way to fail must reach our caller. */
  failures: FailureCase[];
}

/** The adapter has no part in these: the engine loads outputs, and the API takes webhooks. */
const OF_OTHERS: readonly string[] = [
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
  describe("submit: one POST, whatever comes back", () => submitConformance(bench));
  describe("locate: it reads, and never submits", () => locateConformance(bench));
  describe("poll: what cannot be understood is not a failure", () => pollConformance(bench));
  describe("failures", () => failureConformance(bench));
  describe("cancel", () => cancelConformance(bench));
  describe("files and accounts", () => filesAndAccounts(bench));
  test("every disaster that the simulators know was tried, or is not the adapter's", () => {
    const others = [...OF_OTHERS, ...(setup.ownAddresses ? ["output_missing", "output_odd_url"] : [])];
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

  test.skipIf(bench.setup.ownAddresses)("an output whose address cannot be fetched counts as missing", async () => {
    await bench.disasters({ name: "output_odd_url" });
    const failure = { code: "PROVIDER_ERROR", retryable: true };
    expect(await bench.ended(await bench.submitted())).toMatchObject({ kind: "failed", failure });
  });

  test("pictures that the provider flags are not handed out", async () => {
    const { flagged, pictures } = bench.setup;
    await bench.disasters({ name: "output_flagged" });
    const result = await bench.ended(await bench.submitted(pictures?.input));
    if (flagged === null) return expect(result).toMatchObject({ kind: "succeeded", withheld: 0 });
    const failure = { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: flagged.charged };
    expect(result).toMatchObject({ kind: "failed", failure, bill: flagged.bill });
  });

  test("their messages repeat nothing of what the provider said", async () => {
    await bench.disasters({ name: "fail", message: "upstream-internals at 10.0.0.7" });
    expect(JSON.stringify(await bench.ended(await bench.submitted()))).not.toContain("internals");
  });
}
