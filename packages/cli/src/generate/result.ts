/** The result of a generation: what is saved and what is printed. */
import { toApiNames } from "../screen/api-fields.js";
import { oneLine, seconds, usd } from "../screen/text.js";
import type { Session } from "../session.js";
import type { Destination } from "./destination.js";
import { download } from "./download.js";
import type { AcceptedRequest, FinishedVideo } from "./video-request.js";

export function printAccepted({ out, json }: Session, accepted: AcceptedRequest): void {
  const { wait: _, ...fields } = accepted;
  if (json) out.json(toApiNames(fields));
  else out.line(accepted.requestId);
}

export interface SaveOptions {
  /** Null: the video is not saved, only its URL is printed. */
  destination: Destination | null;
  /** The file's name as the user gave it; null when the video is not saved. */
  fileName: string | null;
  signal: AbortSignal;
}

/** When the video itself goes to stdout, its URL and cost go to stderr. */
export async function saveAndPrint(session: Session, video: FinishedVideo, options: SaveOptions): Promise<void> {
  const { destination, fileName, signal } = options;
  const { videoUrl } = video.result;
  const isOnStdout = destination?.kind === "stdout";
  if (isOnStdout) session.out.note(`${videoUrl} ${costText(video)}`);
  if (destination !== null) await download(session.io, videoUrl, destination, signal);
  if (!isOnStdout) printResult(session, video, fileName);
}

function printResult({ out, json, quiet }: Session, video: FinishedVideo, fileName: string | null): void {
  const { result } = video;
  if (json) {
    out.json({ ...(toApiNames(result) as object), ...(fileName === null ? {} : { file: fileName }) });
    return;
  }
  out.line(fileName ?? oneLine(result.videoUrl));
  if (!quiet) out.line(costText(video));
}

/** For example `$0.60, 4 s of fal-ai/veo3.1/fast, took 63.1 s, request …`. */
function costText({ result, isSimulated }: FinishedVideo): string {
  const { cost, cacheHit, cacheReason, durationSeconds, model, latencyMs, requestId } = result;
  return [
    usd(cost) + (cacheHit ? ` (cache: ${cacheReason})` : isSimulated ? " (simulated: nothing is paid)" : ""),
    durationSeconds === null ? model : `${durationSeconds} s of ${model}`,
    `took ${seconds(latencyMs)}`,
    `request ${requestId}`,
  ].join(", ");
}
