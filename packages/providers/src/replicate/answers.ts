/** Reads a prediction object of Replicate. */
import type { Failure } from "@visgate/shared/errors";
import type { ProviderOutput } from "@visgate/shared/request";
import { z } from "zod";
import type { Bill, PollResult } from "../port.js";
import { progressIn } from "../sdk-call/progress-bar.js";
import { mediaUrl, withoutOutput } from "../sdk-call/results.js";

const text = z.string().nullish().catch(undefined);

const count = z.number().nonnegative().optional().catch(undefined);
/** What Replicate counts for the bill, under the names that its own models report (github.com/replicate/cog-flux). */
const metrics = z.object({
  image_output_count: count,
  video_output_count: count,
  video_output_duration_seconds: count,
});

export const prediction = z.object({
  status: z.string(),
  output: z.unknown().optional(),
  error: text,
  logs: text,
  started_at: text,
  metrics: metrics.catch({}),
  data_removed: z.boolean().catch(false),
});
export type Prediction = z.infer<typeof prediction>;

/** Null when its status is not known. */
export function fromPrediction(seen: Prediction): PollResult | null {
  switch (seen.status) {
    case "starting":
      return { kind: "queued", position: null };
    case "processing":
      return { kind: "running", progress: progressIn(seen.logs ?? "") };
    case "succeeded":
      return succeeded(seen);
    case "failed":
      return failed(failureOf(seen.error ?? ""));
    case "canceled":
      return failed(cancelled(seen.started_at === null ? false : null));
    case "aborted":
      return failed(ABORTED);
    default:
      return null;
  }
}

/** Replicate does not say what it bills for a prediction that did not succeed. */
const failed = (failure: Failure): PollResult => ({ kind: "failed", failure, bill: null });

function succeeded({ output, data_removed, metrics }: Prediction): PollResult {
  const outputs = (Array.isArray(output) ? output : [output]).flatMap(outputIn);
  const bill = billOf(metrics);
  if (outputs.length > 0) return { kind: "succeeded", outputs, withheld: 0, bill };
  const missing = withoutOutput("Replicate", bill === null ? null : true);
  const message = "Replicate no longer keeps the output of this request.";
  return { kind: "failed", failure: data_removed ? { ...missing, message } : missing, bill };
}

/** Null when nothing was counted, for example for a model that is billed by its time on the hardware. */
function billOf(counted: z.infer<typeof metrics>): Bill | null {
  const { image_output_count: image, video_output_count: video, video_output_duration_seconds: second } = counted;
  const known = Object.entries({ image, video, second }).filter(([, count]) => count !== undefined);
  return known.length === 0 ? null : { counts: Object.fromEntries(known) };
}

const outputItem = z.union([mediaUrl.transform((url) => ({ url })), z.object({ url: mediaUrl })]);

/** Returns nothing for an item without a URL, so that the other outputs are still returned. */
function outputIn(item: unknown): ProviderOutput[] {
  const parsed = outputItem.safeParse(item);
  return parsed.success ? [parsed.data] : [];
}

/** E005 is the code of a content policy violation. Some models have only these words for it. */
const POLICY = /\bE005\b|flagged as sensitive|NSFW content detected/i;
const OUT_OF_MEMORY = "E1001";

function failureOf(error: string): Failure {
  if (POLICY.test(error)) {
    const message = "Replicate refused the prompt, the image or the output by its content policy.";
    return { code: "CONTENT_POLICY_VIOLATION", message, retryable: false, charged: null };
  }
  const code = /\bE\d{3,5}\b/.exec(error)?.[0];
  const message = `Replicate could not run this request${code === undefined ? "" : ` (${code})`}.`;
  return { code: "PROVIDER_ERROR", message, retryable: code !== OUT_OF_MEMORY, charged: null };
}

function cancelled(charged: boolean | null): Failure {
  return { code: "CANCELLED", message: "The request was cancelled at Replicate.", retryable: false, charged };
}

/** Its deadline passed before it ran. */
const ABORTED: Failure = {
  code: "PROVIDER_TIMEOUT",
  message: "Replicate did not start this request in time.",
  retryable: true,
  charged: false,
};
