import { expect, onTestFinished, test, vi } from "vitest";
import { ref, useTestApi } from "../../../../tests/support/api.js";
import { createTestSignal } from "../../../../tests/support/signals.js";
import { waitForTerminal } from "./long-poll.js";
import { LOOK_AGAIN_MS } from "./look-again.js";

const { api } = useTestApi();

const never = new AbortController().signal;
const LONG_MS = 25_000;

/** The real store and subscriber. The subscription begins only when `open` is called. */
function withSlowSubscription() {
  const { store, subscriber, draining } = api.deps;
  const [reads, stops] = [createTestSignal(), createTestSignal()];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const get: typeof store.requests.get = async (request) => {
    const found = await store.requests.get(request);
    reads.fire();
    return found;
  };
  const listen: typeof subscriber.listen = async (request, wake) => {
    await opened;
    const stop = await subscriber.listen(request, wake);
    return () => {
      stop();
      stops.fire();
    };
  };
  const deps = { store: { ...store, requests: { ...store.requests, get } }, subscriber: { listen }, draining };
  return { deps, reads, stops, open };
}

test("long poll: does not miss what happens between the first read and the subscription", async () => {
  const id = await api.submit();
  const { deps, reads, open } = withSlowSubscription();
  const began = performance.now();
  const waiting = waitForTerminal(deps, ref(id), { timeoutMs: LONG_MS, signal: never });
  await reads.reached(1);
  await api.complete(id);
  open();
  expect((await waiting)?.doc.status).toBe("completed");
  expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
});

test("long poll: does not miss what happens while the record is read", async () => {
  const id = await api.submit();
  const { store, subscriber, draining } = api.deps;
  const wakes = createTestSignal();
  const listen: typeof subscriber.listen = (request, wake) =>
    subscriber.listen(request, () => {
      wake();
      wakes.fire();
    });
  let reads = 0;
  const get: typeof store.requests.get = async (request) => {
    const found = await store.requests.get(request);
    reads += 1;
    if (reads === 2) {
      await api.complete(id);
      await wakes.reached(3);
    }
    return found;
  };
  const deps = { store: { requests: { get } }, subscriber: { listen }, draining };
  const began = performance.now();
  const found = await waitForTerminal(deps, ref(id), { timeoutMs: LONG_MS, signal: never });
  expect(found?.doc.status).toBe("completed");
  expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
});

test("long poll: ends in time when the subscription never begins", async () => {
  const id = await api.submit();
  const { deps } = withSlowSubscription();
  const began = performance.now();
  const found = await waitForTerminal(deps, ref(id), { timeoutMs: 200, signal: never });
  expect(found?.doc.status).toBe("pending");
  expect(performance.now() - began).toBeLessThan(5000);
});

test("long poll: ends a subscription that begins only after the wait", async () => {
  const id = await api.submit();
  await api.complete(id);
  const { deps, stops, open } = withSlowSubscription();
  expect((await waitForTerminal(deps, ref(id), { timeoutMs: LONG_MS, signal: never }))?.doc.status).toBe("completed");
  expect(stops.count()).toBe(0);
  open();
  await stops.reached(1);
});

test("long poll: answers with the present record when subscribing fails", async () => {
  const id = await api.submit();
  const { store, draining } = api.deps;
  const subscriber = { listen: () => Promise.reject(new Error("The subscriber has no connection to Redis.")) };
  const found = await waitForTerminal({ store, subscriber, draining }, ref(id), { timeoutMs: LONG_MS, signal: never });
  expect(found?.doc.status).toBe("pending");
});

test("long poll: ends at once for a caller that already hung up", async () => {
  const id = await api.submit();
  const found = await waitForTerminal(api.deps, ref(id), { timeoutMs: LONG_MS, signal: AbortSignal.abort() });
  expect(found?.doc.status).toBe("pending");
});

test("long poll: answers null at once for an unknown request", async () => {
  const id = "018f0000-0000-7000-8000-000000000000";
  expect(await waitForTerminal(api.deps, ref(id), { timeoutMs: LONG_MS, signal: never })).toBeNull();
});

test("long poll: sees a change without a message, as when Redis refuses them to this user", async () => {
  const id = await api.submit();
  const { store, draining } = api.deps;
  const reads = createTestSignal();
  const get: typeof store.requests.get = async (request) => {
    const found = await store.requests.get(request);
    reads.fire();
    return found;
  };
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const deaf = { listen: async () => () => {} };
  const deps = { store: { requests: { get } }, subscriber: deaf, draining };
  const began = performance.now();
  const waiting = waitForTerminal(deps, ref(id), { timeoutMs: LONG_MS, signal: never });
  await reads.reached(2);
  await api.complete(id);
  vi.advanceTimersByTime(LOOK_AGAIN_MS);
  expect((await waiting)?.doc.status).toBe("completed");
  expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
  expect(vi.getTimerCount()).toBe(0);
});
