import { isPurged, type Job, jobState } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import { spoilPoll } from "../core/polls.js";
import type { Simulation } from "../core/simulation.js";
import { taskBody } from "./answers.js";
import { NO_SUCH_TASK } from "./failures.js";
import { wordsOf } from "./words.js";

function findTask(c: NodeContext, { ledger, now }: Simulation): Job | null {
  const job = ledger.jobs.get(c.req.param("id") ?? "");
  return job?.provider === "runway" && !isPurged(job, now()) ? job : null;
}

export function getTask(c: NodeContext, simulation: Simulation): Response | Promise<Response> {
  simulation.ledger.polls += 1;
  const job = findTask(c, simulation);
  if (!job) return c.json(NO_SUCH_TASK, 404);
  return spoilPoll(c, job, wordsOf(job.endpoint), simulation) ?? c.json(taskBody(job, simulation));
}

/** Cancels an active task; deletes a task that has ended, with its output. */
export async function deleteTask(c: NodeContext, simulation: Simulation): Promise<Response> {
  const job = findTask(c, simulation);
  const at = simulation.now();
  const state = job && jobState(job, at);
  if (!state || (state.phase === "done" && state.outcome.kind === "cancelled")) return c.json(NO_SUCH_TASK, 404);
  await simulation.commit({ type: state.phase === "done" ? "deleted" : "cancelled", id: job.id, at });
  return c.body(null, 204);
}
