/** The feed under load: consumers and submits at two APIs, three workers that write at the same time. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { withoutInput, withoutUrls } from "../support/caller.js";
import { type RequestFeedEvent, requestEventPage } from "../support/request-events.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 3 });
});
afterAll(() => test.stop());

const api = (n: number) => test.callers[n % 2] ?? test.caller;

/** Reads the feed page by page, from both APIs in turn, until `isEnough`. */
async function consume(limit: number, isEnough: (events: RequestFeedEvent[]) => boolean): Promise<RequestFeedEvent[]> {
  const events: RequestFeedEvent[] = [];
  let after = 0;
  for (let page = 0; !isEnough(events); page += 1) {
    const { status, body } = await api(page).call("GET", `/events?after=${after}&wait=20&limit=${limit}`);
    expect(status).toBe(200);
    const answer = requestEventPage.parse(body);
    expect(answer.next_after).toBe(answer.events.at(-1)?.sequence ?? after);
    events.push(...answer.events);
    after = answer.next_after;
  }
  return events;
}

const endedIn = (events: RequestFeedEvent[]) => events.filter(({ data }) => data?.status === "completed");

it("feed: two consumers see the events of 100 requests numbered 1 to N, without a gap or a duplicate", async () => {
  const consumers = [3, 50].map((limit) => consume(limit, (events) => endedIn(events).length === 100));
  const ids = await Promise.all(Array.from({ length: 100 }, (_, n) => api(n).submit()));
  const [slow = [], quick = []] = await Promise.all(consumers);
  expect(slow.map(({ sequence }) => sequence)).toEqual(slow.map((_, n) => n + 1));
  expect(quick.map(({ sequence }) => sequence)).toEqual(quick.map((_, n) => n + 1));
  const comparable = (events: RequestFeedEvent[]) =>
    events.map((event) => ({ ...event, data: withoutUrls(event.data) }));
  expect(comparable(slow)).toEqual(comparable(quick));
  expect(
    endedIn(slow)
      .map(({ request_id }) => request_id)
      .toSorted(),
  ).toEqual(ids.toSorted());

  for (const id of ids) {
    const own = slow.filter(({ request_id }) => request_id === id);
    expect([own[0]?.type, own.at(-1)?.type]).toEqual(["request.processing", "request.completed"]);
    expect(withoutUrls(own.at(-1)?.data)).toEqual(withoutUrls(withoutInput(await test.caller.status(id))));
  }
  const { body } = await test.caller.call("GET", "/events?types=request.failed");
  expect(body).toEqual({ events: [], next_after: slow.length, latest: slow.length });
});
