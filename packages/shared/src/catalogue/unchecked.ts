/**
 * Params that the catalogue does not know, which a caller wants sent as they are (`params_unchecked`). They may be
 * anything but a field that the gateway writes itself: it would send something else than was priced and recorded.
 */
import { invalid } from "../errors.js";
import { INPUT_ROLES } from "../request/record.js";
import { INPUT_FIELDS } from "./inputs.js";
import type { GivenParams } from "./params.js";
import type { CatalogueModel, SizeSpec, Variant } from "./schema.js";

/** The record is in Redis. */
const MAX_BYTES = 32 * 1024;

/** The names of the params that the catalogue does not know. @throws VisgateError VALIDATION_ERROR */
export function checkUnchecked(model: CatalogueModel, variant: Variant, given: GivenParams): string[] {
  const names = Object.keys(given.values).filter((name) => !Object.hasOwn(variant.params, name));
  if (names.length === 0) return names;
  for (const name of names) requireFree(model, variant, name, given.fieldOf(name));
  const unknown = Object.fromEntries(names.map((name) => [name, given.values[name]]));
  if (Buffer.byteLength(JSON.stringify(unknown)) <= MAX_BYTES) return names;
  const message = `params that are not checked may have at most ${MAX_BYTES} bytes of JSON together.`;
  throw invalid("params", message, { maximum_bytes: MAX_BYTES });
}

function requireFree(model: CatalogueModel, variant: Variant, name: string, field: string): void {
  const known = Object.keys(variant.params);
  const twin = known.find((param) => variant.params[param]?.field === name);
  if (twin !== undefined) throw invalid(field, `${field} is ${twin} here; use ${twin} instead.`, known);
  const owner = Object.values(model.variants).flatMap((one) => one && (writtenBy(one).get(name) ?? []))[0];
  // The gateway names the model and its own webhook in the words of each provider.
  if (owner === undefined && name !== "model" && !/webhook/i.test(name)) return;
  const advice = owner == null ? "leave it out" : `use ${owner} instead`;
  throw invalid(field, `${field} is a field that the gateway writes itself; ${advice}.`, known);
}

/** The provider's fields that are written for a call, each with the field of the call that sets it, or null. */
function writtenBy(variant: Variant): Map<string, string | null> {
  const { promptField, inputs, duration, count, fixed, size } = variant;
  return new Map<string, string | null>([
    ...Object.keys(fixed).map((name) => [name, null] as const),
    ...sizeFields(size).map((name) => [name, "width and height"] as const),
    ...(count === undefined ? [] : [[count.field, "num_images"] as const]),
    ...(duration === undefined ? [] : [[duration.field, "duration_seconds"] as const]),
    ...INPUT_ROLES.flatMap((role) => {
      const written = inputs[role];
      return written === undefined ? [] : [[written.field, INPUT_FIELDS[role]] as const];
    }),
    ...(promptField === null ? [] : [[promptField, "prompt"] as const]),
  ]);
}

function sizeFields(size: SizeSpec | undefined): string[] {
  if (size === undefined) return [];
  if (size.as !== "fields") return [size.field];
  return [size.width, size.height, ...(size.mode === undefined ? [] : [size.mode.field])];
}
