import type { Simulation } from "../core/simulation.js";
import { chargeOf, detailsOf, MAX_CONCURRENT, runwayJobs } from "./answers.js";
import type { RunwayModel } from "./models.js";

/** More than a day of jobs costs; jobs and their costs are deleted after a day. */
const CREDITS = 10_000_000;
const MAX_MONTHLY_CREDITS = 200_000;
const MAX_DAILY_GENERATIONS = 1000;

const MODELS: readonly RunwayModel[] = [
  ...(["gen4.5", "gen4_turbo", "veo3.1", "veo3.1_fast", "gen4_image", "gen4_image_turbo"] as const),
];

const perModel = <T>(value: (model: RunwayModel) => T): Record<string, T> =>
  Object.fromEntries(MODELS.map((model) => [model, value(model)]));

/** The body of `GET /v1/organization`. The limits are shown but not enforced: to refuse a submit, use a disaster. */
export function organizationBody(simulation: Simulation): Record<string, unknown> {
  const now = simulation.now();
  const jobs = runwayJobs(simulation);
  const charged = jobs.reduce((sum, job) => sum + chargeOf(job, now), 0);
  const limits = { maxConcurrentGenerations: MAX_CONCURRENT, maxDailyGenerations: MAX_DAILY_GENERATIONS };
  const generations = (model: RunwayModel) => jobs.filter((job) => detailsOf(job).model === model).length;
  return {
    creditBalance: CREDITS - charged,
    tier: { maxMonthlyCreditSpend: MAX_MONTHLY_CREDITS, models: perModel(() => limits) },
    usage: { models: perModel((model) => ({ dailyGenerations: generations(model) })) },
  };
}
