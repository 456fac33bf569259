import { once } from "node:events";
import { requestStatus } from "@visgate/shared/contract";
import { isVisible, type Transition } from "@visgate/shared/request";
import { createTimeline } from "@visgate/shared/store";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { ref, startTestApi, useTestApi } from "../../../tests/support/api.js";
import { betweenCalls } from "../../../tests/support/between-calls.js";
import { submitIntended } from "../../../tests/support/records.js";
import { startTestRedis } from "../../../tests/support/redis.js";
import { readSse } from "../../../tests/support/sse.js";
import { until } from "../../../tests/support/until.js";

const { server, api } = useTestApi();
afterEach(() => {
  vi.useRealTimers();
});

const strictStatus = z.strictObject(requestStatus.shape);
const lastSeen = (id: number | string) => ({ "last-event-id": String(id) });
const open = async (id: string, headers = {}) => readSse(await api.open(`/requests/${id}/events`, headers));
const listeners = async (id: string) =>
  Number(((await api.redis.pubsub("NUMSUB", api.deps.store.keys.channel("default", id))) as unknown[])[1]);

const observed = (progress: number | null, queuePosition: number | null = null): Transition => {
  return { name: "observed", progress, queuePosition };
};
const submitted = (): Transition[] => [
  submitIntended({ at: api.clock.now() }),
  { name: "submit_accepted", at: api.clock.now(), attempt: 1, providerRequestId: "provider-job-1" },
];
const rendered = (): Transition[] => [
  {
    name: "rendered",
    at: api.clock.now(),
    outputs: [{ url: "https://provider.example.com/a.mp4" }],
    withheld: 0,
    costMicro: 1_600_000,
    costSource: "provider",
  },
  { name: "completed", at: api.clock.now(), outputs: [{ kind: "remote", url: "https://provider.example.com/a.mp4" }] },
];
/** Seven changes: submitted, queued, a cancel request (which is not shown), progress twice, rendered, completed. */
const wholeLife = (): Transition[] => [
  ...submitted(),
  observed(null, 2),
  { name: "cancel_requested", at: api.clock.now() },
  observed(0.3),
  observed(0.6),
  ...rendered(),
];
const SHOWN = ["1", "2", "4", "5", "6", "7"];

async function endedRequest(): Promise<string> {
  const id = await api.submit();
  await api.apply(id, ...wholeLife());
  return id;
}

test("GET /requests/{id}/events: sends the present status, then every change, and ends", async () => {
  const id = await api.submit();
  const stream = await open(id);
  const first = await stream.next();
  expect(first).toMatchObject({ id: "0", event: "status", data: { status: "pending", progress: null } });
  expect(stream.controlLines).toEqual(["retry: 2000"]);
  await api.apply(id, ...wholeLife());
  const messages = await stream.rest();
  expect(messages.map((message) => message.id)).toEqual(SHOWN);
  const shown = messages.map(({ data }) => [data.status, data.progress, data.queue_position, data.charge_state]);
  expect(shown).toEqual([
    ["processing", null, null, "held"],
    ["processing", null, 2, "held"],
    ["processing", 0.3, null, "held"],
    ["processing", 0.6, null, "held"],
    ["processing", 0.6, null, "charged"],
    ["completed", 1, null, "charged"],
  ]);
  for (const { data } of [first, ...messages].filter((message) => message !== null)) strictStatus.parse(data);
  expect(messages.at(-1)?.data).toEqual((await api.call("GET", `/requests/${id}?include=-input`)).body);
});

test("GET /requests/{id}/events: has headers that forbid caching and buffering", async () => {
  const response = await api.open(`/requests/${await api.submit()}/events`);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-request-id": expect.any(String),
  });
  await response.body?.cancel();
});

test("GET /requests/{id}/events: sends one status for a request that has ended", async () => {
  const id = await endedRequest();
  const messages = await (await open(id)).rest();
  expect(messages.map((message) => [message.id, message.data.status])).toEqual([["7", "completed"]]);
});

