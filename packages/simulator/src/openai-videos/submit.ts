import { z } from "zod";
import { accept, type Refusal } from "../core/accept.js";
import type { Job, Plan } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { pictureAt } from "../core/uploads.js";
import type { Shape } from "../media/shapes.js";
import { seedOf, type VideoSpec } from "../media/spec.js";
import { NAME, type VideoDetails, videoBody } from "./answers.js";
import { apiError } from "./errors.js";
import { videoWords } from "./words.js";

/** The models of the simulated server. */
const MODELS = ["sim-video", "sim-video-pro"];

const SHAPES: Readonly<Record<string, Shape>> = {
  ...{ "1280x720": "16:9", "720x1280": "9:16", "1792x1024": "16:9", "1024x1792": "9:16", "1024x1024": "1:1" },
};

/** Every field of a form is text. */
const form = z.object({
  model: z.string().default(MODELS[0] ?? ""),
  prompt: z.string().min(1).max(32_000),
  seconds: z.coerce.number().int().min(1).max(60).default(4),
  size: z.enum(Object.keys(SHAPES) as [string, ...string[]]).default("1280x720"),
  seed: z.coerce.number().int().nonnegative().optional(),
  "input_reference[image_url]": z.string().optional(),
});
type Form = z.output<typeof form>;

interface Reading {
  fields: Record<string, string>;
  /** As a data: URI. */
  file: string | null;
}

async function readForm(c: NodeContext): Promise<Reading> {
  const given = await c.req.formData().catch(() => new FormData());
  const fields: Record<string, string> = {};
  let file: string | null = null;
  for (const [name, value] of given) {
    if (typeof value === "string") fields[name] = value;
    else if (name === "input_reference") file = await dataUriOf(value);
  }
  return { fields, file };
}

async function dataUriOf(file: File): Promise<string> {
  return `data:${file.type};base64,${Buffer.from(await file.arrayBuffer()).toString("base64")}`;
}

function refusalOf(c: NodeContext, parsed: ReturnType<typeof form.safeParse>): Refusal | null {
  const [issue] = parsed.error?.issues ?? [];
  if (issue !== undefined) {
    const param = String(issue.path[0] ?? "body");
    const answer = apiError(c, 400, { message: `Invalid value for '${param}'.`, param, code: "invalid_value" });
    return ["rejected: validation", answer];
  }
  const model = parsed.data?.model ?? "";
  if (MODELS.includes(model)) return null;
  const message = `The model '${model}' does not exist.`;
  return ["rejected: model", apiError(c, 404, { message, param: "model", code: "model_not_found" })];
}

async function planOf(input: Form, file: string | null, simulation: Simulation): Promise<Plan> {
  const picture = file ?? input["input_reference[image_url]"] ?? null;
  const image = picture === null ? null : await pictureAt(picture, simulation);
  const { prompt, seconds, size } = input;
  const spec = { kind: "video", prompt, seconds, shapes: [SHAPES[size] ?? "16:9"], image } satisfies VideoSpec;
  return { kind: "media", specs: [spec], billableUnits: seconds, unitMicro: null, seed: seedOf(input.seed, prompt) };
}

/** `POST /videos`. `denied`: the refusal of a call with a key that is not valid. */
export async function submit(c: NodeContext, denied: Refusal | null, simulation: Simulation): Promise<Response> {
  const { fields, file } = await readForm(c);
  const parsed = form.safeParse(fields);
  const input = parsed.data as Form;
  const details: VideoDetails | null = parsed.data
    ? { ...{ model: input.model, seconds: String(input.seconds), size: input.size }, isPrivate: hasKey(c) }
    : null;
  const { model = "", prompt = "", ...rest } = fields;
  const submission = {
    ...{ id: `video_${simulation.newId().replaceAll("-", "")}`, provider: NAME, endpoint: model, prompt },
    body: { prompt, ...rest, ...(file !== null && { input_reference: file }) },
    ...{ webhookUrl: null, refusal: denied ?? refusalOf(c, parsed) },
    plan: () => planOf(input, file, simulation),
    extras: details === null ? {} : { echo: details },
    answer: (job: Job) => c.json(videoBody(job, simulation)),
  };
  return accept(c, submission, videoWords(simulation), simulation);
}

const hasKey = (c: NodeContext): boolean => c.req.header("authorization") !== undefined;
