import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test, vi } from "vitest";
import { startListener } from "../../../../../tests/support/listeners.js";
import { createTestSignal } from "../../../../../tests/support/signals.js";
import { createLeanFetch } from "./lean-fetch.js";
import { within } from "./within.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A server that never answers, while garbage is collected. */
async function neverAnswered() {
  const asked = createTestSignal();
  const silent = await startListener(asked.fire);
  onTestFinished(silent.close);
  const lean = createLeanFetch({ freshConnections: false });
  onTestFinished(lean.close);
  const collecting = setInterval(collectGarbage, 20);
  onTestFinished(() => clearInterval(collecting));
  return { asked, call: (signal: AbortSignal) => lean.fetch(silent.origin, { signal }) };
}
const open = () => new AbortController().signal;

test("within: the limit comes, however often garbage is collected", async () => {
  const { call } = await neverAnswered();
  await expect(within(300, [open()], call)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("within: another signal may stop the call before the limit", async () => {
  const { call, asked } = await neverAnswered();
  const stopping = new AbortController();
  const ended = expect(within(10_000, [open(), stopping.signal], call)).rejects.toThrow("lock lost");
  await asked.reached(1);
  stopping.abort(new Error("lock lost"));
  await ended;
});

test("within: an aborted signal stops the call at once", async () => {
  const stopped = AbortSignal.abort(new Error("lock lost"));
  await expect(within(10_000, [stopped], async (signal) => signal.throwIfAborted())).rejects.toThrow("lock lost");
});

test("within: a call that ends in time leaves no timer and no listener", async () => {
  const other = open();
  let listeners = 0;
  other.addEventListener = () => {
    listeners += 1;
  };
  other.removeEventListener = () => {
    listeners -= 1;
  };
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const answer = await within(50, [other], async () => {
    expect([listeners, vi.getTimerCount()]).toEqual([1, 1]);
    return 7;
  });
  expect([answer, listeners, vi.getTimerCount()]).toEqual([7, 0, 0]);
});
