import { accept, type Refusal } from "../core/accept.js";
import type { Job } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { detailsOf, type TaskDetails } from "./answers.js";
import { creditsOf } from "./credits.js";
import { invalidBody, unknownUpload } from "./errors.js";
import { imagesOf } from "./images.js";
import { ENDPOINTS, type RunwayInput } from "./models.js";
import { planOf } from "./plan.js";
import { wordsOf } from "./words.js";

/** How long an address of the output lasts; another look at the task gives a new one. */
const ADDRESS_MS = 24 * 3600 * 1000;

function promptOf(body: unknown): string {
  const prompt = (body as { promptText?: unknown } | null)?.promptText;
  return typeof prompt === "string" ? prompt : "";
}

const isLost = (uri: string, { ledger }: Simulation): boolean =>
  uri.startsWith("runway:") && ledger.uploads.get(uri)?.provider !== "runway";

/** A body is either taken as it is or refused at once; moderation alone comes later, as the end of the task. */
function read(c: NodeContext, endpoint: string, body: unknown, simulation: Simulation): RunwayInput | Refusal {
  const parsed = ENDPOINTS[endpoint]?.safeParse(body);
  if (!parsed?.success) return ["rejected: validation", c.json(invalidBody(parsed?.error.issues ?? []), 400)];
  const lost = imagesOf(parsed.data).find(({ uri }) => isLost(uri, simulation));
  return lost ? ["rejected: upload", c.json(unknownUpload(lost.path), 400)] : parsed.data;
}

/** `POST /v1/{endpoint}`. `denied`: what is wrong with the call itself, whatever its body. */
export async function submit(c: NodeContext, endpoint: string, denied: Refusal | null, simulation: Simulation) {
  const body: unknown = await c.req.json().catch(() => null);
  const input = denied ?? read(c, endpoint, body, simulation);
  const refusal = Array.isArray(input) ? input : null;
  const submission = {
    ...{
      id: simulation.newId(),
      provider: "runway",
      endpoint,
      prompt: promptOf(body),
      body,
      webhookUrl: null,
      refusal,
    },
    plan: () => planOf(input as RunwayInput, simulation),
    answer: (job: Job) => c.json({ id: job.id, estimatedCost: { credits: detailsOf(job).credits } }),
  };
  if (Array.isArray(input)) return accept(c, submission, wordsOf(endpoint), simulation);
  const echo = { model: input.model, credits: creditsOf(input) } satisfies TaskDetails;
  return accept(c, { ...submission, extras: { echo, addressMs: ADDRESS_MS } }, wordsOf(endpoint), simulation);
}