describe("resuming a stream", () => {
  test("sends every later change once, as it was then", async () => {
    const id = await endedRequest();
    const changes = await api.deps.store.timeline.changes(ref(id));
    expect(changes.filter(isVisible)).toHaveLength(SHOWN.length);
    for (let number = 0; number < changes.length; number += 1) {
      const messages = await (await open(id, lastSeen(number))).rest();
      expect(messages.map((message) => message.id)).toEqual(SHOWN.filter((shown) => Number(shown) > number));
      expect(messages.map(({ data }) => data.status)).toEqual(
        messages.map(({ id: n }) => changes[Number(n) - 1]?.status),
      );
    }
  });

  test("sends the missed changes, then the new ones, while the request continues", async () => {
    const id = await api.submit();
    await api.apply(id, ...submitted(), observed(0.3));
    const stream = await open(id, lastSeen(1));
    expect((await stream.next())?.id).toBe("2");
    await api.apply(id, observed(0.6));
    expect(await stream.next()).toMatchObject({ id: "3", data: { progress: 0.6 } });
    await stream.cancel();
  });

  test("sends nothing until there is a new change", async () => {
    const id = await api.submit();
    await api.apply(id, ...submitted());
    const stream = await open(id, lastSeen(1));
    const next = stream.next();
    await until("the stream to listen", async () => (await listeners(id)) === 1);
    await api.apply(id, observed(0.3));
    expect((await next)?.id).toBe("2");
    await stream.cancel();
  });

  test("is a 204 after the last change, so that an EventSource does not reconnect", async () => {
    const response = await api.open(`/requests/${await endedRequest()}/events`, lastSeen(7));
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  test("works with last_event_id in the query", async () => {
    const id = await endedRequest();
    const response = await api.open(`/requests/${id}/events?last_event_id=5`);
    expect((await readSse(response).rest()).map((message) => message.id)).toEqual(["6", "7"]);
    expect((await api.open(`/requests/${id}/events?last_event_id=7`)).status).toBe(204);
  });

  test.each(["8", "999999999", "99999999999999999999", "-1", "1.5", "two", "0x1", "NaN"])(
    "starts with the present status for Last-Event-ID %s, which the request does not have",
    async (given) => {
      const messages = await (await open(await endedRequest(), lastSeen(given))).rest();
      expect(messages.map((message) => message.id)).toEqual(["7"]);
    },
  );
});

describe("a stream misses nothing", () => {
  test("because a status and its number are of the same moment", async () => {
    const id = await api.submit();
    const redis = betweenCalls(api.redis, () => api.apply(id, ...wholeLife()));
    const { record, changes } = (await createTimeline(redis, api.deps.store.keys).history(ref(id))) ?? {};
    expect([record?.status, changes]).toEqual(["pending", []]);
  });

  test("when changes come between the first read and the subscription", async () => {
    let subscribe = () => {};
    const maySubscribe = new Promise<void>((resolve) => {
      subscribe = resolve;
    });
    const { subscriber } = api.deps;
    const listen: typeof subscriber.listen = async (request, wake) => {
      await maySubscribe;
      return subscriber.listen(request, wake);
    };
    const slow = await startTestApi(server.url, { deps: { subscriber: { ...subscriber, listen } } });
    const id = await slow.submit();
    const stream = readSse(await slow.open(`/requests/${id}/events`));
    expect((await stream.next())?.id).toBe("0");
    const rest = stream.rest();
    await slow.apply(id, ...wholeLife());
    subscribe();
    expect((await rest).map((message) => message.id)).toEqual(SHOWN);
    await slow.close();
  });

  test("when all changes come while the stream begins (20 rounds)", async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = await api.submit();
      const [stream] = await Promise.all([open(id), api.apply(id, ...wholeLife())]);
      const [first, ...messages] = await stream.rest();
      expect(messages.map((message) => message.id)).toEqual(SHOWN.filter((shown) => Number(shown) > Number(first?.id)));
      expect((messages.at(-1) ?? first)?.data.status).toBe("completed");
    }
  });
});

describe("a stream ends", () => {
  test("when the caller hangs up, and leaves no subscription behind", async () => {
    const id = await api.submit();
    const stream = await open(id);
    await stream.next();
    const next = stream.next();
    await until("the stream to listen", async () => (await listeners(id)) === 1);
    await stream.cancel();
    await next;
    await until("the subscription to end", async () => (await listeners(id)) === 0);
  });

  test("when the process drains, after the status now", async () => {
    const draining = new AbortController();
    const ending = await startTestApi(server.url, { deps: { draining: draining.signal } });
    const id = await ending.submit();
    const stream = readSse(await ending.open(`/requests/${id}/events`));
    await stream.next();
    const rest = stream.rest();
    draining.abort();
    expect(await rest).toEqual([]);
    const late = readSse(await ending.open(`/requests/${id}/events`));
    expect(await late.rest()).toHaveLength(1);
    await ending.close();
  });

  test("before it begins for a HEAD, which leaves nothing behind", async () => {
    const id = await api.submit();
    expect((await api.call("HEAD", `/requests/${id}/events`)).status).toBe(200);
    expect(await listeners(id)).toBe(0);
  });
});

describe("every 15 s, a stream", () => {
  const tick = () => vi.advanceTimersByTime(15_000);

  test("gets a heartbeat, from one timer for all streams", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const streams = await Promise.all([await api.submit(), await api.submit()].map((id) => open(id)));
    await Promise.all(streams.map((stream) => stream.next()));
    const controlLines = streams.map((stream) => stream.nextControlLine());
    expect(vi.getTimerCount()).toBe(2); // and the one of all waiting callers, which look again without a message
    tick();
    await Promise.all(controlLines);
    expect(streams.map((stream) => stream.controlLines.at(-1))).toEqual([": keep-alive", ": keep-alive"]);
    await Promise.all(streams.map((stream) => stream.cancel()));
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends when Redis is unavailable, and can be resumed afterwards", async () => {
    const own = await startTestRedis();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const cut = await startTestApi(own.url);
    const id = await cut.submit();
    await cut.apply(id, ...submitted());
    const stream = readSse(await cut.open(`/requests/${id}/events`));
    expect((await stream.next())?.id).toBe("1");
    const rest = stream.rest();
    const closed = once(cut.redis, "close");
    await own.takeDown();
    await closed;
    tick();
    expect(await rest).toEqual([]);
    await own.bringBack();
    await until("the API to be back", async () => (await cut.call("GET", "/health", { key: null })).status === 200);
    await cut.apply(id, observed(0.5));
    const resumed = readSse(await cut.open(`/requests/${id}/events`, lastSeen(1)));
    expect((await resumed.next())?.id).toBe("2");
    await resumed.cancel();
    await cut.close();
    await own.stop();
  });
});
