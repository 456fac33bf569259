/** Conformance of an adapter: cancel. */
import { expect, test } from "vitest";
import { type AdapterBench, REVOKED_KEY } from "./adapter-bench.js";
import { deadUrl } from "./listeners.js";
import { until } from "./until.js";

export function cancelConformance(bench: AdapterBench): void {
  const { setup, call } = bench;
  const cancelled = setup.deletesCancelled
    ? { kind: "missing" }
    : { kind: "failed", failure: { code: "CANCELLED", retryable: false } };

  test("cancel of a queued job: it never runs, and the result is cancelled", async () => {
    await bench.disasters({ name: "never_start" });
    const job = await bench.submitted();
    expect(await bench.adapter().cancel(job, call())).toBe("cancelled");
    expect(await bench.ended(job)).toMatchObject(cancelled);
  });

  test("cancel of a running job: it ends as cancelled", async () => {
    await bench.control().settings({ queue_seconds: 0, render_seconds: 60 });
    const job = await bench.submitted();
    await until("the job to run", async () => (await bench.adapter().poll(job, call())).kind === "running");
    expect(await bench.adapter().cancel(job, call())).toBe(setup.cancelledRunning);
    expect(await bench.ended(job)).toMatchObject(cancelled);
  });

  test("cancel of a running job that is billed: says so where the provider states its cost", async () => {
    await bench.control().settings({ queue_seconds: 0, render_seconds: 60 });
    await bench.disasters({ name: "cancel_billed", units: 3 });
    const job = await bench.submitted();
    await until("the job to run", async () => (await bench.adapter().poll(job, call())).kind === "running");
    expect(await bench.adapter().cancel(job, call())).toBe("requested");
    const { statesCost } = bench.manifest();
    const billed = statesCost.cancelled ? { failure: { charged: true }, bill: expect.anything() } : cancelled;
    expect(await bench.ended(job)).toMatchObject(billed);
  });

  test("cancel of a job that has succeeded: is too late, and the result is kept", async () => {
    const job = await bench.submitted();
    await bench.ended(job);
    expect(await bench.adapter().cancel(job, call())).toBe("too_late");
    expect(await bench.adapter().poll(job, call())).toMatchObject({ kind: "succeeded" });
  });

  test("cancel of an unknown job: is too late", async () => {
    const job = { endpoint: setup.text.endpoint, id: "00000000-0000-4000-8000-000000000000" };
    expect(await bench.adapter().cancel(job, call())).toBe("too_late");
  });

  test("cancel: throws when the provider refuses the key or cannot be reached", async () => {
    const job = await bench.submitted();
    await expect(bench.adapter().cancel(job, call({ apiKey: REVOKED_KEY }))).rejects.toThrow();
    const unreachable = setup.createAdapter(await deadUrl());
    await expect(unreachable.cancel(job, call())).rejects.toThrow();
  });
}
