import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type Job, jobState } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import { spoilPoll } from "../core/polls.js";
import type { Simulation } from "../core/simulation.js";
import { resultOf, statusBody, wantsLogs } from "./answers.js";
import { falWords } from "./words.js";

export function getStatus(c: NodeContext, job: Job | undefined, simulation: Simulation): Response | Promise<Response> {
  simulation.ledger.polls += 1;
  if (!job) return c.json({ status: "NOT_FOUND" }, 404);
  const spoilt = spoilPoll(c, job, falWords, simulation);
  if (spoilt) return spoilt;
  const withLogs = wantsLogs(c.req.query("logs"));
  return c.json(statusBody(job, jobState(job, simulation.now()), simulation.url, withLogs));
}

export function getResult(c: NodeContext, job: Job | undefined, simulation: Simulation): Response {
  simulation.ledger.results += 1;
  if (!job) return c.json({ detail: "Request not found" }, 404);
  const context = { url: simulation.url, now: simulation.now() };
  const state = jobState(job, context.now);
  if (state.phase !== "done") return c.json({ detail: "Request is still in progress" }, 400);
  const { status, body, headers } = resultOf(job, state, context);
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
