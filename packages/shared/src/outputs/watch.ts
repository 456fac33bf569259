/** Knows whether the output store can take files, and finds out again and again. */
import { type ProbeResult, probeOutputStore } from "./open.js";
import type { OutputStore } from "./store.js";

export interface OutputsHealth {
  /** What is wrong, as `EROFS` or `NoSuchBucket`; null while files can be stored. */
  fault(): string | null;
  /** Probes the store now. */
  check(): Promise<string | null>;
}

export interface OutputsWatch extends OutputsHealth {
  /** The store. A put that fails makes the watch probe it at once. */
  store: OutputStore;
  probe(): Promise<ProbeResult["fault"]>;
  close(): void;
}

export interface WatchOptions {
  /** Called when the fault changes; null when files can be stored again. */
  onChange: (fault: string | null) => void;
  /** Tests shorten it. */
  everyWhileFaultyMs?: number;
}

const EVERY_MS = 30_000;
const EVERY_WHILE_FAULTY_MS = 3000;
const LIMIT_MS = 10_000;

export function watchOutputs(store: OutputStore, options: WatchOptions): OutputsWatch {
  const { onChange, everyWhileFaultyMs = EVERY_WHILE_FAULTY_MS } = options;
  let known: string | null = null;
  let running: Promise<ProbeResult["fault"]> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function probe(): Promise<ProbeResult["fault"]> {
    clearTimeout(timer);
    running ??= probeInTime(store).then(({ fault }) => {
      running = null;
      const before = known;
      known = fault?.name ?? null;
      if (known !== before) onChange(known);
      if (!isClosed) timer = setTimeout(probe, known === null ? EVERY_MS : everyWhileFaultyMs).unref();
      return fault;
    });
    return running;
  }

  return {
    store: {
      ...store,
      async put(key, source) {
        try {
          return await store.put(key, source);
        } catch (error) {
          void probe();
          throw error;
        }
      },
    },
    fault: () => known,
    check: async () => (await probe())?.name ?? null,
    probe,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

async function probeInTime(store: OutputStore): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined;
  const noAnswer = new Promise<ProbeResult>((resolve) => {
    const fault = { name: `no answer in ${LIMIT_MS / 1000} s`, lasting: false };
    timer = setTimeout(() => resolve({ fault }), LIMIT_MS).unref();
  });
  return Promise.race([probeOutputStore(store), noAnswer]).finally(() => clearTimeout(timer));
}
