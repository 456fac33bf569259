/** A provider that misbehaves: how each request ends, and how often it was submitted. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack();
});
beforeEach(() => test.simulator.reset());
afterAll(() => test.stop());

interface Case {
  disasters: object[];
  ends: object;
  submits: number;
}

const UNKNOWN = { status: "failed", error_code: "SUBMIT_UNKNOWN", charge_state: "unknown", retryable: false };
const COMPLETED = { status: "completed", charge_state: "charged", error_code: null };

const CASES: Record<string, Case> = {
  "the answer to the submit is lost": { disasters: [{ name: "submit_drop_after_accept" }], ends: UNKNOWN, submits: 1 },
  "503 after it was accepted": { disasters: [{ name: "submit_503_after_accept" }], ends: UNKNOWN, submits: 1 },
  "500 in HTML": { disasters: [{ name: "submit_500_html" }], ends: UNKNOWN, submits: 1 },
  "no answer": { disasters: [{ name: "submit_hang" }], ends: UNKNOWN, submits: 1 },
  "accepted without an id": { disasters: [{ name: "submit_no_id" }], ends: UNKNOWN, submits: 1 },
  "429 twice, then taken": {
    disasters: [{ name: "submit_429", times: 2, retry_after: 1 }],
    ends: COMPLETED,
    submits: 3,
  },
  "polls that fail, talk HTML and nonsense, then work": {
    disasters: [
      { name: "poll_500", times: 1 },
      { name: "poll_html", times: 1 },
      { name: "poll_unknown_status", times: 1 },
    ],
    ends: COMPLETED,
    submits: 1,
  },
  "an output that is cut off at first": {
    disasters: [{ name: "output_truncated", times: 1 }],
    ends: COMPLETED,
    submits: 1,
  },
  "an output that is an HTML page at first": {
    disasters: [{ name: "output_wrong_type", times: 1 }],
    ends: COMPLETED,
    submits: 1,
  },
  "success without an output": {
    disasters: [{ name: "output_missing" }],
    ends: { status: "failed", error_code: "PROVIDER_ERROR" },
    submits: 1,
  },
};

it.each(Object.entries(CASES))("%s", async (_name, { disasters, ends, submits }) => {
  await test.simulator.settings({ disasters });
  const ended = await test.caller.finished(await test.caller.submit());
  expect(ended).toMatchObject(ends);
  expect((await test.simulator.stats()).submits).toBe(submits);
});
