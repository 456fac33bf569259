/** The caller's own provider keys, from `X-Fal-Key` and the like. */
import { PROVIDER_NAMES } from "@visgate/shared/catalogue/providers";
import { invalid } from "@visgate/shared/domain/errors";
import { z } from "zod";
import type { Ctx } from "./route.js";

export const callerKeyHeaders = z.object({
  "x-fal-key": z.string().optional().describe("The caller's own fal key, for this call."),
  "x-replicate-key": z.string().optional().describe("The caller's own Replicate key, for this call."),
  "x-runway-key": z.string().optional().describe("The caller's own Runway key, for this call."),
});

const PRINTABLE = /^[\x21-\x7e]*$/;

export function readCallerKeys(c: Ctx): Record<string, string | undefined> {
  return Object.fromEntries(PROVIDER_NAMES.map((name) => [name, checked(`x-${name}-key`, c)]));
}

/** Anything else could not be sent on. */
function checked(header: string, c: Ctx): string | undefined {
  const key = c.req.header(header);
  if (key === undefined || PRINTABLE.test(key)) return key;
  throw invalid(header, `${header} must be printable ASCII without spaces.`);
}
