/** Event streams over two APIs: disconnected at random and resumed at the other API. They must match the time line. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { statusAnswer } from "../../packages/shared/src/contract/request.js";
import { VEO, withoutUrls } from "../support/caller.js";
import { startReceiver } from "../support/receiver.js";
import { readSse, type SseMessage } from "../support/sse.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 2, env: { SIMULATOR_RENDER_SECONDS: "4" } });
});
afterAll(() => test.stop());

const open = async (at: number, id: string, lastId: string | null) => {
  const base = test.stack.baseUrls[at % 2];
  const headers = {
    authorization: `Bearer ${test.stack.apiKey}`,
    ...(lastId === null ? {} : { "last-event-id": lastId }),
  };
  return fetch(`${base}/api/v1/requests/${id}/events`, { headers });
};

/** Reads a request's stream to its end over many connections: closes each after 0 to 2 messages and resumes. */
async function followWithCuts(id: string, random: () => number) {
  const seen: SseMessage[] = [];
  for (let cuts = 0; ; cuts += 1) {
    const response = await open(cuts, id, seen.at(-1)?.id ?? null);
    if (response.status === 204) return { seen, cuts };
    const stream = readSse(response);
    const messages = Math.floor(random() * 3);
    for (let n = 0; n < messages; n += 1) {
      const message = await stream.next();
      if (message === null) break;
      seen.push(message);
    }
    await stream.cancel();
  }
}

/** A random generator with a seed, so that a failed run can be repeated. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

it("stream: 20 clients that disconnect and resume at the other API see each change once, in order", async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => test.caller.submit()));
  const followed = await Promise.all(ids.map((id, n) => followWithCuts(id, createRandom(n + 1))));
  expect(followed.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(60);
  for (const [n, { seen }] of followed.entries()) {
    const { body } = await test.caller.call("GET", `/requests/${ids[n]}?include=timeline`);
    const { timeline = [], input: _input, ...status } = statusAnswer.parse(body);
    // A change's number is its place in the time line. These entries have no number of their own.
    const changes = timeline.filter(({ name }) => !["accepted", "output_stored", "webhook_attempt"].includes(name));
    const visible = changes.flatMap(({ name }, at) =>
      ["submit_rejected", "cancel_requested"].includes(name) ? [] : [at + 1],
    );
    const first = Number(seen[0]?.id);
    expect(seen.map(({ id }) => Number(id))).toEqual([first, ...visible.filter((number) => number > first)]);
    expect(seen.length).toBeGreaterThan(2);
    expect(withoutUrls(seen.at(-1)?.data)).toEqual(withoutUrls(status));
    const shown = seen.map(({ data }) => data.progress ?? 0);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
  }
});

it("stream: continues at another API when its API is stopped", async () => {
  const id = await test.caller.submit();
  const stream = readSse(await open(1, id, null));
  const first = await stream.next();
  // Found by its name, because the list has the order in which the APIs were ready.
  const stopped = test.stack.apis.find(({ name }) => name === "api-2")?.stop();
  const seen = [first, ...(await stream.rest())];
  await stopped;
  const rest = await readSse(await open(0, id, seen.at(-1)?.id ?? null)).rest();
  const numbers = [...seen, ...rest].map((message) => Number(message?.id));
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  expect(rest.at(-1)?.data.status).toBe("completed");
});

it("time line: has all changes of a request in order, webhook attempts included", async () => {
  const receiver = await startReceiver([500]);
  const id = await test.caller.submit({ ...VEO, webhook_url: receiver.url });
  await test.caller.finished(id);
  await receiver.atLeast(2);
  const answer = await test.caller.call("GET", `/requests/${id}?include=timeline`);
  const { timeline = [] } = statusAnswer.parse(answer.body);
  const names = timeline.map(({ name }) => name).filter((name) => name !== "progress" && name !== "queued");
  expect(names.slice(0, 5)).toEqual(["accepted", "submitted", "rendered", "output_stored", "completed"]);
  expect(names.filter((name) => name === "webhook_attempt").length).toBeGreaterThanOrEqual(1);
  expect(timeline.map(({ ms }) => ms)).toEqual(timeline.map(({ ms }) => ms).toSorted((a, b) => a - b));
  expect(new Set(timeline.slice(1).map(({ worker }) => typeof worker))).toEqual(new Set(["string"]));
  await receiver.close();
});
