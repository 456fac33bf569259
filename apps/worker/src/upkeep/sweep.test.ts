import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventId } from "@visgate/shared/ids";
import { outputKey } from "@visgate/shared/outputs";
import { queuePrefix } from "@visgate/shared/queue";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, pendingRecord, renderedRecord, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { prune, sweep } from "./sweep.js";

const DAY_MS = 86_400_000;
const { server, openWorker } = useTestWorkers();
let worker: TestWorker;
beforeEach(async () => {
  worker = await openWorker();
});

const waiting = async (queue: string) => (await worker.deps.producer.counts(queue))["waiting"] ?? 0;
async function emptyQueue(name: string): Promise<void> {
  const queue = new Queue(name, { connection: { url: server.url }, prefix: queuePrefix(name) });
  await queue.drain();
  await queue.close();
}
const media = () =>
  (async function* () {
    yield Buffer.from("film");
  })();

describe("sweep", () => {
  test("wakes every overdue record without a job once, also with three sweepers at a time", async () => {
    const before = await waiting("fal");
    await worker.keep(pendingRecord());
    const failed = await worker.keep(pendingRecord({ webhookUrl: "https://example.com/" }));
    await worker.store.requests.applyTo(failed, { name: "failed", at: T0, failure: failure(), billedMicro: null });
    // The process that applies a transition wakes its deliveries. Here that wake-up is lost.
    await expect.poll(() => waiting("webhooks")).toBe(1);
    await emptyQueue("webhooks");
    await sweep(worker.deps);
    expect([await waiting("fal"), await waiting("webhooks")]).toEqual([before, 0]);
    worker.clock.advance(10_000);
    await Promise.all([sweep(worker.deps), sweep(worker.deps), sweep(worker.deps)]);
    // A request that no worker has started is postponed once, because the API may be about to withdraw it.
    expect([await waiting("fal"), await waiting("webhooks")]).toEqual([before, 1]);
    worker.clock.advance(30_000);
    await Promise.all([sweep(worker.deps), sweep(worker.deps), sweep(worker.deps)]);
    expect([await waiting("fal"), await waiting("webhooks")]).toEqual([before + 1, 1]);
  });
});

test("sweep: wakes an overdue record whose job is in no list of BullMQ any more", async () => {
  const record = await worker.keep(pendingRecord());
  await worker.deps.producer.wakeRequest("fal", record);
  const queue = new Queue("fal", { connection: { url: server.url }, prefix: queuePrefix("fal") });
  const redis = new Redis(server.url);
  try {
    await redis.lrem(queue.toKey("wait"), 1, record.id);
    await sweep(worker.deps);
    worker.clock.advance(40_000);
    await sweep(worker.deps);
    worker.clock.advance(60_000);
    await sweep(worker.deps);
    expect(await (await queue.getJob(record.id))?.getState()).toBe("waiting");
  } finally {
    redis.disconnect();
    await queue.close();
  }
});

test("sweep: a request that ended an hour ago moves to its cold form, and reads stay the same", async () => {
  const record = await worker.keep(renderedRecord());
  await worker.store.requests.applyTo(record, { name: "completed", at: T0, outputs: [] });
  const redis = new Redis(server.url);
  const isWarm = async () =>
    (await redis.hexists(worker.store.keys.request(record.organization, record.id), "doc")) === 1;
  try {
    // By Redis's clock, which says when a request ended.
    worker.clock.advance(Date.now() - worker.clock.now());
    await sweep(worker.deps);
    expect(await isWarm()).toBe(true);
    const before = await worker.store.requests.get(record);
    worker.clock.advance(3_700_000);
    await sweep(worker.deps);
    expect(await isWarm()).toBe(false);
    expect(await worker.store.requests.get(record)).toEqual(before);
  } finally {
    redis.disconnect();
  }
});

