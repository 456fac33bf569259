import type { Disaster } from "../core/disasters.js";
import { type Job, jobState, type Plan } from "../core/job.js";
import { dropConnection, hang, htmlError, type NodeContext } from "../core/mishaps.js";
import { loggedBody, loggedHeaders } from "../core/redact.js";
import type { Simulation } from "../core/simulation.js";
import { sha256 } from "../media/spec.js";
import { jobUrls } from "./answers.js";
import { contentPolicyFailure, namedFailure, validationFailure } from "./errors.js";
import { type FalModel, findModel } from "./models.js";

type Input = Record<string, unknown>;

const POLICY_WORDS = "content policy test";
const SEED_DIGITS = 7;

const isObject = (value: unknown): value is Input =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const promptOf = (body: unknown): string =>
  isObject(body) && typeof body["prompt"] === "string" ? body["prompt"] : "";

function seedOf(input: Input, prompt: string): number {
  return typeof input["seed"] === "number" ? input["seed"] : Number.parseInt(sha256(prompt).slice(0, SEED_DIGITS), 16);
}

async function planOf(model: FalModel, body: Input, { inputs }: Simulation): Promise<Plan> {
  const parsed = model.schema.safeParse(body);
  if (!parsed.success) return { kind: "failure", failure: validationFailure(parsed.error.issues, body), early: true };
  const prompt = promptOf(body);
  if (prompt.toLowerCase().includes(POLICY_WORDS))
    return { kind: "failure", failure: contentPolicyFailure(prompt), early: false };
  const url = model.imageField && String(body[model.imageField]);
  const image = url ? ((await inputs.keepDataUri(url)) ?? { from: "url" as const, url }) : null;
  const seed = seedOf(body, prompt);
  return { kind: "media", seed, ...model.plan({ input: parsed.data, image, seed }) };
}

const plannedFailure = ({
  status = 500,
  type = "internal_server_error",
  message = "Simulated failure",
}: Disaster): Plan => ({
  kind: "failure",
  failure: namedFailure(status, type, message),
  early: false,
});

async function makeJob(c: NodeContext, endpoint: string, body: Input, simulation: Simulation): Promise<Job> {
  const { settings, newId, now } = simulation;
  const prompt = promptOf(body);
  const [fate, output, webhook] = (["fate", "output", "webhook"] as const).map((kind) =>
    settings.disasters.take(kind, prompt),
  );
  const model = findModel(endpoint) as FalModel;
  const plan = fate?.name === "fail" ? plannedFailure(fate) : await planOf(model, body, simulation);
  return {
    id: newId(),
    provider: "fal",
    endpoint,
    prompt,
    submittedAt: now(),
    queueMs: settings.queueMs(),
    renderMs: settings.renderMs(),
    plan,
    webhookUrl: c.req.query("fal_webhook") ?? null,
    disasters: { ...(fate && { fate }), ...(output && { output }), ...(webhook && { webhook }) },
  };
}

function queueIsFull(c: NodeContext, { ledger, now }: Simulation): boolean {
  const limit = c.req.query("fal_max_queue_length");
  if (limit === undefined) return false;
  const at = now();
  return [...ledger.jobs.values()].filter((job) => jobState(job, at).phase === "queued").length > Number(limit);
}

/** The answer to a submit that makes no job, with the words the request log keeps about it; null to accept. */
function refusal(c: NodeContext, endpoint: string, body: unknown, simulation: Simulation): [string, Response] | null {
  if (!findModel(endpoint)) {
    return ["rejected: unknown endpoint", c.json({ detail: `Application "${endpoint}" not found` }, 404)];
  }
  if (!isObject(body))
    return ["rejected: body", c.json({ detail: "Invalid JSON body", error_type: "bad_request" }, 400)];
  if (queueIsFull(c, simulation)) return ["rejected: queue", c.json({ detail: "Queue is full" }, 429)];
  return null;
}

/** The disasters that strike before a job is made. */
function refuseByDisaster(c: NodeContext, { name, retry_after: retryAfter }: Disaster): Response | null {
  if (name === "submit_503_before_accept") return c.json({ detail: "Service unavailable" }, 503);
  if (name === "submit_500_html") return htmlError(c);
  if (name !== "submit_429") return null;
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  return c.json({ detail: "Too many requests", error_type: "concurrent_requests_limit" }, 429, headers);
}

/** How an accepted submit is answered: a disaster hides the job from the caller. */
function acceptance(c: NodeContext, job: Job, disaster: Disaster | null, base: string): Response | Promise<Response> {
  if (disaster?.name === "submit_drop_after_accept") return dropConnection(c);
  if (disaster?.name === "submit_503_after_accept") return c.json({ detail: "Service unavailable" }, 503);
  if (disaster?.name === "submit_hang") return hang(c);
  if (disaster?.name === "submit_no_id") return c.json({});
  const ids = { request_id: job.id, gateway_request_id: job.id };
  const state = jobState(job, job.submittedAt);
  const position = state.phase === "queued" ? state.position : 0;
  c.header("x-fal-request-id", job.id);
  return c.json({ status: "IN_QUEUE", ...ids, queue_position: position, ...jobUrls(job, base) });
}

/** `POST /{endpoint id}`; the body is the model's input itself. */
export async function submit(c: NodeContext, endpoint: string, authorized: boolean, simulation: Simulation) {
  const body: unknown = await c.req.json().catch(() => null);
  const common = { provider: "fal", endpoint, body: loggedBody(body), headers: loggedHeaders(c.req.header()) };
  const reject = async (outcome: string, response: Response): Promise<Response> => {
    await simulation.record({ ...common, provider_request_id: null, outcome }, null);
    return response;
  };
  if (!authorized) return reject("rejected: credentials", c.json({ detail: "invalid key credentials" }, 401));
  const refused = refusal(c, endpoint, body, simulation);
  if (refused) return reject(...refused);
  const disaster = simulation.settings.disasters.take("submit", promptOf(body));
  const spoilt = disaster && refuseByDisaster(c, disaster);
  if (spoilt) return reject(disaster.name, spoilt);
  const job = await makeJob(c, endpoint, body as Input, simulation);
  await simulation.record({ ...common, provider_request_id: job.id, outcome: disaster?.name ?? "accepted" }, job);
  return acceptance(c, job, disaster, simulation.url);
}
