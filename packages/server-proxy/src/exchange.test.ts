import { afterEach, describe, expect, it, vi } from "vitest";
import { openExchange, relay } from "./exchange.js";

afterEach(() => {
  vi.useRealTimers();
});

const browser = () => new AbortController();
const text = (chunk: Uint8Array | undefined) => new TextDecoder().decode(chunk);

/** An event stream of the gateway that the test controls. */
function controlledStream() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(started) {
      controller = started;
    },
  });
  return {
    stream,
    send: (chunk: string) => controller?.enqueue(new TextEncoder().encode(chunk)),
    fail: () => controller?.error(new Error("the gateway was killed")),
  };
}

describe("openExchange", () => {
  it("ends when the browser disconnects, also when it did so before", () => {
    const here = browser();
    const exchange = openExchange(here.signal, 1000);
    expect(exchange.signal.aborted).toBe(false);
    here.abort();
    expect([exchange.signal.aborted, exchange.isTimedOut()]).toEqual([true, false]);
    expect(openExchange(here.signal, 1000).signal.aborted).toBe(true);
  });

  it("times out at the limit, and not after it has ended", () => {
    vi.useFakeTimers();
    const slow = openExchange(browser().signal, 1000);
    vi.advanceTimersByTime(999);
    expect(slow.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect([slow.signal.aborted, slow.isTimedOut()]).toEqual([true, true]);
    const done = openExchange(browser().signal, 1000);
    done.end();
    vi.advanceTimersByTime(5000);
    expect(done.isTimedOut()).toBe(false);
  });

  it("accepts a time limit longer than a timer can be", () => {
    vi.useFakeTimers();
    const endless = openExchange(browser().signal, Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(24 * 3600 * 1000);
    expect(endless.signal.aborted).toBe(false);
  });
});

describe("relay", () => {
  it("passes each chunk on before the next arrives, and ends normally when the gateway's stream breaks", async () => {
    const exchange = openExchange(browser().signal, 60_000);
    const gateway = controlledStream();
    const reader = relay(gateway.stream, exchange).getReader();
    for (const chunk of ["one", "two"]) {
      gateway.send(chunk);
      expect(text((await reader.read()).value)).toBe(chunk);
    }
    gateway.fail();
    expect((await reader.read()).done).toBe(true);
    expect(exchange.signal.aborted).toBe(true);
  });

  it("ends the exchange when the reader cancels", async () => {
    const exchange = openExchange(browser().signal, 60_000);
    const reader = relay(controlledStream().stream, exchange).getReader();
    await reader.cancel();
    expect(exchange.signal.aborted).toBe(true);
  });
});
