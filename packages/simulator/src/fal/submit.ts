import { accept, type Refusal } from "../core/accept.js";
import { type Job, type JobExtras, jobState, type Plan } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import { unitPrice } from "../core/prices.js";
import type { Simulation } from "../core/simulation.js";
import { pictureAt } from "../core/uploads.js";
import { seedOf } from "../media/spec.js";
import { jobUrls } from "./answers.js";
import { validationFailure } from "./errors.js";
import { type FalModel, findModel } from "./models.js";
import { falWords } from "./words.js";

type Input = Record<string, unknown>;

const isObject = (value: unknown): value is Input =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const promptOf = (body: unknown): string =>
  isObject(body) && typeof body["prompt"] === "string" ? body["prompt"] : "";

const FREE = { billableUnits: 0, unitMicro: null };

async function planOf(endpoint: string, body: Input, simulation: Simulation): Promise<Plan> {
  const model = findModel(endpoint) as FalModel;
  const parsed = model.schema.safeParse(body);
  if (!parsed.success)
    return { kind: "failure", failure: validationFailure(parsed.error.issues, body), early: true, ...FREE };
  const address = model.imageField && String(body[model.imageField]);
  const image = address ? await pictureAt(address, simulation) : null;
  const seed = seedOf(body["seed"], promptOf(body));
  const unitMicro = unitPrice("fal", endpoint, parsed.data);
  return { kind: "media", seed, unitMicro, ...model.plan({ input: parsed.data, image, seed }) };
}

function queueIsFull(c: NodeContext, { ledger, now }: Simulation): boolean {
  const limit = c.req.query("fal_max_queue_length");
  if (limit === undefined) return false;
  const at = now();
  return [...ledger.jobs.values()].filter((job) => jobState(job, at).phase === "queued").length > Number(limit);
}

function refusal(c: NodeContext, endpoint: string, body: unknown, simulation: Simulation): Refusal | null {
  if (!findModel(endpoint)) {
    return ["rejected: unknown endpoint", c.json({ detail: `Application "${endpoint}" not found` }, 404)];
  }
  if (!isObject(body))
    return ["rejected: body", c.json({ detail: "Invalid JSON body", error_type: "bad_request" }, 400)];
  if (queueIsFull(c, simulation)) return ["rejected: queue", c.json({ detail: "Queue is full" }, 429)];
  return null;
}

function enqueued(c: NodeContext, job: Job, base: string): Response {
  const ids = { request_id: job.id, gateway_request_id: job.id };
  const state = jobState(job, job.submittedAt);
  const position = state.phase === "queued" ? state.position : 0;
  c.header("x-fal-request-id", job.id);
  return c.json({ status: "IN_QUEUE", ...ids, queue_position: position, ...jobUrls(job, base) });
}

/** fal does not document how its list of requests shows a longer body, so this one shows nothing of it. */
const MAX_KEPT_CHARACTERS = 1024 * 1024;

const extrasOf = (body: unknown): JobExtras =>
  isObject(body) && JSON.stringify(body).length <= MAX_KEPT_CHARACTERS ? { echo: body } : {};

/** `POST /{endpoint id}`; the body is the input of the model. */
export async function submit(c: NodeContext, endpoint: string, authorized: boolean, simulation: Simulation) {
  const body: unknown = await c.req.json().catch(() => null);
  const submission = {
    ...{ id: simulation.newId(), provider: "fal", endpoint, body, prompt: promptOf(body) },
    webhookUrl: c.req.query("fal_webhook") ?? null,
    refusal: authorized
      ? refusal(c, endpoint, body, simulation)
      : (["rejected: credentials", c.json({ detail: "invalid key credentials" }, 401)] satisfies Refusal),
    plan: () => planOf(endpoint, body as Input, simulation),
    extras: extrasOf(body),
    answer: (job: Job) => enqueued(c, job, simulation.url),
  };
  return accept(c, submission, falWords, simulation);
}
