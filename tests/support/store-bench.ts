/** What the store's conformance suite needs of a store under test. */
import type { RequestRef } from "@visgate/shared/request";
import type { Store } from "@visgate/shared/store";
import type { Redis } from "ioredis";
import type { TestClock } from "./signals.js";

export interface StoreBench {
  clock: TestClock;
  store: Store;
  /** A store over the same data on a connection of its own, as another process has. */
  connect(): Promise<Store>;
  /** Everything that is kept: names and contents, one text per key. */
  dump(): Promise<Map<string, string>>;
  /** Seconds a key has left to live, negative when for ever. */
  ttlSeconds(key: string): Promise<number>;
  /** The deliveries that `store` told of. */
  born: RequestRef[];
  /** To look and to tamper. */
  redis: Redis;
}

/** A fresh key space per call. */
export type OpenBench = () => Promise<StoreBench>;

/** Names of kept keys whose name or content mentions `text`. */
export async function mentioning(bench: StoreBench, text: string): Promise<string[]> {
  const kept = await bench.dump();
  return [...kept].filter(([name, content]) => name.includes(text) || content.includes(text)).map(([name]) => name);
}

/** `count` stores on connections of their own. */
export function connectSeveral(bench: StoreBench, count: number): Promise<Store[]> {
  return Promise.all(Array.from({ length: count }, () => bench.connect()));
}

/** Runs `call` `times` times at once, spread over the stores. */
export function storm<T>(stores: Store[], times: number, call: (store: Store, index: number) => Promise<T>) {
  return Promise.all(
    Array.from({ length: times }, (_, index) => {
      const store = stores[index % stores.length];
      if (store === undefined) throw new Error("a storm needs a store");
      return call(store, index);
    }),
  );
}

export function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
