import { ApiError, ValidationError } from "@fal-ai/client";
import { expect, test } from "vitest";
import { FLUX, falAt, KLING, SHORT, start, until, VEO, VEO_IMAGE } from "../../test-support/harness.js";

const UUID = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/;

test("submit: answers with the documented ids and with addresses that lead to the job", async () => {
  const { fal, url, http, finished } = await start();
  const enqueued = await fal.queue.submit("fal-ai/veo3/fast", { input: SHORT });
  expect(enqueued.request_id).toMatch(UUID);
  const base = `${url}/fal/fal-ai/veo3/requests/${enqueued.request_id}`;
  expect(enqueued).toMatchObject({
    ...{ status: "IN_QUEUE", response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel` },
    gateway_request_id: enqueued.request_id,
  });
  await finished(VEO, enqueued.request_id);
  expect((await http(new URL(`${base}/response`).pathname)).status).toBe(200);
});

test("a job: goes through all three states; its result has its id and its billable seconds", async () => {
  let later = 0;
  const { fal, settings, http } = await start({ now: () => Date.now() + later });
  await settings({ queue_seconds: 60, render_seconds: 60 });
  const { request_id: requestId } = await fal.queue.submit(VEO, { input: SHORT });
  const position = async (seconds: number) => {
    later = seconds * 1000;
    return ((await fal.queue.status(VEO, { requestId })) as { queue_position?: number }).queue_position;
  };
  expect([await position(0), await position(25), await position(45)]).toEqual([2, 1, 0]);
  const early = await http(`/fal/${VEO}/requests/${requestId}`);
  expect([early.status, await early.json()]).toEqual([400, { detail: "Request is still in progress" }]);

  later = 70_000;
  const running = (await fal.queue.status(VEO, { requestId, logs: true })) as unknown as { logs: object[] };
  expect(running).toMatchObject({ status: "IN_PROGRESS" });
  expect(running.logs).toHaveLength(2);
  expect(running.logs[1]).toMatchObject({ message: expect.stringMatching(/^ 10%\|/), level: "INFO", source: "USER" });
  later = 130_000;
  const done = await until(async () => {
    const status = await fal.queue.status(VEO, { requestId });
    return status.status === "COMPLETED" && (status as unknown as { metrics: { inference_time: number } });
  });
  expect(done.metrics.inference_time).toBeGreaterThanOrEqual(60);

  const result = await fal.queue.result(VEO, { requestId });
  expect(result.requestId).toBe(requestId);
  expect(result.data).toMatchObject({ video: { content_type: "video/mp4", file_name: "output.mp4" } });
  const raw = await http(`/fal/${VEO}/requests/${requestId}`);
  expect(raw.headers.get("x-fal-billable-units")).toBe("4");
  expect(raw.headers.get("content-type")).toMatch(/^application\/json/);
});

test.each([
  { query: "?logs=1", lines: 2 },
  { query: "?logs=true", lines: 2 },
  { query: "?logs=True", lines: 2 },
  { query: "?logs=0", lines: 0 },
  { query: "?logs=false", lines: 0 },
  { query: "", lines: 0 },
])("status$query: has $lines lines of logs", async ({ query, lines }) => {
  let at = Date.now();
  const { fal, settings, http } = await start({ now: () => at });
  await settings({ queue_seconds: 0, render_seconds: 100 });
  const { request_id: id } = await fal.queue.submit(VEO, { input: SHORT });
  at += 15_000;
  const status = await http(`/fal/${VEO}/requests/${id}/status${query}`);
  expect(((await status.json()) as { logs: object[] }).logs).toHaveLength(lines);
});

test("subscribe: works by polling and by streaming", async () => {
  const { fal } = await start();
  const polled = await fal.subscribe(VEO, { input: SHORT, pollInterval: 20 });
  expect(polled.data).toHaveProperty("video.url");

  const seen: string[] = [];
  const streamed = await fal.subscribe(VEO, {
    input: SHORT,
    mode: "streaming",
    logs: true,
    onQueueUpdate: (update) => seen.push(update.status),
  });
  expect(streamed.data).toHaveProperty("video.url");
  expect(seen.at(-1)).toBe("COMPLETED");
});

test("job routes: take only the app; the full endpoint id is 405, another app or id 404", async () => {
  const { fal, http } = await start();
  const { request_id: id } = await fal.queue.submit(KLING, { input: { prompt: "x" } });
  const status = async (path: string) => (await http(`/fal/${path}/status`)).status;
  expect(await status(`fal-ai/kling-video/requests/${id}`)).toBe(200);
  expect(await status(`${KLING}/requests/${id}`)).toBe(405);
  expect(await status(`fal-ai/veo3/requests/${id}`)).toBe(404);
  expect(await status(`workflows/owner/app/requests/${id}`)).toBe(404);
  expect(await status(`workflows/owner/requests/${id}/x`)).toBe(405);

  const unknown = await http("/fal/fal-ai/veo3/requests/none/status");
  expect([unknown.status, await unknown.json()]).toEqual([404, { status: "NOT_FOUND" }]);
  const result = await http("/fal/fal-ai/veo3/requests/none");
  expect([result.status, await result.json()]).toEqual([404, { detail: "Request not found" }]);
});

test("keys: a missing or revoked key is refused on submit and on job routes", async () => {
  const { http, url } = await start();
  const bare = await http(`/fal/${VEO}`, { method: "POST", body: "{}", headers: { authorization: "" } });
  expect([bare.status, await bare.json()]).toEqual([401, { detail: "invalid key credentials" }]);
  const revoked = falAt(url, "invalid");
  await expect(revoked.queue.submit(VEO, { input: SHORT })).rejects.toMatchObject({ status: 401 });
  await expect(revoked.queue.status(VEO, { requestId: "x" })).rejects.toMatchObject({ status: 401 });
});

test("cancel: stops a queued and a running job, and is refused after the end", async () => {
  const { fal, http, settings, stats } = await start();
  const cancel = async (id: string) => {
    const response = await http(`/fal/${VEO}/requests/${id}/cancel`, { method: "PUT" });
    return [response.status, await response.json()];
  };
  await settings({ queue_seconds: 60 });
  const { request_id: queued } = await fal.queue.submit(VEO, { input: SHORT });
  expect(await cancel(queued)).toEqual([200, { status: "OK" }]);

  await settings({ queue_seconds: 0, render_seconds: 60 });
  const { request_id: running } = await fal.queue.submit(VEO, { input: SHORT });
  expect(await cancel(running)).toEqual([202, { status: "CANCELLATION_REQUESTED" }]);
  expect(await cancel(running)).toEqual([400, { status: "ALREADY_COMPLETED" }]);
  expect(await cancel("none")).toEqual([404, { status: "NOT_FOUND" }]);
  await expect(fal.queue.cancel(VEO, { requestId: running })).rejects.toBeInstanceOf(ApiError);

  expect(await fal.queue.status(VEO, { requestId: running })).toMatchObject({
    ...{ status: "COMPLETED", error_type: "client_cancelled" },
  });
  await expect(fal.queue.result(VEO, { requestId: running })).rejects.toMatchObject({ status: 499 });
  expect((await stats()).cancels).toBe(2);
});

const BAD_INPUTS: [endpoint: string, input: object, field: string, type: string][] = [
  [VEO, { prompt: "x", duration: 8 }, "duration", "literal_error"],
  [VEO, { prompt: "x", duration: "8" }, "duration", "literal_error"],
  [VEO, { prompt: "x", aspect_ratio: "1:1" }, "aspect_ratio", "literal_error"],
  [VEO, { prompt: "x", generate_audio: "yes" }, "generate_audio", "bool_type"],
  [VEO, { prompt: "x", seed: 1.5 }, "seed", "int_type"],
  [VEO, {}, "prompt", "missing"],
  [VEO_IMAGE, { prompt: "x" }, "image_url", "missing"],
  [KLING, { prompt: "x", duration: "5s" }, "duration", "literal_error"],
  [KLING, { prompt: "x", cfg_scale: 2 }, "cfg_scale", "less_than_equal"],
  [FLUX, { prompt: "x", num_images: 9 }, "num_images", "less_than_equal"],
];

test.each(BAD_INPUTS)("validation: %s %j completes with a 422 about %s", async (endpoint, input, field, type) => {
  const { fal, finished } = await start();
  const { request_id: requestId } = await fal.queue.submit(endpoint, { input });
  await finished(endpoint, requestId);
  const error = await fal.queue.result(endpoint, { requestId }).catch((reason: unknown) => reason as ValidationError);
  expect(error).toBeInstanceOf(ValidationError);
  expect((error as ValidationError).status).toBe(422);
  expect((error as ValidationError).body.detail[0]).toMatchObject({ loc: ["body", field], type });
});

test("submit: an unknown endpoint is 404, a body that is not an object is 400", async () => {
  const { fal, http } = await start();
  await expect(fal.queue.submit("fal-ai/none", { input: {} })).rejects.toMatchObject({ status: 404 });
  expect((await http(`/fal/${VEO}`, { method: "POST", body: "[" })).status).toBe(400);
});

test("moderation: a prompt with the policy words ends in a content policy violation", async () => {
  const { fal, finished } = await start();
  const input = { prompt: "A Content Policy Test, please" };
  const { request_id: requestId } = await fal.queue.submit(VEO, { input });
  await finished(VEO, requestId);
  await expect(fal.queue.result(VEO, { requestId })).rejects.toMatchObject({
    ...{ status: 422, body: { detail: [{ type: "content_policy_violation", loc: ["body", "prompt"] }] } },
  });
});

test("fal_max_queue_length: refuses a submit when more jobs wait", async () => {
  const { fal, http, settings } = await start();
  await settings({ queue_seconds: 60 });
  await fal.queue.submit(VEO, { input: SHORT });
  const more = (limit: number) =>
    http(`/fal/${VEO}?fal_max_queue_length=${limit}`, { method: "POST", body: JSON.stringify(SHORT) });
  expect((await more(0)).status).toBe(429);
  expect((await more(1)).status).toBe(200);
});
