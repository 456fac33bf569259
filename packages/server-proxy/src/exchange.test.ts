import { afterEach, describe, expect, it, vi } from "vitest";
import { openExchange, relay } from "./exchange.js";

afterEach(() => {
  vi.useRealTimers();
});

const browser = () => new AbortController();
const text = (chunk: Uint8Array | undefined) => new TextDecoder().decode(chunk);

/** A stream that is fed by hand. */
function feed() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  return {
    stream,
    send: (chunk: string) => controller?.enqueue(new TextEncoder().encode(chunk)),
    breakOff: () => controller?.error(new Error("the gateway was killed")),
  };
}

describe("an exchange", () => {
  it("ends with the browser, also with one that has gone before", () => {
    const here = browser();
    const exchange = openExchange(here.signal, 1000);
    expect(exchange.signal.aborted).toBe(false);
    here.abort();
    expect([exchange.signal.aborted, exchange.isTimedOut()]).toEqual([true, false]);
    expect(openExchange(here.signal, 1000).signal.aborted).toBe(true);
  });

  it("ends when its time is over, and not a moment after its end", () => {
    vi.useFakeTimers();
    const late = openExchange(browser().signal, 1000);
    vi.advanceTimersByTime(999);
    expect(late.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect([late.signal.aborted, late.isTimedOut()]).toEqual([true, true]);
    const done = openExchange(browser().signal, 1000);
    done.end();
    vi.advanceTimersByTime(5000);
    expect(done.isTimedOut()).toBe(false);
  });

  it("may last longer than a timer can count", () => {
    vi.useFakeTimers();
    const endless = openExchange(browser().signal, Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(24 * 3600 * 1000);
    expect(endless.signal.aborted).toBe(false);
  });
});

describe("a stream", () => {
  it("hands on each chunk before the next has come, and ends quietly where the gateway breaks off", async () => {
    const exchange = openExchange(browser().signal, 60_000);
    const gateway = feed();
    const reader = relay(gateway.stream, exchange).getReader();
    for (const chunk of ["one", "two"]) {
      gateway.send(chunk);
      expect(text((await reader.read()).value)).toBe(chunk);
    }
    gateway.breakOff();
    expect((await reader.read()).done).toBe(true);
    expect(exchange.signal.aborted).toBe(true);
  });

  it("is called off at the gateway when nobody reads it any more", async () => {
    const exchange = openExchange(browser().signal, 60_000);
    const reader = relay(feed().stream, exchange).getReader();
    await reader.cancel();
    expect(exchange.signal.aborted).toBe(true);
  });
});
