/** Conformance of a store: a request is accepted once. */
import type { AcceptCommand } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { NEVER_LATE, pendingRecord } from "./records.js";
import {
  callConcurrently,
  connectSeveral,
  countBy,
  keysContaining,
  type OpenBench,
  type StoreBench,
} from "./store-bench.js";

const DAY_SECONDS = 86_400;
const command = (overrides: Partial<AcceptCommand> = {}): AcceptCommand => {
  return { record: pendingRecord(), idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null, ...overrides };
};
const idempotency = (keyHash: string, bodyHash: string) => ({ keyHash, bodyHash, ttlSeconds: DAY_SECONDS });

export function acceptConformance(open: OpenBench): void {
  describe("accept", () => {
    let bench: StoreBench;
    beforeEach(async () => {
      bench = await open();
      await bench.store.organizations.ensure("acme", 0);
      await bench.store.organizations.ensure("globex", 0);
    });

    test("stores the record as it is", async () => {
      const record = pendingRecord({
        input: { prompt: 'a "b" ü 🌊 \\u0000', image: null, durationSeconds: 6, size: null, count: null, params: {} },
      });
      expect(await bench.store.requests.accept(command({ record }))).toEqual({ kind: "new", id: record.id });
      expect(await bench.store.requests.get(record)).toEqual({ rev: "1", doc: record });
    });

    test("two submits without an idempotency key are two requests", async () => {
      const [one, two] = [command(), command()];
      expect((await bench.store.requests.accept(one)).kind).toBe("new");
      expect((await bench.store.requests.accept(two)).kind).toBe("new");
      expect(await bench.store.maintenance.openCount()).toBe(2);
    });

    test("a script that is sent again because its answer was lost overwrites nothing", async () => {
      const submit = command({ idempotency: idempotency("key", "body") });
      await bench.store.requests.accept(submit);
      const moved = await bench.store.requests.applyTo(submit.record, { name: "cancel_requested", at: 1 });
      expect(await bench.store.requests.accept(submit)).toEqual({ kind: "new", id: submit.record.id });
      expect(await bench.store.requests.get(submit.record)).toEqual(moved.kind === "applied" && moved.current);
    });

    test("a second submit with the same key and body is a replay of the first", async () => {
      const first = command({ idempotency: idempotency("key", "body") });
      const again = command({ idempotency: idempotency("key", "body") });
      await bench.store.requests.accept(first);
      expect(await bench.store.requests.accept(again)).toEqual({ kind: "replay", id: first.record.id });
      expect(await bench.store.requests.get(again.record)).toBeNull();
    });

    test("a second submit with the same key and another body is a conflict, and writes nothing", async () => {
      const first = command({ idempotency: idempotency("key", "body") });
      const other = command({ idempotency: idempotency("key", "other"), encryptedProviderKey: "sealed" });
      await bench.store.requests.accept(first);
      expect(await bench.store.requests.accept(other)).toEqual({ kind: "conflict", id: first.record.id });
      expect(await keysContaining(bench, other.record.id)).toEqual([]);
      expect(await bench.store.maintenance.openCount()).toBe(1);
    });

    test("equal keys of two organizations are two keys", async () => {
      await bench.store.requests.accept(command({ idempotency: idempotency("key", "body") }));
      const record = pendingRecord({ organization: "globex" });
      const accepted = await bench.store.requests.accept(command({ record, idempotency: idempotency("key", "body") }));
      expect(accepted).toEqual({ kind: "new", id: record.id });
    });

    test("100 concurrent submits with one key, over four connections: one is new, 99 replay it", async () => {
      const stores = await connectSeveral(bench, 4);
      const answers = await callConcurrently(stores, 100, (store) =>
        store.requests.accept(command({ idempotency: idempotency("key", "body") })),
      );
      expect(countBy(answers, ({ kind }) => kind)).toEqual({ new: 1, replay: 99 });
      expect(new Set(answers.map((answer) => "id" in answer && answer.id)).size).toBe(1);
      expect(await bench.store.maintenance.openCount()).toBe(1);
      expect(await bench.store.runs.countByModel()).toEqual({ "fal-ai/veo3": 1 });
      const expired = await bench.store.maintenance.expiredRequests(Number.MAX_SAFE_INTEGER, 1000);
      expect(expired).toHaveLength(1);
    });

    test("100 concurrent submits with one key and two bodies: one is new, 49 replay, 50 conflict", async () => {
      const stores = await connectSeveral(bench, 4);
      const answers = await callConcurrently(stores, 100, async (store, index) => {
        const bodyHash = index < 50 ? "body" : "other";
        return { ...(await store.requests.accept(command({ idempotency: idempotency("key", bodyHash) }))), bodyHash };
      });
      expect(countBy(answers, ({ kind }) => kind)).toEqual({ new: 1, replay: 49, conflict: 50 });
      const winner = answers.find(({ kind }) => kind === "new")?.bodyHash;
      for (const { kind, bodyHash } of answers) expect(kind === "conflict").toBe(bodyHash !== winner);
    });

    test("an idempotency key expires after its lifetime", async () => {
      await bench.store.requests.accept(command({ idempotency: idempotency("key", "body") }));
      const left = await bench.ttlSeconds(bench.store.keys.idempotency("acme", "key"));
      expect(left).toBeGreaterThan(DAY_SECONDS - 60);
      expect(left).toBeLessThanOrEqual(DAY_SECONDS);
    });

    test("a replay does not extend the lifetime of the key", async () => {
      const short = { ...idempotency("key", "body"), ttlSeconds: 100 };
      await bench.store.requests.accept(command({ idempotency: short }));
      await bench.store.requests.accept(command({ idempotency: idempotency("key", "body") }));
      expect(await bench.ttlSeconds(bench.store.keys.idempotency("acme", "key"))).toBeLessThanOrEqual(100);
    });

    test("the id is unknown in another organization", async () => {
      const { record } = command();
      await bench.store.requests.accept(command({ record }));
      expect(await bench.store.requests.get({ organization: "globex", id: record.id })).toBeNull();
      expect(await bench.store.requests.providerKey({ organization: "globex", id: record.id })).toBeNull();
    });

    test("runs are counted per model over all organizations", async () => {
      const records = [
        pendingRecord(),
        pendingRecord({ organization: "globex" }),
        pendingRecord({ model: "fal-ai/veo3.1" }),
      ];
      for (const record of records) await bench.store.requests.accept(command({ record }));
      expect(await bench.store.runs.countByModel()).toEqual({ "fal-ai/veo3": 2, "fal-ai/veo3.1": 1 });
    });

    test("an accepted request is overdue after ten seconds, in case its wake-up was lost", async () => {
      const { id } = (await accepted(bench)).record;
      bench.clock.advance(9_999);
      expect(await bench.store.maintenance.overdueRequests(10)).toEqual([]);
      bench.clock.advance(1);
      expect(await bench.store.maintenance.overdueRequests(10)).toEqual([{ organization: "acme", id }]);
    });
  });
}

async function accepted(bench: StoreBench) {
  const given = command();
  await bench.store.requests.accept(given);
  return given;
}
