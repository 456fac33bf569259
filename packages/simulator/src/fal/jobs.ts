import { streamSSE } from "hono/streaming";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type Job, jobState } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import { spoilPoll } from "../core/polls.js";
import type { Simulation } from "../core/simulation.js";
import { resultOf, statusBody } from "./answers.js";
import { falWords } from "./words.js";

const STREAM_POLL_MS = 100;

export function getStatus(c: NodeContext, job: Job | undefined, simulation: Simulation): Response | Promise<Response> {
  simulation.ledger.polls += 1;
  if (!job) return c.json({ status: "NOT_FOUND" }, 404);
  const spoilt = spoilPoll(c, job, falWords, simulation);
  if (spoilt) return spoilt;
  const withLogs = c.req.query("logs") === "1";
  return c.json(statusBody(job, jobState(job, simulation.now()), simulation.url, withLogs));
}

/** Server-sent events until the end: one for each change, with the log lines that are new. */
export function streamStatus(c: NodeContext, job: Job | undefined, simulation: Simulation): Response {
  if (!job) return c.json({ status: "NOT_FOUND" }, 404);
  return streamSSE(c, async (stream) => {
    let last = "";
    let sentLogs = 0;
    for (let ended = false; !ended && !stream.aborted; ) {
      const state = jobState(job, simulation.now());
      const body = statusBody(job, state, simulation.url, c.req.query("logs") === "1");
      const lines = Array.isArray(body["logs"]) ? body["logs"] : [];
      const text = JSON.stringify(body);
      if (text !== last) {
        const fresh = "logs" in body ? { ...body, logs: lines.slice(sentLogs) } : body;
        await stream.writeSSE({ data: JSON.stringify(fresh) });
      }
      last = text;
      sentLogs = lines.length;
      ended = state.phase === "done";
      if (!ended) await stream.sleep(STREAM_POLL_MS);
    }
  });
}

export function getResult(c: NodeContext, job: Job | undefined, simulation: Simulation): Response {
  simulation.ledger.results += 1;
  if (!job) return c.json({ detail: "Request not found" }, 404);
  const context = { url: simulation.url, now: simulation.now() };
  const state = jobState(job, context.now);
  if (state.phase !== "done") return c.json({ detail: "Request is still in progress" }, 400);
  const { status, body, headers } = resultOf(job, state.outcome, context);
  return c.json(body as object, status as ContentfulStatusCode, headers);
}

export async function cancel(c: NodeContext, job: Job | undefined, simulation: Simulation): Promise<Response> {
  if (!job) return c.json({ status: "NOT_FOUND" }, 404);
  const at = simulation.now();
  const { phase } = jobState(job, at);
  if (phase === "done") return c.json({ status: "ALREADY_COMPLETED" }, 400);
  await simulation.commit({ type: "cancelled", id: job.id, at });
  return phase === "queued" ? c.json({ status: "OK" }) : c.json({ status: "CANCELLATION_REQUESTED" }, 202);
}
