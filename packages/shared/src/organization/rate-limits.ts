/** How many generations an API key, and its organization, may submit in a minute. */
import type { ApiKey } from "./api-key.js";
import type { Organization } from "./organization.js";

export const RATE_WINDOW_SECONDS = 60;

/** Callers see the names: in `details.limit`, and in the RateLimit headers. */
export type RateLimitName = "api_key" | "organization";

export interface RateLimit {
  name: RateLimitName;
  /** Generations in a window. */
  maximum: number;
}

/**
 * The limits that a call is under. That of the key comes first: a key over its own limit must not use up what its
 * organization has left for other keys.
 */
export function rateLimitsOf(organization: Organization, apiKey: ApiKey): RateLimit[] {
  const limits: RateLimit[] = [];
  if (apiKey.requestsPerMinute !== null) limits.push({ name: "api_key", maximum: apiKey.requestsPerMinute });
  const { requestsPerMinute } = organization.limits;
  if (requestsPerMinute !== null) limits.push({ name: "organization", maximum: requestsPerMinute });
  return limits;
}
