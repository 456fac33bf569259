import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useTestRedis } from "../../../../../tests/support/redis.js";
import { until } from "../../../../../tests/support/until.js";
import { createKeys } from "../keys.js";
import { aclRules, findMissingRights, missingRightsLine } from "./rights.js";
import { watchRights } from "./watch-rights.js";

const keys = createKeys();
const RULES = aclRules(keys);
const COMMANDS = RULES.filter((rule) => rule.startsWith("+"));

const server = useTestRedis();
let admin: Redis;
let redis: Redis;
beforeAll(async () => {
  admin = new Redis(server.url);
  await allow(RULES);
  redis = new Redis(server.url.replace("//:test-password", "//gateway:secret"));
});
afterAll(async () => {
  for (const one of [admin, redis]) one.disconnect();
});

/** Sets the rights of the user "gateway". */
const allow = (rules: string[]) =>
  admin.call("ACL", "SETUSER", "gateway", "on", ">secret", "resetkeys", "resetchannels", "-@all", ...rules);
const without = (...rules: string[]) => allow(RULES.filter((rule) => !rules.includes(rule)));
const line = async () => {
  const missing = await findMissingRights(redis, keys);
  return missing.length === 0 ? null : missingRightsLine(missing, "gateway");
};

describe("findMissingRights", () => {
  test("finds nothing for a user with exactly the documented rules, and for one with all rights", async () => {
    await allow(RULES);
    expect(await findMissingRights(redis, keys)).toEqual([]);
    await allow(["~*", "&*", "+@all"]);
    expect(await findMissingRights(redis, keys)).toEqual([]);
  });

  test("finds each missing command, and its line has the rule that allows it", async () => {
    const unnoticed: string[] = [];
    for (const rule of COMMANDS) {
      await without(rule);
      const found = await findMissingRights(redis, keys);
      const names = new Set(found.map(({ command }) => `+${command.toLowerCase()}`));
      // Without EVAL, Redis cannot be asked for the other rights.
      if (names.size !== 1 || !names.has(rule) || !missingRightsLine(found, "me").endsWith(` ${rule}`))
        unnoticed.push(rule);
    }
    expect(unnoticed).toEqual([]);
  });

  test.each([
    { lacks: "&vg:*", says: "PUBLISH, SUBSCRIBE on vg:* ", rules: "&vg:* +publish +subscribe" },
    { lacks: "~vg:*", says: "54 commands, such as BLPOP, on vg:* ", rules: "~vg:*" },
    { lacks: "~{vg-*", says: "54 commands, such as BLPOP, on {vg-* ", rules: "~{vg-*" },
  ])("a user without $lacks", async ({ lacks, says, rules }) => {
    await without(lacks);
    expect(await line()).toBe(`Redis refuses ${says}to this user. Allow it: ACL SETUSER gateway ${rules}`);
  });

  test("a user that may only read keys", async () => {
    await allow(RULES.map((rule) => rule.replace(/^~/, "%R~")));
    const refused = (await findMissingRights(redis, keys)).map(({ command }) => command);
    expect(refused).toEqual(expect.arrayContaining(["ZADD", "HSET", "RPOPLPUSH"]));
    expect(refused).not.toContain("HGET");
  });

  test("a user that may not wait for replicas, when ACCEPT_REPLICAS asks for it", async () => {
    await allow(RULES);
    const needs = { prefix: keys.prefix, acceptReplicas: 1 };
    const missing = await findMissingRights(redis, needs);
    expect(missingRightsLine(missing, "gateway")).toBe(
      "Redis refuses ROLE, WAIT to this user. Allow it: ACL SETUSER gateway +role +wait",
    );
    await allow(aclRules(needs));
    expect(await findMissingRights(redis, needs)).toEqual([]);
  });

  test("with the rules of its line the user has every right", async () => {
    await allow(["+eval"]);
    const rules = (await line())?.split(" gateway ")[1]?.split(" ") ?? [];
    await admin.call("ACL", "SETUSER", "gateway", ...rules);
    expect(await findMissingRights(redis, keys)).toEqual([]);
  });
});

test("watchRights: reports once what is missing, waits for it, and reports once that nothing is missing", async () => {
  await without("+zadd");
  const lines: (string | null)[] = [];
  const watch = watchRights(redis, keys, (now) => lines.push(now));
  try {
    const granted = watch.granted();
    await until("the missing right", () => lines.length === 1);
    expect(watch.refusal()).toBe(lines[0]);
    await without("&vg:*");
    // Without messages the programs can work.
    await granted;
    expect(watch.refusal()).toBeNull();
    await allow(RULES);
    await until("the end of the fault", () => lines.length === 3);
    expect(lines).toEqual([expect.stringContaining("ZADD"), expect.stringContaining("PUBLISH"), null]);
  } finally {
    watch.close();
  }
});

test("watchRights: a Redis that cannot be asked is taken as one that allows everything", async () => {
  const refusing = {
    ...{ status: "ready", options: {}, on: () => {} },
    eval: () => Promise.reject(new Error("ERR no Lua")),
  };
  const watch = watchRights(refusing as never, keys, () => expect.unreachable());
  await watch.granted();
  watch.close();
});

test("docs/operations.md has exactly these rules", () => {
  const text = readFileSync(new URL("../../../../../docs/operations.md", import.meta.url), "utf8");
  const block = /ACL SETUSER visgate on '>\S+' ([^`]+)/.exec(text)?.[1] ?? "";
  expect(block.split(/[\s\\']+/).filter(Boolean)).toEqual(RULES);
});

describe("the rules contain every command", () => {
  const known = new Set(COMMANDS.map((rule) => rule.slice(1).toUpperCase()));
  const unknown = (text: string) => {
    const calls = text.matchAll(/(?:rcall|redis\.p?call)\(\s*["'](\w+)["']/g);
    return [...new Set([...calls].map((call) => (call[1] ?? "").toUpperCase()))].filter((name) => !known.has(name));
  };

  test("of our scripts", () => {
    const folder = new URL("../lua/", import.meta.url);
    const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
    expect(unknown(texts.join("\n"))).toEqual([]);
  });

  test("of the scripts of BullMQ that queues and workers run", () => {
    const folder = join(dirname(createRequire(import.meta.url).resolve("bullmq")), "../esm/scripts");
    const used =
      /^(add(Standard|Delayed)Job|addJobScheduler|updateJobScheduler|removeJobScheduler|getJobScheduler|extendLocks?|getCounts|getJobs|getRanges|getState|moveJobFromActiveToWait|moveJobsToWait|moveStalledJobsToWait|moveTo(Active|Delayed|Finished)|promote|changePriority|releaseLock|removeJob|saveStacktrace)-\d+\.js$/;
    const files = readdirSync(folder).filter((file) => used.test(file));
    expect(files).toHaveLength(23);
    expect(unknown(files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n"))).toEqual([]);
  });
});
