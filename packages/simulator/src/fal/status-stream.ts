import { setTimeout as pause } from "node:timers/promises";
import type { Disaster } from "../core/disasters.js";
import { sendEvents } from "../core/event-stream.js";
import { type Job, jobState } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import { spoilPoll } from "../core/polls.js";
import type { Simulation } from "../core/simulation.js";
import { statusBody, wantsLogs } from "./answers.js";
import { falWords } from "./words.js";

const LOOK_EVERY_MS = 100;
const DEFAULT_EVENTS = 1;

/** Every event is a status, so this disaster spoils single events. The others spoil the answer that opens the stream. */
const spoilsAnEvent = ({ name }: Disaster): boolean => name === "poll_unknown_status";

/** One text for each change until the end, with the log lines that are new. */
async function* statuses(c: NodeContext, job: Job, simulation: Simulation): AsyncGenerator<string> {
  const { settings, now, url } = simulation;
  const withLogs = wantsLogs(c.req.query("logs"));
  let last = "";
  let sentLogs = 0;
  for (let hasEnded = false; !hasEnded; ) {
    const state = jobState(job, now());
    const body = statusBody(job, state, url, withLogs);
    const text = JSON.stringify(body);
    const isSpoilt = text !== last && settings.disasters.take("poll", job.prompt, (found) => !spoilsAnEvent(found));
    if (isSpoilt) yield await falWords.unknownStatus(c, job).text();
    else if (text !== last) {
      const lines = Array.isArray(body["logs"]) ? body["logs"] : [];
      yield JSON.stringify("logs" in body ? { ...body, logs: lines.slice(sentLogs) } : body);
      last = text;
      sentLogs = lines.length;
    }
    hasEnded = !isSpoilt && state.phase === "done";
    if (!hasEnded) await pause(LOOK_EVERY_MS);
  }
}

/** `GET …/status/stream`: server-sent events. Its opening counts as a poll. */
export function streamStatus(c: NodeContext, job: Job | undefined, simulation: Simulation) {
  simulation.ledger.polls += 1;
  if (!job) return c.json({ status: "NOT_FOUND" }, 404);
  const spoilt = spoilPoll(c, job, falWords, simulation, spoilsAnEvent);
  if (spoilt) return spoilt;
  const cut = simulation.settings.disasters.take("stream", job.prompt);
  return sendEvents(c, statuses(c, job, simulation), {
    headers: { "x-fal-request-id": job.id },
    cutAfter: cut ? (cut.events ?? DEFAULT_EVENTS) : undefined,
  });
}
