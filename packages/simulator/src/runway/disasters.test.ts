import RunwayML from "@runwayml/sdk";
import { expect, test } from "vitest";
import { until } from "../../test-support/harness.js";
import {
  type RunwayFixture,
  startRunway,
  type Task,
  type TaskWith,
  TEXT,
  VEO_TEXT,
} from "../../test-support/runway.js";

async function jobOfOnlySubmit({ requests, ended }: RunwayFixture): Promise<Task> {
  const [submit, ...more] = await requests();
  expect(more).toHaveLength(0);
  return ended(submit?.provider_request_id ?? "");
}

test.each([
  ["submit_drop_after_accept", undefined],
  ["submit_503_after_accept", 503],
] as const)("%s: the caller gets no id, but the task runs", async (name, status) => {
  const fixture = await startRunway();
  await fixture.disasters({ name, times: 1 });
  const error = await fixture.runway.textToVideo.create(TEXT).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(status ? RunwayML.InternalServerError : RunwayML.APIConnectionError);
  expect((error as { status?: number }).status).toBe(status);
  expect((await fixture.requests())[0]?.outcome).toBe(name);
  expect(await jobOfOnlySubmit(fixture)).toMatchObject({ status: "SUCCEEDED" });
});

test("submit_no_id: the answer is 200 without an id, but the task runs", async () => {
  const fixture = await startRunway();
  await fixture.disasters({ name: "submit_no_id" });
  expect(await fixture.runway.textToVideo.create(TEXT)).toEqual({});
  expect(await jobOfOnlySubmit(fixture)).toMatchObject({ status: "SUCCEEDED" });
});

test("submit_hang: the submit is never answered, but the task runs", async () => {
  const { runway, disasters, stats } = await startRunway();
  await disasters({ name: "submit_hang" });
  const leaving = new AbortController();
  const answer = runway.textToVideo.create(TEXT, { signal: leaving.signal }).catch((reason: unknown) => reason);
  await until(async () => (await stats()).jobs.completed === 1);
  leaving.abort();
  expect(await answer).toBeInstanceOf(RunwayML.APIUserAbortError);
});

test("retries of the client: each submit makes a task, because the client sends no idempotency key", async () => {
  const { runway, disasters, stats } = await startRunway();
  await disasters({ name: "submit_503_after_accept", times: 1 });
  await runway.textToVideo.create(TEXT, { maxRetries: 1 });
  expect((await stats()).submits).toBe(2);
  await until(async () => (await stats()).jobs.completed === 2);
});

test.each([
  ["submit_503_before_accept", 503, /json/],
  ["submit_429", 429, /json/],
  ["submit_500_html", 500, /html/],
] as const)("%s: refuses the submit without a task, and accepts the next one", async (name, status, type) => {
  const { call, disasters, requests } = await startRunway();
  await disasters({ name, times: 1, retry_after: 7 });
  const submit = () => call("/v1/text_to_video", { method: "POST", body: JSON.stringify(TEXT) });
  const refused = await submit();
  expect(refused.status).toBe(status);
  expect(refused.headers.get("content-type")).toMatch(type);
  expect(refused.headers.get("retry-after")).toBe(name === "submit_429" ? "7" : null);
  if (status !== 500) expect(await refused.json()).toEqual({ error: expect.any(String) });
  expect((await submit()).status).toBe(200);
  const seen = (await requests()).map(({ outcome, provider_request_id: id }) => [outcome, id !== null]);
  expect(seen).toEqual([
    [name, false],
    ["accepted", true],
  ]);
});

test.each([
  ["poll_429", 429, /json/, /"error"/],
  ["poll_500", 500, /json/, /"error"/],
  ["poll_html", 500, /html/, /<h1>/],
  ["poll_unknown_status", 200, /json/, /"MIGRATING"/],
] as const)("%s: spoils one poll; the next one is right", async (name, status, type, text) => {
  const { runway, call, disasters } = await startRunway();
  const { id } = await runway.textToVideo.create(TEXT);
  await disasters({ name, times: 1, retry_after: 3 });
  const spoilt = await call(`/v1/tasks/${id}`);
  expect(spoilt.status).toBe(status);
  expect(spoilt.headers.get("retry-after")).toBe(name === "poll_429" ? "3" : null);
  expect(spoilt.headers.get("content-type")).toMatch(type);
  expect(await spoilt.text()).toMatch(text);
  expect((await runway.tasks.retrieve(id)).status).toMatch(/PENDING|RUNNING|SUCCEEDED/);
});

test("poll_hang: one poll is never answered; the next one is", async () => {
  const { runway, disasters, stats } = await startRunway();
  const { id } = await runway.textToVideo.create(TEXT);
  await disasters({ name: "poll_hang", times: 1 });
  const leaving = new AbortController();
  const answer = runway.tasks.retrieve(id, { signal: leaving.signal }).catch((reason: unknown) => reason);
  await until(async () => (await stats()).polls === 1);
  leaving.abort();
  expect(await answer).toBeInstanceOf(RunwayML.APIUserAbortError);
  expect(await runway.tasks.retrieve(id)).toMatchObject({ id });
});

