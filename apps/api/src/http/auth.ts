/** Finds the API key of `Authorization: Bearer vg-…` by its hash, and remembers it for a moment. */
import { VisgateError } from "@visgate/shared/errors";
import { type ApiKey, hashApiKey, type Scope } from "@visgate/shared/organization";
import { REMEMBER_MS } from "@visgate/shared/runtime";
import type { FoundKey } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { createWrongKeys } from "./wrong-keys.js";

const MAX_REMEMBERED = 10_000;
const WRONG_KEY_DELAY_MS = 1000;
/** How exact `last_used_at` is. */
const NOTE_USE_EVERY_MS = 60_000;

/**
 * Throws AUTHENTICATION_ERROR unless the header holds a known API key that is neither revoked nor expired, and
 * RATE_LIMIT_ERROR after many wrong keys. `addressOf`: asked for wrong keys only.
 */
export type Authenticate = (header: string | undefined, addressOf: () => string) => FoundKey | Promise<FoundKey>;

type AuthenticationDeps = Pick<Deps, "store" | "clock" | "areKeysRegistered" | "sleep">;

export function createAuthentication(deps: AuthenticationDeps): Authenticate {
  const { clock, sleep } = deps;
  const { apiKeys } = deps.store;
  const wrongKeys = createWrongKeys(clock);
  const noteUse = createUseNotes(deps);
  const remembered = new Map<string, { found: FoundKey; until: number }>();

  async function lookUp(header: string, addressOf: () => string): Promise<FoundKey> {
    const until = clock.now() + REMEMBER_MS;
    // Some SDKs that speak one of the dialects send Key or Token.
    const key = /^(?:Bearer|Key|Token)\s+(\S+)\s*$/i.exec(header)?.[1];
    const found = key === undefined ? null : await apiKeys.find(hashApiKey(key));
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (found === null) remembered.delete(header);
    else remembered.set(header, { found, until });
    if (found !== null) return usable(found);
    if (key === undefined) throw refusal(MISSING);
    if (!deps.areKeysRegistered()) throw NOT_READY;
    const tooMany = wrongKeys.count(addressOf());
    if (tooMany === null) throw refusal("This API key is unknown or was revoked.");
    // Callers that ignore Retry-After get this much slower, on each of their connections.
    await sleep(WRONG_KEY_DELAY_MS);
    throw tooMany;
  }

  function usable(found: FoundKey): FoundKey {
    const { expiresAt } = found.apiKey;
    if (expiresAt !== null && clock.now() >= expiresAt) throw refusal("This API key has expired.");
    noteUse(found.apiKey);
    return found;
  }

  return (header, addressOf) => {
    if (header === undefined) throw refusal(MISSING);
    const known = remembered.get(header);
    return known !== undefined && known.until > clock.now() ? usable(known.found) : lookUp(header, addressOf);
  };
}

/** Writes when a key was used, at most once a minute for each key. A lost note does no harm. */
function createUseNotes({ store, clock }: Pick<Deps, "store" | "clock">): (apiKey: ApiKey) => void {
  const noted = new Map<string, number>();
  return (apiKey) => {
    const now = clock.now();
    if (now - (noted.get(apiKey.hash) ?? 0) < NOTE_USE_EVERY_MS) return;
    if (noted.size >= MAX_REMEMBERED) noted.clear();
    noted.set(apiKey.hash, now);
    store.apiKeys.noteUse(apiKey, now).catch(() => noted.delete(apiKey.hash));
  };
}

const NOT_READY = new VisgateError("UNAVAILABLE", "The service is not ready yet; send the same call again shortly.");
const MISSING = "Send your API key as Authorization: Bearer vg-….";

const refusal = (message: string) => new VisgateError("AUTHENTICATION_ERROR", message);

/** @throws VisgateError FORBIDDEN when the key has none of the scopes */
export function requireScope({ scopes }: ApiKey, needed: readonly Scope[]): void {
  if (needed.some((scope) => scopes.includes(scope))) return;
  const message = `This API key lacks the scope ${needed.join(" or ")}; use a key that has it.`;
  throw new VisgateError("FORBIDDEN", message, { scope: needed[0] });
}
