import { expect, test } from "vitest";
import { type Fixture, FLUX, SHORT, start, until, VEO } from "../../test-support/harness.js";
import { startReceiver } from "../../test-support/receiver.js";

/** One bare POST: the client's own retries would hide the answer. */
function submitOnce({ http }: Fixture, init: RequestInit = {}): Promise<Response> {
  return http(`/fal/${VEO}`, { method: "POST", body: JSON.stringify(SHORT), ...init });
}

async function jobOfOnlySubmit({ requests, finished }: Fixture): Promise<Record<string, unknown>> {
  const [submit, ...more] = await requests();
  expect(more).toHaveLength(0);
  return finished(VEO, submit?.provider_request_id ?? "");
}

test.each([
  ["submit_drop_after_accept", null],
  ["submit_503_after_accept", 503],
  ["submit_no_id", 200],
] as const)("%s: the caller gets no id, but the job runs", async (name, status) => {
  const fixture = await start();
  await fixture.disasters({ name, times: 1 });
  const response = await submitOnce(fixture).catch(() => null);
  expect(response?.status ?? null).toBe(status);
  if (status === 200) expect(await response?.json()).toEqual({});
  expect((await fixture.requests())[0]?.outcome).toBe(name);
  expect(await jobOfOnlySubmit(fixture)).toMatchObject({ status: "COMPLETED" });
});

test("submit_hang: the submit is never answered, but the job runs", async () => {
  const fixture = await start();
  await fixture.disasters({ name: "submit_hang" });
  const leaving = new AbortController();
  const answer = submitOnce(fixture, { signal: leaving.signal });
  await until(async () => (await fixture.stats()).jobs.completed === 1);
  leaving.abort();
  await expect(answer).rejects.toThrow();
});

test.each([
  ["submit_503_before_accept", 503, /json/],
  ["submit_429", 429, /json/],
  ["submit_500_html", 500, /html/],
] as const)("%s: refuses the submit without a job, and accepts the next one", async (name, status, type) => {
  const fixture = await start();
  await fixture.disasters({ name, times: 1, retry_after: 7 });
  const refused = await submitOnce(fixture);
  expect(refused.status).toBe(status);
  expect(refused.headers.get("content-type")).toMatch(type);
  expect(refused.headers.get("retry-after")).toBe(name === "submit_429" ? "7" : null);
  expect((await submitOnce(fixture)).status).toBe(200);
  const seen = (await fixture.requests()).map(({ outcome, provider_request_id: id }) => [outcome, id !== null]);
  expect(seen).toEqual([
    [name, false],
    ["accepted", true],
  ]);
});

test("never_finish: the job stays IN_PROGRESS long after it was due, until it is cancelled", async () => {
  let late = 0;
  const { fal, disasters } = await start({ now: () => Date.now() + late });
  await disasters({ name: "never_finish" });
  const { request_id: requestId } = await fal.queue.submit(VEO, { input: SHORT });
  late = 3600_000;
  expect(await fal.queue.status(VEO, { requestId })).toMatchObject({ status: "IN_PROGRESS" });
  await fal.queue.cancel(VEO, { requestId });
  expect(await fal.queue.status(VEO, { requestId })).toMatchObject({ status: "COMPLETED" });
});

test("fail: the result is the given error, in the form of a model error or of a queue error", async () => {
  const { fal, http, disasters, finished } = await start();
  const failAs = async (status: number, type: string) => {
    await disasters({ name: "fail", status, type, message: "the given message" });
    const { request_id: id } = await fal.queue.submit(VEO, { input: SHORT });
    const last = await finished(VEO, id);
    const result = await http(`/fal/${VEO}/requests/${id}`);
    return { last, status: result.status, headers: result.headers, body: await result.json() };
  };
  const model = await failAs(500, "downstream_service_error");
  expect(model).toMatchObject({
    status: 500,
    body: { detail: [{ type: "downstream_service_error", msg: "the given message" }] },
  });
  expect(model.headers.get("x-fal-retryable")).toBe("true");
  expect(model.last).not.toHaveProperty("error");
  const queue = await failAs(504, "request_timeout");
  expect(queue).toMatchObject({ status: 504, body: { detail: "the given message", error_type: "request_timeout" } });
  expect(queue.last).toMatchObject({ error: "the given message", error_type: "request_timeout" });
});

