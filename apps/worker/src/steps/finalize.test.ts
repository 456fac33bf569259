import { createHash } from "node:crypto";
import type { PollResult } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import { expect, onTestFinished, test } from "vitest";
import { startListener } from "../../../../tests/support/listeners.js";
import { NEVER_LATE, renderedRecord, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";

const MP4 = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
const { openWorker } = useTestWorkers();
let worker: TestWorker;
let polls: number;

/** A file server (`/fresh`: the film, `/broken`: 500, else 403), and a provider that answers polls with these URLs. */
async function withProvider(poll: (origin: string) => PollResult, { bytes = MP4.length } = {}) {
  polls = 0;
  const media = await startListener((request, response) => {
    if (request.url === "/broken") return response.writeHead(500).end();
    if (request.url !== "/fresh") return response.writeHead(403).end();
    return response.writeHead(200).end(Buffer.concat([MP4, Buffer.alloc(bytes - MP4.length)]));
  });
  onTestFinished(media.close);
  worker = await openWorker({
    policy: { allowPrivate: true },
    settings: { maxOutputBytes: 1000 },
    adapter: {
      async poll() {
        polls += 1;
        return poll(media.origin);
      },
    },
  });
  worker.clock.advance(60_000);
  return media;
}
const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);
const rendered = (url: string, at = T0) =>
  renderedRecord({ rendered: { outputs: [{ url }], copyAttempts: 0, at, withheld: 0, copies: [] } });
const fresh = (origin: string): PollResult => {
  return { kind: "succeeded", outputs: [{ url: `${origin}/fresh` }], withheld: 0, bill: null };
};

test("finalize: asks the provider for a new URL when the old one has expired", async () => {
  const media = await withProvider(fresh);
  const record = await worker.keep(rendered(`${media.origin}/expired`));
  expect((await run(record)).kind).toBe("sleep");
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(polls).toBe(1);
  expect(await worker.record(record)).toMatchObject({ status: "completed", outputs: [{ kind: "stored" }] });
});

test("finalize: treats the answers of the old URLs as final when the provider no longer knows the job", async () => {
  const media = await withProvider(() => ({ kind: "missing" }));
  const record = await worker.keep(rendered(`${media.origin}/expired`));
  await run(record);
  await run(record);
  expect(polls).toBe(1);
  expect(await worker.record(record)).toMatchObject({
    status: "processing",
    rendered: { outputs: [{ url: `${media.origin}/expired` }], copyAttempts: 2, copies: [{ lastingFaults: 1 }] },
  });
});

test("finalize: asks the provider for new URLs no sooner than its rhythm allows", async () => {
  const media = await withProvider(fresh);
  const record = await worker.keep(rendered(`${media.origin}/expired`, T0 + 60_000));
  await run(record);
  worker.clock.advance(499);
  await run(record);
  expect(polls).toBe(0);
  worker.clock.advance(1);
  await run(record);
  expect(polls).toBe(1);
});

test("finalize: fails at once on an output above the size limit, which counts as charged", async () => {
  const media = await withProvider(fresh, { bytes: 1001 });
  const record = await worker.keep(rendered(`${media.origin}/fresh`));
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(await worker.record(record)).toMatchObject({
    status: "failed",
    failure: { code: "OUTPUT_UNAVAILABLE", retryable: false },
    chargeState: "charged",
  });
});

test("finalize: counts a try before it begins", async () => {
  const media = await withProvider(fresh);
  const record = await worker.keep(rendered(`${media.origin}/fresh`));
  const { put } = worker.deps.outputs;
  let counted: number | undefined;
  worker.deps.outputs.put = async (key, source) => {
    counted = (await worker.record(record)).rendered?.copyAttempts;
    return put(key, source);
  };
  await run(record);
  expect(counted).toBe(1);
});

