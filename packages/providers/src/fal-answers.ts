/** What fal answers about a job. */
import { z } from "zod";
import { byType, falFailure } from "./fal-failures.js";
import { type Answer, isOk, type Sent } from "./one-shot.js";
import type { PollResult } from "./port.js";
import { mediaUrl, withoutOutput } from "./results.js";

const statusAnswer = z.object({
  status: z.string(),
  queue_position: z.number().int().nonnegative().nullish(),
  error: z.unknown().optional(),
  error_type: z.string().nullish(),
});
const file = z.object({ url: mediaUrl });
const resultAnswer = z.union([
  z.object({ video: file }).transform(({ video }) => [video]),
  z.object({ images: z.array(file).min(1) }).transform(({ images }) => images),
  z.object({ image: file }).transform(({ image }) => [image]),
]);

/** Null when it cannot be understood; `completed`: the result tells how. */
export function fromStatus(sent: Sent): PollResult | "completed" | null {
  if (sent.kind !== "answered") return null;
  if (sent.answer.status === 404) return { kind: "missing" };
  const parsed = statusAnswer.safeParse(sent.answer.body);
  if (!isOk(sent.answer) || !parsed.success) return null;
  const { status, queue_position, error, error_type } = parsed.data;
  if (status === "IN_QUEUE") return { kind: "queued", position: queue_position ?? null };
  if (status === "IN_PROGRESS") return { kind: "running", progress: null };
  if (status !== "COMPLETED") return null;
  if (error_type || error) return { kind: "failed", failure: byType(error_type ?? "", 500, false), bill: null };
  return "completed";
}

/** Null when it is no word on the render. */
export function fromResult(sent: Sent): PollResult | null {
  if (sent.kind !== "answered") return null;
  const { answer } = sent;
  const units = readUnits(answer);
  const bill = units === null ? null : { units };
  if (!isOk(answer)) return isReplay(answer) ? { kind: "failed", failure: falFailure(answer, units), bill } : null;
  const outputs = resultAnswer.safeParse(answer.body);
  if (outputs.success) return { kind: "succeeded", outputs: outputs.data, bill };
  return { kind: "failed", failure: withoutOutput("fal", units === null ? null : units > 0), bill };
}

/**
 * Is this the model's own failure, replayed, and not a gateway in between, our key, or "still in progress"? fal's own
 * 502 to 504 name their error type.
 */
function isReplay({ status, body, headers }: Answer): boolean {
  const { detail, error_type } = (body ?? {}) as { detail?: unknown; error_type?: unknown };
  if (Array.isArray(detail) || error_type !== undefined || headers.has("x-fal-error-type")) return true;
  return typeof detail === "string" && status === 500;
}

function readUnits({ headers }: Answer): number | null {
  const header = headers.get("x-fal-billable-units");
  const units = header === null ? Number.NaN : Number(header);
  return Number.isFinite(units) && units >= 0 ? units : null;
}
