import { type Job, jobState } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { predictionOf } from "./answers.js";

/** The two request headers that change how a prediction is run or answered. */

const WAIT = /^wait(?:=(\d+))?$/;
const MAX_WAIT_SECONDS = 60;
const LOOK_EVERY_MS = 25;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3600_000 };

/** `Cancel-After: 1h30m`, `5m`, `30s`: when to stop a prediction that has not ended; null for never. */
export function deadlineOf(c: NodeContext, now: number): number | null {
  const parts = [...(c.req.header("cancel-after") ?? "").matchAll(/(\d+)\s*([smh])/g)];
  if (parts.length === 0) return null;
  return parts.reduce((at, [, count, unit = ""]) => at + Number(count) * (UNIT_MS[unit] ?? 0), now);
}

/** `Prefer: wait=5`: how long the answer may wait for the end of the prediction. */
function waitMs(c: NodeContext): number {
  const match = WAIT.exec(c.req.header("prefer") ?? "");
  if (!match) return 0;
  return Math.min(MAX_WAIT_SECONDS, Number(match[1] ?? MAX_WAIT_SECONDS)) * 1000;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** 201 with the prediction, or 202 if the prediction did not end while the caller waited. */
export async function answerWhenDone(c: NodeContext, job: Job, { now, url }: Simulation): Promise<Response> {
  const longestWaitMs = waitMs(c);
  const until = now() + longestWaitMs;
  const isDone = (): boolean => jobState(job, now()).phase === "done";
  while (!isDone() && now() < until && !c.req.raw.signal.aborted) await pause(LOOK_EVERY_MS);
  return c.json(predictionOf(job, { url, now: now() }), longestWaitMs > 0 && !isDone() ? 202 : 201);
}