test("late_moderation: the job ends in a policy violation after the whole render, and is billed", async () => {
  let at = Date.now();
  const { fal, http, settings, disasters } = await start({ now: () => at });
  await settings({ queue_seconds: 0, render_seconds: 100 });
  await disasters({ name: "late_moderation" });
  const { request_id: requestId } = await fal.queue.submit(VEO, { input: SHORT });
  at += 99_000;
  expect(await fal.queue.status(VEO, { requestId })).toMatchObject({ status: "IN_PROGRESS" });
  at += 1000;
  expect(await fal.queue.status(VEO, { requestId })).toMatchObject({ status: "COMPLETED" });
  const result = await http(`/fal/${VEO}/requests/${requestId}`);
  expect([result.status, result.headers.get("x-fal-billable-units")]).toEqual([422, "4"]);
  expect(await result.json()).toMatchObject({ detail: [{ type: "content_policy_violation" }] });
});

test("progress_backwards: the queue position rises again, and the percentage in the logs falls", async () => {
  let at = Date.now();
  const { fal, settings, disasters } = await start({ now: () => at });
  await settings({ queue_seconds: 100, render_seconds: 100 });
  await disasters({ name: "progress_backwards" }, { name: "never_finish" });
  const { request_id: requestId } = await fal.queue.submit(VEO, { input: SHORT });
  const statusAfter = async (seconds: number) => {
    at += seconds * 1000;
    return (await fal.queue.status(VEO, { requestId, logs: true })) as { queue_position?: number; logs?: unknown };
  };
  const positions = [await statusAfter(15), await statusAfter(30), await statusAfter(10), await statusAfter(10)];
  expect(positions.map(({ queue_position: position }) => position)).toEqual([2, 1, 2, 1]);
  const { logs } = (await statusAfter(120)) as { logs: { message: string }[] };
  const percentages = logs.map(({ message }) => Number(/^ *(\d+)%\|/.exec(message)?.[1]));
  expect(percentages).toEqual([0, 10, 0, 30, 40, 20, 60, 70, 50]);
});

test.each([
  ["poll_429", 429, /json/, /concurrent_requests_limit/],
  ["poll_500", 500, /json/, /Internal Server Error/],
  ["poll_html", 500, /html/, /<h1>/],
  ["poll_unknown_status", 200, /json/, /"MIGRATING"/],
] as const)("%s: spoils two polls; the third is right", async (name, status, type, text) => {
  const { fal, http, disasters } = await start();
  const { request_id: id } = await fal.queue.submit(VEO, { input: SHORT });
  await disasters({ name, times: 2, retry_after: 3 });
  const poll = () => http(`/fal/${VEO}/requests/${id}/status`);
  for (const spoilt of await Promise.all([poll(), poll()])) {
    expect(spoilt.status).toBe(status);
    expect(spoilt.headers.get("content-type")).toMatch(type);
    expect(spoilt.headers.get("retry-after")).toBe(status === 429 ? "3" : null);
    expect(await spoilt.text()).toMatch(text);
  }
  expect(await (await poll()).json()).toMatchObject({ status: expect.stringMatching(/^(IN_|COMPLETED)/) });
});

test("poll_hang: one poll is never answered; the next one is", async () => {
  const { fal, http, disasters, stats } = await start();
  const { request_id: id } = await fal.queue.submit(VEO, { input: SHORT });
  await disasters({ name: "poll_hang", times: 1 });
  const leaving = new AbortController();
  const answer = http(`/fal/${VEO}/requests/${id}/status`, { signal: leaving.signal });
  await until(async () => (await stats()).polls === 1);
  leaving.abort();
  await expect(answer).rejects.toThrow();
  expect((await http(`/fal/${VEO}/requests/${id}/status`)).status).toBe(200);
});

async function spoiltOutput(name: "output_404" | "output_truncated" | "output_wrong_type"): Promise<string> {
  const { fal, disasters } = await start();
  await disasters({ name });
  const { data } = await fal.subscribe(VEO, { input: SHORT, pollInterval: 20 });
  return data.video.url;
}

