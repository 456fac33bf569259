import { accept, type Refusal } from "../core/accept.js";
import type { Job, JobExtras } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { findUpload } from "../core/uploads.js";
import { detailsOf, type TaskDetails } from "./answers.js";
import { creditsOf } from "./credits.js";
import { type ErrorBody, invalidBody, unknownUpload } from "./failures.js";
import { ENDPOINTS, type RunwayInput } from "./models.js";
import { imagesOf, planOf } from "./plan.js";
import { wordsOf } from "./words.js";

/** How long an output address works. Reading the task again gives a new address. */
const ADDRESS_MS = 24 * 3600 * 1000;

function promptOf(body: unknown): string {
  const prompt = (body as { promptText?: unknown } | null)?.promptText;
  return typeof prompt === "string" ? prompt : "";
}

const isMissingUpload = (uri: string, { ledger }: Simulation): boolean =>
  uri.startsWith("runway:") && findUpload(uri, { ledger })?.provider !== "runway";

interface Reading {
  input: RunwayInput | null;
  refusal: Refusal | null;
}

/** A body is accepted or refused at once; only moderation acts later, as the end of the task. */
function read(c: NodeContext, endpoint: string, body: unknown, simulation: Simulation): Reading {
  const refused = (why: string, answer: ErrorBody): Reading => ({ input: null, refusal: [why, c.json(answer, 400)] });
  const parsed = ENDPOINTS[endpoint]?.safeParse(body);
  if (!parsed?.success) return refused("rejected: validation", invalidBody(parsed?.error.issues ?? []));
  const missing = imagesOf(parsed.data).find(({ uri }) => isMissingUpload(uri, simulation));
  if (missing) return refused("rejected: upload", unknownUpload(missing.path));
  return { input: parsed.data, refusal: null };
}

function extrasOf(input: RunwayInput): JobExtras {
  const details: TaskDetails = { model: input.model, credits: creditsOf(input) };
  return { echo: details, addressMs: ADDRESS_MS, refundsCancelled: true };
}

/** `POST /v1/{endpoint}`. `denied`: the refusal of a call without a valid key or API version. */
export async function submit(c: NodeContext, endpoint: string, denied: Refusal | null, simulation: Simulation) {
  const body: unknown = await c.req.json().catch(() => null);
  const { input, refusal } = denied ? { input: null, refusal: denied } : read(c, endpoint, body, simulation);
  const submission = {
    ...{ id: simulation.newId(), provider: "runway", endpoint, body, prompt: promptOf(body) },
    ...{ webhookUrl: null, refusal },
    plan: () => planOf(input as RunwayInput, simulation),
    extras: input ? extrasOf(input) : {},
    answer: (job: Job) => c.json({ id: job.id, estimatedCost: { credits: detailsOf(job).credits } }),
  };
  return accept(c, submission, wordsOf(endpoint), simulation);
}