describe("prune", () => {
  test("erases ended requests past their retention with files and deliveries, and nothing else", async () => {
    const old = await worker.keep(renderedRecord({ webhookUrl: "https://example.com/" }));
    const open = await worker.keep(pendingRecord());
    const young = await worker.keep(renderedRecord({ createdAt: T0 + DAY_MS }));
    for (const record of [old, young]) {
      await worker.store.requests.applyTo(record, { name: "completed", at: T0, outputs: [] });
      await worker.deps.outputs.put(outputKey("acme", record.id, 0, "mp4"), media());
    }
    worker.clock.advance(30 * DAY_MS + 1);
    await prune(worker.deps);
    const { requests, deliveries } = worker.store;
    expect(await requests.get(old)).toBeNull();
    expect(await deliveries.get({ organization: "acme", id: eventId(old.id) })).toBeNull();
    expect(await worker.deps.outputs.open(outputKey("acme", old.id, 0, "mp4"))).toBeNull();
    expect((await requests.get(open))?.doc.status).toBe("pending");
    expect((await requests.get(young))?.doc.status).toBe("completed");
    expect(await worker.deps.outputs.open(outputKey("acme", young.id, 0, "mp4"))).not.toBeNull();
  });

  test("continues after a file that cannot be removed, which the next sweep removes", async () => {
    const [one, other] = [await worker.keep(renderedRecord()), await worker.keep(renderedRecord())];
    for (const record of [one, other]) {
      await worker.store.requests.applyTo(record, { name: "completed", at: T0, outputs: [] });
      await worker.deps.outputs.put(outputKey("acme", record.id, 0, "mp4"), media());
    }
    const { removeAll } = worker.deps.outputs;
    worker.deps.outputs.removeAll = async (folder) => {
      if (folder.includes(one.id)) throw new Error("the disk is read-only");
      await removeAll(folder);
    };
    worker.clock.advance(30 * DAY_MS + 1);
    await prune(worker.deps);
    expect(await worker.deps.outputs.open(outputKey("acme", other.id, 0, "mp4"))).toBeNull();
    expect(await worker.store.requests.get(one)).toBeNull();
    worker.deps.outputs.removeAll = removeAll;
    await sweep(worker.deps);
    expect(await worker.deps.outputs.open(outputKey("acme", one.id, 0, "mp4"))).toBeNull();
    expect(await worker.store.maintenance.trash("acme")).toEqual([]);
  });

  test("erases old alerts of budgets from the feed, and their deliveries", async () => {
    const { endpoints, budgets, feed, deliveries } = worker.store;
    await endpoints.add({
      ...{ v: 1, id: "we_alerts", organization: "acme", url: "https://example.com/", description: null, createdAt: T0 },
      ...{ events: ["budget.threshold"], failingSince: null, previousSecret: null, disabledReason: null, secret: "x" },
    });
    const audit = { action: "budget.set", by: { kind: "admin" }, at: T0, target: "x", details: {} } as const;
    await budgets.set("acme", { subject: "organization", period: "month", limitMicro: 1 }, audit);
    const { id } = pendingRecord();
    await worker.keep(pendingRecord({ id }));
    await budgets.remove("acme", "organization", "month", audit);
    const alert = (await feed.read("acme", 0, 1000)).find(({ type }) => type === "budget.threshold");
    const delivery = { organization: "acme", id: `msg_${id}_budget_${alert?.sequence}-we_alerts` };
    worker.clock.advance(29 * DAY_MS);
    await prune(worker.deps);
    expect(await deliveries.get(delivery)).not.toBeNull();
    worker.clock.advance(DAY_MS + 1);
    await prune(worker.deps);
    expect(await deliveries.get(delivery)).toBeNull();
    expect((await feed.read("acme", 0, 1000)).filter(({ type }) => type === "budget.threshold")).toEqual([]);
  });

  test("removes the unfinished file of a dead process, and leaves one that is being written", async () => {
    const incoming = join(worker.dataDir, "files/.incoming");
    mkdirSync(incoming, { recursive: true });
    for (const [name, ageSeconds] of [
      ["dead", 3700],
      ["alive", 1700],
    ] as const) {
      const writtenAt = worker.clock.now() / 1000 - ageSeconds;
      writeFileSync(join(incoming, name), "half a film");
      utimesSync(join(incoming, name), writtenAt, writtenAt);
    }
    await prune(worker.deps);
    expect(readdirSync(incoming)).toEqual(["alive"]);
  });

  test("erases what is expired also when unfinished files cannot be removed", async () => {
    const old = await worker.keep(renderedRecord());
    await worker.store.requests.applyTo(old, { name: "completed", at: T0, outputs: [] });
    worker.deps.outputs.removeLeftovers = () => Promise.reject(new Error("the disk is read-only"));
    worker.clock.advance(30 * DAY_MS + 1);
    await prune(worker.deps);
    expect(await worker.store.requests.get(old)).toBeNull();
  });

  test("erases more than one batch, and stops at open requests", async () => {
    const old = await Promise.all(
      Array.from({ length: 1100 }, () => worker.keep(pendingRecord({ status: "completed", organization: "acme" }))),
    );
    const open = await worker.keep(pendingRecord({ createdAt: T0 - DAY_MS }));
    worker.clock.advance(31 * DAY_MS);
    await prune(worker.deps);
    const left = await worker.store.maintenance.expiredRequests(T0 + DAY_MS, 5000);
    const mine = new Set([...old, open].map(({ id }) => id));
    expect(left.filter(({ id }) => mine.has(id)).map(({ id }) => id)).toEqual([open.id]);
  });
});
