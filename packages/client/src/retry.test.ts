import { describe, expect, it } from "vitest";
import { apiError, ConnectionError, TimeoutError, VisgateError } from "./errors.js";
import { backoffMs, isOutage, isRetryable, mayHaveBeenDone, parseRetryAfter } from "./retry.js";

const answered = (statusCode: number, details: Record<string, unknown> = {}) =>
  apiError({ errorCode: "CODE", message: "m", statusCode, details });
const noAnswer = new ConnectionError({ message: "m", errorCode: "CONNECTION_ERROR" });
const late = new TimeoutError({ message: "m", errorCode: "CLIENT_TIMEOUT" });

describe("which failures are worth another try", () => {
  it.each([408, 429, 500, 502, 503, 504])("%i is", (status) => {
    expect(isRetryable(answered(status), true)).toBe(true);
  });
  it.each([400, 401, 402, 403, 404, 409, 413, 415, 422, 424])("%i is not", (status) => {
    expect(isRetryable(answered(status), true)).toBe(false);
  });
  it("no answer, and one that was late, are", () => {
    expect([isRetryable(noAnswer, true), isRetryable(late, true)]).toEqual([true, true]);
  });
  it("an abort is not", () => {
    expect(isRetryable(new VisgateError({ message: "m", errorCode: "ABORTED" }), true)).toBe(false);
  });
  it.each([429, 502, 504])("%i as the end of a request is not: asking again changes nothing", (status) => {
    expect(isRetryable(answered(status, { request_id: "r" }), true)).toBe(false);
  });
  it("what must not be done twice is tried again only when nothing was done", () => {
    const failures = [answered(429), answered(503), answered(500), answered(502), noAnswer, late];
    expect(failures.map((error) => isRetryable(error, false))).toEqual([true, true, false, false, false, false]);
  });
});

const broken = (code: string) =>
  new ConnectionError({ message: "m", errorCode: "CONNECTION_ERROR", cause: { cause: { code } } });

describe("what may have been done, though its answer was lost", () => {
  it("is what was not answered, or by something in between", () => {
    const failures = [noAnswer, late, broken("ECONNRESET"), ...[408, 500, 502, 504].map((code) => answered(code))];
    expect(failures.filter((error) => !mayHaveBeenDone(error))).toEqual([]);
  });
  it("is not what was refused, or never sent", () => {
    const failures = [
      broken("ECONNREFUSED"),
      broken("ENOTFOUND"),
      ...[404, 409, 424, 429, 503].map((code) => answered(code)),
    ];
    expect(failures.filter(mayHaveBeenDone)).toEqual([]);
  });
});

describe("an outage", () => {
  it.each([502, 503, 504])("is %i", (status) => expect(isOutage(answered(status))).toBe(true));
  it.each([429, 500])("is not %i", (status) => expect(isOutage(answered(status))).toBe(false));
  it.each(["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"])("is a connection that broke: %s", (code) => {
    expect(isOutage(broken(code))).toBe(true);
  });
  it.each(["ECONNREFUSED", "ENOTFOUND"])("is not an address where nobody ever was: %s", (code) => {
    expect(isOutage(broken(code))).toBe(false);
  });
});

describe("how long to wait", () => {
  const after = (attempt: number, random: number, error = answered(503)) =>
    backoffMs(error, { attempt, random: () => random });
  const asking = (retryAfter: number) =>
    new VisgateError({ message: "m", errorCode: "C", statusCode: 503, retryAfter });

  it("doubles from one second up to five, and half of it is chance", () => {
    expect([after(0, 1), after(1, 1), after(3, 1), after(9, 1)]).toEqual([1000, 2000, 5000, 5000]);
    expect(after(1, 0)).toBe(1000);
  });
  it("Retry-After is kept when it is longer", () => {
    expect(after(0, 1, asking(7))).toBe(7000);
    expect(after(3, 1, asking(2))).toBe(5000);
  });
  it("a Retry-After of more than a minute is left to the caller", () => {
    expect([after(0, 1, asking(60)), after(0, 1, asking(61))]).toEqual([60_000, null]);
  });
  it("Retry-After may be seconds or a date", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(parseRetryAfter("3", now)).toBe(3);
    expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:05 GMT", now)).toBe(5);
    expect(parseRetryAfter("Wed, 31 Dec 2025 00:00:05 GMT", now)).toBe(0);
    const garbage = ["garbage 2099", " 5", "1.5", "-5", "5 seconds", "2099-01-01T00:00:00Z", "1 Jan 2099"];
    expect(garbage.filter((header) => parseRetryAfter(header, now) !== null)).toEqual([]);
    expect([parseRetryAfter("soon", now), parseRetryAfter(null, now)]).toEqual([null, null]);
  });
});
