/**
 * What signatures are checked with, fetched from the provider and kept. A signature that none of the kept keys made may
 * be of a new one, so they are fetched again; but anybody can send a wrong signature, so not more than once a minute.
 */
const MAX_AGE_MS = 24 * 3600_000;
const REFETCH_AFTER_MS = 60_000;
/** After a fetch that failed. */
const RETRY_AFTER_MS = 5000;

export interface KeyRing {
  /** Whether one of the keys fits. */
  check(fits: (key: Buffer) => boolean): Promise<"fits" | "misfits" | "unavailable">;
}

export interface KeyRingOptions {
  /** Null when the keys cannot be had. */
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

  /** One at a time, and not again too soon. */
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
      if (current()?.some(fits)) return "fits";
      await refresh();
      const keys = current();
      if (keys?.some(fits)) return "fits";
      return keys !== null && tried?.ok ? "misfits" : "unavailable";
    },
  };
}
