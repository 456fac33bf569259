import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { SCRIPT_SCENARIOS, type ScriptScenario } from "../../../../tests/support/script-scenarios.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import { createStore } from "./store.js";

const LUA = new URL("./lua/", import.meta.url);
const ALL = ["~*", "&*", "+@all"];
/** The keys that the scripts get as arguments; they make the names of the other keys themselves. */
const GIVEN = [
  "req:*",
  "open*",
  "requests",
  "runs",
  "idem:*",
  "cache:*",
  "flight:*",
  "uses:*",
  "unsettled:*",
  "trash",
  "holders",
  "waiting",
  "creates",
  "outbox*",
  "ended",
];

const server = useTestRedis();
let admin: Redis;
let limited: Redis;
beforeAll(async () => {
  admin = new Redis(server.url);
  await allow(...ALL);
  const url = new URL(server.url);
  [url.username, url.password] = ["limited", "secret"];
  limited = new Redis(url.href);
});
afterAll(async () => {
  for (const redis of [admin, limited]) redis.disconnect();
});

/** Sets the rights of the limited user. */
const allow = (...rules: string[]) =>
  admin.call("ACL", "SETUSER", "limited", "on", ">secret", "resetkeys", "resetchannels", ...rules);

async function contentOf(key: string): Promise<unknown> {
  // Scores by Redis's clock differ between two runs.
  if (/:unsettled:|:leases$|:ended$/.test(key)) return admin.zrange(key, "0", "-1");
  const type = await admin.type(key);
  if (/:(?:holders|waiting)$/.test(key)) return (await admin.hkeys(key)).sort();
  if (/\}:(?:creates|leaving)$/.test(key)) return withoutTimes(await admin.zrange(key, "0", "-1"));
  if (type === "hash") return admin.hgetall(key);
  if (type === "zset") return admin.zrange(key, "0", "-1", "WITHSCORES");
  if (type === "list") return admin.lrange(key, 0, -1);
  if (type === "stream") return contentOfStream(key);
  return type === "set" ? (await admin.smembers(key)).sort() : admin.get(key);
}

/** Redis makes the ids of some streams from its time. */
async function contentOfStream(key: string): Promise<unknown> {
  const entries = await admin.xrange(key, "-", "+");
  return /:(audit|ledger)$/.test(key) ? entries.map(([, fields]) => fields) : entries;
}
const withoutTimes = (refs: string[]) => refs.map((ref) => ref.replace(/ \d+$/, " …")).sort();

async function dump(prefix: string): Promise<Record<string, string>> {
  // Those of a queue begin with {prefix-queue}.
  const keys = (await admin.keys(`*${prefix}*`)).sort();
  const entries = keys.map(async (key) => [key.replace(prefix, ""), JSON.stringify(await contentOf(key))] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const storeOf = (redis: Redis, prefix: string) =>
  createStore({ redis, clock: createTestClock(), prefix, actor: "test", cacheTtlSeconds: 100 });

/**
 * Awaits it without its pauses: a refused push to the outbox is repeated for 10 s. Time passes only when Redis has
 * answered all that was sent, so that no wait for an answer counts as a pause.
 */
async function withoutPauses<T>(call: Promise<T>): Promise<T> {
  let isOver = false;
  const over = call.finally(() => {
    isOver = true;
  });
  over.catch(() => {});
  while (!isOver) {
    await limited.ping();
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(1000);
  }
  return over;
}

/** Runs the script under these rules. Returns what Redis held before and after, and whether the call was refused. */
async function run(
  { prepare }: ScriptScenario,
  { restrict = async () => {} }: { restrict?: () => Promise<unknown> } = {},
) {
  await admin.flushall();
  const prefix = `t-${randomUUID()}`;
  const store = storeOf(admin, prefix);
  for (const organization of ["acme", "globex"]) await store.organizations.ensure(organization, 0);
  const act = await prepare(store);
  const before = await dump(prefix);
  await restrict();
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const refused = await withoutPauses(act(storeOf(limited, prefix))).then(
    () => null,
    (error: Error) => error.message,
  );
  vi.useRealTimers();
  await allow(...ALL);
  return { before, after: await dump(prefix), refused };
}

/** What a run left: everything that the script writes, nothing of it, or a part of it. */
async function leaves(scenario: ScriptScenario, restrict: () => Promise<unknown>, whole: Record<string, string>) {
  const { before, after, refused } = await run(scenario, { restrict });
  const same = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other);
  if (same(after, whole)) return refused === null ? "everything" : `everything, but: ${refused}`;
  if (same(after, before)) return refused === null ? "nothing, unnoticed" : "nothing";
  return `a part: ${refused}`;
}

function commandsOf(lua: string[]): string[] {
  const text = lua.map((file) => readFileSync(new URL(`${file}.lua`, LUA), "utf8")).join("\n");
  return [...new Set([...text.matchAll(/redis\.p?call\('(\w+)'/g)].map((match) => match[1] ?? ""))];
}

describe.each(SCRIPT_SCENARIOS)("$what", (scenario) => {
  test("without the right for one of its commands: writes nothing, or everything but messages", async () => {
    const { after: whole, before } = await run(scenario);
    expect(whole).not.toEqual(before);
    const left: Record<string, string> = {};
    for (const command of commandsOf(scenario.lua)) {
      left[command] = await leaves(scenario, () => allow(...ALL, `-${command}`), whole);
    }
    expect(Object.entries(left).filter(([, what]) => !["everything", "nothing"].includes(what))).toEqual([]);
    expect(Object.values(left)).toContain("nothing");
    if (left["PUBLISH"] !== undefined) expect(left["PUBLISH"]).toBe("everything");
  });

  test("with the rights for the given keys only: writes nothing, or everything", async () => {
    const { after: whole } = await run(scenario);
    const given = GIVEN.map((name) => `~*:${name}`);
    expect(await leaves(scenario, () => allow(...given, "&*", "+@all"), whole)).toMatch(/^(nothing|everything)$/);
  });

  test("without a channel: writes everything", async () => {
    const { after: whole } = await run(scenario);
    expect(await leaves(scenario, () => allow("~*", "+@all"), whole)).toBe("everything");
  });

  test("without the right to write its keys, or with a full memory: writes nothing", async () => {
    const { after: whole } = await run(scenario);
    expect(await leaves(scenario, () => allow("%R~*", "&*", "+@all"), whole)).toBe("nothing");
    const full = () => admin.config("SET", "maxmemory", 1);
    expect(await leaves(scenario, full, whole).finally(() => admin.config("SET", "maxmemory", 0))).toMatch(
      /^(nothing|everything)$/,
    );
  });
});

test("every script that writes has a scenario", () => {
  const writes = (file: string) =>
    /redis\.call\('(?:SET|[HSZX]|DEL|RPUSH)/.test(readFileSync(new URL(file, LUA), "utf8"));
  const writing = readdirSync(LUA).filter((file) => file.endsWith(".lua") && writes(file));
  const tested = new Set(SCRIPT_SCENARIOS.flatMap(({ lua }) => lua.map((file) => `${file}.lua`)));
  expect(writing.filter((file) => !tested.has(file) && file !== "remove_lease.lua")).toEqual([]);
});
