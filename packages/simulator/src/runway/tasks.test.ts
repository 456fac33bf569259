import RunwayML from "@runwayml/sdk";
import { expect, test } from "vitest";
import { temporaryDir, until } from "../../test-support/harness.js";
import { HEADERS, runwayAt, startRunway, type TaskWith, TEXT, VEO_TEXT } from "../../test-support/runway.js";

const UUID = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/;

test("a task: is PENDING, RUNNING and SUCCEEDED, and its output can be downloaded", async () => {
  let later = 0;
  const { runway, settings, ended, url } = await startRunway({ now: () => Date.now() + later });
  await settings({ queue_seconds: 60, render_seconds: 100 });
  const created = await runway.textToVideo.create(TEXT);
  expect(created).toEqual({ id: expect.stringMatching(UUID), estimatedCost: { credits: 24 } });
  const common = { id: created.id, createdAt: expect.stringMatching(/^\d{4}-.+Z$/) };
  const pending = await runway.tasks.retrieve(created.id);
  expect(pending).toEqual({ ...common, status: "PENDING", estimatedCost: { credits: 24 } });
  later = 110_000;
  const running = (await runway.tasks.retrieve(created.id)) as TaskWith<"RUNNING">;
  expect(running).toEqual({
    ...common,
    status: "RUNNING",
    progress: expect.any(Number),
    estimatedCost: { credits: 24 },
  });
  expect(running.progress).toBeGreaterThanOrEqual(0.5);
  expect(running.progress).toBeLessThan(1);
  later = 160_000;
  const done = (await ended(created.id)) as TaskWith<"SUCCEEDED">;
  expect(done).toEqual({ ...common, status: "SUCCEEDED", output: [expect.any(String)], cost: { credits: 24 } });
  expect(done.output[0]).toMatch(new RegExp(`^${url}/media/runway/${created.id}/0/output\\.mp4\\?`));
  const film = await fetch(done.output[0] as string);
  expect([film.status, film.headers.get("content-type")]).toEqual([200, "video/mp4"]);
});

test("a task: has a new output address each time it is read", async () => {
  let later = 0;
  const { runway, ended } = await startRunway({ now: () => Date.now() + later });
  const { id } = await runway.textToVideo.create(TEXT);
  const first = (await ended(id)) as TaskWith<"SUCCEEDED">;
  later = 25 * 3600_000;
  expect((await fetch(first.output[0] as string)).status).toBe(403);
  const second = (await ended(id)) as TaskWith<"SUCCEEDED">;
  expect((await fetch(second.output[0] as string)).status).toBe(200);
});

test("a task: is THROTTLED if it waits while five tasks of its model run", async () => {
  const { runway, settings } = await startRunway();
  await settings({ queue_seconds: 0, render_seconds: 60 });
  for (let i = 0; i < 5; i++) await runway.textToVideo.create(TEXT);
  await settings({ queue_seconds: 60 });
  const sixth = await runway.textToVideo.create(TEXT);
  const other = await runway.textToVideo.create(VEO_TEXT);
  expect(await runway.tasks.retrieve(sixth.id)).toEqual({
    ...{ id: sixth.id, createdAt: expect.any(String), status: "THROTTLED", estimatedCost: { credits: 24 } },
  });
  expect(await runway.tasks.retrieve(other.id)).toMatchObject({ status: "PENDING" });
});

test("every call: a missing or revoked key is 401, a missing or other version is 400", async () => {
  const { call, http, url, requests } = await startRunway();
  const bare = (path: string, method: string, headers: Record<string, string>) =>
    http(`/runway${path}`, { method, headers: { authorization: "", ...headers } });
  const refusals: [path: string, method: string][] = [
    ["/v1/text_to_video", "POST"],
    ["/v1/tasks/x", "GET"],
    ["/v1/tasks/x", "DELETE"],
    ["/v1/organization", "GET"],
    ["/v1/uploads", "POST"],
  ];
  for (const [path, method] of refusals) {
    const anonymous = await bare(path, method, { "x-runway-version": "2024-11-06" });
    expect([path, anonymous.status, await anonymous.json()]).toEqual([path, 401, { error: expect.any(String) }]);
    const unversioned = await bare(path, method, { authorization: HEADERS.authorization });
    expect([path, unversioned.status, await unversioned.json()]).toEqual([path, 400, { error: expect.any(String) }]);
  }
  expect((await call("/v1/organization", { headers: { "x-runway-version": "2023-01-01" } })).status).toBe(400);
  const revoked = runwayAt(url, "invalid");
  await expect(revoked.textToVideo.create(TEXT)).rejects.toBeInstanceOf(RunwayML.AuthenticationError);
  const outcomes = (await requests()).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(["rejected: credentials", "rejected: version", "rejected: credentials"]);
});

test("tasks: an unknown id is 404, and so is the id of another provider's job", async () => {
  const { runway, call, fal } = await startRunway();
  const { request_id: foreign } = await fal.queue.submit("fal-ai/veo3", { input: { prompt: "x" } });
  for (const id of ["00000000-0000-4000-8000-000000000000", foreign]) {
    await expect(runway.tasks.retrieve(id)).rejects.toMatchObject({
      status: 404,
      error: { error: expect.any(String) },
    });
    await expect(runway.tasks.delete(id)).rejects.toBeInstanceOf(RunwayML.NotFoundError);
  }
  expect((await call("/v1/elsewhere")).status).toBe(404);
});

