/** The bodies of the calls that make videos and images. */
import type { CatalogueModel, GivenMedia } from "@visgate/shared/catalogue";
import { ratioName, variantOf } from "@visgate/shared/catalogue";
import { generationFields } from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import { z } from "zod";
import type { Asked } from "../dialect.js";
import { frameOf, isInPixels, readFrame } from "../frame.js";
import { readProviderBody } from "../provider-body.js";

const file = z.discriminatedUnion("type", [
  z.object({ type: z.literal("url"), url: z.string() }),
  z.object({ type: z.literal("file"), mediaType: z.string(), data: z.string() }),
]);
type File = z.infer<typeof file>;

const common = {
  prompt: generationFields.prompt,
  n: z.int().positive().nullish(),
  aspectRatio: z.string().nullish(),
  seed: z.int().nullish(),
  /** By the name of a provider. Those of other providers than the model's are for other gateways. */
  providerOptions: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
};

export const videoBody = z.strictObject({
  ...common,
  resolution: z.string().nullish(),
  duration: z.number().positive().nullish(),
  fps: z.number().positive().nullish(),
  generateAudio: z.boolean().nullish(),
  image: file.nullish(),
  frameImages: z.array(z.object({ image: file, frameType: z.enum(["first_frame", "last_frame"]) })).nullish(),
  inputReferences: z.array(file).nullish(),
  callbackUrl: generationFields.webhook_url,
});

export const imageBody = z.strictObject({
  ...common,
  size: z.string().nullish(),
  files: z.array(file).nullish(),
  mask: file.nullish(),
});

/** @throws VisgateError VALIDATION_ERROR */
export function readVideo(model: CatalogueModel, body: z.infer<typeof videoBody>): Asked {
  const { image, frameImages, inputReferences, fps, generateAudio, duration } = body;
  // With a first frame, the SDK sends it as the image too.
  const last = frameImages?.find(({ frameType }) => frameType === "last_frame");
  const asked = readCommon(model, body, {
    imageUrl: image == null ? null : urlOf(image),
    media: [
      ...(last === undefined ? [] : [{ role: "last" as const, url: urlOf(last.image), field: "frameImages" }]),
      ...referencesOf(inputReferences, "inputReferences"),
    ],
    size: ["resolution", body.resolution],
  });
  return {
    ...asked,
    durationSeconds: duration ?? asked.durationSeconds,
    params: {
      ...asked.params,
      ...given({ fps, generate_audio: generateAudio }),
    },
    webhookUrl: body.callbackUrl ?? null,
  };
}

/** @throws VisgateError VALIDATION_ERROR */
export function readImage(model: CatalogueModel, body: z.infer<typeof imageBody>): Asked {
  const { files, mask, size } = body;
  if (mask != null) throw invalid("mask", `mask: ${model.id} takes no mask; leave it out.`, []);
  return readCommon(model, body, { imageUrl: null, media: referencesOf(files, "files"), size: ["size", size] });
}

const referencesOf = (files: File[] | null | undefined, field: string): GivenMedia[] =>
  (files ?? []).map((one, index) => ({ role: "reference", url: urlOf(one), field: `${field}.${index}` }));

type Common = Pick<z.infer<typeof imageBody>, keyof typeof common>;

/** The name of the field that has it, and its value, as 1280x720. */
type Size = [field: string, value: string | null | undefined];

function readCommon(
  model: CatalogueModel,
  { prompt, n, aspectRatio, seed, providerOptions }: Common,
  { imageUrl, media, size }: { imageUrl: string | null; media: GivenMedia[]; size: Size },
): Asked {
  const own = { ...providerOptions?.[model.provider], ...providerOptions?.["visgate"] };
  const read = readProviderBody(model, { ...own, prompt, image_url: imageUrl }, "providerOptions.");
  const asked: Asked = {
    ...read,
    ...(imageUrl === null ? {} : { imageField: "image" }),
    media: [...(read.media ?? []), ...media],
  };
  const frame = shapeOf(model, { aspectRatio, size, hasImage: imageUrl !== null });
  const params = { ...asked.params, ...frame.params, ...given({ seed }) };
  return { ...asked, ...frame, count: n ?? asked.count, params };
}

interface Shape {
  aspectRatio: string | null | undefined;
  size: Size;
  hasImage: boolean;
}

function shapeOf(model: CatalogueModel, { aspectRatio, size, hasImage }: Shape): Pick<Asked, "params" | "size"> {
  if (aspectRatio === "adaptive") return adaptive(model, hasImage);
  const ratio = aspectRatio == null ? null : readFrame(aspectRatio, "aspectRatio");
  const [field, pixels] = size;
  if (pixels == null) return ratio === null ? {} : frameOf(model, ratio, { hasImage, field: "aspectRatio" });
  const frame = readFrame(pixels, field);
  if (!isInPixels(frame)) throw invalid(field, `${field} must be in pixels, as 1280x720.`, "widthxheight");
  if (ratio !== null && ratioName(ratio.width, ratio.height) !== ratioName(frame.width, frame.height)) {
    throw invalid("aspectRatio", `aspectRatio and ${field} have different shapes; give one of them.`);
  }
  return frameOf(model, frame, { hasImage, field });
}

/** The shape of the image. Models without a param for the shape always take that. */
function adaptive(model: CatalogueModel, hasImage: boolean): Pick<Asked, "params"> {
  const spec = variantOf(model, hasImage)?.params["aspect_ratio"];
  if (spec === undefined) return {};
  if (spec.type === "string" && spec.values?.includes("auto")) return { params: { aspect_ratio: "auto" } };
  const values = spec.type === "string" ? spec.values : undefined;
  throw invalid("aspectRatio", `aspectRatio: ${model.id} makes ${values?.join(", ")}, not adaptive.`, values);
}

const urlOf = (one: File): string => (one.type === "url" ? one.url : `data:${one.mediaType};base64,${one.data}`);

const given = (params: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value != null));
