/** Finds the API key of `Authorization: Bearer vg-…` by its hash, and remembers it for a few seconds. */
import { VisgateError } from "@visgate/shared/errors";
import { type ApiKey, hashApiKey } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { createWrongKeys } from "./wrong-keys.js";

/** A revoked key works for at most this long. */
const REMEMBER_MS = 5000;
const MAX_REMEMBERED = 10_000;
const WRONG_KEY_DELAY_MS = 1000;

/**
 * Throws AUTHENTICATION_ERROR unless the header holds a known API key that is not revoked, and RATE_LIMIT_ERROR after
 * many wrong keys. `addressOf`: asked for wrong keys only.
 */
export type Authenticate = (header: string | undefined, addressOf: () => string) => ApiKey | Promise<ApiKey>;

type AuthenticationDeps = Pick<Deps, "store" | "clock" | "areKeysRegistered" | "sleep">;

export function createAuthentication(deps: AuthenticationDeps): Authenticate {
  const { clock, sleep } = deps;
  const { apiKeys } = deps.store;
  const wrongKeys = createWrongKeys(clock);
  const remembered = new Map<string, { apiKey: ApiKey; until: number }>();

  async function lookUp(header: string, addressOf: () => string): Promise<ApiKey> {
    const key = /^Bearer\s+(\S+)\s*$/i.exec(header)?.[1];
    const apiKey = key === undefined ? null : await apiKeys.find(hashApiKey(key));
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (apiKey === null) remembered.delete(header);
    else remembered.set(header, { apiKey, until: clock.now() + REMEMBER_MS });
    if (apiKey !== null) return apiKey;
    if (key === undefined) throw refusal(MISSING);
    if (!deps.areKeysRegistered()) throw NOT_READY;
    const tooMany = wrongKeys.count(addressOf());
    if (tooMany === null) throw refusal("This API key is unknown or was revoked.");
    // Callers that ignore Retry-After get this much slower, on each of their connections.
    await sleep(WRONG_KEY_DELAY_MS);
    throw tooMany;
  }

  return (header, addressOf) => {
    if (header === undefined) throw refusal(MISSING);
    const known = remembered.get(header);
    return known !== undefined && known.until > clock.now() ? known.apiKey : lookUp(header, addressOf);
  };
}

const NOT_READY = new VisgateError("UNAVAILABLE", "The service is not ready yet; send the same call again shortly.");
const MISSING = "Send your API key as Authorization: Bearer vg-….";

const refusal = (message: string) => new VisgateError("AUTHENTICATION_ERROR", message);
