import { expect, test } from "vitest";
import { until } from "../../test-support/harness.js";
import { INPUT, KLING, replicateAt, SCHNELL, startReplicate, VEO } from "../../test-support/replicate.js";

test("a prediction: goes from starting to succeeded, and one object describes it completely", async () => {
  const { replicate, settings, ended, url } = await startReplicate();
  await settings({ queue_seconds: 0.3, render_seconds: 0.5 });
  const created = await replicate.predictions.create({ model: VEO, input: INPUT });
  const address = `${url}/replicate/v1/predictions/${created.id}`;
  expect(created).toEqual({
    ...{ id: expect.stringMatching(/^[\da-f]{26}$/), model: VEO, version: "hidden", input: INPUT, logs: "" },
    ...{ output: null, data_removed: false, error: null, status: "starting", source: "api", metrics: {} },
    ...{ created_at: expect.stringMatching(/Z$/), started_at: null, completed_at: null },
    urls: { get: address, cancel: `${address}/cancel`, web: expect.any(String) },
  });
  const running = await until(async () => {
    const prediction = await replicate.predictions.get(created.id);
    return prediction.status === "processing" && prediction;
  });
  expect(running.logs).toMatch(/^Using seed: \d+\n {2}0%\| +\| 0\/10 /);
  expect(running.started_at).toMatch(/Z$/);

  const done = await ended(created.id);
  expect(done).toMatchObject({ status: "succeeded", error: null, input: INPUT });
  expect(done.logs).toMatch(/100%\|█{10}\| 10\/10 /);
  expect(done.metrics?.predict_time).toBeGreaterThanOrEqual(0.5);
  expect(done.metrics?.total_time).toBeGreaterThanOrEqual(0.8);
  const file = await fetch(done.output);
  expect([file.status, file.headers.get("content-type")]).toEqual([200, "video/mp4"]);
});

test("submit: takes the model in `version`; refuses unknown models and malformed bodies", async () => {
  const { replicate, call, submit } = await startReplicate();
  const version = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa";
  const pinned = await replicate.predictions.create({ version: `${KLING}:${version}`, input: { prompt: "x" } });
  expect(pinned).toMatchObject({ model: KLING, version });
  expect(await replicate.predictions.create({ version: KLING, input: { prompt: "x" } })).toMatchObject({
    ...{ model: KLING, version: "hidden" },
  });
  const post = (path: string, body: object) => call(path, { method: "POST", body: JSON.stringify(body) });
  const wrong = await post("/predictions", { version: "nobody/nothing", input: {} });
  expect([wrong.status, await wrong.json()]).toMatchObject([422, { title: "Invalid version or not permitted" }]);
  expect((await post("/models/nobody/nothing/predictions", { input: {} })).status).toBe(404);
  const stray = await submit({}, { body: JSON.stringify({ input: INPUT, wobhook: "https://example.com" }) });
  expect([stray.status, await stray.json()]).toMatchObject([422, { detail: expect.stringContaining("wobhook") }]);
  expect((await submit({}, { body: "[" })).status).toBe(422);
});

test("tokens: a missing or revoked token is refused on every route; the old `Token` scheme is accepted", async () => {
  const { url, call, requests } = await startReplicate();
  const revoked = replicateAt(url, "invalid");
  await expect(revoked.predictions.create({ model: VEO, input: INPUT })).rejects.toMatchObject({
    response: { status: 401 },
  });
  expect((await requests())[0]).toMatchObject({ provider: "replicate", outcome: "rejected: credentials" });
  await expect(revoked.accounts.current()).rejects.toMatchObject({ response: { status: 401 } });
  const bare = await call("/account", { headers: { authorization: "" } });
  expect(bare.headers.get("content-type")).toBe("application/problem+json");
  expect(await bare.json()).toMatchObject({ title: "Unauthenticated", status: 401 });
  expect((await call("/account", { headers: { authorization: "Token r8_old" } })).status).toBe(200);
});

test("routes: answer the account, the list of predictions, and 404 for unknown ids", async () => {
  const { replicate, call } = await startReplicate();
  expect(await replicate.accounts.current()).toMatchObject({ type: "organization", username: "simulator" });
  const first = await replicate.predictions.create({ model: VEO, input: INPUT });
  const second = await replicate.predictions.create({ model: VEO, input: INPUT });
  const { results } = await replicate.predictions.list();
  expect(results.map(({ id }) => id)).toEqual([second.id, first.id]);
  const unknown = await call("/predictions/none");
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { title: "Not found", status: 404 }]);
  expect((await call("/predictions/none/cancel", { method: "POST" })).status).toBe(404);
  expect((await call("/trainings")).status).toBe(404);
});