test("delete: cancels an active task free of charge; a second delete is 404", async () => {
  const { runway, settings, stats } = await startRunway();
  await settings({ queue_seconds: 60 });
  const { id: queued } = await runway.textToVideo.create(TEXT);
  await settings({ queue_seconds: 0, render_seconds: 60 });
  const { id: running } = await runway.textToVideo.create(TEXT);
  for (const id of [queued, running]) {
    const { response } = await runway.tasks.delete(id).withResponse();
    expect(response.status).toBe(204);
    expect(await runway.tasks.retrieve(id)).toEqual({
      ...{ id, createdAt: expect.any(String), status: "CANCELLED", cost: { credits: 0 } },
    });
    await expect(runway.tasks.delete(id)).rejects.toMatchObject({ status: 404 });
  }
  expect((await stats()).cancels).toBe(2);
});

test("delete: removes an ended task and its output forever, but does not refund it", async () => {
  const dataDir = await temporaryDir();
  const { runway, ended, stats, stop } = await startRunway({ dataDir });
  const { id } = await runway.textToVideo.create(TEXT);
  const { output } = (await ended(id)) as TaskWith<"SUCCEEDED">;
  const { creditBalance } = await runway.organization.retrieve();
  await runway.tasks.delete(id);
  await expect(runway.tasks.retrieve(id)).rejects.toMatchObject({ status: 404 });
  await expect(runway.tasks.delete(id)).rejects.toMatchObject({ status: 404 });
  expect((await fetch(output[0] as string)).status).toBe(404);
  expect((await runway.organization.retrieve()).creditBalance).toBe(creditBalance);
  expect((await stats()).cancels).toBe(0);
  await stop();
  const again = await startRunway({ dataDir });
  await expect(again.runway.tasks.retrieve(id)).rejects.toMatchObject({ status: 404 });
});

test("waitForTaskOutput: returns the output, and throws the failure of a failed task", async () => {
  const { runway, disasters } = await startRunway({ renderSeconds: 0 });
  const { id } = await runway.textToVideo.create(TEXT);
  await until(async () => (await runway.tasks.retrieve(id)).status === "SUCCEEDED");
  expect(await runway.tasks.retrieve(id).waitForTaskOutput()).toMatchObject({ output: [expect.any(String)] });
  await disasters({ name: "fail" });
  const failing = await runway.textToVideo.create(TEXT);
  await until(async () => (await runway.tasks.retrieve(failing.id)).status === "FAILED");
  await expect(runway.tasks.retrieve(failing.id).waitForTaskOutput()).rejects.toMatchObject({
    taskDetails: { status: "FAILED", failureCode: "INTERNAL" },
  });
});

test("requests: are recorded under their endpoint without secrets; polls are counted", async () => {
  const { runway, ended, stats, requests } = await startRunway();
  const { id } = await runway.textToVideo.create(TEXT);
  await ended(id);
  await runway.textToVideo.create({ ...TEXT, duration: 1 }).catch(() => undefined);
  expect(await stats()).toMatchObject({ submits: 2, by_endpoint: { text_to_video: 2 }, jobs: { completed: 1 } });
  expect((await stats()).polls).toBeGreaterThan(0);
  const [first, second] = await requests();
  expect(first).toMatchObject({
    ...{ seq: 1, provider: "runway", endpoint: "text_to_video", body: TEXT, outcome: "accepted" },
    ...{ provider_request_id: id, headers: { authorization: "redacted", "x-runway-version": "2024-11-06" } },
  });
  expect(second).toMatchObject({ provider_request_id: null, outcome: "rejected: validation" });
});

test("a task: outlives a restart", async () => {
  const dataDir = await temporaryDir();
  const first = await startRunway({ dataDir });
  const { id: done } = await first.runway.textToVideo.create(TEXT);
  await first.ended(done);
  await first.settings({ render_seconds: 60, queue_seconds: 0 });
  const { id: open } = await first.runway.textToVideo.create(TEXT);
  await first.stop();
  const second = await startRunway({ dataDir });
  expect(await second.runway.tasks.retrieve(done)).toMatchObject({ status: "SUCCEEDED", cost: { credits: 24 } });
  expect(await second.runway.tasks.retrieve(open)).toMatchObject({ status: "RUNNING" });
});

test("billing: a prompt refused at once is billed, a finished film that is refused is not", async () => {
  const { runway, http, disasters, ended } = await startRunway();
  const billed = async () =>
    ((await (await http("/control/jobs")).json()) as { billed: boolean }[]).map((job) => job.billed);
  await ended((await runway.textToVideo.create({ ...TEXT, promptText: "a content policy test" })).id);
  await disasters({ name: "late_moderation" });
  await ended((await runway.textToVideo.create(TEXT)).id);
  expect(await billed()).toEqual([true, false]);
});
