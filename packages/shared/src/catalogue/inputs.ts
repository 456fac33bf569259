/**
 * The images, videos and sounds of a call, by role, and which variant of the model they choose: the first of `video`,
 * `reference`, `first_last`, `image` and `text` that takes everything given, and needs nothing else.
 */
import { invalid, type VisgateError } from "../errors.js";
import { INPUT_ROLES, type InputRole } from "../request/record.js";
import type { CatalogueModel, Variant, VariantKind } from "./schema.js";

/** An input as the caller gave it. `field`: of the caller's body, for errors. */
export interface GivenMedia {
  role: InputRole;
  /** A URL, or a `data:` URI. */
  url: string;
  field: string;
}

/** What a variant needs because of its name. */
const NEEDED: Record<VariantKind, readonly InputRole[]> = {
  video: ["video"],
  reference: ["reference"],
  first_last: ["first", "last"],
  image: ["first"],
  text: [],
};
const KINDS = Object.keys(NEEDED) as VariantKind[];

/** `needed`: the roles without which the variant is not for a call. */
type Named = { kind: VariantKind; variant: Variant; needed: readonly InputRole[] };

/** Made once for each model, since each call looks for its variant. */
const NAMED = new WeakMap<CatalogueModel, readonly Named[]>();

function variantsOf(model: CatalogueModel): readonly Named[] {
  const known = NAMED.get(model) ?? nameVariants(model);
  NAMED.set(model, known);
  return known;
}

const nameVariants = ({ variants }: CatalogueModel): Named[] =>
  KINDS.flatMap((kind) => {
    const variant = variants[kind];
    return variant === undefined ? [] : [{ kind, variant, needed: neededRoles(kind, variant) }];
  });

/** The roles without which a variant is not for a call. */
export const neededRoles = (kind: VariantKind, { inputs }: Variant): InputRole[] =>
  INPUT_ROLES.filter((role) => NEEDED[kind].includes(role) || inputs[role]?.required === true);

const takesAll = ({ variant }: Named, roles: readonly InputRole[]) =>
  roles.every((role) => variant.inputs[role] !== undefined);

const missingIn = ({ needed }: Named, roles: readonly InputRole[]) => needed.filter((role) => !roles.includes(role));

/** The variant of a call with as little as possible. */
export function mainVariant({ variants }: CatalogueModel): Variant {
  const { text, image, first_last, reference, video } = variants;
  return (text ?? image ?? first_last ?? reference ?? video) as Variant;
}

/** The durations that calls of a variant can have, in seconds. */
export const durationsOf = (model: CatalogueModel, variant: Variant): readonly number[] =>
  variant.durationsSeconds ?? model.durationsSeconds;

/** Undefined when no variant takes such calls. `roles`: what a call has, each as often as it likes. */
export function variantFor(model: CatalogueModel, roles: readonly InputRole[]): Variant | undefined {
  const fits = (named: Named) => takesAll(named, roles) && missingIn(named, roles).length === 0;
  return variantsOf(model).find(fits)?.variant;
}

/** @throws VisgateError VALIDATION_ERROR that names the field, and what the model takes */
export function pickVariant(model: CatalogueModel, given: readonly GivenMedia[]): Variant {
  const roles = given.map(({ role }) => role);
  const variant = variantFor(model, roles);
  if (variant === undefined) throw refusal(model, given);
  for (const role of INPUT_ROLES)
    requireFew(
      model,
      variant,
      given.filter((one) => one.role === role),
    );
  return variant;
}

function requireFew({ id }: CatalogueModel, { inputs }: Variant, given: readonly GivenMedia[]): void {
  const [one] = given;
  const max = one === undefined ? 0 : (inputs[one.role]?.max ?? 0);
  if (one === undefined || given.length <= max) return;
  const extra = given[max]?.field ?? one.field;
  throw invalid(extra, `${extra}: ${id} takes at most ${max} of them.`, { maximum: max });
}

/** The field of a call by which each role is given. */
export const INPUT_FIELDS: Record<InputRole, string> = {
  first: "image_url",
  last: "image_urls",
  reference: "image_urls",
  video: "video_url",
  audio: "audio_url",
};

/** What an input is called, and how a caller gives it. */
const NAMES: Record<InputRole, { what: string; how: string }> = {
  first: { what: "image", how: "image_url" },
  last: { what: "last frame", how: 'image_urls with role "last"' },
  reference: { what: "reference image", how: 'image_urls with role "reference"' },
  video: { what: "video", how: "video_url" },
  audio: { what: "audio", how: "audio_url" },
};

function refusal(model: CatalogueModel, given: readonly GivenMedia[]): VisgateError {
  const { id } = model;
  const variants = variantsOf(model);
  const roles = given.map(({ role }) => role);
  const taken = INPUT_ROLES.filter((role) => variants.some(({ variant }) => variant.inputs[role] !== undefined));
  const foreign = given.find(({ role }) => !taken.includes(role));
  if (foreign !== undefined) {
    const { field, role } = foreign;
    const allowed = taken.length === 0 ? "none" : taken.map((one) => NAMES[one].how);
    const takes = taken.length === 0 ? "" : ` It takes ${taken.map((one) => NAMES[one].how).join(", ")}.`;
    return invalid(field, `${field}: ${id} takes no ${NAMES[role].what}; leave ${partOf(field)} out.${takes}`, allowed);
  }
  // The variant that needs the least beside what is given.
  const [best] = variants
    .filter((named) => takesAll(named, roles))
    .sort((a, b) => missingIn(a, roles).length - missingIn(b, roles).length);
  const [missing] = best === undefined ? [] : missingIn(best, roles);
  if (missing !== undefined) return missingInput(id, missing);
  const field = given.at(-1)?.field ?? "image_url";
  const allowed = variants.map(combination);
  return invalid(
    field,
    `${field}: ${id} does not take these inputs together; it takes ${allowed.join(", or ")}.`,
    allowed,
  );
}

/** An entry of a list, or the whole field. */
const partOf = (field: string) => (/\.\d+/.test(field) ? "it" : field);

function missingInput(id: string, role: InputRole): VisgateError {
  const { what, how } = NAMES[role];
  const article = /^[aeiou]/.test(what) && role !== "audio" ? "an" : "a";
  const needs = role === "audio" ? "audio" : `${article} ${what}`;
  return invalid(INPUT_FIELDS[role], `${id} needs ${needs}: set ${how} to an https URL or a data: URI.`, "required");
}

/** As "image_url and video_url". What a variant may have too is in brackets. */
function combination({ variant, needed }: Named): string {
  const optional = INPUT_ROLES.filter((role) => variant.inputs[role] !== undefined && !needed.includes(role));
  const texts = [...needed.map((role) => NAMES[role].how), ...optional.map((role) => `(${NAMES[role].how})`)];
  return texts.length === 0 ? "no input" : texts.join(" and ");
}

/** Of all variants together, by role: whether a call may or must have it, and how many. For `GET /models`. */
export function takenInputs(model: CatalogueModel) {
  const variants = variantsOf(model);
  return INPUT_ROLES.flatMap((role) => {
    const specs = variants.flatMap(({ variant }) => variant.inputs[role] ?? []);
    if (specs.length === 0) return [];
    const required = variants.every(({ needed }) => needed.includes(role));
    return [{ role, required, max: Math.max(...specs.map(({ max }) => max)) }];
  });
}
