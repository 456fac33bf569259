/** API keys of organizations. A key can be stored nowhere: only its SHA-256 is. */
import { createHash } from "node:crypto";

/**
 * `generate`: submit and cancel. `read`: requests, events, usage. `manage`: keys, provider keys, budgets, webhook
 * endpoints, and settling money by hand.
 */
export const SCOPES = ["generate", "read", "manage"] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKey {
  v: 1;
  id: string;
  organization: string;
  name: string;
  /** SHA-256 of the key, in hex. */
  hash: string;
  /** The beginning of the key, by which people recognize it. */
  prefix: string;
  scopes: readonly Scope[];
  /** The models that it may generate with; null for all. */
  models: readonly string[] | null;
  /** Generations that it may submit in a minute; null for no limit of its own. */
  requestsPerMinute: number | null;
  createdAt: number;
  /** In ms since the epoch; null for never. */
  expiresAt: number | null;
}

const PREFIX = "vg-";
const PREFIX_LENGTH = 10;
const KEY_BYTES = 32;

export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export const prefixOf = (key: string): string => key.slice(0, PREFIX_LENGTH);

export const newApiKey = (makeBytes: (count: number) => Buffer): string =>
  PREFIX + makeBytes(KEY_BYTES).toString("base64url");

/** The id of the key that VISGATE_API_KEY sets. Only the environment changes it. */
export const BOOTSTRAP_KEY_ID = "bootstrap";