/** Runs the request until it ends, or for two hours; returns how long that took. */
async function runToEnd(record: RequestRecord): Promise<number> {
  const began = worker.clock.now();
  for (let outcome = await run(record); outcome.kind === "sleep"; outcome = await run(record)) {
    worker.clock.advance(outcome.delayMs);
    if (worker.clock.now() - began > 2 * 3_600_000) break;
  }
  return worker.clock.now() - began;
}
const many = (origin: string, paths: string[]): PollResult => {
  return { kind: "succeeded", outputs: paths.map((path) => ({ url: origin + path })), withheld: 0, bill: null };
};
const changesOf = async (record: RequestRecord) => worker.store.timeline.changes(record);

test("finalize: fails within two minutes when fresh URLs answer 403, with each try on the time line", async () => {
  const media = await withProvider((origin) => many(origin, ["/refused"]));
  const record = await worker.keep(rendered(`${media.origin}/refused`, T0 + 60_000));
  const tookMs = await runToEnd(record);
  expect(tookMs).toBeGreaterThan(20_000);
  expect(tookMs).toBeLessThan(120_000);
  expect(await worker.record(record)).toMatchObject({
    ...{ status: "failed", chargeState: "charged" },
    failure: { code: "OUTPUT_UNAVAILABLE", retryable: false, message: expect.stringContaining("HTTP 403") },
  });
  const copies = (await changesOf(record)).filter(({ name }) => name === "copy_failed");
  expect(copies.map(({ error }) => error)).toEqual(Array(6).fill("HTTP 403"));
});

test("finalize: retries a temporary error for hours", async () => {
  const media = await withProvider((origin) => many(origin, ["/broken"]));
  const record = await worker.keep(rendered(`${media.origin}/broken`, T0 + 60_000));
  expect(await runToEnd(record)).toBeGreaterThan(7_200_000);
  expect(await worker.record(record)).toMatchObject({ status: "processing" });
});

const cacheState = (hash: string) =>
  ({ hash, reason: "miss", leaderId: null, sharedFrom: null, avoidedCostMicro: 0 }) as const;
/** Whether the cache has the output of an equal request: then the accepting script asks for another record. */
async function isCached(hash: string) {
  const record = renderedRecord({ cache: cacheState(hash) });
  const command = { record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null };
  return (await worker.store.requests.accept(command)).kind !== "new";
}

test("finalize: completes with the outputs that can be copied, each copied once, and does not cache them", async () => {
  const paths = ["/fresh", "/refused", "/fresh"];
  const media = await withProvider((origin) => many(origin, paths));
  const outputs = paths.map((path) => ({ url: media.origin + path }));
  const record = await worker.keep(
    renderedRecord({
      rendered: { outputs, withheld: 0, at: T0 + 60_000, copyAttempts: 0, copies: [] },
      cache: cacheState("h"),
    }),
  );
  expect(await runToEnd(record)).toBeLessThan(120_000);
  expect(await worker.record(record)).toMatchObject({
    status: "completed",
    outputs: [{ key: expect.stringContaining("/0.mp4") }, { key: expect.stringContaining("/2.mp4") }],
  });
  expect(media.asked.filter((path) => path.endsWith("/fresh"))).toHaveLength(2);
  expect(await worker.deps.store.sharing.findAnywhere("h")).toBeNull();
  // Another caller would get fewer outputs than it asked for.
  expect(await isCached("h")).toBe(false);
});

test.each([
  { what: "whole result", withheld: 0, count: 2, cached: true },
  { what: "result of which the provider filtered an output", withheld: 1, count: 2, cached: false },
  { what: "result with fewer outputs than were asked for", withheld: 0, count: 3, cached: false },
])("finalize: a $what is kept in the cache: $cached", async ({ withheld, count, cached }) => {
  const media = await withProvider(fresh);
  const outputs = ["/fresh", "/fresh"].map((path) => ({ url: media.origin + path }));
  const { input } = renderedRecord();
  const hash = `${withheld} of ${count}`;
  const record = await worker.keep(
    renderedRecord({
      input: { ...input, count },
      rendered: { outputs, withheld, at: T0 + 60_000, copyAttempts: 0, copies: [] },
      cache: cacheState(hash),
    }),
  );
  await runToEnd(record);
  expect(await worker.record(record)).toMatchObject({ status: "completed", outputs: [{}, {}] });
  expect(await isCached(hash)).toBe(cached);
});

