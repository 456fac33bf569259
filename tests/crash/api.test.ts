/** An API that is killed with -9 while it accepts: what a key led to is found again at another API, once. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2 });
});
afterAll(() => test.stop());

const ASYNC = { prefer: "respond-async" };
const submitsOf = async (prompt: string) =>
  (await test.simulator.submits()).filter(({ body }) => body["prompt"] === prompt).length;

it("an API killed while it accepts leaves one request, and its retry finds it", async () => {
  const [dying, other] = test.callers;
  const body = { ...VEO, prompt: "birds of a dying API" };
  const keys = Array.from({ length: 20 }, (_, index) => `dying-${index}`);
  const submit = (caller: typeof dying, key: string) => caller?.generate(body, { ...ASYNC, "idempotency-key": key });
  const first = keys.map((key) => submit(dying, key)?.catch(() => null));
  test.stack.apis[0]?.kill();
  const acknowledged = await Promise.all(first);
  const retried = await Promise.all(keys.map((key) => submit(other, key)));
  for (const [index, answer] of acknowledged.entries()) {
    if (answer) expect(retried[index]?.body.request_id).toBe(answer.body.request_id);
  }
  const ids = retried.map((answer) => answer?.body.request_id as string);
  expect(new Set(ids).size).toBe(keys.length);
  const ended = await Promise.all(ids.map((id) => pollAt(other, id)));
  expect(new Set(ended)).toEqual(new Set(["completed"]));
  expect(await submitsOf(body.prompt)).toBe(keys.length);
});

const pollAt = async (caller: (typeof test.callers)[number] | undefined, id: string) =>
  (await caller?.finished(id))?.status;
