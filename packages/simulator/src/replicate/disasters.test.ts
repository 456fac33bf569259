import { expect, test } from "vitest";
import { until } from "../../test-support/harness.js";
import { INPUT, type ReplicateFixture, SCHNELL, startReplicate, VEO } from "../../test-support/replicate.js";

async function jobOfOnlySubmit({ requests, ended }: ReplicateFixture) {
  const [submit, ...more] = await requests();
  expect(more).toHaveLength(0);
  return ended(submit?.provider_request_id ?? "");
}

async function leave(answer: (signal: AbortSignal) => Promise<Response>, once: () => Promise<boolean>): Promise<void> {
  const leaving = new AbortController();
  const unanswered = answer(leaving.signal);
  await until(once);
  leaving.abort();
  await expect(unanswered).rejects.toThrow();
}

test.each([
  ["submit_drop_after_accept", null],
  ["submit_503_after_accept", 503],
  ["submit_no_id", 201],
] as const)("%s: the caller gets no id, but the prediction runs", async (name, status) => {
  const fixture = await startReplicate();
  await fixture.disasters({ name, times: 1 });
  const response = await fixture.submit().catch(() => null);
  expect(response?.status ?? null).toBe(status);
  if (status === 201) expect(await response?.json()).toEqual({ status: "starting" });
  expect((await fixture.requests())[0]?.outcome).toBe(name);
  expect(await jobOfOnlySubmit(fixture)).toMatchObject({ status: "succeeded" });
});

test("submit_hang: the submit is never answered, but the prediction runs", async () => {
  const { submit, disasters, stats } = await startReplicate();
  await disasters({ name: "submit_hang" });
  await leave(
    (signal) => submit(INPUT, { signal }),
    async () => (await stats()).jobs.completed === 1,
  );
});

test.each([
  ["submit_503_before_accept", 503, /json/],
  ["submit_429", 429, /json/],
  ["submit_500_html", 500, /html/],
] as const)("%s: refuses the submit without a prediction, and accepts the next one", async (name, status, type) => {
  const { submit, disasters, requests } = await startReplicate();
  await disasters({ name, times: 1, retry_after: 7 });
  const refused = await submit();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([status, null]);
  expect(refused.headers.get("content-type")).toMatch(type);
  if (status === 429) expect(await refused.json()).toMatchObject({ status: 429, retry_after: 7 });
  expect((await submit()).status).toBe(201);
  expect((await requests()).map(({ outcome }) => outcome)).toEqual([name, "accepted"]);
});

test("upload_500: refuses one file and accepts the next one", async () => {
  const { replicate, disasters } = await startReplicate();
  await disasters({ name: "upload_500", times: 1 });
  const upload = () => replicate.files.create(new Blob(["x"]));
  await expect(upload()).rejects.toMatchObject({ response: { status: 500 } });
  expect(await upload()).toHaveProperty("urls.get");
});

test.each([
  ["poll_429", 429, /json/, /"retry_after":3/],
  ["poll_500", 500, /json/, /An internal error/],
  ["poll_html", 500, /html/, /<h1>/],
  ["poll_unknown_status", 200, /json/, /"status":"migrating"/],
] as const)("%s: spoils two polls; the third is right", async (name, status, type, text) => {
  const { replicate, call, disasters } = await startReplicate();
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  await disasters({ name, times: 2, retry_after: 3 });
  const poll = () => call(`/predictions/${id}`);
  for (const spoilt of await Promise.all([poll(), poll()])) {
    expect(spoilt.status).toBe(status);
    expect(spoilt.headers.get("content-type")).toMatch(type);
    expect(await spoilt.text()).toMatch(text);
  }
  expect(await (await poll()).json()).toMatchObject({ id, status: expect.stringMatching(/ing$|^succeeded$/) });
});

test("poll_hang: one poll is never answered; the next one is", async () => {
  const { replicate, call, disasters, stats } = await startReplicate();
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  await disasters({ name: "poll_hang", times: 1 });
  await leave(
    (signal) => call(`/predictions/${id}`, { signal }),
    async () => (await stats()).polls === 1,
  );
  expect((await call(`/predictions/${id}`)).status).toBe(200);
});

test("never_finish: the prediction stays processing long after it was due, until it is cancelled", async () => {
  let late = 0;
  const { replicate, disasters } = await startReplicate({ now: () => Date.now() + late });
  await disasters({ name: "never_finish" });
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  late = 3600_000;
  expect(await replicate.predictions.get(id)).toMatchObject({ status: "processing" });
  expect(await replicate.predictions.cancel(id)).toMatchObject({ status: "canceled" });
});

