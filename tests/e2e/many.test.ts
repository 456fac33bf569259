/** Many requests over several workers and APIs on one Redis. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 3 });
});
afterAll(() => test.stop());

it("200 requests over three workers: all complete, with exactly 200 submits", async () => {
  const ids = await Promise.all(Array.from({ length: 200 }, (_, n) => (test.callers[n % 2] ?? test.caller).submit()));
  const ended = await Promise.all(ids.map((id) => test.caller.finished(id)));
  expect(ended.map(({ status }) => status)).toEqual(ids.map(() => "completed"));
  const submits = await test.simulator.submits();
  expect(submits).toHaveLength(200);
  expect(new Set(submits.map((submit) => submit.provider_request_id)).size).toBe(200);
  expect(new Set(ended.map((request) => request.provider_request_id)).size).toBe(200);
});

it("Idempotency-Key: 100 concurrent equal calls over two API processes create one request", async () => {
  const before = (await test.simulator.stats()).submits;
  const headers = { "idempotency-key": crypto.randomUUID(), prefer: "respond-async" };
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => (test.callers[n % 2] ?? test.caller).generate(VEO, headers)),
  );
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter((answer) => answer.headers.get("idempotency-replayed") !== "true")).toHaveLength(1);
  await test.caller.finished(answers[0]?.body.id);
  expect((await test.simulator.stats()).submits).toBe(before + 1);
  const conflict = await test.caller.generate({ ...VEO, prompt: "another" }, headers);
  expect([conflict.status, conflict.body.error]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
});
