/** Which provider key a call uses: the caller's own, else the organization's stored one, else the server's. */
import { providerOf } from "@visgate/providers";
import { VisgateError } from "@visgate/shared/errors";
import { providerKeyContext } from "@visgate/shared/organization";
import type { Account } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

/** The caller's own provider keys, by provider. */
export type CallerKeys = Record<string, string | undefined>;

export interface KeyQuestion {
  organization: string;
  provider: string;
  callerKeys: CallerKeys;
}

/** `apiKey` is "" for a provider that needs none. */
export interface PickedKey {
  kind: "found";
  account: Account;
  apiKey: string;
}

/** `unreadable`: the organization has stored a key that cannot be decrypted. Nobody else's account may pay then. */
export type KeyChoice = PickedKey | { kind: "none" } | { kind: "unreadable" };

export async function pickKey(deps: Deps, { organization, provider, callerKeys }: KeyQuestion): Promise<KeyChoice> {
  const callerKey = callerKeys[provider];
  if (callerKey !== undefined && callerKey !== "") return { kind: "found", account: "caller", apiKey: callerKey };
  if (providerOf(provider).manifest.callerKeyHeader !== null) {
    const stored = await deps.storedKeys.find(organization, provider);
    if (stored !== null) return decrypted(deps, { organization, provider, encrypted: stored.encrypted });
  }
  const apiKey = deps.settings.providers.get(provider)?.apiKey ?? null;
  return apiKey === null ? { kind: "none" } : { kind: "found", account: "server", apiKey };
}

type Sealed = { organization: string; provider: string; encrypted: string };

function decrypted({ secrets, log }: Deps, { organization, provider, encrypted }: Sealed): KeyChoice {
  try {
    const apiKey = secrets.decrypt(encrypted, providerKeyContext(organization, provider));
    return { kind: "found", account: "organization", apiKey };
  } catch {
    log.error({ organization, provider }, "a stored provider key cannot be decrypted; was VISGATE_SECRET changed?");
    return { kind: "unreadable" };
  }
}

/** @throws VisgateError PROVIDER_NOT_CONFIGURED when the call has no key to use */
export async function requireKey(deps: Deps, question: KeyQuestion): Promise<PickedKey> {
  const choice = await pickKey(deps, question);
  if (choice.kind === "found") return choice;
  const { provider } = question;
  const message = choice.kind === "none" ? noKeyMessage(provider) : unreadableMessage(provider);
  throw new VisgateError("PROVIDER_NOT_CONFIGURED", message, { provider });
}

function noKeyMessage(provider: string): string {
  const { callerKeyHeader, baseUrlVariable } = providerOf(provider).manifest;
  return callerKeyHeader === null
    ? `This server has no address for ${provider}: its operator can set ${baseUrlVariable}.`
    : `This server has no key for ${provider}; send your own as ${callerKeyHeader}, or store it.`;
}

const unreadableMessage = (provider: string) =>
  `The key that your organization stored for ${provider} cannot be read any more; store it again, or delete it.`;
