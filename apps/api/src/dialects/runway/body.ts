/** The bodies that start a task. */
import type { CatalogueModel, ParamSpec } from "@visgate/shared/catalogue";
import { variantOf } from "@visgate/shared/catalogue";
import { generationFields } from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import { z } from "zod";
import type { Asked } from "../dialect.js";
import { frameOf, readFrame } from "../frame.js";
import { readProviderBody } from "../provider-body.js";

const frames = z.array(z.object({ uri: z.string(), position: z.enum(["first", "last"]) }));

/** Other fields are params of the model. */
export const taskBody = z.looseObject({
  model: generationFields.model,
  promptText: generationFields.prompt.nullish(),
  promptImage: z
    .union([z.string(), frames.min(1).max(2)], { error: "must be a URL, or a list of {uri, position: first or last}" })
    .nullish(),
  ratio: z.string().nullish(),
  audio: z.boolean().nullish(),
});
type TaskBody = z.infer<typeof taskBody>;

export interface Endpoint {
  name: string;
  mediaType: CatalogueModel["mediaType"];
  takes: "nothing" | "image" | "video";
}

/** @throws VisgateError VALIDATION_ERROR */
export function readTask(model: CatalogueModel, { name, mediaType, takes }: Endpoint, body: TaskBody): Asked {
  const { model: _, promptText, promptImage, ratio, audio, ...others } = body;
  if (model.mediaType !== mediaType) {
    throw invalid("model", `model: ${model.id} makes ${model.mediaType}s, and ${name} makes ${mediaType}s.`);
  }
  const { first, last } = imagesOf(promptImage ?? []);
  const takesImage = takes === "image";
  if (takesImage && first === null) throw invalid("promptImage", "promptImage is required: give the first frame.");
  if (!takesImage && promptImage != null) throw invalid("promptImage", `${name} takes no promptImage; leave it out.`);
  const read = readProviderBody(model, {
    ...others,
    prompt: promptText,
    ...(first === null ? {} : { image_url: first }),
  });
  if (takes === "video" && !read.media?.some(({ role }) => role === "video")) {
    throw invalid(VIDEO_FIELDS[name] ?? "videoUri", `${VIDEO_FIELDS[name] ?? "videoUri"} is required: give a video.`);
  }
  const asked: Asked = {
    ...read,
    ...(first === null ? {} : { imageField: "promptImage" }),
    media: [
      ...(read.media ?? []),
      ...(last === null ? [] : [{ role: "last" as const, url: last, field: "promptImage" }]),
    ],
  };
  const frame =
    ratio == null ? {} : frameOf(model, readFrame(ratio, "ratio"), { hasImage: takesImage, field: "ratio" });
  const params = {
    ...(audio == null ? {} : { [soundParam(variantOf(model, takesImage)?.params ?? {})]: audio }),
  };
  return { ...asked, ...frame, params: { ...asked.params, ...frame.params, ...params } };
}

/** Of tasks that take a video by another name than videoUri. */
const VIDEO_FIELDS: Record<string, string> = { character_performance: "reference" };

function imagesOf(given: NonNullable<TaskBody["promptImage"]>): Record<"first" | "last", string | null> {
  if (typeof given === "string") return { first: given, last: null };
  const at = (wanted: string) => given.filter(({ position }) => position === wanted);
  if (given.length > 1 && at("first").length !== 1) {
    throw invalid("promptImage", "promptImage takes one image with each position.", ["first", "last"]);
  }
  return { first: at("first")[0]?.uri ?? null, last: at("last")[0]?.uri ?? null };
}

const soundParam = (params: Record<string, ParamSpec>): string =>
  !Object.hasOwn(params, "audio") && Object.hasOwn(params, "generate_audio") ? "generate_audio" : "audio";
