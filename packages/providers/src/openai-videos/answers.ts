/** Reads a video object of the OpenAI videos API. */
import { z } from "zod";
import type { PollResult } from "../port.js";
import { okAnswer, type Sent } from "../sdk-call/one-shot.js";
import { cancelled, videoFailure } from "./failures.js";

const video = z.object({
  status: z.string(),
  /** Percent. */
  progress: z.number().nullish().catch(null),
  error: z
    .object({ code: z.string().nullish().catch(null) })
    .nullish()
    .catch(null),
});

/** Null when the answer cannot be understood. `contentUrl`: the URL of the video at the server. */
export function fromVideo(sent: Sent, contentUrl: string, charged: boolean | null): PollResult | null {
  if (sent.kind === "answered" && sent.answer.status === 404) return { kind: "missing" };
  const seen = video.safeParse(okAnswer(sent)?.body).data;
  switch (seen?.status) {
    case "queued":
      return { kind: "queued", position: null };
    case "in_progress":
      return { kind: "running", progress: shareOf(seen.progress) };
    case "completed":
      return { kind: "succeeded", outputs: [{ url: contentUrl }], withheld: 0, bill: null };
    case "failed":
      return { kind: "failed", failure: videoFailure(seen.error?.code ?? "", charged), bill: null };
    // OpenAI has no such status. Servers that can cancel a job have it.
    case "cancelled":
    case "canceled":
      return { kind: "failed", failure: cancelled(charged), bill: null };
    default:
      return null;
  }
}

const shareOf = (percent: number | null | undefined): number | null =>
  percent == null ? null : Math.min(Math.max(percent / 100, 0), 1);
