/** The caller's own provider keys, from `X-Fal-Key` and the like. */
import { PROVIDER_NAMES } from "@visgate/shared/catalogue/providers";
import type { Ctx } from "./route.js";

export function readCallerKeys(c: Ctx): Record<string, string | undefined> {
  return Object.fromEntries(PROVIDER_NAMES.map((name) => [name, c.req.header(`x-${name}-key`)]));
}
