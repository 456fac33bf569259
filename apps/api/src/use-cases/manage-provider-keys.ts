/** Stores, lists and removes an organization's own provider keys. No answer shows a key. */

import type { NewProviderKey, ProviderKeysAnswer, ProviderKeyView } from "@visgate/shared/contract";
import { invalid, VisgateError } from "@visgate/shared/errors";
import {
  type Actor,
  endOfKey,
  maskedKey,
  providerKeyContext,
  type StoredProviderKey,
} from "@visgate/shared/organization";
import { changeSetting } from "@visgate/shared/store";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { isSimulated } from "./is-simulated.js";

/** Whose keys, and who changes them. */
export interface KeyChange {
  organization: string;
  by: Actor;
}

export async function listProviderKeys(deps: Deps, organization: string): Promise<ProviderKeysAnswer> {
  const keys = await deps.store.providerKeys.list(organization);
  return { keys: keys.toSorted((a, b) => (a.provider < b.provider ? -1 : 1)).map((key) => keyView(deps, key)) };
}

/** A key that the provider refuses is not stored. One that cannot be checked now is stored as not validated. */
export async function setProviderKey(
  deps: Deps,
  { organization, by }: KeyChange,
  { provider, api_key: apiKey }: NewProviderKey,
): Promise<ProviderKeysAnswer> {
  const { kind } = await deps.askAccount(provider, apiKey);
  if (kind === "refused") throw invalid("api_key", `api_key: ${provider} refuses this key, so it was not stored.`);
  const at = deps.clock.now();
  const validated = kind === "valid";
  const key: StoredProviderKey = {
    ...{ v: 1, provider, last4: endOfKey(apiKey), validated, validatedAt: validated ? at : null, createdAt: at },
    encrypted: deps.secrets.encrypt(apiKey, providerKeyContext(organization, provider)),
  };
  const audit = { action: "provider_key.set", by, at, target: provider, details: { validated } } as const;
  await changeSetting(deps.store.providerKeys, { organization, id: provider }, () => ({ after: key, audit }));
  deps.storedKeys.forget(organization);
  return listProviderKeys(deps, organization);
}

/** Requests that were submitted with the key keep their copy of it until they end. */
export async function deleteProviderKey(
  deps: Deps,
  { organization, by }: KeyChange,
  provider: string,
): Promise<ProviderKeysAnswer> {
  const audit = { action: "provider_key.deleted", by, at: deps.clock.now(), target: provider, details: {} } as const;
  const { before } = await changeSetting(deps.store.providerKeys, { organization, id: provider }, (key) =>
    key === null ? null : { after: null, audit },
  );
  if (before === null) throw new VisgateError("NOT_FOUND", "Your organization has no key stored for this provider.");
  deps.storedKeys.forget(organization);
  return listProviderKeys(deps, organization);
}

function keyView(deps: Deps, key: StoredProviderKey): ProviderKeyView {
  const { provider, validated, validatedAt } = key;
  return {
    ...{ provider, validated, masked_key: maskedKey(key) },
    validated_at: validatedAt === null ? null : isoTime(validatedAt),
    simulated: isSimulated(deps, provider),
  };
}
