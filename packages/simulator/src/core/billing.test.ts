import { expect, test } from "vitest";
import { SHORT, start, VEO } from "../../test-support/harness.js";

interface JobReport {
  id: string;
  phase: string;
  outcome: string | null;
  billed: boolean;
}

const POLICY = "a content policy test";

test("jobs: shows the outcome of each job and whether the provider bills it", async () => {
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
  const moderated = await submit("refused after the render");
  at += 15_000;
  await disasters({ name: "never_finish" });
  const endless = await submit("without an end");
  at += 15_000;
  await finished(VEO, done);
  const report = (id: string, phase: string, outcome: string | null, billed: boolean) => ({
    id,
    phase,
    outcome,
    billed,
  });
  expect(await jobs()).toMatchObject([
    { ...report(done, "done", "media", true), provider: "fal", endpoint: VEO, prompt: "a bird" },
    report(refused, "done", "failure", false),
    report(stopped, "done", "cancelled", false),
    report(failed, "done", "failure", false),
    report(moderated, "done", "failure", true),
    report(endless, "running", null, true),
  ]);
  await fal.queue.cancel(VEO, { requestId: endless });
  expect((await jobs()).at(-1)).toMatchObject(report(endless, "done", "cancelled", true));
  await http("/control/reset", { method: "POST" });
  expect(await jobs()).toEqual([]);
});
