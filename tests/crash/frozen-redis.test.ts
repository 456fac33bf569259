/**
 * Redis is frozen with SIGSTOP while callers submit. A call that is answered 503 was not accepted: it has no record and
 * no submit, then or later. FREEZES=1,3,9,40 runs the long version.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const FREEZES_SECONDS = (process.env["FREEZES"] ?? "3").split(",").map(Number);
const CALLERS = 24;
/** The sweeper postpones a request once; after this time, each accepted request has been submitted. */
const SETTLED_MS = 25_000;

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 2 });
});
afterAll(() => test.stop());

interface Call {
  prompt: string;
  status: number;
  id: string | null;
}

/** Starts callers that each submit one call after another, until `stop`. Pictures, because films take long to render. */
function startCallers(round: string) {
  const calls: Call[] = [];
  let isOpen = true;
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let n = 0; isOpen; n += 1) {
      const prompt = `round ${round}, caller ${caller}, call ${n}`;
      const one = test.callers[caller % test.callers.length] ?? test.caller;
      const { status, body } = await one.call("POST", "/images/generate", {
        body: { model: "fal-ai/flux/schnell", prompt, callback_id: prompt },
        headers: { prefer: "respond-async" },
      });
      calls.push({ prompt, status, id: status === 202 ? body.id : null });
      await sleep(status === 202 ? 30 : 100);
    }
  });
  return {
    calls,
    async stop() {
      isOpen = false;
      await Promise.all(callers);
    },
  };
}

/** Resolves after `meanwhile`, when Redis goes on. */
async function freezeRedis(seconds: number, meanwhile: () => Promise<unknown>): Promise<void> {
  await test.redis.signal("SIGSTOP");
  await Promise.all([sleep(seconds * 1000), meanwhile()]);
  await test.redis.signal("SIGCONT");
}

/** The callback_ids of all records. */
async function recordedCallbackIds(): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await test.caller.call("GET", `/requests?limit=100${more}`);
    for (const { callback_id } of body.requests) ids.add(callback_id);
    cursor = body.next_cursor;
  }
  return ids;
}

it.each(FREEZES_SECONDS)(
  "Redis frozen for %i s: no request with a 503 exists later, and every request with a 202 completes",
  async (seconds) => {
    const callers = startCallers(String(seconds));
    await until("some accepted", () => callers.calls.filter(({ status }) => status === 202).length >= CALLERS);
    const refusals = () => callers.calls.filter(({ status }) => status === 503).length;
    // No call waits for Redis to go on.
    const whileFrozen = () => until("each caller to be refused", () => refusals() >= CALLERS);
    await freezeRedis(seconds, seconds < 2 ? async () => {} : whileFrozen);
    const before = callers.calls.length;
    await until("calls after the freeze", () => callers.calls.length > before + CALLERS);
    await callers.stop();
    await sleep(SETTLED_MS);

    const { calls } = callers;
    expect(new Set(calls.map(({ status }) => status))).toEqual(new Set(seconds < 2 ? [202] : [202, 503]));
    const refused = calls.filter(({ status }) => status === 503);
    const records = await recordedCallbackIds();
    expect(refused.filter(({ prompt }) => records.has(prompt))).toEqual([]);
    expect(calls.filter(({ prompt, id }) => id !== null && !records.has(prompt))).toEqual([]);
    const submitted = new Set((await test.simulator.submits()).map(({ body }) => body["prompt"]));
    expect(refused.filter(({ prompt }) => submitted.has(prompt))).toEqual([]);
    const accepted = await Promise.all(calls.flatMap(({ id }) => (id === null ? [] : test.caller.finished(id))));
    expect(accepted.filter(({ status }) => status !== "completed")).toEqual([]);
    console.log(
      `frozen for ${seconds} s: ${accepted.length} accepted, ${refused.length} refused, none of these accepted`,
    );
  },
  180_000,
);
