/**
 * The keys that check signatures, fetched from the provider and cached. When a signature fits no cached key, the
 * provider may have a new key, so the keys are fetched again. Anybody can send a false signature, so at most once a
 * minute.
 */
const MAX_AGE_MS = 24 * 3600_000;
const REFETCH_AFTER_MS = 60_000;
/** The pause after a failed fetch. */
const RETRY_AFTER_MS = 5000;

export interface KeyRing {
  /** Whether the signature fits one of the keys. `unavailable`: the keys could not be fetched. */
  check(fits: (key: Buffer) => boolean): Promise<"valid" | "invalid" | "unavailable">;
}

export interface KeyRingOptions {
  /** Null when the keys cannot be fetched. */
  fetchKeys(): Promise<Buffer[] | null>;
  now: () => number;
}

export function createKeyRing({ fetchKeys, now }: KeyRingOptions): KeyRing {
  let kept: { keys: Buffer[]; at: number } | null = null;
  let tried: { at: number; ok: boolean } | null = null;
  let fetching: Promise<void> | null = null;

  async function fetchAndKeep(): Promise<void> {
    const keys = await fetchKeys();
    tried = { at: now(), ok: keys !== null };
    if (keys !== null) kept = { keys, at: now() };
  }

  /** Runs one fetch at a time, and none before the pause is over. */
  function refresh(): Promise<void> {
    const pauseMs = tried?.ok ? REFETCH_AFTER_MS : RETRY_AFTER_MS;
    if (fetching === null && tried !== null && now() - tried.at < pauseMs) return Promise.resolve();
    fetching ??= fetchAndKeep().finally(() => {
      fetching = null;
    });
    return fetching;
  }

  const current = (): Buffer[] | null => (kept !== null && now() - kept.at < MAX_AGE_MS ? kept.keys : null);

  return {
    async check(fits) {
      if (current()?.some(fits)) return "valid";
      await refresh();
      const keys = current();
      if (keys?.some(fits)) return "valid";
      return keys !== null && tried?.ok ? "invalid" : "unavailable";
    },
  };
}
