/** Reports, the webhooks of providers: a genuine report wakes the request, and a false one is refused. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { startTestStack, type TestStack } from "../support/stack.js";

/** Far below the 30 s after which a worker would poll without a report. */
const SOON_MS = 20_000;

let test: TestStack;
beforeAll(async () => {
  const port = await freePort("127.0.0.1");
  test = await startTestStack({ port, env: { PUBLIC_URL: `http://127.0.0.1:${port}` } });
});
afterAll(() => test.stop());

const MODELS = ["fal-ai/veo3", "replicate/google/veo-3"];
const endOf = async (model: string, prompt: string) =>
  test.caller.finished(await test.caller.submit({ model, prompt, duration_seconds: 4 }));

describe.each(MODELS)("%s", (model) => {
  it("report: ends the request soon, with two polls at most", async () => {
    const before = await test.simulator.stats();
    const ended = await endOf(model, `a bird for ${model}`);
    expect(ended).toMatchObject({ status: "completed", charge_state: "charged" });
    expect(ended.latency_ms).toBeLessThan(SOON_MS);
    const after = await test.simulator.stats();
    expect(after.polls - before.polls).toBeLessThanOrEqual(2);
    expect(after.submits - before.submits).toBe(1);
  });

  it.each(["webhook_duplicate", "webhook_late"])("%s: the request completes", async (name) => {
    await test.simulator.settings({ disasters: [{ name, seconds: 1 }] });
    const ended = await endOf(model, `a bird, ${name}, ${model}`);
    expect(ended).toMatchObject({ status: "completed", charge_state: "charged" });
    expect(ended.latency_ms).toBeLessThan(SOON_MS);
    await test.simulator.settings({ disasters: [] });
  });

  it.each(["webhook_forged", "webhook_stale"])(
    "%s: the report is refused, and the genuine one after it is accepted",
    async (name) => {
      const before = await test.simulator.stats();
      await test.simulator.settings({ disasters: [{ name }] });
      const ended = await endOf(model, `a bird, ${name}, ${model}`);
      await test.simulator.settings({ disasters: [] });
      expect(ended).toMatchObject({ status: "completed", charge_state: "charged" });
      const { webhooks } = await test.simulator.stats();
      expect(webhooks.false_sent - before.webhooks.false_sent).toBe(1);
      expect(webhooks.false_ok).toBe(before.webhooks.false_ok);
    },
  );
});

it("caller's own key: the job is polled, because we cannot verify reports of the caller's account", async () => {
  const id = await test.caller.submit(
    { model: "replicate/google/veo-3", prompt: "a bird of their own", duration_seconds: 4 },
    { "x-replicate-key": "r8_theirs" },
  );
  expect(await test.caller.finished(id)).toMatchObject({ status: "completed", mode: "byok" });
  const submit = (await test.simulator.submits()).at(-1);
  expect(submit?.body).not.toHaveProperty("webhook");
});

it("Runway, which sends no reports: the job is polled", async () => {
  expect(await endOf("runway/gen4.5", "a bird for Runway")).toMatchObject({ status: "completed" });
});