test.each([
  { what: "plain http", to: "http://user:pass-word@203.0.113.7/a.mp4?key=k-e-y", says: "user name or password" },
  { what: "plain http without a password", to: "http://203.0.113.7/a.mp4", says: "only https is allowed" },
  { what: "an internal address", to: "https://127.0.0.1:1/a.mp4?key=k-e-y", says: "private, internal or reserved" },
])("finalize: an output at $what fails as OUTPUT_UNAVAILABLE, and the log says why", async ({ to, says }) => {
  const poll = () => many("", [to]);
  worker = await openWorker({ adapter: { poll: async () => poll() } });
  const record = await worker.keep(rendered(to));
  expect(await runToEnd(record)).toBeLessThan(120_000);
  expect(await worker.record(record)).toMatchObject({
    ...{ status: "failed", chargeState: "charged" },
    failure: { code: "OUTPUT_UNAVAILABLE", retryable: false, message: expect.stringContaining(says) },
  });
  expect(worker.log()).toContain(says);
  expect(worker.log()).not.toMatch(/pass-word|k-e-y/);
});

test.each([
  { mode: "managed", account: "server", kept: true },
  { mode: "byok", account: "organization", kept: false },
  { mode: "byok", account: "caller", kept: false },
] as const)(
  "finalize: with a cache for all organizations, an output that the account of the $account made is kept for all: $kept",
  async ({ mode, account, kept }) => {
    const media = await withProvider(fresh);
    const deps = { ...worker.deps, settings: { ...worker.deps.settings, cacheIsShared: true } };
    const hash = `hash-${account}`;
    const cache = { hash, reason: "miss", leaderId: null, sharedFrom: null, avoidedCostMicro: 0 } as const;
    const record = await worker.keep(
      { ...rendered(`${media.origin}/fresh`), mode, account, cache },
      worker.deps.secrets.encrypt("a-key", "x"),
    );
    expect(await advanceRequest(deps, record, new AbortController().signal)).toEqual({ kind: "finish" });
    expect((await worker.record(record)).status).toBe("completed");
    expect((await worker.store.sharing.findAnywhere(hash)) !== null).toBe(kept);
  },
);

test("finalize: the poster is part of the transition that completes the request", async () => {
  const media = await withProvider(fresh);
  const jpeg = Buffer.from("a poster");
  const asked: string[] = [];
  worker.deps.posters = {
    async of(file, contentType) {
      asked.push(`${file.totalBytes} ${contentType}`);
      return jpeg;
    },
  };
  const record = await worker.keep(rendered(`${media.origin}/fresh`));
  await run(record);
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  expect(asked).toEqual([`${MP4.length} video/mp4`]);
  expect(await worker.record(record)).toMatchObject({ status: "completed", outputs: [{ posterSha256: sha256 }] });
  const poster = await worker.deps.outputs.open(`acme/out/${record.id}/poster.jpg`);
  expect(poster?.totalBytes).toBe(jpeg.length);
});

test.each([
  { what: "cannot be made", of: async () => null },
  { what: "fails", of: () => Promise.reject(new Error("no decoder")) },
])("finalize: completes without a poster when it $what", async ({ of }) => {
  const media = await withProvider(fresh);
  worker.deps.posters = { of };
  const record = await worker.keep(rendered(`${media.origin}/fresh`));
  expect(await run(record)).toEqual({ kind: "finish" });
  const { status, outputs } = await worker.record(record);
  expect([status, outputs[0]]).toEqual(["completed", expect.not.objectContaining({ posterSha256: expect.anything() })]);
});

test("finalize: a poster that hangs delays the end by some seconds only", async () => {
  const media = await withProvider(fresh);
  worker.deps.posters = { of: () => new Promise(() => {}) };
  const record = await worker.keep(rendered(`${media.origin}/fresh`));
  const began = performance.now();
  await run(record);
  expect((await worker.record(record)).status).toBe("completed");
  expect(performance.now() - began).toBeLessThan(20_000);
});
