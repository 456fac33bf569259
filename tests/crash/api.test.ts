/** An API is killed with -9 while it accepts requests. A retry with the same key at the other API finds the request. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Caller, VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2 });
});
afterAll(() => test.stop());

const ASYNC = { prefer: "respond-async" };
const submitsOf = async (prompt: string) =>
  (await test.simulator.submits()).filter(({ body }) => body["prompt"] === prompt).length;

/** The API that still answers. */
async function livingApi(): Promise<Caller> {
  for (const caller of test.callers) {
    const answer = await caller.call("GET", "/health").catch(() => null);
    if (answer?.status === 200) return caller;
  }
  throw new Error("neither API answers");
}

it("API killed while it accepts: leaves one request per key, and a retry at the other API returns it", async () => {
  const body = { ...VEO, prompt: "birds before a kill" };
  const keys = Array.from({ length: 40 }, (_, index) => `killed-${index}`);
  const submit = (caller: Caller, key: string) => caller.generate(body, { ...ASYNC, "idempotency-key": key });
  const first = keys.map((key, index) =>
    submit(test.callers[index % 2] ?? test.caller, key).then(
      ({ body: { request_id } }) => request_id as string,
      () => null,
    ),
  );
  await Promise.race(first);
  test.stack.apis[0]?.kill();
  const acknowledged = await Promise.all(first);
  const other = await livingApi();
  const retried = await Promise.all(keys.map(async (key) => (await submit(other, key)).body.request_id as string));
  for (const [index, id] of acknowledged.entries()) if (id !== null) expect(retried[index]).toBe(id);
  expect(new Set(retried).size).toBe(keys.length);
  const ended = await Promise.all(retried.map((id) => other.finished(id)));
  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["completed"]));
  expect(await submitsOf(body.prompt)).toBe(keys.length);
});
