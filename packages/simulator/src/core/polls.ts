import type { Disaster } from "./disasters.js";
import type { Job } from "./job.js";
import { hang, htmlError, type NodeContext } from "./mishaps.js";
import type { Simulation } from "./simulation.js";
import type { Words } from "./words.js";

/** The spoilt answer to a poll; null when no disaster applies. Skips `unless`. */
export function spoilPoll(
  c: NodeContext,
  job: Job,
  words: Words,
  { settings }: Simulation,
  unless?: (disaster: Disaster) => boolean,
): Response | Promise<Response> | null {
  const disaster = settings.disasters.take("poll", job.prompt, unless);
  switch (disaster?.name) {
    case "poll_429":
      return words.tooMany(c, disaster.retry_after);
    case "poll_500":
      return words.serverError(c);
    case "poll_html":
      return htmlError(c);
    case "poll_hang":
      return hang(c);
    case "poll_unknown_status":
      return words.unknownStatus(c, job);
    default:
      return null;
  }
}