test("cancel: stops a queued and a running prediction, and does not change an ended one", async () => {
  const { replicate, settings, stats, ended } = await startReplicate();
  const create = () => replicate.predictions.create({ model: VEO, input: INPUT });
  await settings({ queue_seconds: 60 });
  const queued = await replicate.predictions.cancel((await create()).id);
  expect(queued).toMatchObject({ status: "canceled", started_at: null, output: null, logs: "" });
  expect(queued.metrics).not.toHaveProperty("predict_time");

  await settings({ queue_seconds: 0, render_seconds: 60 });
  const running = await replicate.predictions.cancel((await create()).id);
  expect(running).toMatchObject({ status: "canceled", started_at: expect.any(String) });
  expect(await replicate.predictions.cancel(running.id)).toEqual(running);

  await settings({ render_seconds: 0 });
  const done = await ended((await create()).id);
  expect(await replicate.predictions.cancel(done.id)).toEqual(done);
  expect((await stats()).cancels).toBe(2);
});

test("Prefer: wait: answers at the end of the prediction, or 202 when the time is up", async () => {
  const { replicate, settings, submit } = await startReplicate();
  const waited = await replicate.predictions.create({ model: VEO, input: INPUT, wait: true });
  expect(waited).toMatchObject({ status: "succeeded", output: expect.stringMatching(/^http/) });
  await settings({ render_seconds: 60 });
  const late = await submit(INPUT, { headers: { prefer: "wait=1" } });
  expect([late.status, await late.json()]).toMatchObject([
    202,
    { status: expect.stringMatching(/^(start|process)ing$/) },
  ]);
  expect((await submit()).status).toBe(201);
});

test("Cancel-After: aborts a waiting prediction, cancels a running one, leaves one that ended in time", async () => {
  let late = 0;
  const { settings, submit, ended } = await startReplicate({ now: () => Date.now() + late });
  const create = async () => {
    const response = await submit(INPUT, { headers: { "cancel-after": "1m30s" } });
    return ((await response.json()) as { id: string }).id;
  };
  const inTime = await create();
  expect(await ended(inTime)).toMatchObject({ status: "succeeded", deadline: expect.any(String) });
  await settings({ queue_seconds: 100 });
  const waiting = await create();
  await settings({ queue_seconds: 1, render_seconds: 1000 });
  const running = await create();
  late = 95_000;
  const aborted = await ended(waiting);
  expect(aborted).toMatchObject({ status: "aborted", started_at: null, output: null });
  expect(aborted.metrics?.total_time).toBeCloseTo(90, 1);
  const canceled = await ended(running);
  expect(canceled).toMatchObject({ status: "canceled", started_at: expect.any(String) });
});

test("retention: an hour after the end only the record is left", async () => {
  let late = 0;
  const { replicate, ended } = await startReplicate({ now: () => Date.now() + late });
  const { id } = await replicate.predictions.create({ model: SCHNELL, input: { prompt: "x" } });
  const { output } = await ended(id);
  expect((await fetch(output[0])).status).toBe(200);
  late = 3600_000;
  expect(await replicate.predictions.get(id)).toMatchObject({
    ...{ status: "succeeded", input: {}, logs: "", output: null, data_removed: true },
  });
  expect((await fetch(output[0])).status).toBe(404);
});

test("moderation: a prompt with the policy words ends in E005 at once, without a bill", async () => {
  const { replicate, settings, ended } = await startReplicate();
  await settings({ queue_seconds: 0, render_seconds: 60 });
  const input = { prompt: "A Content Policy Test, please" };
  const { id } = await replicate.predictions.create({ model: VEO, input });
  const done = await ended(id);
  expect(done).toMatchObject({ status: "failed", output: null, error: expect.stringMatching(/sensitive.*\(E005\)$/) });
  expect(done.metrics?.predict_time).toBe(0);
});

test("list: has pages of a hundred, the newest first, that do not shift while predictions are added", async () => {
  const { replicate, disasters, submit } = await startReplicate();
  await disasters({ name: "fail" });
  const submitted = async () => ((await (await submit()).json()) as { id: string }).id;
  const idsIn = ({ results }: { results: { id: string }[] }) => results.map(({ id }) => id);
  const ids: string[] = [];
  for (let count = 0; count < 205; count += 1) ids.unshift(await submitted());
  const first = await replicate.predictions.list();
  await submitted();
  const follow = async (address: string | undefined | null) =>
    (await replicate.request(String(address), { method: "GET" })).json() as unknown as typeof first;
  const second = await follow(first.next);
  const third = await follow(second.next);
  expect([first, second, third].map(({ results }) => results.length)).toEqual([100, 100, 5]);
  expect([first, second, third].flatMap(idsIn)).toEqual(ids);
  expect([first.previous, third.next]).toEqual([null, null]);
  expect(idsIn(await follow(second.previous))).toEqual(idsIn(first));
});

test("list: shows a prediction with its model, its input and its webhook", async () => {
  const { replicate } = await startReplicate();
  const webhook = "http://127.0.0.1:9/hook";
  const { id } = await replicate.predictions.create({ model: VEO, input: INPUT, webhook });
  const { results } = await replicate.predictions.list();
  expect(results).toMatchObject([{ id, model: VEO, input: INPUT, webhook }]);
});
