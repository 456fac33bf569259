/** An organization's own key for a provider. Its requests use it before the server's key. */

export interface StoredProviderKey {
  v: 1;
  provider: string;
  /** The key, encrypted and bound to its organization and provider. */
  encrypted: string;
  /** The end of the key, by which people recognize it. */
  last4: string;
  /** Whether the provider accepted the key when it was stored. False: the provider could not be asked. */
  validated: boolean;
  /** When the provider accepted the key. */
  validatedAt: number | null;
  createdAt: number;
}

/** Binds the encrypted key to its place: in another organization, or for another provider, it cannot be decrypted. */
export const providerKeyContext = (organization: string, provider: string): string =>
  `provider-key:${organization}:${provider}`;

const SHOWN = 4;

/** The last four characters, but never more than a quarter of the key. */
export const endOfKey = (key: string): string =>
  key.slice(key.length - Math.min(SHOWN, Math.floor(key.length / SHOWN)));

export const maskedKey = ({ last4 }: Pick<StoredProviderKey, "last4">): string => `****${last4}`;

/** The keys that a request with other models keeps until its end: one for each provider whose account is not the server's. */
export function keysByProvider(all: readonly { provider: string; ownKey: string | null }[]): string | null {
  const own = all.filter(({ ownKey }) => ownKey !== null);
  return own.length === 0 ? null : JSON.stringify(Object.fromEntries(own.map((one) => [one.provider, one.ownKey])));
}

/** Null when the request has no key for this provider. */
export function keyOfProvider(keys: string, provider: string): string | null {
  const all: Record<string, string> = JSON.parse(keys);
  return Object.hasOwn(all, provider) ? (all[provider] ?? null) : null;
}