test("never_finish: the task stays RUNNING long after it was due, until it is cancelled", async () => {
  let late = 0;
  const { runway, disasters } = await startRunway({ now: () => Date.now() + late });
  await disasters({ name: "never_finish" });
  const { id } = await runway.textToVideo.create(TEXT);
  late = 3600_000;
  expect(await runway.tasks.retrieve(id)).toMatchObject({ status: "RUNNING" });
  await runway.tasks.delete(id);
  expect(await runway.tasks.retrieve(id)).toMatchObject({ status: "CANCELLED" });
});

const FAILURES: [why: string, disaster: object, promptText: string, failureCode: string, credits: number][] = [
  ["fail", { name: "fail" }, "x", "INTERNAL", 0],
  ["fail with a type", { name: "fail", type: "THIRD_PARTY.UNAVAILABLE" }, "x", "THIRD_PARTY.UNAVAILABLE", 0],
  ["late_moderation", { name: "late_moderation" }, "x", "SAFETY.OUTPUT.VIDEO", 0],
  ["input moderation", { name: "never_finish", match_prompt: "no" }, "A Content Policy Test", "SAFETY.INPUT.TEXT", 24],
];

test.each(FAILURES)("%s: the task fails with its code and its cost", async (...[, disaster, ...wanted]) => {
  const [promptText, failureCode, credits] = wanted;
  const { runway, settings, ended } = await startRunway();
  await settings({ disasters: [disaster] });
  const created = await runway.textToVideo.create({ ...TEXT, promptText });
  expect(created.estimatedCost).toEqual({ credits: 24 });
  expect(await ended(created.id)).toEqual({
    ...{ id: created.id, createdAt: expect.any(String), status: "FAILED", cost: { credits } },
    ...{ failure: expect.any(String), failureCode },
  });
});

test("late_moderation: the failure code names the picture, after the whole render", async () => {
  let later = 0;
  const { runway, disasters, settings } = await startRunway({ now: () => Date.now() + later });
  await settings({ queue_seconds: 0, render_seconds: 60 });
  await disasters({ name: "late_moderation" });
  const { id } = await runway.textToImage.create({ model: "gen4_image", promptText: "x", ratio: "720:720" });
  expect(await runway.tasks.retrieve(id)).toMatchObject({ status: "RUNNING" });
  later = 61_000;
  expect(await runway.tasks.retrieve(id)).toMatchObject({ status: "FAILED", failureCode: "SAFETY.OUTPUT.IMAGE" });
});

test("progress_backwards: the progress falls back", async () => {
  let later = 0;
  const { runway, disasters, settings } = await startRunway({ now: () => Date.now() + later });
  await settings({ queue_seconds: 0, render_seconds: 1000 });
  await disasters({ name: "progress_backwards" });
  const { id } = await runway.textToVideo.create(TEXT);
  const progressAt = async (seconds: number) => {
    later = seconds * 1000;
    return ((await runway.tasks.retrieve(id)) as TaskWith<"RUNNING">).progress;
  };
  const seen = [await progressAt(150), await progressAt(250), await progressAt(350), await progressAt(550)];
  expect(seen.some((progress, index) => progress < (seen[index - 1] ?? 0))).toBe(true);
  expect(seen.every((progress) => progress >= 0 && progress < 1)).toBe(true);
});

async function outputOf({ runway, ended }: RunwayFixture): Promise<string[]> {
  const { id } = await runway.textToVideo.create(TEXT);
  return ((await ended(id)) as TaskWith<"SUCCEEDED">).output;
}

test("output_missing: the task is SUCCEEDED without an output", async () => {
  const fixture = await startRunway();
  await fixture.disasters({ name: "output_missing" });
  expect(await outputOf(fixture)).toEqual([]);
});

test("output_404: the media address answers 404", async () => {
  const fixture = await startRunway();
  await fixture.disasters({ name: "output_404" });
  expect((await fetch((await outputOf(fixture))[0] as string)).status).toBe(404);
});

test("output_expiring: an address expires, and reading the task again gives a new one", async () => {
  let later = 0;
  const { runway, disasters, ended } = await startRunway({ now: () => Date.now() + later });
  await disasters({ name: "output_expiring", seconds: 60 });
  const { id } = await runway.textToVideo.create(TEXT);
  const readOutput = async () => ((await ended(id)) as TaskWith<"SUCCEEDED">).output[0] as string;
  const first = await readOutput();
  expect((await fetch(first)).status).toBe(200);
  later = 61_000;
  expect((await fetch(first)).status).toBe(403);
  expect((await fetch(await readOutput())).status).toBe(200);
});

test("upload_500: the first upload is answered 500 and fails; the second one succeeds", async () => {
  const { runway, disasters } = await startRunway();
  await disasters({ name: "upload_500", times: 1 });
  const file = () => new File(["x"], "a.png", { type: "image/png" });
  await expect(runway.uploads.createEphemeral({ file: file() })).rejects.toMatchObject({ status: 500 });
  expect((await runway.uploads.createEphemeral({ file: file() })).uri).toMatch(/^runway:/);
});

test("match_prompt: a disaster for one prompt does not strike others", async () => {
  const { runway, ended, disasters } = await startRunway();
  await disasters({ name: "fail", match_prompt: "STORM" });
  const { id: calm } = await runway.textToVideo.create(VEO_TEXT);
  const { id: stormy } = await runway.textToVideo.create({ ...VEO_TEXT, promptText: "a storm" });
  expect([(await ended(calm)).status, (await ended(stormy)).status]).toEqual(["SUCCEEDED", "FAILED"]);
});
