/** Reads a task object of Runway. */
import { z } from "zod";
import type { Bill, PollResult } from "../port.js";
import { okAnswer, type Sent } from "../sdk-call/one-shot.js";
import { mediaUrl, withoutOutput } from "../sdk-call/results.js";
import { cancelled, taskFailure } from "./failures.js";

/** One credit costs one cent. */
const MICRO_PER_CREDIT = 10_000;

const task = z.object({
  status: z.string(),
  progress: z.number().nullish().catch(null),
  output: z.array(z.unknown()).catch([]),
  failureCode: z.string().nullish().catch(null),
  cost: z.object({ credits: z.number().nonnegative() }).nullish().catch(null),
});
type Task = z.infer<typeof task>;

/** Null when the answer cannot be understood. */
export function fromTask(sent: Sent): PollResult | null {
  if (sent.kind === "answered" && sent.answer.status === 404) return { kind: "missing" };
  const seen = task.safeParse(okAnswer(sent)?.body).data;
  switch (seen?.status) {
    case "PENDING":
    case "THROTTLED":
      return { kind: "queued", position: null };
    case "RUNNING":
      return { kind: "running", progress: shareOf(seen.progress) };
    case "SUCCEEDED":
      return succeeded(seen);
    case "FAILED":
      return { kind: "failed", failure: taskFailure(seen.failureCode ?? "", chargedFor(seen)), bill: billOf(seen) };
    case "CANCELLED":
      return { kind: "failed", failure: cancelled(chargedFor(seen)), bill: billOf(seen) };
    default:
      return null;
  }
}

function succeeded(seen: Task): PollResult {
  const outputs = seen.output.flatMap((url) => {
    const parsed = mediaUrl.safeParse(url);
    return parsed.success ? [{ url: parsed.data }] : [];
  });
  const bill = billOf(seen);
  if (outputs.length > 0) return { kind: "succeeded", outputs, withheld: 0, bill };
  return { kind: "failed", failure: withoutOutput("Runway", chargedFor(seen)), bill };
}

const shareOf = (progress: number | null | undefined): number | null =>
  progress == null ? null : Math.min(Math.max(progress, 0), 1);

/** Null when the task has no cost. */
const chargedFor = ({ cost }: Task): boolean | null => (cost == null ? null : cost.credits > 0);

const billOf = ({ cost }: Task): Bill | null => (cost == null ? null : billFor(cost.credits));

const billFor = (credits: number): Bill => ({ micro: Math.round(credits * MICRO_PER_CREDIT) });

const created = z.object({ estimatedCost: z.object({ credits: z.number().nonnegative() }) });

/** The maximum that a new task will cost. */
export function estimateOf(body: unknown): Bill | null {
  const { data } = created.safeParse(body);
  return data === undefined ? null : billFor(data.estimatedCost.credits);
}
