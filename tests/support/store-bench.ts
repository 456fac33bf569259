/** A store under test, for the conformance suites. */
import type { RequestRef } from "@visgate/shared/request";
import type { Store } from "@visgate/shared/store";
import type { Redis } from "ioredis";
import type { TestClock } from "./signals.js";

export interface StoreBench {
  clock: TestClock;
  store: Store;
  /** A store on the same data with its own connection, as another process has it. */
  connect(): Promise<Store>;
  /** All keys with their contents as text. */
  dump(): Promise<Map<string, string>>;
  /** The seconds until a key expires; negative when it does not expire. */
  ttlSeconds(key: string): Promise<number>;
  /** The deliveries that `store` passed to `onDeliveries`. */
  created: RequestRef[];
  /** For tests that read or change the data directly. */
  redis: Redis;
}

/** Each call opens a store with its own key prefix. */
export type OpenBench = () => Promise<StoreBench>;

/** The keys whose name or content contains `text`; not the ledger, which keeps the ids of all requests. */
export async function keysContaining(bench: StoreBench, text: string): Promise<string[]> {
  const entries = [...(await bench.dump())].filter(([name]) => !name.endsWith(":ledger"));
  return entries.filter(([name, content]) => name.includes(text) || content.includes(text)).map(([name]) => name);
}

/** `count` stores, each with its own connection. */
export function connectSeveral(bench: StoreBench, count: number): Promise<Store[]> {
  return Promise.all(Array.from({ length: count }, () => bench.connect()));
}

/** Makes `times` concurrent calls, spread over the stores. */
export function callConcurrently<T>(stores: Store[], times: number, call: (store: Store, index: number) => Promise<T>) {
  return Promise.all(
    Array.from({ length: times }, (_, index) => {
      const store = stores[index % stores.length];
      if (store === undefined) throw new Error("no store was given");
      return call(store, index);
    }),
  );
}

export function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
