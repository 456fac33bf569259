/** The fields of draft-ietf-httpapi-ratelimit-headers-10: the limits that a call is under, and what is left of them. */
import { RATE_WINDOW_SECONDS } from "@visgate/shared/organization";
import type { Rates } from "@visgate/shared/store";

export function rateHeaders({ limits, states }: Rates): Record<string, string> {
  return {
    "RateLimit-Policy": limits.map(({ name, maximum }) => `"${name}";q=${maximum};w=${RATE_WINDOW_SECONDS}`).join(", "),
    RateLimit: states
      .map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
      .join(", "),
  };
}
