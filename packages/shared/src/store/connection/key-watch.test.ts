import { once } from "node:events";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useTestRedis } from "../../../../../tests/support/redis.js";
import { until } from "../../../../../tests/support/until.js";
import { createKeys } from "../keys.js";
import { connectReader, connectWatcher } from "./connect.js";
import { type Watched, watchKeys } from "./key-watch.js";
import { aclRules } from "./rights.js";

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
  const watch = watchKeys({ reader, watcher });
  /** Reads the key, and returns whether it is unchanged. */
  const read = async (key: string): Promise<Watched> => (await watch.read(key, (redis) => redis.get(key))).watched;
  const untilWatched = (key: string) =>
    until("a watched read", async () => {
      const watched = await read(key).catch(() => null);
      return watched?.isUnchanged() ? watched : false;
    });
  await until("the reader", () => reader.status === "ready");
  return { reader, watcher, watch, read, untilWatched };
}

const clientIdOf = async (redis: Redis) => {
  const list = (await other.client("LIST")) as string;
  const port = redis.stream?.["localPort" as never];
  return /id=(\d+)/.exec(list.split("\n").find((line) => line.includes(`addr=127.0.0.1:${port} `)) ?? "")?.[1] ?? "";
};

test("a key is unchanged until it is changed, and again when it is read again; other keys are not touched", async () => {
  const { untilWatched, read } = await open();
  const [one, two] = [await untilWatched("one"), await untilWatched("two")];
  await other.set("one", "changed");
  await until("the change", () => !one.isUnchanged());
  expect(two.isUnchanged()).toBe(true);
  expect((await read("one")).isUnchanged()).toBe(true);
});

test("a change between two reads of a key, and one while it is read, are not missed", async () => {
  const { untilWatched, watch } = await open();
  await untilWatched("key");
  for (let round = 0; round < 200; round += 1) {
    const reading = watch.read("key", (redis) => redis.get("key"));
    const [{ value: seen, watched }] = await Promise.all([reading, other.set("key", String(round))]);
    await watched.catchUp();
    if (watched.isUnchanged()) expect([round, seen]).toEqual([round, String(round)]);
  }
});

test.each(["reader", "watcher"] as const)(
  "when the connection of the %s is lost: nothing counts as unchanged, until it is read again",
  async (which) => {
    const connections = await open();
    const before = await connections.untilWatched("key");
    await other.client("KILL", "ID", await clientIdOf(connections[which]));
    await until("the loss", () => !before.isUnchanged());
    const after = await connections.untilWatched("key");
    await other.set("key", "changed");
    await until("the change", () => !after.isUnchanged());
    expect(before.isUnchanged()).toBe(false);
  },
);

test("a watcher that is lost while the reader is away is no unhandled error", async () => {
  const reader = new Redis(server.url, { lazyConnect: true });
  const watcher = connectWatcher(server.url).on("error", () => {});
  opened.push(reader, watcher);
  watchKeys({ reader, watcher });
  await once(watcher, "ready");
  const closed = once(watcher, "end");
  watcher.disconnect();
  await closed;
});

test("everything deleted: nothing is unchanged", async () => {
  const { untilWatched } = await open();
  const watched = await untilWatched("key");
  await other.flushall();
  await until("the change", () => !watched.isUnchanged());
});

test("catchUp: afterwards every earlier change is known, in 500 rounds", async () => {
  const { untilWatched, read } = await open();
  await untilWatched("key");
  for (let round = 0; round < 500; round += 1) {
    const watched = await read("key");
    await other.set("key", String(round));
    await watched.catchUp();
    expect([round, watched.isUnchanged()]).toEqual([round, false]);
  }
});

test("catchUp: calls of one turn share a ping", async () => {
  const { untilWatched } = await open();
  const watched = await untilWatched("key");
  const pings = async () => Number(/cmdstat_ping:calls=(\d+)/.exec(await other.info("commandstats"))?.[1]);
  const before = await pings();
  await Promise.all(Array.from({ length: 50 }, () => watched.catchUp()));
  expect((await pings()) - before).toBe(1);
});

test("catchUp while Redis hangs: rejects in time, and works again afterwards", async () => {
  const { untilWatched } = await open();
  const watched = await untilWatched("key");
  process.kill(server.pid, "SIGSTOP");
  const began = performance.now();
  const refused = await watched.catchUp().then(
    () => false,
    () => true,
  );
  process.kill(server.pid, "SIGCONT");
  expect(refused).toBe(true);
  expect(performance.now() - began).toBeLessThan(10_000);
  await (await untilWatched("key")).catchUp();
});

test("a user with the documented rights: reads are watched", async () => {
  const rules = [...aclRules(createKeys()), "+client|id", "+client|tracking", "&__redis__:invalidate"];
  await other.call("ACL", "SETUSER", "watching", "on", ">secret", ...rules);
  const url = new URL(server.url);
  [url.username, url.password] = ["watching", "secret"];
  const { untilWatched } = await open(url.href);
  await (await untilWatched("vg:key")).catchUp();
});

test("a user without the right for CLIENT TRACKING: nothing counts as unchanged, and reads work", async () => {
  await other.call("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", "-client|tracking");
  const url = new URL(server.url);
  [url.username, url.password] = ["limited", "secret"];
  const { read } = await open(url.href);
  await until("the refusal", async () => JSON.stringify(await other.call("ACL", "LOG")).includes("client|tracking"));
  for (let round = 0; round < 10; round += 1) expect((await read("key")).isUnchanged()).toBe(false);
});
