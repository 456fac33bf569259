/** Providers that misbehave: how each request ends, what it costs, and how often it was submitted. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";

interface Case {
  disasters: object[];
  ends: object;
  submits: number;
  /** The end at a provider that has no list of its jobs, when it differs. */
  withoutList?: object;
}

/** A download is tried again for half a minute, and longer on a busy machine. */
const COPIED_WITHIN_MS = 110_000;
const UNKNOWN = { status: "failed", error_code: "SUBMIT_UNKNOWN", charge_state: "unknown", retryable: false };
const COMPLETED = { status: "completed", charge_state: "charged", error_code: null };
const FOUND = { ends: COMPLETED, withoutList: UNKNOWN, submits: 1 };
const GONE = { status: "failed", error_code: "OUTPUT_UNAVAILABLE", charge_state: "charged", retryable: false };

const CASES: Record<string, Case> = {
  "the answer to the submit is lost": { disasters: [{ name: "submit_drop_after_accept" }], ...FOUND },
  "503 after it was accepted": { disasters: [{ name: "submit_503_after_accept" }], ...FOUND },
  "500 in HTML after it was accepted": { disasters: [{ name: "submit_500_html_after_accept" }], ...FOUND },
  "503 before it was accepted": { disasters: [{ name: "submit_503_before_accept" }], ends: UNKNOWN, submits: 1 },
  "500 in HTML": { disasters: [{ name: "submit_500_html" }], ends: UNKNOWN, submits: 1 },
  "no answer": { disasters: [{ name: "submit_hang" }], ...FOUND },
  "accepted without an id": { disasters: [{ name: "submit_no_id" }], ...FOUND },
  "429 twice, then accepted": {
    disasters: [{ name: "submit_429", times: 2, retry_after: 1 }],
    ends: COMPLETED,
    submits: 3,
  },
  "polls answered by 500, HTML, an unknown status and 429, then correctly": {
    disasters: [
      { name: "poll_500", times: 1 },
      { name: "poll_html", times: 1 },
      { name: "poll_unknown_status", times: 1 },
      { name: "poll_429", times: 1, retry_after: 1 },
    ],
    ends: COMPLETED,
    submits: 1,
  },
  "progress that goes backwards": { disasters: [{ name: "progress_backwards" }], ends: COMPLETED, submits: 1 },
  "an output that is truncated in the first download": {
    disasters: [{ name: "output_truncated", times: 1 }],
    ends: COMPLETED,
    submits: 1,
  },
  "an output that is an HTML page in the first download": {
    disasters: [{ name: "output_wrong_type", times: 1 }],
    ends: COMPLETED,
    submits: 1,
  },
  "an output that answers 404 to the first download": {
    disasters: [{ name: "output_404", times: 1 }],
    ends: COMPLETED,
    submits: 1,
  },
  "an output URL that expires while the copy fails": {
    disasters: [{ name: "output_expiring" }, { name: "output_404", times: 2 }],
    ends: COMPLETED,
    submits: 1,
  },
  "an output larger than MAX_OUTPUT_BYTES": {
    disasters: [{ name: "output_oversized", bytes: 30_000_000 }],
    ends: GONE,
    submits: 1,
  },
  "an output that always answers 404": { disasters: [{ name: "output_404" }], ends: GONE, submits: 1 },
  "an output that is empty": { disasters: [{ name: "output_empty" }], ends: GONE, submits: 1 },
  "an output that answers 204": { disasters: [{ name: "output_204" }], ends: GONE, submits: 1 },
  "an output that is always an HTML page": { disasters: [{ name: "output_wrong_type" }], ends: GONE, submits: 1 },
  "success without an output": {
    disasters: [{ name: "output_missing" }],
    ends: { status: "failed", error_code: "PROVIDER_ERROR" },
    submits: 1,
  },
  "a model that fails": {
    disasters: [{ name: "fail" }],
    ends: { status: "failed", error_code: "PROVIDER_ERROR", output_url: null },
    submits: 1,
  },
};

/** Charge state and cost in USD when the content policy refuses the input (`early`), and the output (`late`). */
const MODELS = {
  "fal-ai/veo3": { early: ["released", 0], late: ["charged", 1.6] },
  "replicate/google/veo-3": { early: ["unknown", 0], late: ["unknown", 0] },
  "runway/gen4.5": { early: ["charged", 0.48], late: ["released", 0] },
} as const;

describe.each(Object.entries(MODELS))("%s", (model, policy) => {
  let test: TestStack;
  const promptOf = (name: string) => `a bird, ${name.replaceAll(/[^a-z0-9 ]/gi, "")}.`;
  const ENDLESS = "a render that never ends";
  const LATE = "a refusal after the whole render";
  beforeAll(async () => {
    test = await startTestStack({ env: { MAX_OUTPUT_BYTES: "20000000" } });
    const disasters = Object.entries(CASES).flatMap(([name, { disasters }]) =>
      disasters.map((disaster) => ({ ...disaster, match_prompt: promptOf(name) })),
    );
    const late = { name: "late_moderation", match_prompt: promptOf(LATE) };
    const endless = { name: "never_finish", match_prompt: promptOf(ENDLESS) };
    await test.simulator.settings({ disasters: [...disasters, late, endless] });
  });
  afterAll(() => test.stop());

  async function endOf(prompt: string) {
    const ended = await test.caller.finished(
      await test.caller.submit({ model, prompt, duration_seconds: 4 }),
      COPIED_WITHIN_MS,
    );
    const submits = (await test.simulator.submits()).filter(({ body }) => JSON.stringify(body).includes(prompt));
    return { ended, submits: submits.length };
  }

  it.concurrent.each(Object.entries(CASES))("%s", async (name, { ends, withoutList = ends, submits }) => {
    const seen = await endOf(promptOf(name));
    expect(seen.ended).toMatchObject(model.startsWith("runway/") ? withoutList : ends);
    expect(seen.submits).toBe(submits);
  });

  it.concurrent("a render that never ends is cancelled at its deadline", async () => {
    const prompt = promptOf(ENDLESS);
    const id = await test.caller.submit({ model, prompt, duration_seconds: 4, deadline_seconds: 8 });
    const ended = await test.caller.finished(id);
    expect(ended).toMatchObject({ status: "failed", error_code: "PROVIDER_TIMEOUT", cost: 0 });
    expect(ended.latency_ms).toBeGreaterThanOrEqual(8000);
    expect(ended.latency_ms).toBeLessThan(40_000);
    expect((await test.simulator.stats()).cancels).toBe(1);
  });

  it.concurrent.each([
    { when: "before the render", prompt: "a content policy test", money: policy.early },
    { when: "after the whole render", prompt: promptOf(LATE), money: policy.late },
  ])(
    "a refusal by the content policy $when: charge state and cost are $money",
    async ({ prompt, money: [charge_state, cost] }) => {
      const { ended, submits } = await endOf(prompt);
      const failed = { status: "failed", error_code: "CONTENT_POLICY_VIOLATION", retryable: false };
      expect(ended).toMatchObject({ ...failed, charge_state, cost });
      expect(submits).toBe(1);
    },
  );
});
