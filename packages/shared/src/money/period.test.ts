import { describe, expect, test } from "vitest";
import { addDays, dayOf, monthsBetween, periodAround, startOfDay } from "./period.js";

describe("dayOf", () => {
  test.each([
    ["2026-03-01T00:00:00Z", "UTC", "2026-03-01"],
    ["2026-02-28T23:59:59.999Z", "UTC", "2026-02-28"],
    ["2026-02-28T23:00:00Z", "Europe/Berlin", "2026-03-01"],
    ["2026-03-01T04:59:59Z", "America/New_York", "2026-02-28"],
    ["2026-03-01T18:14:59Z", "Asia/Kathmandu", "2026-03-01"],
    ["2026-03-01T18:15:00Z", "Asia/Kathmandu", "2026-03-02"],
    ["2026-12-31T10:00:00Z", "Pacific/Kiritimati", "2027-01-01"],
  ])("%s in %s is on %s", (time, timeZone, day) => {
    expect(dayOf(Date.parse(time), timeZone)).toBe(day);
    expect(dayOf(Date.parse(time), timeZone)).toBe(day);
  });
});

describe("startOfDay", () => {
  test.each([
    ["2026-03-01", "UTC", "2026-03-01T00:00:00.000Z"],
    ["2026-03-01", "Europe/Berlin", "2026-02-28T23:00:00.000Z"],
    ["2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00.000Z"],
    ["2026-03-01", "Asia/Kathmandu", "2026-02-28T18:15:00.000Z"],
    ["2026-03-01", "Pacific/Kiritimati", "2026-02-28T10:00:00.000Z"],
    ["2026-03-01", "Pacific/Pago_Pago", "2026-03-01T11:00:00.000Z"],
  ])("%s begins in %s at %s", (day, timeZone, time) => {
    expect(new Date(startOfDay(day, timeZone)).toISOString()).toBe(time);
  });
});

describe("periodAround", () => {
  test.each([
    ["2026-11-29", "day", "2026-11-29", "2026-11-29"],
    ["2026-11-29", "week", "2026-11-23", "2026-11-29"],
    ["2026-11-30", "week", "2026-11-30", "2026-12-06"],
    ["2028-02-10", "month", "2028-02-01", "2028-02-29"],
    ["2026-12-31", "month", "2026-12-01", "2026-12-31"],
    ["2026-12-31", "year", "2026-01-01", "2026-12-31"],
  ] as const)("%s: the %s is from %s to %s", (day, period, first, last) => {
    expect(periodAround(day, period)).toEqual({ first, last });
  });
});

test("addDays crosses months and years; monthsBetween lists every month once", () => {
  expect([addDays("2026-12-31", 1), addDays("2026-03-01", -1)]).toEqual(["2027-01-01", "2026-02-28"]);
  expect(monthsBetween("2026-11-30", "2027-01-01")).toEqual(["2026-11", "2026-12", "2027-01"]);
});
