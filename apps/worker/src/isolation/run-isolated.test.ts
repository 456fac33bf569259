/** A request that was running when three workers died: its next step runs in an isolated process, not in this one. */
import { expect, it } from "vitest";
import { processingRecord } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";
import type { Isolated } from "./isolation.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;

const never = new AbortController().signal;

/** A request whose worker died `deaths` times; `isolated`: what the isolated process answers. */
async function requestAfter(deaths: number, isolated: Isolated) {
  let polls = 0;
  worker = await openWorker({
    adapter: {
      async poll() {
        polls += 1;
        return { kind: "running", progress: null };
      },
    },
  });
  const runs: string[] = [];
  const isolation = {
    async run({ id }: { id: string }) {
      runs.push(id);
      return isolated;
    },
  };
  const record = await worker.keep(processingRecord());
  for (let n = 1; n <= deaths; n += 1) await worker.store.requests.countDeath(record, `dead-lease-${n}`);
  return {
    record,
    runs,
    polls: () => polls,
    advance: () => advanceRequest({ ...worker.deps, isolation }, record, never),
  };
}

it("two deaths: the step runs in this process", async () => {
  const { advance, runs, polls } = await requestAfter(2, { kind: "busy" });
  expect(await advance()).toMatchObject({ kind: "sleep" });
  expect([runs.length, polls()]).toEqual([0, 1]);
});

it("three deaths: the step runs only in an isolated process, and its outcome counts", async () => {
  const isolated: Isolated = { kind: "outcome", outcome: { kind: "sleep", delayMs: 1234 } };
  const { record, advance, runs, polls } = await requestAfter(3, isolated);
  expect(await advance()).toEqual({ kind: "sleep", delayMs: 1234 });
  expect([runs, polls()]).toEqual([[record.id], 0]);
  // The process survived, so the deaths do not count any more.
  expect((await worker.store.requests.get(record))?.deaths).toBeUndefined();
});

it("the isolated process dies too: the request fails, and its charge is unknown", async () => {
  const { record, advance, polls } = await requestAfter(3, { kind: "died" });
  await advance();
  expect(await worker.record(record)).toMatchObject({ status: "failed", chargeState: "unknown" });
  expect(polls()).toBe(0);
});
