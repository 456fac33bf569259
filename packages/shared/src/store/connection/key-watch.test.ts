import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useTestRedis } from "../../../../../tests/support/redis.js";
import { until } from "../../../../../tests/support/until.js";
import { connectReader, connectWatcher } from "./connect.js";
import { type Freshness, watchKeys } from "./key-watch.js";

const server = useTestRedis();
let other: Redis;
const opened: Redis[] = [];
beforeEach(async () => {
  other = new Redis(server.url);
  opened.push(other);
  await other.flushall();
});
afterEach(() => {
  for (const connection of opened.splice(0)) connection.disconnect();
});

async function open(url = server.url) {
  const [reader, watcher] = [connectReader(url), connectWatcher(url)];
  opened.push(reader, watcher);
  for (const connection of [reader, watcher]) connection.on("error", () => {});
  const watch = watchKeys({ reader, watcher, monotonicNow: () => performance.now() });
  /** Reads the key, and returns whether it is still fresh. */
  const read = async (key: string): Promise<Freshness> => {
    const freshness = watch.begin(key);
    await reader.get(key);
    return freshness;
  };
  const untilFresh = (key: string) =>
    until("a fresh read", async () => {
      const freshness = await read(key).catch(() => null);
      return freshness?.isFresh() ? freshness : false;
    });
  await until("the reader", () => reader.status === "ready");
  return { reader, watcher, watch, read, untilFresh };
}

const clientIdOf = async (redis: Redis) => {
  const list = (await other.client("LIST")) as string;
  const port = redis.stream?.["localPort" as never];
  return /id=(\d+)/.exec(list.split("\n").find((line) => line.includes(`addr=127.0.0.1:${port} `)) ?? "")?.[1] ?? "";
};

test("a key is fresh until it is changed, and again when it is read again; other keys stay fresh", async () => {
  const { untilFresh, read } = await open();
  const [one, two] = [await untilFresh("one"), await untilFresh("two")];
  await other.set("one", "changed");
  await until("the change", () => !one.isFresh());
  expect(two.isFresh()).toBe(true);
  expect((await read("one")).isFresh()).toBe(true);
});

test("a change between two reads of a key, and one while it is read, are not missed", async () => {
  const { untilFresh, watch, reader } = await open();
  await untilFresh("key");
  for (let round = 0; round < 200; round += 1) {
    const freshness = watch.begin("key");
    const [seen] = await Promise.all([reader.get("key"), other.set("key", String(round))]);
    await reader.ping();
    await other.ping();
    await sleep(1);
    if (freshness.isFresh()) expect([round, seen]).toEqual([round, String(round)]);
  }
});

test.each(["reader", "watcher"] as const)(
  "when the connection of the %s is lost: nothing is fresh, and then again",
  async (which) => {
    const connections = await open();
    const before = await connections.untilFresh("key");
    await other.client("KILL", "ID", await clientIdOf(connections[which]));
    await until("the loss", () => !before.isFresh());
    const after = await connections.untilFresh("key");
    await other.set("key", "changed");
    await until("the change", () => !after.isFresh());
    expect(before.isFresh()).toBe(false);
  },
);

test("everything deleted: nothing is fresh", async () => {
  const { untilFresh } = await open();
  const freshness = await untilFresh("key");
  await other.flushall();
  await until("the change", () => !freshness.isFresh());
});

test("while Redis hangs: nothing is fresh after a second, and the same again afterwards", async () => {
  const { untilFresh } = await open();
  const freshness = await untilFresh("key");
  process.kill(server.pid, "SIGSTOP");
  try {
    await sleep(1300);
    expect(freshness.isFresh()).toBe(false);
  } finally {
    process.kill(server.pid, "SIGCONT");
  }
  await until("a sign of life", () => freshness.isFresh());
});

test("a user without the right for CLIENT TRACKING: nothing is fresh, and reads work", async () => {
  await other.call("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", "-client|tracking");
  const url = new URL(server.url);
  [url.username, url.password] = ["limited", "secret"];
  const { read } = await open(url.href);
  for (let round = 0; round < 10; round += 1, await sleep(50)) expect((await read("key")).isFresh()).toBe(false);
});
