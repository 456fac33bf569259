import { type Job, jobState } from "../core/job.js";
import { jobsListed, pageOf } from "../core/lists.js";
import type { NodeContext } from "../core/mishaps.js";
import { spoilPoll } from "../core/polls.js";
import type { Simulation } from "../core/simulation.js";
import { PREFIX, predictionOf } from "./answers.js";
import { forbidden, notFound } from "./problems.js";
import { replicateWords } from "./words.js";

const PAGE = 100;

const contextOf = ({ url, now }: Simulation) => ({ url, now: now() });

function findPrediction(c: NodeContext, { ledger }: Simulation): Job | undefined {
  const job = ledger.jobs.get(c.req.param("id") ?? "");
  return job?.provider === "replicate" ? job : undefined;
}

export function getPrediction(c: NodeContext, simulation: Simulation): Response | Promise<Response> {
  simulation.ledger.polls += 1;
  const job = findPrediction(c, simulation);
  if (!job) return notFound(c);
  const spoilt = spoilPoll(c, job, replicateWords(simulation), simulation);
  return spoilt ?? c.json(predictionOf(job, contextOf(simulation)));
}

/** A prediction that has ended does not change. */
export async function cancelPrediction(c: NodeContext, simulation: Simulation): Promise<Response> {
  const job = findPrediction(c, simulation);
  if (!job) return notFound(c);
  const at = simulation.now();
  if (jobState(job, at).phase !== "done") await simulation.commit({ type: "cancelled", id: job.id, at });
  return c.json(predictionOf(job, contextOf(simulation)));
}

const cursorOf = (from: number): string => Buffer.from(`p=${from}`).toString("base64url");

function readCursor(text: string | undefined): number | null {
  const digits = /^p=(\d+)$/.exec(Buffer.from(text ?? "", "base64url").toString())?.[1];
  return digits === undefined ? null : Number(digits);
}

/** `GET /v1/predictions`: the newest first, a hundred per page. */
export function listPredictions(c: NodeContext, simulation: Simulation): Response {
  const jobs = jobsListed("replicate", simulation);
  if (jobs === null) return forbidden(c);
  const { items, newer, older } = pageOf(jobs, PAGE, readCursor(c.req.query("cursor")));
  const pageAt = (from: number | null) =>
    from === null ? null : `${simulation.url}${PREFIX}/predictions?cursor=${cursorOf(from)}`;
  const results = items.map((job) => predictionOf(job, contextOf(simulation)));
  return c.json({ previous: pageAt(newer), next: pageAt(older), results });
}
