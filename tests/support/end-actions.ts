/** What a row of the table of ends (ends.ts) can do with its request. */
import type { Provider } from "@visgate/providers";
import type { Receipt } from "@visgate/shared/contract";
import type { createKeys, Store } from "@visgate/shared/store";
import type { Redis } from "ioredis";
import { type Caller, createCaller } from "./caller.js";
import { ENDS, type End } from "./ends.js";
import { until } from "./until.js";

export const ORGANIZATION = "default";
export const MISDESCRIBED = "-misdescribed";
/** Half a minute as a rule. Workers are killed many times, and on a busy machine each take-over takes longer. */
export const END_MS = 220_000;
const MAX_DEATHS = 3;

export type CatalogueEntry = Provider["models"][number];

/** One row for one provider. */
export interface Case {
  end: End;
  provider: Provider;
  model: CatalogueEntry;
}

/** What a row needs to reach its end. */
export interface EndBench {
  submit(fields?: object, options?: { key?: string }): Promise<string>;
  status(id: string): Promise<Receipt>;
  /** Resolves when the receipt is as wanted. */
  when(id: string, isReady: (receipt: Receipt) => boolean): Promise<Receipt>;
  /** The status after its end. */
  ended(id: string): Promise<unknown>;
  cancel(id: string): Promise<void>;
  /** Deletes the request's copy of the caller's key. */
  forgetKey(id: string): Promise<void>;
  /** Submits with an API key of its own. */
  withOwnKey(): Promise<EndBench & { limitTo(usd: number): Promise<void> }>;
  /** A request that ended with its charge unknown, settled by hand. */
  settled(outcome: object): Promise<string>;
  /** A request that ended with its charge unknown, so long ago that its hold has ended. */
  heldTooLong(): Promise<string>;
  /** A request whose worker dies at each poll. */
  deadly(): Promise<string>;
}

export interface World {
  redis: Redis;
  store: Store;
  keys: ReturnType<typeof createKeys>;
  caller: Caller;
  url: string;
  killAt(match: string): void;
}

export function promptOf({ end, provider }: Case): string {
  const { prompt = "a lighthouse" } = (end.fields ?? {}) as { prompt?: string };
  return `${prompt}, ${tagOf({ end, provider })}`;
}

/** A part of the prompt by which disasters and submits of the row are found. */
export const tagOf = ({ end, provider }: Pick<Case, "end" | "provider">): string =>
  `row [${ENDS.indexOf(end)} ${provider.manifest.name}]`;

export function bodyOf(row: Case): Record<string, unknown> {
  const { model: kind, ...fields } = (row.end.fields ?? {}) as { model?: string };
  const model = kind === undefined ? row.model.id : row.model.id + MISDESCRIBED;
  return { cache: "off", ...fields, model, prompt: promptOf(row) };
}

export function benchFor(world: World, row: Case): EndBench {
  const calls = callsOf(world, row);
  return { ...calls, ...interferencesOf(world, calls) };
}

type Calls = Omit<EndBench, "forgetKey" | "settled" | "heldTooLong" | "deadly">;

/** What any caller can do. */
function callsOf(world: World, row: Case): Calls {
  const { caller } = world;
  const { callerKeyHeader, name } = row.provider.manifest;
  const status: Calls["status"] = async (id) => (await caller.call("GET", `/requests/${id}/receipt`)).body;
  return {
    status,
    when(id, isReady) {
      const read = async () => {
        const receipt = await status(id);
        return isReady(receipt) && receipt;
      };
      return until(`row: ${row.end.what} (${name})`, read, END_MS);
    },
    async submit(fields = {}, { key } = {}) {
      const headers = { prefer: "respond-async", ...(key === undefined ? {} : { [callerKeyHeader ?? ""]: key }) };
      const body = { ...bodyOf(row), ...fields };
      const answer = await caller.call("POST", `/${row.model.mediaType}s/generate`, { body, headers });
      // A cache hit has ended, so it is answered with 200.
      if (answer.status !== 202 && answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      return answer.body.request_id;
    },
    ended: (id) => caller.finished(id, END_MS),
    async cancel(id) {
      await caller.call("POST", `/requests/${id}/cancel`);
    },
    async withOwnKey() {
      const { body: made } = await caller.call("POST", "/api-keys", { body: { name: row.end.what } });
      const own = benchFor({ ...world, caller: createCaller(world.url, made.key) }, row);
      const limitTo = async (limit_usd: number) => {
        const budget = { subject: `key:${made.id}`, period: "month", limit_usd };
        const answer = await caller.call("PUT", "/budgets", { body: budget });
        if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      };
      return { ...own, limitTo };
    },
  };
}

/** What a caller cannot do: only an operator, time or a fault can. */
function interferencesOf({ redis, store, keys, caller, killAt }: World, calls: Calls): Omit<EndBench, keyof Calls> {
  const submitToEnd = async () => {
    const id = await calls.submit();
    await calls.ended(id);
    return id;
  };
  return {
    async forgetKey(id) {
      await redis.hdel(keys.request(ORGANIZATION, id), "providerKey");
    },
    async settled(outcome) {
      const id = await submitToEnd();
      const answer = await caller.call("POST", `/requests/${id}/settle`, { body: outcome });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      return id;
    },
    async heldTooLong() {
      const id = await submitToEnd();
      await redis.zadd(keys.unknownHolds(ORGANIZATION), 0, id);
      await calls.when(id, ({ held_usd }) => held_usd === 0);
      return id;
    },
    async deadly() {
      const id = await calls.submit();
      const jobId = await until("the provider's job", async () => {
        const stored = await store.requests.get({ organization: ORGANIZATION, id });
        return stored?.doc.providerRequestId;
      });
      // As if it had run in three workers that died, one after the other.
      const deaths = Array.from({ length: MAX_DEATHS }, (_, index) => `a-worker-that-died-${index}`);
      await redis.hset(keys.request(ORGANIZATION, id), "deaths", deaths.join(","));
      killAt(jobId);
      return id;
    },
  };
}
