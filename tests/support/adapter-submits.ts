import { expect, test } from "vitest";
import { type AdapterBench, REVOKED_KEY } from "./adapter-bench.js";
import { deadUrl } from "./listeners.js";

export function submitConformance(bench: AdapterBench): void {
  const { setup, call, disasters, posts } = bench;
  const submit = (fields = {}) => bench.adapter().submit(setup.text, call(fields));
  const nowhere = async () => setup.createAdapter(await deadUrl());
  const forGood = { kind: "rejected", failure: { retryable: false, charged: false } };

  test("reaches the provider as it was given, once", async () => {
    const job = await bench.submitted();
    const submits = await bench.control().submits();
    expect(submits).toHaveLength(1);
    expect(submits[0]).toMatchObject({
      endpoint: setup.text.endpoint,
      body: setup.textOnTheWire,
      provider_request_id: job.id,
      outcome: "accepted",
    });
  });

  test.each([
    "submit_503_before_accept",
    "submit_500_html",
    "submit_503_after_accept",
    "submit_500_html_after_accept",
    "submit_drop_after_accept",
    "submit_no_id",
  ])("%s is unknown", async (name) => {
    await disasters({ name });
    expect(await submit()).toMatchObject({ kind: "unknown" });
    expect(await posts()).toBe(1);
  });

  test("an answer that never comes is unknown when the time is up", async () => {
    await disasters({ name: "submit_hang" });
    expect(await submit({ signal: AbortSignal.timeout(300) })).toMatchObject({ kind: "unknown" });
    expect(await posts()).toBe(1);
  });

  test("an answer that comes late is an answer", async () => {
    await disasters({ name: "submit_slow", seconds: 0.3 });
    expect(await submit()).toMatchObject({ kind: "accepted" });
    expect(await posts()).toBe(1);
  });

  test.each([
    { asked: 2, waits: 2000 },
    { asked: undefined, waits: null },
  ])("429 is rejected, to be tried again after $waits ms", async ({ asked, waits }) => {
    await disasters({ name: "submit_429", ...(asked === undefined ? {} : { retry_after: asked }) });
    expect(await submit()).toMatchObject({
      kind: "rejected",
      retryAfterMs: waits,
      failure: { code: "RATE_LIMIT_ERROR", retryable: true, charged: false },
    });
    expect(await posts()).toBe(1);
  });

  test("a provider nobody listens for is rejected: nothing was sent", async () => {
    expect(await (await nowhere()).submit(setup.text, call())).toMatchObject({
      kind: "rejected",
      failure: { code: "PROVIDER_ERROR", retryable: true, charged: false },
    });
  });

  test("a wrong key is rejected for good", async () => {
    expect(await submit({ apiKey: REVOKED_KEY })).toMatchObject(forGood);
    expect(await posts()).toBe(1);
  });

  test("a model the provider does not know is rejected for good", async () => {
    expect(await bench.adapter().submit(setup.unknownEndpoint, call())).toMatchObject(forGood);
    expect(await posts()).toBe(1);
  });

  test("no result or failure holds the key", async () => {
    const results: unknown[] = [];
    for (const name of ["submit_503_before_accept", "submit_429", "submit_drop_after_accept"]) {
      await disasters({ name });
      results.push(await submit());
    }
    results.push(await (await nowhere()).submit(setup.text, call()));
    expect(JSON.stringify(results)).not.toContain("secret");
  });
}
