/** What the form holds, and the call that it becomes. */
import type { Model, RequestWithInput } from "@visgate_ai/client";

export type Role = Model["limits"]["inputs"][number]["role"];

export interface Draft {
  model: string;
  prompt: string;
  negativePrompt: string;
  durationSeconds: number | null;
  width: number | null;
  height: number | null;
  numImages: number | null;
  /** Uploaded files and URLs, by what they are for. */
  media: readonly { role: Role; url: string }[];
  /** Only those that are not left at their defaults. */
  params: Record<string, unknown>;
}

export interface ParamSpec {
  type: "string" | "integer" | "number" | "boolean" | "image_url" | "size";
  values?: string[];
  default?: string | number | boolean;
  min?: number;
  max?: number;
  maxLength?: number;
}

export const emptyDraft = (model: string): Draft => ({
  model,
  prompt: "",
  negativePrompt: "",
  durationSeconds: null,
  width: null,
  height: null,
  numImages: null,
  media: [],
  params: {},
});

export function draftOf({ model, input }: RequestWithInput): Draft {
  if (input === undefined) return emptyDraft(model);
  const one = (role: Role, url: string | null | undefined) => (url ? [{ role, url }] : []);
  return {
    ...emptyDraft(model),
    prompt: input.prompt,
    durationSeconds: input.durationSeconds,
    width: input.width,
    height: input.height,
    numImages: input.numImages,
    media: [
      ...one("first", input.imageUrl),
      ...input.imageUrls,
      ...one("video", input.videoUrl),
      ...one("audio", input.audioUrl),
    ],
    params: input.params,
  };
}

/** The params of a model depend on what it starts from. */
export function paramsOf(model: Model, draft: Draft): Record<string, ParamSpec> {
  const has = (role: Role) => draft.media.some((one) => one.role === role);
  const { text, image, firstLast, reference, video } = model.params;
  const byInputs = [
    has("video") ? video : undefined,
    has("reference") ? reference : undefined,
    has("last") ? firstLast : undefined,
    has("first") ? image : undefined,
  ].find((params) => params !== undefined);
  const params = byInputs ?? text ?? image ?? reference ?? video ?? firstLast ?? {};
  return params as Record<string, ParamSpec>;
}

/** As `client.videos.generate` and `client.quotes.create` take it. */
export function optionsOf(model: Model, draft: Draft): object {
  const url = (role: Role) => draft.media.find((one) => one.role === role)?.url;
  const listed = draft.media.filter(({ role }) => role === "last" || role === "reference");
  const known = paramsOf(model, draft);
  const params = Object.fromEntries(Object.entries(draft.params).filter(([name]) => name in known));
  return {
    imageUrl: url("first"),
    ...(listed.length === 0 ? {} : { imageUrls: listed }),
    videoUrl: url("video"),
    audioUrl: url("audio"),
    ...(model.limits.negativePrompt && draft.negativePrompt !== "" ? { negativePrompt: draft.negativePrompt } : {}),
    ...(model.mediaType === "video"
      ? { durationSeconds: draft.durationSeconds ?? undefined }
      : {
          width: draft.width ?? undefined,
          height: draft.height ?? undefined,
          numImages: draft.numImages ?? undefined,
        }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  };
}
