/** A request as a video of the OpenAI API. */
import { variantOf } from "@visgate/shared/catalogue";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../../deps.js";
import { codeOf } from "./errors.js";
import { sizeOfRequest } from "./size.js";

const STATUS = { pending: "queued", processing: "in_progress", completed: "completed", failed: "failed" } as const;
/** How long the SDKs sleep before they ask again. */
const POLL_AFTER_MS = 1000;

export function videoOf({ catalogue }: Pick<Deps, "catalogue">, record: RequestRecord) {
  const { id, input, status, createdAt, completedAt, failure } = record;
  const model = catalogue.get(record.model);
  const variant = model && variantOf(model, input.image !== null);
  return {
    id,
    object: "video",
    // The id, also when the call named an alias: it says which model made the video.
    model: record.model,
    status: STATUS[status],
    progress: progressOf(record),
    created_at: secondsOf(createdAt),
    completed_at: completedAt === null ? null : secondsOf(completedAt),
    expires_at: null,
    prompt: input.prompt,
    seconds: String(input.durationSeconds ?? ""),
    size: variant === undefined ? "auto" : sizeOfRequest(variant, input.params),
    error: failure === null ? null : { code: codeOf(failure.code), message: failure.message },
    remixed_from_video_id: null,
  };
}

export const pollHeaders = ({ status }: RequestRecord): Record<string, string> =>
  isTerminal(status) ? {} : { "openai-poll-after-ms": String(POLL_AFTER_MS) };

const secondsOf = (ms: number): number => Math.floor(ms / 1000);

/** In percent. 100 means that the video can be downloaded. */
function progressOf({ status, progress }: RequestRecord): number {
  return status === "completed" ? 100 : Math.min(99, Math.round((progress ?? 0) * 100));
}
