/** The inputs that several tools take. Their names are those of the API, which checks their values. */
import { z } from "zod";

const MAX_WAIT_SECONDS = 86_400;

export const requestId = z.string().min(1).describe("The request_id of a generation.");

export const waitSeconds = z.number().min(0).max(MAX_WAIT_SECONDS).optional();

const params = z
  .record(z.string(), z.unknown())
  .optional()
  .describe(
    'Further inputs of this model, for example {"seed": 42, "aspect_ratio": "16:9"}. ' +
      "list_models with the model's id shows them with their values.",
  );

export const prompt = z.string().min(1).max(10_000).describe("What to make, in 1 to 10,000 characters.");

const params_unchecked = z
  .boolean()
  .optional()
  .describe("true: params that the gateway does not know are sent to the provider as they are.");

const fallback = z
  .array(z.string())
  .max(5)
  .optional()
  .describe("Models to try in this order when the one before has failed and costs nothing.");

const model = (defaultModel: string) =>
  z.string().default(defaultModel).describe("The id of a model; list_models shows them.");

export const videoInputs = (defaultModel: string) => ({
  model: model(defaultModel),
  duration_seconds: z
    .number()
    .positive()
    .optional()
    .describe("In seconds; 5 unless given. Rounded up to a duration that the model makes."),
  image_url: z
    .string()
    .optional()
    .describe(
      "The image that the video starts from: an https URL, a data: URI of at most 5 MB, or the URL of an image that " +
        "this gateway made. Files of this computer are not read.",
    ),
  params,
  params_unchecked,
  fallback,
});

export const imageInputs = (defaultModel: string) => ({
  model: model(defaultModel),
  width: z.int().min(1).max(8192).optional().describe("In pixels; 1024 unless given."),
  height: z.int().min(1).max(8192).optional().describe("In pixels; 1024 unless given."),
  num_images: z.int().min(1).max(100).optional().describe("How many images; 1 unless given. Each is paid for."),
  negative_prompt: z.string().optional().describe("What to avoid. Only some models take it."),
  seed: z.number().optional().describe("The same seed and inputs make a similar image."),
  params,
  params_unchecked,
  fallback,
});

/** How a generation is made and waited for: the same for videos and images. */
export const generationInputs = {
  wait_seconds: waitSeconds.describe(
    "How many seconds this call waits for the result; 0 returns the request_id at once. When the time is over, the " +
      "request continues and get_request waits for it. Unless given: until the end if this client shows progress, " +
      "otherwise 50.",
  ),
  cache: z
    .enum(["use", "refresh", "off"])
    .optional()
    .describe(
      "use (default): an equal request from before, or one that is still running, is returned at no cost; refresh, " +
        "off: make a new one, which is paid for.",
    ),
  priority: z.enum(["normal", "low"]).optional().describe("low: normal requests that wait for the provider go first."),
  idempotency_key: z
    .string()
    .optional()
    .describe("Only to repeat a call whose error names one: the same key and inputs never make a second request."),
};
