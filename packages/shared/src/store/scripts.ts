/** The Lua scripts as typed commands. Each script's header in lua/ lists its keys, arguments, result and invariant. */
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

type Command = (keysAndArgs: { keys: string[]; args: (string | number)[] }) => Promise<unknown>;

/** The files of each script, concatenated in this order. */
const FILES = {
  accept: ["events", "accept"],
  transition: ["events", "transition"],
  claimFlight: ["claim_flight"],
  borrow: ["borrow"],
  giveBack: ["give_back"],
  erase: ["erase"],
  withdraw: ["withdraw"],
  postponeOrphan: ["postpone_orphan"],
  countDeath: ["count_death"],
  saveDelivery: ["save_delivery"],
  saveEndpoint: ["save_endpoint"],
  catchUp: ["catch_up"],
  claimOverdue: ["claim_overdue"],
  beat: ["beat"],
  removeLease: ["remove_lease"],
} as const;

export type Scripts = Record<keyof typeof FILES, Command>;

export function loadScripts(redis: Redis): Scripts {
  const command = (name: keyof Scripts): Command => {
    const lua = FILES[name].map(read).join("\n");
    const commandName = `visgate_${name}`;
    redis.defineCommand(commandName, { lua });
    const run = Reflect.get(redis, commandName) as (...args: unknown[]) => Promise<unknown>;
    return ({ keys, args }) => run.call(redis, keys.length, ...keys, ...args);
  };
  const names = Object.keys(FILES) as (keyof Scripts)[];
  return Object.fromEntries(names.map((name) => [name, command(name)])) as Scripts;
}

const read = (file: string) => readFileSync(new URL(`../../src/store/lua/${file}.lua`, import.meta.url), "utf8");
