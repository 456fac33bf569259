import { type Disaster, type JobDisasters, takeForJob } from "./disasters.js";
import type { Failure, Job, JobExtras, Plan } from "./job.js";
import { delay, dropConnection, hang, htmlError, type NodeContext } from "./mishaps.js";
import type { Simulation } from "./simulation.js";
import { violatesPolicy, type Words } from "./words.js";

/** A submit that made no job: what the request log says about it, and the answer to the caller. */
export type Refusal = [outcome: string, answer: Response];

/** A submit as its provider reads it. */
export interface Submission {
  /** The id of the job, if the submit makes one. */
  id: string;
  provider: string;
  endpoint: string;
  prompt: string;
  body: unknown;
  webhookUrl: string | null;
  /** Null when the submit is accepted; the fields below are read only then. */
  refusal: Refusal | null;
  plan(): Promise<Plan>;
  extras?: JobExtras;
  answer(job: Job): Response | Promise<Response>;
}

const DEFAULT_ADDRESS_SECONDS = 1;
const DEFAULT_DELAY_SECONDS = 2;
const NEVER_MS = 7 * 24 * 3_600_000;

async function planOf({ prompt, plan }: Submission, { fate, output }: JobDisasters, words: Words): Promise<Plan> {
  const planned = await plan();
  if (fate?.name === "fail") return failing(planned, words.failure(fate), { units: fate.units });
  if (planned.kind === "failure") return planned;
  if (violatesPolicy(prompt)) return failing(planned, words.policyFailure(prompt), { early: true });
  if (output?.name === "output_flagged" && words.flagged) return failing(planned, words.flagged, { rendered: true });
  if (fate?.name === "late_moderation") return failing(planned, words.policyFailure(prompt), { rendered: true });
  return planned;
}

interface Failing {
  /** It fails before any rendering. */
  early?: boolean;
  /** It fails after the whole render, which is billed unless the provider has its own rule for this failure. */
  rendered?: boolean;
  /** What is billed, if the disaster says so. */
  units?: number | undefined;
}

function failing({ billableUnits, unitMicro }: Plan, failure: Failure, how: Failing): Plan {
  const { early = false, rendered = false, units } = how;
  const isBilled = failure.isBilled ?? rendered;
  return { kind: "failure", failure, early, unitMicro, billableUnits: units ?? (isBilled ? billableUnits : 0) };
}

async function makeJob(submission: Submission, words: Words, simulation: Simulation): Promise<Job> {
  const { settings, now, reachedAt } = simulation;
  const { id, provider, endpoint, prompt, webhookUrl, extras } = submission;
  const disasters = takeForJob(settings.disasters, prompt);
  const { output } = disasters;
  const plan = await planOf(submission, disasters, words);
  // Longer than the simulator keeps a job.
  const queueMs = disasters.fate?.name === "never_start" ? NEVER_MS : settings.queueMs();
  const addressSeconds = output?.name === "output_expiring" ? (output.seconds ?? DEFAULT_ADDRESS_SECONDS) : null;
  return {
    ...{ id, provider, endpoint, prompt, webhookUrl, plan, disasters },
    ...{ submittedAt: now(), queueMs, renderMs: settings.renderMs() },
    ...extras,
    ...(reachedAt !== undefined && { reachedAt }),
    ...(addressSeconds !== null && { addressMs: addressSeconds * 1000 }),
  };
}

/** The disasters that refuse a submit, so that no job is made. */
function refuseByDisaster(c: NodeContext, { name, retry_after: retryAfter }: Disaster, words: Words): Response | null {
  if (name === "submit_503_before_accept") return words.unavailable(c);
  if (name === "submit_500_html") return htmlError(c);
  return name === "submit_429" ? words.tooMany(c, retryAfter) : null;
}

/** The disasters that make a job but hide it from the caller. */
function hideByDisaster(c: NodeContext, disaster: Disaster | null, words: Words): Response | Promise<Response> | null {
  if (disaster?.name === "submit_drop_after_accept") return dropConnection(c);
  if (disaster?.name === "submit_503_after_accept") return words.unavailable(c);
  if (disaster?.name === "submit_500_html_after_accept") return htmlError(c);
  if (disaster?.name === "submit_hang") return hang(c);
  return disaster?.name === "submit_no_id" ? words.withoutId(c) : null;
}

const SHOWN_CHARACTERS = 200;
const SECRET_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** The start and the length of a long data URI are enough for the log. */
function shorten(text: string): string {
  if (!text.startsWith("data:") || text.length <= SHOWN_CHARACTERS) return text;
  return `${text.slice(0, SHOWN_CHARACTERS)}... (${text.length} characters)`;
}

/** The body as the request log stores it. */
function loggedBody(body: unknown): unknown {
  if (typeof body === "string") return shorten(body);
  if (Array.isArray(body)) return body.map(loggedBody);
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, loggedBody(value)]));
}

function loggedHeaders(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, SECRET_HEADERS.has(name) ? "redacted" : value]));
}

/** Records a submit, makes its job unless it is refused, and answers. */
export async function accept(
  c: NodeContext,
  submission: Submission,
  words: Words,
  simulation: Simulation,
): Promise<Response> {
  const { provider, endpoint, prompt, body, refusal } = submission;
  const common = { provider, endpoint, body: loggedBody(body), headers: loggedHeaders(c.req.header()) };
  const reject = async ([outcome, response]: Refusal): Promise<Response> => {
    await simulation.record({ ...common, provider_request_id: null, outcome }, null);
    return response;
  };
  if (refusal) return reject(refusal);
  const disaster = simulation.settings.disasters.take("submit", prompt);
  const spoilt = disaster && refuseByDisaster(c, disaster, words);
  if (spoilt) return reject([disaster.name, spoilt]);
  const job = await makeJob(submission, words, simulation);
  await simulation.record({ ...common, provider_request_id: job.id, outcome: disaster?.name ?? "accepted" }, job);
  if (disaster?.name === "submit_slow") await delay(disaster.seconds ?? DEFAULT_DELAY_SECONDS);
  return hideByDisaster(c, disaster, words) ?? submission.answer(job);
}
