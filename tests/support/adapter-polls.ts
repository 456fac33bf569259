/** Conformance of an adapter: poll. */
import type { PollResult, ProviderJob } from "@visgate/providers";
import { expect, test } from "vitest";
import { type AdapterBench, isEnd, REVOKED_KEY } from "./adapter-bench.js";
import { PICTURE_URI } from "./adapter-pictures.js";
import { deadUrl } from "./listeners.js";
import { until } from "./until.js";

export function pollConformance(bench: AdapterBench): void {
  renders(bench);
  faults(bench);
}

function renders(bench: AdapterBench): void {
  const { setup, call, disasters } = bench;
  const poll = (job: ProviderJob) => bench.adapter().poll(job, call());

  /** The results of all polls until the end of the job. */
  async function pollToEnd(job: ProviderJob): Promise<PollResult[]> {
    const results: PollResult[] = [];
    await until("the job to end", async () => {
      const result = await poll(job);
      results.push(result);
      return isEnd(result);
    });
    return results;
  }

  async function urlsOf(job: ProviderJob): Promise<string[]> {
    const result = await bench.ended(job);
    if (result.kind !== "succeeded") throw new Error(`not succeeded: ${JSON.stringify(result)}`);
    return result.outputs.map(({ url }) => url);
  }

  async function download(url: string, job: ProviderJob) {
    const headers = bench.adapter().outputHeaders?.(url, job, call()) ?? {};
    const response = await fetch(url, { headers });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  test("render: is queued, then running, then succeeds with its output and bill", async () => {
    await bench.control().settings({ queue_seconds: 0.3, render_seconds: 0.3 });
    const job = await bench.submitted();
    const results = await pollToEnd(job);
    expect([...new Set(results.map(({ kind }) => kind))]).toEqual(["queued", "running", "succeeded"]);
    const positions = results.flatMap((result) =>
      result.kind === "queued" && result.position !== null ? [result.position] : [],
    );
    expect(positions.every((position) => position >= 0)).toBe(true);
    const end = results.at(-1);
    if (end?.kind !== "succeeded") throw new Error("not succeeded");
    expect(end.bill).toEqual(setup.bill);
    expect(end.outputs).toHaveLength(1);
    expect((await download(end.outputs[0]?.url ?? "", job)).bytes.subarray(4, 8).toString()).toBe("ftyp");
  });

  test("render from an image: succeeds, with one submit", async () => {
    expect(await bench.ended(await bench.submitted(setup.image(PICTURE_URI)))).toMatchObject({ kind: "succeeded" });
    expect(await bench.posts()).toBe(1);
  });

  test.skipIf(setup.pictures === null)("images: the output has as many as were requested", async () => {
    const job = await bench.submitted(setup.pictures?.input);
    const urls = await urlsOf(job);
    expect(new Set(urls).size).toBe(setup.pictures?.count);
    for (const url of urls) expect((await download(url, job)).status).toBe(200);
  });

  test("another adapter, as of another worker: can poll and cancel the job", async () => {
    const job = await bench.submitted();
    const other = bench.anotherAdapter();
    await bench.ended(job);
    expect(await other.poll(job, call())).toMatchObject({ kind: "succeeded" });
    expect(await other.cancel(job, call())).toBe("too_late");
  });

  test("progress: is between 0 and 1 and may decrease, if the provider reports it", async () => {
    await disasters({ name: "progress_backwards" });
    await bench.control().settings({ queue_seconds: 0.1, render_seconds: 1.5 });
    const results = await pollToEnd(await bench.submitted());
    expect(results.at(-1)).toMatchObject({ kind: "succeeded" });
    const progress = results.flatMap((result) =>
      result.kind === "running" && result.progress !== null ? [result.progress] : [],
    );
    expect(progress.every((value) => value >= 0 && value <= 1)).toBe(true);
    const decreases = progress.some((value, index) => value < (progress[index - 1] ?? 0));
    const { reportsProgress } = setup;
    expect({ reports: progress.length > 0, decreases }).toEqual({
      reports: reportsProgress,
      decreases: reportsProgress,
    });
  });

  test("render that never ends: runs until it is cancelled", async () => {
    await disasters({ name: "never_finish" });
    const job = await bench.submitted();
    await until("the job to run", async () => (await poll(job)).kind === "running");
    expect(["cancelled", "requested"]).toContain(await bench.adapter().cancel(job, call()));
    expect(await bench.ended(job)).toMatchObject(
      setup.deletesCancelled ? { kind: "missing" } : { kind: "failed", failure: { code: "CANCELLED" } },
    );
  });

  test("output URL that has expired: another poll returns a URL that works", async () => {
    await disasters({ name: "output_expiring", seconds: 0.8 });
    const job = await bench.submitted();
    const [first = ""] = await urlsOf(job);
    if (!setup.ownOutputUrls) await until("the URL to expire", async () => (await fetch(first)).status >= 400);
    const [second = ""] = await urlsOf(job);
    expect((await download(second, job)).status).toBe(200);
  });
}

function faults(bench: AdapterBench): void {
  const { setup, call, disasters } = bench;
  const poll = (job: ProviderJob, fields = {}) => bench.adapter().poll(job, call(fields));

  test.each(["poll_500", "poll_html", "poll_unknown_status"])(
    "%s: is unavailable after one call, and the next poll succeeds",
    async (name) => {
      const job = await bench.submitted();
      await bench.ended(job);
      const before = (await bench.control().stats()).polls;
      await disasters({ name, times: 1 });
      expect(await poll(job)).toMatchObject({ kind: "unavailable" });
      expect((await bench.control().stats()).polls).toBe(before + 1);
      expect(await poll(job)).toMatchObject({ kind: "succeeded" });
    },
  );

  test("429: is unavailable, with the provider's Retry-After", async () => {
    const job = await bench.submitted();
    await disasters({ name: "poll_429", times: 1, retry_after: 3 });
    expect(await poll(job)).toMatchObject({ kind: "unavailable", retryAfterMs: 3000 });
  });

  test("answer that never arrives: is unavailable after the time limit", async () => {
    const job = await bench.submitted();
    await disasters({ name: "poll_hang", times: 1 });
    expect(await poll(job, { signal: AbortSignal.timeout(300) })).toMatchObject({ kind: "unavailable" });
    expect(await bench.ended(job)).toMatchObject({ kind: "succeeded" });
  });

  test("provider that is down: is unavailable", async () => {
    const job = await bench.submitted();
    const unreachable = setup.createAdapter(await deadUrl());
    expect(await unreachable.poll(job, call())).toMatchObject({ kind: "unavailable" });
  });

  test("revoked key: is unavailable and not a failure, because the render may have succeeded", async () => {
    const job = await bench.submitted();
    await bench.ended(job);
    expect(await poll(job, { apiKey: REVOKED_KEY })).toMatchObject({ kind: "unavailable" });
  });

  test("job that the provider does not know: is missing", async () => {
    const job = { endpoint: setup.text.endpoint, id: "00000000-0000-4000-8000-000000000000" };
    expect(await poll(job)).toEqual({ kind: "missing" });
  });
}
