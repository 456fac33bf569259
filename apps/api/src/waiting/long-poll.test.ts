import { expect, test } from "vitest";
import { ref, useTestApi } from "../../../../tests/support/api.js";
import { createWakeSignal } from "../../../../tests/support/signals.js";
import { waitForTerminal } from "./long-poll.js";

const { api } = useTestApi();

const never = new AbortController().signal;
const LONG_MS = 25_000;

/** The real store and subscriber; the subscription stands only when `open` was called. */
function withSlowSubscription() {
  const { store, subscriber, draining } = api.deps;
  const [reads, stops] = [createWakeSignal(), createWakeSignal()];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const get: typeof store.requests.get = async (request) => {
    const found = await store.requests.get(request);
    reads.ring();
    return found;
  };
  const listen: typeof subscriber.listen = async (request, wake) => {
    await opened;
    const stop = await subscriber.listen(request, wake);
    return () => {
      stop();
      stops.ring();
    };
  };
  const deps = { store: { ...store, requests: { ...store.requests, get } }, subscriber: { listen }, draining };
  return { deps, reads, stops, open };
}

test("what happens between the first read and the subscription is not missed", async () => {
  const id = await api.submit();
  const { deps, reads, open } = withSlowSubscription();
  const began = performance.now();
  const waiting = waitForTerminal(deps, ref(id), { timeoutMs: LONG_MS, signal: never });
  await reads.rung(1);
  await api.complete(id);
  open();
  expect((await waiting)?.doc.status).toBe("completed");
  expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
});

test("what happens while the record is read is not missed", async () => {
  const id = await api.submit();
  const { store, subscriber, draining } = api.deps;
  const wakes = createWakeSignal();
  const listen: typeof subscriber.listen = (request, wake) =>
    subscriber.listen(request, () => {
      wake();
      wakes.ring();
    });
  let reads = 0;
  const get: typeof store.requests.get = async (request) => {
    const found = await store.requests.get(request);
    reads += 1;
    if (reads === 2) {
      await api.complete(id);
      await wakes.rung(3);
    }
    return found;
  };
  const deps = { store: { requests: { get } }, subscriber: { listen }, draining };
  const began = performance.now();
  const found = await waitForTerminal(deps, ref(id), { timeoutMs: LONG_MS, signal: never });
  expect(found?.doc.status).toBe("completed");
  expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
});

test("a subscription that never stands does not outlast the wait's own time", async () => {
  const id = await api.submit();
  const { deps } = withSlowSubscription();
  const began = performance.now();
  const found = await waitForTerminal(deps, ref(id), { timeoutMs: 200, signal: never });
  expect(found?.doc.status).toBe("pending");
  expect(performance.now() - began).toBeLessThan(5000);
});

test("one that stands only after the wait is over is given up again", async () => {
  const id = await api.submit();
  await api.complete(id);
  const { deps, stops, open } = withSlowSubscription();
  expect((await waitForTerminal(deps, ref(id), { timeoutMs: LONG_MS, signal: never }))?.doc.status).toBe("completed");
  expect(stops.rings()).toBe(0);
  open();
  await stops.rung(1);
});

test("without a subscriber the answer is what is known now", async () => {
  const id = await api.submit();
  const { store, draining } = api.deps;
  const subscriber = { listen: () => Promise.reject(new Error("The subscriber has no connection to Redis.")) };
  const found = await waitForTerminal({ store, subscriber, draining }, ref(id), { timeoutMs: LONG_MS, signal: never });
  expect(found?.doc.status).toBe("pending");
});

test("a caller that hung up before it began is let go at once", async () => {
  const id = await api.submit();
  const found = await waitForTerminal(api.deps, ref(id), { timeoutMs: LONG_MS, signal: AbortSignal.abort() });
  expect(found?.doc.status).toBe("pending");
});

test("an unknown request is null at once", async () => {
  const id = "018f0000-0000-7000-8000-000000000000";
  expect(await waitForTerminal(api.deps, ref(id), { timeoutMs: LONG_MS, signal: never })).toBeNull();
});
