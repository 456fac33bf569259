import { describe, expect, it } from "vitest";
import { apiError, ConnectionError, TimeoutError, VisgateError } from "./errors.js";
import { backoffMs, isOutage, isRetryable, mayHaveBeenProcessed, parseRetryAfter } from "./retry.js";

const answered = (statusCode: number, details: Record<string, unknown> = {}) =>
  apiError({ errorCode: "CODE", message: "m", statusCode, details });
const noAnswer = new ConnectionError({ message: "m", errorCode: "CONNECTION_ERROR" });
const timedOut = new TimeoutError({ message: "m", errorCode: "CLIENT_TIMEOUT" });
const broken = (code: string) =>
  new ConnectionError({ message: "m", errorCode: "CONNECTION_ERROR", cause: { cause: { code } } });

describe("isRetryable", () => {
  it.each([408, 429, 500, 502, 503, 504])("true for %i", (status) => {
    expect(isRetryable(answered(status))).toBe(true);
  });
  it.each([400, 401, 402, 403, 404, 409, 413, 415, 422, 424])("false for %i", (status) => {
    expect(isRetryable(answered(status))).toBe(false);
  });
  it("true when no answer came, or none in time", () => {
    expect([isRetryable(noAnswer), isRetryable(timedOut)]).toEqual([true, true]);
  });
  it("false for an abort", () => {
    expect(isRetryable(new VisgateError({ message: "m", errorCode: "ABORTED" }))).toBe(false);
  });
  it.each([429, 502, 504])("false for %i that tells how a request ended", (status) => {
    expect(isRetryable(answered(status, { request_id: "r" }))).toBe(false);
  });
  it("a call that is not idempotent: true only when the gateway has not processed it", () => {
    const failures = [answered(429), answered(503), answered(500), answered(502), noAnswer, timedOut];
    expect(failures.map((error) => isRetryable(error, false))).toEqual([true, true, false, false, false, false]);
  });
});

describe("mayHaveBeenProcessed", () => {
  it("true when no answer came, or one that a proxy may have given", () => {
    const failures = [noAnswer, timedOut, broken("ECONNRESET"), ...[408, 500, 502, 504].map((code) => answered(code))];
    expect(failures.filter((error) => !mayHaveBeenProcessed(error))).toEqual([]);
  });
  it("false when the gateway refused the call, or nothing was sent", () => {
    const failures = [
      broken("ECONNREFUSED"),
      broken("ENOTFOUND"),
      ...[404, 409, 424, 429, 503].map((code) => answered(code)),
    ];
    expect(failures.filter(mayHaveBeenProcessed)).toEqual([]);
  });
});

describe("isOutage", () => {
  it.each([502, 503, 504])("true for %i", (status) => expect(isOutage(answered(status))).toBe(true));
  it.each([429, 500])("false for %i", (status) => expect(isOutage(answered(status))).toBe(false));
  it.each(["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"])("true for an established connection that broke: %s", (code) => {
    expect(isOutage(broken(code))).toBe(true);
  });
  it.each(["ECONNREFUSED", "ENOTFOUND"])("false for a connection that was never established: %s", (code) => {
    expect(isOutage(broken(code))).toBe(false);
  });
});

describe("backoffMs", () => {
  const after = (attempt: number, random: number, error = answered(503)) =>
    backoffMs(error, { attempt, random: () => random });
  const withRetryAfter = (retryAfter: number) =>
    new VisgateError({ message: "m", errorCode: "C", statusCode: 503, retryAfter });

  it("doubles from 1 s to at most 5 s, of which half is random", () => {
    expect([after(0, 1), after(1, 1), after(3, 1), after(9, 1)]).toEqual([1000, 2000, 5000, 5000]);
    expect(after(1, 0)).toBe(1000);
  });
  it("waits as long as Retry-After when that is longer", () => {
    expect(after(0, 1, withRetryAfter(7))).toBe(7000);
    expect(after(3, 1, withRetryAfter(2))).toBe(5000);
  });
  it("null for a Retry-After of more than a minute", () => {
    expect([after(0, 1, withRetryAfter(60)), after(0, 1, withRetryAfter(61))]).toEqual([60_000, null]);
  });
});

describe("parseRetryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it("reads seconds and HTTP dates", () => {
    expect(parseRetryAfter("3", now)).toBe(3);
    expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:05 GMT", now)).toBe(5);
    expect(parseRetryAfter("Wed, 31 Dec 2025 00:00:05 GMT", now)).toBe(0);
  });
  it("null for other text, and for a missing header", () => {
    const garbage = ["garbage 2099", " 5", "1.5", "-5", "5 seconds", "2099-01-01T00:00:00Z", "1 Jan 2099"];
    expect(garbage.filter((header) => parseRetryAfter(header, now) !== null)).toEqual([]);
    expect([parseRetryAfter("soon", now), parseRetryAfter(null, now)]).toEqual([null, null]);
  });
});
