import type { PollResult, ProviderJob } from "@visgate/providers";
import { expect, test } from "vitest";
import { type AdapterBench, isEnd, REVOKED_KEY } from "./adapter-bench.js";
import { PICTURE_URI } from "./adapter-pictures.js";
import { deadUrl } from "./listeners.js";
import { until } from "./until.js";

export function pollConformance(bench: AdapterBench): void {
  renders(bench);
  troubles(bench);
}

function renders(bench: AdapterBench): void {
  const { setup, call, disasters } = bench;
  const poll = (job: ProviderJob) => bench.adapter().poll(job, call());

  /** Every look at it until its end. */
  async function watched(job: ProviderJob): Promise<PollResult[]> {
    const looks: PollResult[] = [];
    await until("the job to end", async () => {
      const look = await poll(job);
      looks.push(look);
      return isEnd(look);
    });
    return looks;
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

  test("a render is seen in the queue and running, and succeeds with its output and bill", async () => {
    await bench.control().settings({ queue_seconds: 0.3, render_seconds: 0.3 });
    const job = await bench.submitted();
    const looks = await watched(job);
    expect([...new Set(looks.map(({ kind }) => kind))]).toEqual(["queued", "running", "succeeded"]);
    const positions = looks.flatMap((look) =>
      look.kind === "queued" && look.position !== null ? [look.position] : [],
    );
    expect(positions.every((position) => position >= 0)).toBe(true);
    const end = looks.at(-1);
    if (end?.kind !== "succeeded") throw new Error("not succeeded");
    expect(end.bill).toEqual(setup.bill);
    expect(end.outputs).toHaveLength(1);
    expect((await download(end.outputs[0]?.url ?? "", job)).bytes.subarray(4, 8).toString()).toBe("ftyp");
  });

  test("from an image succeeds", async () => {
    expect(await bench.ended(await bench.submitted(setup.image(PICTURE_URI)))).toMatchObject({ kind: "succeeded" });
    expect(await bench.posts()).toBe(1);
  });

  test.skipIf(setup.pictures === null)("every picture that was asked for comes", async () => {
    const job = await bench.submitted(setup.pictures?.input);
    const urls = await urlsOf(job);
    expect(new Set(urls).size).toBe(setup.pictures?.count);
    for (const url of urls) expect((await download(url, job)).status).toBe(200);
  });

  test("a job can be looked at and cancelled by an adapter that did not submit it", async () => {
    const job = await bench.submitted();
    const other = bench.anotherAdapter();
    await bench.ended(job);
    expect(await other.poll(job, call())).toMatchObject({ kind: "succeeded" });
    expect(await other.cancel(job, call())).toBe("too_late");
  });

  test("progress is a share between 0 and 1, where the provider tells it, and may fall back", async () => {
    await disasters({ name: "progress_backwards" });
    await bench.control().settings({ queue_seconds: 0.1, render_seconds: 1.5 });
    const looks = await watched(await bench.submitted());
    expect(looks.at(-1)).toMatchObject({ kind: "succeeded" });
    const shares = looks.flatMap((look) => (look.kind === "running" && look.progress !== null ? [look.progress] : []));
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    const falls = shares.some((share, index) => share < (shares[index - 1] ?? 0));
    expect({ tells: shares.length > 0, falls }).toEqual({ tells: setup.tellsProgress, falls: setup.tellsProgress });
  });

  test("a render that never ends runs on until it is cancelled", async () => {
    await disasters({ name: "never_finish" });
    const job = await bench.submitted();
    await until("the job to run", async () => (await poll(job)).kind === "running");
    expect(["cancelled", "requested"]).toContain(await bench.adapter().cancel(job, call()));
    expect(await bench.ended(job)).toMatchObject(
      setup.forgetsCancelled ? { kind: "missing" } : { kind: "failed", failure: { code: "CANCELLED" } },
    );
  });

  test("another look gives an address that works when the first has expired", async () => {
    await disasters({ name: "output_expiring", seconds: 0.8 });
    const job = await bench.submitted();
    const [first = ""] = await urlsOf(job);
    if (!setup.ownAddresses) await until("the address to expire", async () => (await fetch(first)).status >= 400);
    const [second = ""] = await urlsOf(job);
    expect((await download(second, job)).status).toBe(200);
  });
}

function troubles(bench: AdapterBench): void {
  const { setup, call, disasters } = bench;
  const poll = (job: ProviderJob, fields = {}) => bench.adapter().poll(job, call(fields));

  test.each(["poll_500", "poll_html", "poll_unknown_status"])(
    "%s is unavailable, asked once, and passes",
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

  test("429 is unavailable for as long as the provider says", async () => {
    const job = await bench.submitted();
    await disasters({ name: "poll_429", times: 1, retry_after: 3 });
    expect(await poll(job)).toMatchObject({ kind: "unavailable", retryAfterMs: 3000 });
  });

  test("an answer that never comes is unavailable when the time is up", async () => {
    const job = await bench.submitted();
    await disasters({ name: "poll_hang", times: 1 });
    expect(await poll(job, { signal: AbortSignal.timeout(300) })).toMatchObject({ kind: "unavailable" });
    expect(await bench.ended(job)).toMatchObject({ kind: "succeeded" });
  });

  test("a provider that is down is unavailable", async () => {
    const job = await bench.submitted();
    const nowhere = setup.createAdapter(await deadUrl());
    expect(await nowhere.poll(job, call())).toMatchObject({ kind: "unavailable" });
  });

  test("a key that was revoked meanwhile is unavailable: the render may be done", async () => {
    const job = await bench.submitted();
    await bench.ended(job);
    expect(await poll(job, { apiKey: REVOKED_KEY })).toMatchObject({ kind: "unavailable" });
  });

  test("a job the provider does not know is missing", async () => {
    const job = { endpoint: setup.text.endpoint, id: "00000000-0000-4000-8000-000000000000" };
    expect(await poll(job)).toEqual({ kind: "missing" });
  });
}