test("output_missing: the result has no media", async () => {
  const { fal, disasters } = await start();
  await disasters({ name: "output_missing" });
  expect((await fal.subscribe(VEO, { input: SHORT, pollInterval: 20 })).data).toEqual({});
  expect((await fal.subscribe(FLUX, { input: { prompt: "x" }, pollInterval: 20 })).data).toEqual({});
});

test("output_expiring: an address expires, and reading the result again gives a new one", async () => {
  let late = 0;
  const { fal, disasters } = await start({ now: () => Date.now() + late });
  await disasters({ name: "output_expiring" });
  const { data, requestId } = await fal.subscribe(VEO, { input: SHORT, pollInterval: 20 });
  late = 1000;
  expect((await fetch(data.video.url)).status).toBe(403);
  expect((await fetch(data.video.url.replace(/\?.*/, ""))).status).toBe(403);
  const again = await fal.queue.result(VEO, { requestId });
  const file = await fetch(again.data.video.url);
  expect([file.status, file.headers.get("content-type")]).toEqual([200, "video/mp4"]);
});

test("output_oversized: the answer begins as a film and does not end until the caller leaves", async () => {
  const { fal, disasters } = await start();
  const { data } = await fal.subscribe(VEO, { input: SHORT, pollInterval: 20 });
  await disasters({ name: "output_oversized" });
  const response = await fetch(data.video.url);
  expect([response.status, response.headers.get("content-length")]).toEqual([200, null]);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first = await reader.read();
  expect(Buffer.from(first.value?.subarray(4, 8) ?? []).toString()).toBe("ftyp");
  let bytes = 0;
  while (bytes < 20_000_000) bytes += (await reader.read()).value?.byteLength ?? Number.NaN;
  await reader.cancel();
  await disasters({ name: "output_oversized", bytes: 100 });
  expect((await (await fetch(data.video.url)).arrayBuffer()).byteLength).toBe(100);
});

test("upload_500: refuses one upload and accepts the next one", async () => {
  const { http, disasters } = await start();
  await disasters({ name: "upload_500", times: 1 });
  const initiate = async () => (await http("/fal/storage/upload/initiate", { method: "POST", body: "{}" })).status;
  expect([await initiate(), await initiate()]).toEqual([500, 200]);
});

test("output_404: the media address answers 404", async () => {
  expect((await fetch(await spoiltOutput("output_404"))).status).toBe(404);
});

test("output_truncated: fewer bytes arrive than were announced", async () => {
  const response = await fetch(await spoiltOutput("output_truncated"));
  expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1000);
  await expect(response.arrayBuffer()).rejects.toThrow();
});

test("output_wrong_type: the media address answers an HTML page", async () => {
  const response = await fetch(await spoiltOutput("output_wrong_type"));
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
  expect(await response.text()).toMatch(/^<html>/);
});

test("webhook_duplicate and webhook_never: send the webhook twice, or not at all", async () => {
  const { fal, disasters, finished, stats } = await start();
  const [twice, never] = [await startReceiver(), await startReceiver()];
  await disasters(
    { name: "webhook_duplicate", match_prompt: "TWICE" },
    { name: "webhook_never", match_prompt: "never" },
  );
  const submit = (prompt: string, webhookUrl: string) =>
    fal.queue.submit(VEO, { input: { ...SHORT, prompt }, webhookUrl });
  const { request_id: silent } = await submit("never sent", never.url);
  await finished(VEO, silent);
  await submit("sent twice", twice.url);
  const [first, second] = await twice.received(2);
  expect(second?.body).toEqual(first?.body);
  await until(async () => (await stats()).webhooks.ok === 2);
  expect(never.deliveries).toHaveLength(0);
});

test("output_flagged: flags every picture and does not change a film", async () => {
  const { fal, disasters } = await start();
  await disasters({ name: "output_flagged" });
  const input = { prompt: "two birds", num_images: 2 };
  const { data: pictures } = await fal.subscribe(FLUX, { input, pollInterval: 20 });
  expect(pictures).toMatchObject({
    images: [{ url: expect.any(String) }, { url: expect.any(String) }],
    has_nsfw_concepts: [true, true],
  });
  const { data } = await fal.subscribe(VEO, { input: SHORT, pollInterval: 20 });
  expect((await fetch(data.video.url)).status).toBe(200);
});
