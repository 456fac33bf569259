/** Conformance of an adapter: submit. */
import { expect, test } from "vitest";
import { type AdapterBench, REVOKED_KEY } from "./adapter-bench.js";
import { deadUrl } from "./listeners.js";

export function submitConformance(bench: AdapterBench): void {
  const { setup, call, disasters, posts } = bench;
  const submit = (fields = {}) => bench.adapter().submit(setup.text, call(fields));
  const unreachable = async () => setup.createAdapter(await deadUrl());
  const finallyRejected = { kind: "rejected", failure: { retryable: false, charged: false } };

  test("submit: the provider receives the input once, unchanged", async () => {
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
  ])("%s: the outcome is unknown", async (name) => {
    await disasters({ name });
    expect(await submit()).toMatchObject({ kind: "unknown" });
    expect(await posts()).toBe(1);
  });

  test("answer that never arrives: the outcome is unknown after the time limit", async () => {
    await disasters({ name: "submit_hang" });
    expect(await submit({ signal: AbortSignal.timeout(300) })).toMatchObject({ kind: "unknown" });
    expect(await posts()).toBe(1);
  });

  test("answer that arrives late: the submit is accepted", async () => {
    await disasters({ name: "submit_slow", seconds: 0.3 });
    expect(await submit()).toMatchObject({ kind: "accepted" });
    expect(await posts()).toBe(1);
  });

  test.each([
    { seconds: 2, waits: 2000 },
    { seconds: undefined, waits: null },
  ])("429: the submit is rejected, with a retry after $waits ms", async ({ seconds, waits }) => {
    await disasters({ name: "submit_429", ...(seconds === undefined ? {} : { retry_after: seconds }) });
    expect(await submit()).toMatchObject({
      kind: "rejected",
      retryAfterMs: waits,
      failure: { code: "RATE_LIMIT_ERROR", retryable: true, charged: false },
    });
    expect(await posts()).toBe(1);
  });

  test("provider that refuses connections: the submit is rejected, because nothing was sent", async () => {
    expect(await (await unreachable()).submit(setup.text, call())).toMatchObject({
      kind: "rejected",
      failure: { code: "PROVIDER_ERROR", retryable: true, charged: false },
    });
  });

  test("wrong key: the submit is rejected, without a retry, and the failure says that it is the key", async () => {
    const { kind, failure } = finallyRejected;
    expect(await submit({ apiKey: REVOKED_KEY })).toMatchObject({ kind, failure: { ...failure, isKeyRefused: true } });
    expect(await posts()).toBe(1);
  });

  test("model that the provider does not know: the submit is rejected, without a retry", async () => {
    const rejected = await bench.adapter().submit(setup.unknownEndpoint, call());
    expect(rejected).toMatchObject(finallyRejected);
    expect(rejected).not.toHaveProperty("failure.isKeyRefused");
    expect(await posts()).toBe(1);
  });

  test("results and failures do not contain the key", async () => {
    const results: unknown[] = [];
    for (const name of ["submit_503_before_accept", "submit_429", "submit_drop_after_accept"]) {
      await disasters({ name });
      results.push(await submit());
    }
    results.push(await (await unreachable()).submit(setup.text, call()));
    expect(JSON.stringify(results)).not.toContain("secret");
  });
}
