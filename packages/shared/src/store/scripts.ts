/** The Lua scripts as typed commands. Each script's header in lua/ lists its keys, arguments, result and invariant. */
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { clusterOf, scriptForCluster } from "./connection/cluster.js";
import { NO_REPLICAS, type Replicas, replicated, type UntilTaken } from "./connection/replicas.js";

type Command = (keysAndArgs: { keys: string[]; args: (string | number | Buffer)[] }) => Promise<unknown>;

/** The files of each script, concatenated in this order. */
const FILES = {
  accept: ["rights", "events", "ledger", "budgets", "accept"],
  transition: ["rights", "events", "ledger", "budgets", "audit", "transition"],
  claimFlight: ["claim_flight"],
  borrow: ["borrow"],
  giveBack: ["rights", "give_back"],
  freeze: ["rights", "freeze"],
  erase: ["rights", "ledger", "erase"],
  withdraw: ["rights", "ledger", "withdraw"],
  postponeOrphan: ["rights", "postpone_orphan"],
  countDeath: ["count_death"],
  saveDelivery: ["rights", "save_delivery"],
  saveEndpoint: ["rights", "audit", "save_endpoint"],
  saveSetting: ["rights", "audit", "save_setting"],
  replaceProviderKey: ["replace_provider_key"],
  catchUp: ["rights", "catch_up"],
  saveAlerts: ["rights", "events", "save_alerts"],
  claimOverdue: ["claim_overdue"],
  pushOutbox: ["rights", "outbox", "push_outbox"],
  takeOutbox: ["rights", "outbox", "take_outbox"],
  settleOutbox: ["rights", "outbox", "settle_outbox"],
  returnOutbox: ["rights", "outbox", "return_outbox"],
  beat: ["beat"],
  removeLease: ["remove_lease"],
  acquireSlot: ["rights", "pool", "pool_grant", "acquire_slot"],
  releaseSlot: ["rights", "pool", "pool_grant", "release_slot"],
  grantSlots: ["rights", "pool", "pool_grant", "grant_slots"],
  holdSlot: ["rights", "pool", "hold_slot"],
  sentSubmit: ["rights", "pool", "pool_grant", "sent_submit"],
  departure: ["rights", "pool", "pool_grant", "departure"],
} as const;

/** Their writes must survive a failover: what a caller was told, and what money depends on. */
const REPLICATED: ReadonlySet<string> = new Set(["accept", "transition", "withdraw"]);

export type Scripts = Record<keyof typeof FILES, Command>;

export interface ScriptOptions {
  /** For workers, which may send a script again. */
  untilTaken?: UntilTaken | undefined;
  replicas?: Replicas | undefined;
}

export function loadScripts(redis: Redis, { untilTaken, replicas = NO_REPLICAS }: ScriptOptions = {}): Scripts {
  const isCluster = clusterOf(redis) !== null;
  const command = (name: keyof Scripts): Command => {
    const text = FILES[name].map(readScript).join("\n");
    const lua = isCluster ? scriptForCluster(text) : text;
    const commandName = `visgate_${name}`;
    redis.defineCommand(commandName, { lua });
    const run = Reflect.get(redis, commandName) as (...args: unknown[]) => Promise<unknown>;
    const send: Command = ({ keys, args }) => run.call(redis, keys.length, ...keys, ...args);
    const has = REPLICATED.has(name) ? replicas : NO_REPLICAS;
    return (input) => replicated(has, input.keys[0] ?? "", () => send(input), untilTaken);
  };
  const names = Object.keys(FILES) as (keyof Scripts)[];
  return Object.fromEntries(names.map((name) => [name, command(name)])) as Scripts;
}

export const readScript = (file: string) =>
  readFileSync(new URL(`../../src/store/lua/${file}.lua`, import.meta.url), "utf8");
