/** An organization: the owner of keys, requests, limits and money. */

export interface OrganizationLimits {
  /** Generations that it may submit in a minute; null for no limit. */
  requestsPerMinute: number | null;
  /** Requests of it that may be at providers at once; more wait. Null for no limit. */
  maxInFlight: number | null;
  /** Requests of it that may be open at once, waiting and in flight; more are refused. Null for no limit. */
  maxOpen: number | null;
}

export interface Organization {
  v: 1;
  id: string;
  name: string;
  createdAt: number;
  /** IANA name of the time zone in which its days and months begin. */
  timeZone: string;
  /** Its share of scarce slots at providers, relative to the weights of other organizations. */
  weight: number;
  limits: OrganizationLimits;
  /** The key of `metadata` by whose values usage is broken down; null for none. */
  usageTag: string | null;
}

/** Part of Redis keys, of paths in the output store, and of URLs. */
export const ORGANIZATION_ID = /^[a-z0-9][a-z0-9_-]{0,39}$/;

export const DEFAULT_ORGANIZATION = "default";

export function newOrganization(id: string, name: string, createdAt: number): Organization {
  return {
    ...{ v: 1, id, name, createdAt, timeZone: "UTC", weight: 1, usageTag: null },
    limits: { requestsPerMinute: null, maxInFlight: null, maxOpen: null },
  };
}

/** Newer versions of Node.js also take offsets, as +05:07: those have no name, and may be no whole quarter of an hour. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
