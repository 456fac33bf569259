import { z } from "zod";
import { accept, type Refusal } from "../core/accept.js";
import type { Job, JobExtras, Plan } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import { unitPrice } from "../core/prices.js";
import type { Simulation } from "../core/simulation.js";
import { pictureAt } from "../core/uploads.js";
import { seedOf } from "../media/spec.js";
import type { Echo } from "./answers.js";
import { answerWhenDone, deadlineOf } from "./headers.js";
import { findModel, type ReplicateModel } from "./models.js";
import { invalid, invalidBody, notFound, problem, unauthenticated } from "./problems.js";
import { replicateWords } from "./words.js";

const EVENTS = ["start", "output", "logs", "completed"] as const;
const DEFAULT_EVENTS = ["output", "completed"];
const MAX_DATA_URI = 256 * 1024;
/** The time after its end until a prediction loses its input, logs and output. */
const KEPT_MS = 3600_000;
const ID_LENGTH = 26;

const bodySchema = z.strictObject({
  input: z.looseObject({}),
  version: z.string().optional(),
  webhook: z.url({ protocol: /^https?$/ }).optional(),
  webhook_events_filter: z.array(z.enum(EVENTS)).optional(),
  stream: z.boolean().optional(),
});
type Body = z.infer<typeof bodySchema>;

/** A submit whose body and input are valid. */
interface ValidSubmit {
  body: Body;
  model: ReplicateModel;
  input: unknown;
}

const VERSION = /^(?<model>[^/:]+\/[^/:]+)(:(?<id>[^/:]+))?$/;

/** The model in the path, or the one that the body's `version` names when `model` is null. */
function nameOf(model: string | null, body: unknown): string {
  const version = (body as { version?: unknown } | null)?.version;
  return model ?? (typeof version === "string" ? (VERSION.exec(version)?.groups?.["model"] ?? version) : "");
}

function promptOf(body: unknown): string {
  const prompt = (body as { input?: { prompt?: unknown } } | null)?.input?.prompt;
  return typeof prompt === "string" ? prompt : "";
}

function oversizedFields(input: Record<string, unknown>) {
  const fields = Object.keys(input).filter((key) => {
    const value = input[key];
    return typeof value === "string" && value.startsWith("data:") && value.length > MAX_DATA_URI;
  });
  const description = "Data URLs may have up to 256 KB. Upload the file instead.";
  return fields.map((key) => ({ type: "string_lte", field: `input.${key}`, description }));
}

function unknownModel(c: NodeContext, byVersion: boolean): Refusal {
  const detail = "The specified version does not exist (or perhaps you don't have permission to use it?)";
  const answer = byVersion ? problem(c, 422, { title: "Invalid version or not permitted", detail }) : notFound(c);
  return ["rejected: unknown endpoint", answer];
}

function read(c: NodeContext, named: string | null, body: unknown): ValidSubmit | Refusal {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return ["rejected: body", invalidBody(c, parsed.error.issues, body)];
  const model = findModel(nameOf(named, body));
  if (!model) return unknownModel(c, named === null);
  const tooLarge = oversizedFields(parsed.data.input);
  if (tooLarge.length > 0) return ["rejected: input", invalid(c, tooLarge)];
  const input = z.object({ input: model.schema }).safeParse(body);
  if (!input.success) return ["rejected: input", invalidBody(c, input.error.issues, body)];
  return { body: parsed.data, model, input: input.data.input };
}

async function planOf(endpoint: string, { body, model, input }: ValidSubmit, simulation: Simulation): Promise<Plan> {
  const address = model.imageFields.map((field) => body.input[field]).find((value) => typeof value === "string");
  const image = typeof address === "string" ? await pictureAt(address, simulation) : null;
  const seed = seedOf(body.input["seed"], promptOf(body));
  return {
    kind: "media",
    seed,
    unitMicro: unitPrice("replicate", endpoint, input),
    ...model.plan({ input, image, seed }),
  };
}

function extrasOf(c: NodeContext, { body }: ValidSubmit, now: number): JobExtras {
  const { input, version, webhook_events_filter: filter } = body;
  const id = VERSION.exec(version ?? "")?.groups?.["id"];
  const echo = { input, version: id ?? "hidden", ...(filter && { webhook_events_filter: filter }) } satisfies Echo;
  const deadlineAt = deadlineOf(c, now);
  return { echo, keptMs: KEPT_MS, webhookEvents: filter ?? DEFAULT_EVENTS, ...(deadlineAt !== null && { deadlineAt }) };
}

/** `POST /v1/models/{owner}/{name}/predictions`, and `POST /v1/predictions` with the model in `version`. */
export async function submit(c: NodeContext, model: string | null, authorized: boolean, simulation: Simulation) {
  const body: unknown = await c.req.json().catch(() => null);
  const reading: ValidSubmit | Refusal = authorized
    ? read(c, model, body)
    : ["rejected: credentials", unauthenticated(c)];
  const [refusal, valid] = Array.isArray(reading) ? [reading, null] : [null, reading];
  const endpoint = nameOf(model, body);
  const submission = {
    id: simulation.newId().replaceAll("-", "").slice(0, ID_LENGTH),
    ...{ provider: "replicate", endpoint, prompt: promptOf(body), body, refusal },
    webhookUrl: valid?.body.webhook ?? null,
    plan: () => planOf(endpoint, valid as ValidSubmit, simulation),
    ...(valid && { extras: extrasOf(c, valid, simulation.now()) }),
    answer: (job: Job) => answerWhenDone(c, job, simulation),
  };
  return accept(c, submission, replicateWords(simulation), simulation);
}
