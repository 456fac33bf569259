/** Reads fal's answers about a job. */
import type { ProviderOutput } from "@visgate/shared/request";
import { z } from "zod";
import type { PollResult } from "../port.js";
import { type Answer, isOk, type Sent } from "../sdk-call/one-shot.js";
import { progressIn } from "../sdk-call/progress-bar.js";
import { filteredOutput, mediaUrl, withoutOutput } from "../sdk-call/results.js";
import { byType, falFailure } from "./failures.js";

const statusAnswer = z.object({
  status: z.string(),
  queue_position: z.number().int().nonnegative().nullish(),
  error_type: z.string().nullish(),
  /** Only with `logs=1`: what the model printed. */
  logs: z.array(z.object({ message: z.string() }).catch({ message: "" })).catch([]),
});
const file = z.object({ url: mediaUrl });
const result = z
  .object({
    video: z.unknown(),
    image: z.unknown(),
    images: z.array(z.unknown()).catch([]),
    /** One flag for each of `images`, or one for all. A model without a filter sends no flags. */
    has_nsfw_concepts: z.unknown(),
  })
  .partial();

interface Media {
  outputs: ProviderOutput[];
  withheld: number;
}

/** The outputs with a URL; the others are left out. A flagged picture is blank, so it is withheld. */
function mediaIn(body: unknown): Media {
  const { video, image, images = [], has_nsfw_concepts: flags } = result.safeParse(body).data ?? {};
  const single = image === undefined ? [] : [image];
  const [beside, pictures] = images.length > 0 ? [single, images] : [[], single];
  const flagsOf: unknown[] = Array.isArray(flags) ? flags : pictures.map(() => flags);
  const shown = pictures.filter((_, index) => flagsOf[index] !== true);
  return {
    outputs: [video, ...beside, ...shown].flatMap(outputIn),
    withheld: flagsOf.filter((flag) => flag === true).length,
  };
}

const outputIn = (item: unknown): ProviderOutput[] => {
  const { data } = file.safeParse(item);
  return data === undefined ? [] : [data];
};

/** Null when the answer cannot be understood; `completed`: the result has the outputs or the failure. */
export function fromStatus(sent: Sent): PollResult | "completed" | null {
  if (sent.kind !== "answered") return null;
  if (sent.answer.status === 404) return { kind: "missing" };
  const parsed = statusAnswer.safeParse(sent.answer.body);
  if (!isOk(sent.answer) || !parsed.success) return null;
  const { status, queue_position, error_type, logs } = parsed.data;
  if (status === "IN_QUEUE") return { kind: "queued", position: queue_position ?? null };
  if (status === "IN_PROGRESS") return { kind: "running", progress: progressOf(logs) };
  if (status !== "COMPLETED") return null;
  // Without an error type, read the result: it has the outputs, or the failure and what is billed.
  if (error_type) return { kind: "failed", failure: byType(error_type, 500, false), bill: null };
  return "completed";
}

const LAST_LINES = 50;

/** fal reports no percentage. Models print one into their logs. */
const progressOf = (logs: { message: string }[]): number | null =>
  progressIn(
    logs
      .slice(-LAST_LINES)
      .map(({ message }) => message)
      .join("\n"),
  );

/** Null when the answer says nothing about the render. */
export function fromResult(sent: Sent): PollResult | null {
  if (sent.kind !== "answered") return null;
  const { answer } = sent;
  const units = readUnits(answer);
  const bill = units === null ? null : { units };
  if (answer.status === 404) return { kind: "missing" };
  if (!isOk(answer)) return isReplay(answer) ? { kind: "failed", failure: falFailure(answer, units), bill } : null;
  // Not an object: for example an HTML page of a gateway, which says nothing about the render.
  if (answer.body === null || typeof answer.body !== "object") return null;
  const { outputs, withheld } = mediaIn(answer.body);
  if (outputs.length > 0) return { kind: "succeeded", outputs, withheld, bill };
  const charged = units === null ? null : units > 0;
  return {
    kind: "failed",
    failure: withheld > 0 ? filteredOutput("fal", charged) : withoutOutput("fal", charged),
    bill,
  };
}

/**
 * Whether the answer is the stored failure of the model. Other errors come from a gateway, from a refused key or from a
 * job that is still in progress. fal's own 502 to 504 name their error type.
 */
function isReplay({ status, body, headers }: Answer): boolean {
  const { detail, error_type } = (body ?? {}) as { detail?: unknown; error_type?: unknown };
  if (Array.isArray(detail) || error_type !== undefined || headers.has("x-fal-error-type")) return true;
  return typeof detail === "string" && (status === 500 || status === 422);
}

function readUnits({ headers }: Answer): number | null {
  const header = headers.get("x-fal-billable-units");
  const units = header === null ? Number.NaN : Number(header);
  return Number.isFinite(units) && units >= 0 ? units : null;
}
