import { describe, expect, test } from "vitest";
import type { Delivery } from "./delivery.js";
import { type AttemptResult, afterAttempt, RETRY_SECONDS } from "./schedule.js";

const DAY_MS = 86_400_000;

const pending = (attempts = 0): Delivery => ({
  v: 1,
  ...{
    id: "msg_1",
    eventId: "msg_1",
    endpointId: null,
    change: 3,
    sequence: 1,
    attemptsBefore: 0,
    nextAttemptAt: null,
  },
  organization: "acme",
  requestId: "1",
  type: "request.completed",
  createdAt: 0,
  state: "pending",
  attempts: Array.from({ length: attempts }, () => ({ at: 1, by: "w", httpStatus: 500, ms: 3, error: "HTTP 500" })),
});

const result = (fields: Partial<AttemptResult>): AttemptResult => {
  return { at: 10, by: "w", httpStatus: 500, ms: 5, error: "HTTP 500", retryAfterMs: null, ...fields };
};

describe("afterAttempt", () => {
  test.each([200, 201, 204, 299])("status %i: the delivery is delivered", (httpStatus) => {
    const after = afterAttempt(pending(2), result({ httpStatus, error: null }));
    expect(after.retryInMs).toBeNull();
    expect(after.delivery).toMatchObject({ state: "delivered" });
    expect(after.delivery.attempts).toHaveLength(3);
    expect(after.delivery.attempts.at(-1)).toEqual({ at: 10, by: "w", httpStatus, ms: 5, error: null });
  });

  test.each([199, 301, 302, 400, 404, 409, 429, 500, 503, null])(
    "status %s: the delivery is tried again",
    (httpStatus) => {
      const after = afterAttempt(pending(), result({ httpStatus }));
      expect(after.delivery.state).toBe("pending");
      expect(after.retryInMs).toBe(5000);
    },
  );

  test("status 410: the delivery is abandoned at once", () => {
    const after = afterAttempt(pending(), result({ httpStatus: 410, retryAfterMs: 1000 }));
    expect(after).toMatchObject({ retryInMs: null, delivery: { state: "abandoned" } });
  });

  test("after the last delay of the schedule the delivery is abandoned", () => {
    const minutes = 60;
    expect(RETRY_SECONDS).toEqual([5, 30, 2 * minutes, 10 * minutes, 30 * minutes, 7200, 5 * 3600, 10 * 3600]);
    let delivery = pending();
    const waits: (number | null)[] = [];
    do {
      const after = afterAttempt(delivery, result({}));
      delivery = after.delivery;
      waits.push(after.retryInMs);
    } while (delivery.state === "pending" && waits.length < 20);
    expect(waits).toEqual([...RETRY_SECONDS.map((seconds) => seconds * 1000), null]);
    expect(delivery).toMatchObject({ state: "abandoned" });
    expect(delivery.attempts).toHaveLength(RETRY_SECONDS.length + 1);
  });

  test("a successful last attempt delivers", () => {
    const after = afterAttempt(pending(RETRY_SECONDS.length), result({ httpStatus: 200 }));
    expect(after.delivery.state).toBe("delivered");
  });

  test.each([
    { retryAfterMs: 1000, waits: 5000 },
    { retryAfterMs: 60_000, waits: 60_000 },
    { retryAfterMs: 3 * DAY_MS, waits: DAY_MS },
  ])("Retry-After of $retryAfterMs ms waits $waits ms: at least as long as the schedule, at most a day", (row) => {
    expect(afterAttempt(pending(), result({ retryAfterMs: row.retryAfterMs })).retryInMs).toBe(row.waits);
  });

  test("Retry-After adds no attempt to the schedule", () => {
    const after = afterAttempt(pending(RETRY_SECONDS.length), result({ retryAfterMs: 1000 }));
    expect(after).toMatchObject({ retryInMs: null, delivery: { state: "abandoned" } });
  });

  test("the caller may pass another schedule", () => {
    expect(afterAttempt(pending(1), result({}), [0.2, 0.4]).retryInMs).toBe(400);
    expect(afterAttempt(pending(2), result({}), [0.2, 0.4]).retryInMs).toBeNull();
  });

  test("Retry-After is not stored, and the given delivery is not modified", () => {
    const delivery = Object.freeze({ ...pending(1), attempts: Object.freeze([]) as never });
    const after = afterAttempt(delivery, result({ retryAfterMs: 9 }));
    expect(after.delivery.attempts).toEqual([{ at: 10, by: "w", httpStatus: 500, ms: 5, error: "HTTP 500" }]);
    expect(delivery.attempts).toEqual([]);
  });
});
