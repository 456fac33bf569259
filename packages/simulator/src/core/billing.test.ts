import { expect, test } from "vitest";
import { SHORT, start, VEO } from "../../test-support/harness.js";
import { startRunway, TEXT } from "../../test-support/runway.js";

interface JobReport {
  id: string;
  phase: string;
  outcome: string | null;
  billed: boolean;
}

const POLICY = "a content policy test";

test("jobs: the outcome of each, and whether the provider bills it", async () => {
  let at = Date.now();
  const { fal, http, settings, disasters, finished } = await start({ now: () => at });
  const jobs = async () => (await (await http("/control/jobs")).json()) as JobReport[];
  const submit = async (prompt: string) => (await fal.queue.submit(VEO, { input: { ...SHORT, prompt } })).request_id;
  await settings({ queue_seconds: 10, render_seconds: 10 });
  const done = await submit("a bird");
  const refused = await submit(POLICY);
  const stopped = await submit("stopped in the queue");
  await fal.queue.cancel(VEO, { requestId: stopped });
  await disasters({ name: "fail" });
  const failed = await submit("a failure");
  await disasters({ name: "late_moderation" });
  const moderated = await submit("refused when it was done");
  at += 15_000;
  await disasters({ name: "never_finish" });
  const endless = await submit("without an end");
  at += 15_000;
  await finished(VEO, done);
  const told = (id: string, phase: string, outcome: string | null, billed: boolean) => ({ id, phase, outcome, billed });
  expect(await jobs()).toMatchObject([
    { ...told(done, "done", "media", true), provider: "fal", endpoint: VEO, prompt: "a bird" },
    told(refused, "done", "failure", false),
    told(stopped, "done", "cancelled", false),
    told(failed, "done", "failure", false),
    told(moderated, "done", "failure", true),
    told(endless, "running", null, true),
  ]);
  await fal.queue.cancel(VEO, { requestId: endless });
  expect((await jobs()).at(-1)).toMatchObject(told(endless, "done", "cancelled", true));
  await http("/control/reset", { method: "POST" });
  expect(await jobs()).toEqual([]);
});

test("jobs: Runway bills what it refuses on sight, and not what it refuses when it is done", async () => {
  const { runway, http, disasters, ended } = await startRunway();
  const billed = async () => ((await (await http("/control/jobs")).json()) as JobReport[]).map((job) => job.billed);
  await ended((await runway.textToVideo.create({ ...TEXT, promptText: POLICY })).id);
  await disasters({ name: "late_moderation" });
  await ended((await runway.textToVideo.create(TEXT)).id);
  expect(await billed()).toEqual([true, false]);
});
