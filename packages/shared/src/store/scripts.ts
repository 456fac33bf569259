/** The Lua scripts as typed commands. Each script's header in lua/ tells its keys, arguments and invariant. */
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

type Command = (keysAndArgs: { keys: string[]; args: (string | number)[] }) => Promise<unknown>;

export interface Scripts {
  accept: Command;
  transition: Command;
  saveDelivery: Command;
  claimOverdue: Command;
}

const FILES: Record<keyof Scripts, string> = {
  accept: "accept",
  transition: "transition",
  saveDelivery: "save_delivery",
  claimOverdue: "claim_overdue",
};

export function loadScripts(redis: Redis): Scripts {
  const command = (name: keyof Scripts): Command => {
    const lua = readFileSync(new URL(`../../lua/${FILES[name]}.lua`, import.meta.url), "utf8");
    const commandName = `visgate_${FILES[name]}`;
    redis.defineCommand(commandName, { lua });
    const run = Reflect.get(redis, commandName) as (...args: unknown[]) => Promise<unknown>;
    return ({ keys, args }) => run.call(redis, keys.length, ...keys, ...args);
  };
  return {
    accept: command("accept"),
    transition: command("transition"),
    saveDelivery: command("saveDelivery"),
    claimOverdue: command("claimOverdue"),
  };
}
