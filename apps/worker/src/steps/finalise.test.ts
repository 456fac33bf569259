import type { PollResult } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/domain/request";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { startListener } from "../../../../tests/support/listeners.js";
import { renderedRecord, T0 } from "../../../../tests/support/records.js";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestWorker, type TestWorker } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";

const MP4 = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
let server: TestRedis;
let worker: TestWorker;
let looks: number;
beforeAll(async () => {
  server = await startTestRedis();
});
afterEach(() => worker.close());
afterAll(() => server.stop());

/** A place where `/fresh` has the film and everything else is gone, and a provider that answers a look like this. */
async function withProvider(poll: (origin: string) => PollResult, { bytes = MP4.length } = {}) {
  looks = 0;
  const media = await startListener((request, response) => {
    if (request.url !== "/fresh") return response.writeHead(403).end();
    return response.writeHead(200).end(Buffer.concat([MP4, Buffer.alloc(bytes - MP4.length)]));
  });
  onTestFinished(media.close);
  worker = await createTestWorker(server.url, {
    policy: { allowPrivate: true },
    settings: { maxOutputBytes: 1000 },
    adapter: {
      async poll() {
        looks += 1;
        return poll(media.origin);
      },
    },
  });
  worker.clock.advance(60_000);
  return media;
}
const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);
const rendered = (url: string, at = T0) => renderedRecord({ rendered: { outputs: [{ url }], copyAttempts: 0, at } });
const fresh = (origin: string): PollResult => {
  return { kind: "succeeded", outputs: [{ url: `${origin}/fresh` }], withheld: 0, bill: null };
};

test("a URL that expired is asked for anew, and the output is kept", async () => {
  const media = await withProvider(fresh);
  const record = await worker.keep(rendered(`${media.origin}/expired`));
  expect((await run(record)).kind).toBe("sleep");
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(looks).toBe(1);
  expect(await worker.record(record)).toMatchObject({ status: "completed", outputs: [{ kind: "stored" }] });
});

test("what the provider no longer knows leaves the URLs as they are", async () => {
  const media = await withProvider(() => ({ kind: "missing" }));
  const record = await worker.keep(rendered(`${media.origin}/expired`));
  await run(record);
  await run(record);
  expect(looks).toBe(1);
  expect(await worker.record(record)).toMatchObject({
    status: "processing",
    rendered: { outputs: [{ url: `${media.origin}/expired` }], copyAttempts: 2 },
  });
});

test("the provider is not asked again sooner than its rhythm allows", async () => {
  const media = await withProvider(fresh);
  const record = await worker.keep(rendered(`${media.origin}/expired`, T0 + 60_000));
  await run(record);
  worker.clock.advance(499);
  await run(record);
  expect(looks).toBe(0);
  worker.clock.advance(1);
  await run(record);
  expect(looks).toBe(1);
});

test("an output larger than is kept ends the request at once: it is paid for, and no try would help", async () => {
  const media = await withProvider(fresh, { bytes: 1001 });
  const record = await worker.keep(rendered(`${media.origin}/fresh`));
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(await worker.record(record)).toMatchObject({
    status: "failed",
    failure: { code: "OUTPUT_UNAVAILABLE", retryable: false },
    chargeState: "charged",
  });
});
