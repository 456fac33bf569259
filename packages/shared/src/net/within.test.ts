import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { startListener } from "../../../../tests/support/listeners.js";
import { createLeanFetch } from "./lean-fetch.js";
import { within } from "./within.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A server that never answers, and garbage that is collected while it is waited for. */
async function neverAnswered() {
  const silent = await startListener(() => {});
  onTestFinished(silent.close);
  const lean = createLeanFetch({ freshConnections: false });
  onTestFinished(lean.close);
  const collecting = setInterval(collectGarbage, 20);
  onTestFinished(() => clearInterval(collecting));
  return (signal: AbortSignal) => lean.fetch(silent.origin, { signal });
}
const open = () => new AbortController().signal;

test("the limit comes, however often garbage is collected", async () => {
  const call = await neverAnswered();
  await expect(within(300, [open()], call)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("another reason to stop comes first", async () => {
  const call = await neverAnswered();
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(new Error("lock lost")), 100);
  await expect(within(10_000, [open(), stopping.signal], call)).rejects.toThrow("lock lost");
});

test("what has stopped already is not begun", async () => {
  const stopped = AbortSignal.abort(new Error("lock lost"));
  await expect(within(10_000, [stopped], async (signal) => signal.throwIfAborted())).rejects.toThrow("lock lost");
});

test("what ends in time is answered, and leaves no timer and no listener behind", async () => {
  const other = open();
  let listeners = 0;
  other.addEventListener = () => {
    listeners += 1;
  };
  other.removeEventListener = () => {
    listeners -= 1;
  };
  let seen: AbortSignal | undefined;
  const answer = await within(50, [other], async (signal) => {
    seen = signal;
    expect(listeners).toBe(1);
    return 7;
  });
  expect([answer, listeners]).toEqual([7, 0]);
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(seen?.aborted).toBe(false);
});
