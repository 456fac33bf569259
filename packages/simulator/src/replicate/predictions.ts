import { type Job, jobState } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import { spoiltPoll } from "../core/polls.js";
import type { Simulation } from "../core/simulation.js";
import { predictionOf } from "./answers.js";
import { notFound } from "./problems.js";
import { replicateWords } from "./words.js";

const PAGE = 100;

const asked = ({ url, now }: Simulation) => ({ url, now: now() });

function findPrediction(c: NodeContext, { ledger }: Simulation): Job | undefined {
  const job = ledger.jobs.get(c.req.param("id") ?? "");
  return job?.provider === "replicate" ? job : undefined;
}

export function getPrediction(c: NodeContext, simulation: Simulation): Response | Promise<Response> {
  simulation.ledger.polls += 1;
  const job = findPrediction(c, simulation);
  if (!job) return notFound(c);
  const spoilt = spoiltPoll(c, job, replicateWords(simulation), simulation);
  return spoilt ?? c.json(predictionOf(job, asked(simulation)));
}

/** A prediction that has ended stays as it is. */
export async function cancelPrediction(c: NodeContext, simulation: Simulation): Promise<Response> {
  const job = findPrediction(c, simulation);
  if (!job) return notFound(c);
  const at = simulation.now();
  if (jobState(job, at).phase !== "done") await simulation.commit({ type: "cancelled", id: job.id, at });
  return c.json(predictionOf(job, asked(simulation)));
}

/** The newest first; there are no further pages. */
export function listPredictions(c: NodeContext, simulation: Simulation): Response {
  const jobs = [...simulation.ledger.jobs.values()].filter(({ provider }) => provider === "replicate");
  const results = jobs.slice(-PAGE).reverse();
  return c.json({ previous: null, next: null, results: results.map((job) => predictionOf(job, asked(simulation))) });
}
