/** Answers to submits are lost after the provider accepted the job: every accepted job is found, and completes once. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const LOST = ["submit_drop_after_accept", "submit_500_html_after_accept", "submit_503_after_accept", "submit_no_id"];
/** Their lost jobs are found by a report or in the provider's list; those of the other model only in the list. */
const REPORTING = ["fal-ai/veo3", "replicate/google/veo-3"];
const LISTED = [...REPORTING, "openai-videos/sim-video"];
const PER_CASE = 2;
/** The default of LOCATE_SECONDS. */
const SEARCH_MS = 120_000;

const lostSubmits = LOST.map((name) => ({ name, match_prompt: name }));

describe.each([
  { reports: "off", list: "open" },
  { reports: "on", list: "open" },
  { reports: "on", list: "late" },
  { reports: "on", list: "refused" },
])("reports $reports, the provider's list $list", ({ reports, list }) => {
  let test: TestStack;
  beforeAll(async () => {
    const port = await freePort("127.0.0.1");
    const env = reports === "on" ? { PUBLIC_URL: `http://127.0.0.1:${port}` } : {};
    test = await startTestStack({ port, env });
    const ofList = { open: [], late: [{ name: "list_late", seconds: 2 }], refused: [{ name: "list_refused" }] };
    await test.simulator.settings({ disasters: [...lostSubmits, ...(ofList[list as keyof typeof ofList] ?? [])] });
  });
  afterAll(() => test.stop());

  const promptOf = (model: string, name: string, index: number) => `a bird, ${name}, ${model}, ${index}`;

  it("lost answers: every accepted job completes, with one submit and one charge", async () => {
    const calls = (list === "refused" ? REPORTING : LISTED).flatMap((model) =>
      LOST.flatMap((name) => Array.from({ length: PER_CASE }, (_, index) => ({ model, name, index }))),
    );
    const ended = await Promise.all(
      calls.map(async ({ model, name, index }) =>
        test.caller.finished(await test.caller.submit({ ...VEO, model, prompt: promptOf(model, name, index) })),
      ),
    );
    const faults = ended.filter(({ status, charge_state }) => status !== "completed" || charge_state !== "charged");
    expect(faults.map(({ id, error_code, error_message }) => ({ id, error_code, error_message }))).toEqual([]);
    const submits = await test.simulator.submits();
    expect(submits).toHaveLength(calls.length);
    const accepted = submits.map(({ provider_request_id }) => provider_request_id);
    expect(ended.map(({ provider_request_id }) => provider_request_id).toSorted()).toEqual(accepted.toSorted());
    const jobs = (await (await fetch(`${test.simulator.url}/control/jobs`)).json()) as { billed: boolean }[];
    expect(jobs.filter(({ billed }) => billed)).toHaveLength(calls.length);
  });

  it("lost answers of equal requests: each request gets its own job", async () => {
    const before = (await test.simulator.submits()).length;
    const body = { ...VEO, prompt: `five alike, ${LOST[0]}` };
    const ids = await Promise.all(Array.from({ length: 5 }, () => test.caller.submit(body)));
    const ended = await Promise.all(ids.map((id) => test.caller.finished(id)));
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["completed"]));
    expect(new Set(ended.map(({ provider_request_id }) => provider_request_id)).size).toBe(ids.length);
    expect((await test.simulator.submits()).length - before).toBe(ids.length);
  });

  it("lost answers of Runway, which has no list and no reports: end as SUBMIT_UNKNOWN, without a search", async () => {
    const ids = await Promise.all(
      LOST.map((name) => test.caller.submit({ ...VEO, model: "runway/gen4.5", prompt: promptOf("runway", name, 0) })),
    );
    for (const ended of await Promise.all(ids.map((id) => test.caller.finished(id)))) {
      expect(ended).toMatchObject({ status: "failed", error_code: "SUBMIT_UNKNOWN", charge_state: "unknown" });
      expect(ended.latency_ms).toBeLessThan(SEARCH_MS / 2);
    }
  });
});