test("fail: the error has the given message and code, or E1000", async () => {
  const { replicate, disasters, ended } = await startReplicate();
  const errorOf = async (how: { type?: string; message?: string }) => {
    await disasters({ name: "fail", ...how });
    const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
    const { status, output, error } = await ended(id);
    expect([status, output]).toEqual(["failed", null]);
    return error;
  };
  expect(await errorOf({ message: "CUDA out of memory", type: "E1001" })).toBe("CUDA out of memory (E1001)");
  expect(await errorOf({})).toMatch(/ \(E1000\)$/);
});

test("late_moderation: the prediction fails as sensitive after the whole render", async () => {
  let at = Date.now();
  const { replicate, settings, disasters } = await startReplicate({ now: () => at });
  await settings({ queue_seconds: 0, render_seconds: 100 });
  await disasters({ name: "late_moderation" });
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  at += 99_000;
  expect(await replicate.predictions.get(id)).toMatchObject({ status: "processing" });
  at += 1000;
  const done = await replicate.predictions.get(id);
  expect(done).toMatchObject({ status: "failed", error: expect.stringMatching(/\(E005\)$/), output: null });
  expect(done.metrics?.predict_time).toBe(100);
});

test("progress_backwards: the progress bar in the logs falls back", async () => {
  let at = Date.now();
  const { replicate, settings, disasters } = await startReplicate({ now: () => at });
  await settings({ queue_seconds: 0, render_seconds: 100 });
  await disasters({ name: "progress_backwards" }, { name: "never_finish" });
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  const percentAt = async (second: number): Promise<number> => {
    at += second * 1000;
    const { logs = "" } = await replicate.predictions.get(id);
    return Number(/(\d+)%\|[^\n]*$/.exec(logs)?.[1]);
  };
  expect([await percentAt(15), await percentAt(30), await percentAt(10), await percentAt(10)]).toEqual([
    10, 40, 20, 60,
  ]);
});

test("output_missing: the prediction succeeds with a null output", async () => {
  const { replicate, disasters, ended } = await startReplicate();
  await disasters({ name: "output_missing" });
  for (const model of [VEO, SCHNELL] as const) {
    const { id } = await replicate.predictions.create({ model, input: { prompt: "x" } });
    expect(await ended(id)).toMatchObject({ status: "succeeded", output: null, data_removed: false });
  }
});

test("output_expiring: an address expires, and reading the prediction again gives a new one", async () => {
  let late = 0;
  const { replicate, disasters, ended } = await startReplicate({ now: () => Date.now() + late });
  await disasters({ name: "output_expiring", seconds: 60 });
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  const { output } = await ended(id);
  expect((await fetch(output)).status).toBe(200);
  late = 61_000;
  expect((await fetch(output)).status).toBe(403);
  expect((await fetch((await replicate.predictions.get(id)).output)).status).toBe(200);
});

test("download disasters: spoil the media of a prediction", async () => {
  const { replicate, disasters, ended } = await startReplicate();
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  const { output } = await ended(id);
  await disasters(
    { name: "output_404", times: 1 },
    { name: "output_wrong_type", times: 1 },
    { name: "output_truncated", times: 1 },
    { name: "output_oversized", times: 1, bytes: 3_000_000 },
  );
  expect((await fetch(output)).status).toBe(404);
  expect(await (await fetch(output)).text()).toMatch(/^<html>/);
  await expect((await fetch(output)).arrayBuffer()).rejects.toThrow();
  expect((await (await fetch(output)).arrayBuffer()).byteLength).toBe(3_000_000);
  expect((await fetch(output)).headers.get("content-length")).toMatch(/^\d+$/);
});

test("output_flagged: the prediction fails after the render", async () => {
  const { replicate, disasters, ended } = await startReplicate();
  await disasters({ name: "output_flagged" });
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT });
  expect(await ended(id)).toMatchObject({
    ...{ status: "failed", output: null, error: expect.stringContaining("NSFW content detected") },
    metrics: { predict_time: expect.any(Number) },
  });
});

test("list_refused: the list answers 403", async () => {
  const { call, disasters } = await startReplicate();
  await disasters({ name: "list_refused" });
  const refused = await call("/predictions");
  expect([refused.status, await refused.json()]).toMatchObject([403, { title: "Forbidden", status: 403 }]);
});
