import { expect, test } from "vitest";
import { type AdapterBench, REVOKED_KEY } from "./adapter-bench.js";
import { deadUrl } from "./listeners.js";
import { until } from "./until.js";

export function cancelConformance(bench: AdapterBench): void {
  const { setup, call } = bench;
  const stopped = setup.forgetsCancelled
    ? { kind: "missing" }
    : { kind: "failed", failure: { code: "CANCELLED", retryable: false } };

  test("in the queue: it never runs, and costs nothing", async () => {
    await bench.control().settings({ queue_seconds: 60 });
    const job = await bench.submitted();
    expect(await bench.adapter().cancel(job, call())).toBe("cancelled");
    expect(await bench.ended(job)).toMatchObject(stopped);
  });

  test("while it runs: it is stopped, or asked to stop", async () => {
    await bench.control().settings({ queue_seconds: 0, render_seconds: 60 });
    const job = await bench.submitted();
    await until("the job to run", async () => (await bench.adapter().poll(job, call())).kind === "running");
    expect(await bench.adapter().cancel(job, call())).toBe(setup.cancelledRunning);
    expect(await bench.ended(job)).toMatchObject(stopped);
  });

  test("after its end: too late, and the result stays", async () => {
    const job = await bench.submitted();
    await bench.ended(job);
    expect(await bench.adapter().cancel(job, call())).toBe("too_late");
    expect(await bench.adapter().poll(job, call())).toMatchObject({ kind: "succeeded" });
  });

  test("of a job the provider does not know: too late", async () => {
    const job = { endpoint: setup.text.endpoint, id: "00000000-0000-4000-8000-000000000000" };
    expect(await bench.adapter().cancel(job, call())).toBe("too_late");
  });

  test("throws when the provider could not be asked", async () => {
    const job = await bench.submitted();
    await expect(bench.adapter().cancel(job, call({ apiKey: REVOKED_KEY }))).rejects.toThrow();
    const nowhere = setup.createAdapter(await deadUrl());
    await expect(nowhere.cancel(job, call())).rejects.toThrow();
  });
}
