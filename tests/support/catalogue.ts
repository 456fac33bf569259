/** Plans and provider bodies for requests to the built-in models. */
import { loadModels } from "@visgate/providers";
import {
  type CatalogueEntry,
  type CatalogueModel,
  neededRoles,
  type Plan,
  plan,
  providerBody,
  type VariantKind,
  variantFor,
} from "@visgate/shared/catalogue";
import { VisgateError } from "@visgate/shared/errors";
import type { InputRole, JsonValue } from "@visgate/shared/request";
import { MEDIA, type MediaName } from "./documented-bodies/row.js";

export const catalogue = loadModels();

export function model(id: string): CatalogueModel {
  const found = catalogue.get(id);
  if (found === undefined) throw new Error(`no model ${id}`);
  return found;
}

export interface RequestFields {
  prompt?: string;
  image?: boolean;
  /** Other inputs than a first image, by role; each has a URL. */
  media?: readonly InputRole[];
  duration_seconds?: number;
  width?: number;
  height?: number;
  num_images?: number;
  params?: Record<string, JsonValue>;
  params_unchecked?: boolean;
}

/** A call with as little as possible: the prompt, if the model takes one, and the inputs that it needs. */
export function leastOf(id: string, kind = mainKind(model(id))): RequestFields {
  const variant = model(id).variants[kind];
  if (variant === undefined) throw new Error(`${id} has no ${kind}`);
  const needed = neededRoles(kind, variant);
  return {
    ...(variant.promptField === null ? { prompt: "" } : {}),
    image: needed.includes("first"),
    media: needed.filter((role) => role !== "first"),
  };
}

function mainKind({ variants }: CatalogueModel): VariantKind {
  const kinds = ["text", "image", "first_last", "reference", "video"] as const;
  return kinds.find((kind) => variants[kind] !== undefined) ?? "text";
}

export function planFor(target: string | CatalogueModel, fields: RequestFields = {}): Plan {
  const found = typeof target === "string" ? model(target) : target;
  const { width, height, params = {} } = fields;
  const given = width !== undefined || height !== undefined;
  const input = {
    prompt: fields.prompt ?? "p",
    imageUrl: fields.image ? "https://images.example.com/photo.jpg" : null,
    media: (fields.media ?? []).map((role) => ({ role, url: `https://media.example.com/${role}`, field: role })),
    durationSeconds: fields.duration_seconds ?? 5,
    size: found.mediaType === "image" ? { width: width ?? 1024, height: height ?? 1024, given } : null,
    count: fields.num_images ?? 1,
    params: {
      values: params,
      fieldOf: (name: string) => `params.${name}`,
      takesUnknown: fields.params_unchecked ?? false,
    },
  };
  return plan(found, input, (url) => (url.startsWith("https://") ? url : null));
}

/** `imageUrl`: of the first image. The other inputs have the URLs of the documented bodies. */
export function bodyFor(id: string, fields: RequestFields, imageUrl: string | null = null) {
  const { endpoint, input } = planFor(id, fields);
  const others = (fields.media ?? []).map((role) => MEDIA[role as MediaName]);
  const media = [...(fields.image && imageUrl !== null ? [{ role: "first" as const, url: imageUrl }] : []), ...others];
  const roles = [...(fields.image ? ["first" as const] : []), ...others.map(({ role }) => role)];
  const variant = variantFor(model(id), roles);
  if (variant === undefined) throw new Error("no such variant");
  return { endpoint, body: providerBody(variant, input, media) };
}

/** The error with which a plan is refused. */
export function faultFor(target: string | CatalogueModel, fields: RequestFields): VisgateError {
  try {
    planFor(target, fields);
  } catch (error) {
    if (error instanceof VisgateError) return error;
    throw error;
  }
  throw new Error("the plan was accepted");
}

/** A valid entry. Tests change parts of it to make it wrong. */
export const GOOD_ENTRY = {
  id: "my/model",
  provider: "fal",
  mediaType: "video",
  name: "My model",
  description: "Mine.",
  category: "video generation",
  addedAt: "2026-01-01",
  durationsSeconds: [5, 10],
  variants: {
    text: {
      endpoint: "my/model",
      duration: { field: "duration", as: "string" },
      params: {
        aspect_ratio: { type: "string", values: ["16:9", "9:16"], default: "16:9" },
        sound: { type: "boolean", default: false },
      },
    },
  },
  price: { unit: "second", micro: 10_000, when: [{ params: { sound: true }, micro: 20_000 }] },
  usualSeconds: 30,
} satisfies CatalogueEntry;
