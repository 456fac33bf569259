/** What generate prints on stdout. */

import { plain, seconds, usd } from "../screen/text.js";
import { toApi } from "../screen/wire.js";
import type { Session } from "../session.js";
import type { Accepted, Made } from "./make-video.js";

export function showAccepted({ out, json }: Session, accepted: Accepted): void {
  const { wait: _, ...fields } = accepted;
  if (json) out.json(toApi(fields));
  else out.line(accepted.requestId);
}

/** `file`: where the video was saved; null when it was not. */
export function showResult({ out, json, quiet }: Session, made: Made, file: string | null): void {
  const { result } = made;
  if (json) {
    out.json({ ...(toApi(result) as object), ...(file === null ? {} : { file }) });
    return;
  }
  out.line(file ?? plain(result.videoUrl));
  if (!quiet) out.line(costText(made));
}

/** As `$2.40, 4 s of fal-ai/veo3, took 63.1 s, request …`. */
export function costText({ result, isSimulated }: Made): string {
  const { cost, cacheHit, cacheReason, durationSeconds, model, latencyMs, requestId } = result;
  return [
    usd(cost) + (cacheHit ? ` (cache: ${cacheReason})` : isSimulated ? " (simulated: nothing is paid)" : ""),
    durationSeconds === null ? model : `${durationSeconds} s of ${model}`,
    `took ${seconds(latencyMs)}`,
    `request ${requestId}`,
  ].join(", ");
}
