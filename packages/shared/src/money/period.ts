/** Days and months, in the time zone of an organization. A request counts on the day on which it was accepted. */
import { createMemo } from "../memo.js";

/** As 2026-11-29. */
export type Day = string;
/** As 2026-11. */
export type Month = string;

export const PERIODS = ["day", "week", "month", "year"] as const;
export type Period = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;
/** Offsets of time zones are multiples of a quarter of an hour. */
const QUARTER_MS = 900_000;
/** By time zone. */
const formats = createMemo<Intl.DateTimeFormat>();
/** By time zone and quarter of an hour, because a formatter takes longer than the rest of a submit's money. */
const days = createMemo<Day>();

export function dayOf(ms: number, timeZone: string): Day {
  return days(`${timeZone} ${Math.floor(ms / QUARTER_MS)}`, () => formatOf(timeZone).format(ms));
}

/** English as in Canada writes 2026-11-29. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const fields = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  return formats(timeZone, () => new Intl.DateTimeFormat("en-CA", { timeZone, ...fields }));
}

export const monthOf = (day: Day): Month => day.slice(0, 7);

/** The day after `day`; `count` may be negative. */
export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** The first and the last day of the period that contains `day`. Weeks begin on Monday. */
export function periodAround(day: Day, period: Period): { first: Day; last: Day } {
  switch (period) {
    case "day":
      return { first: day, last: day };
    case "week": {
      const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
      const first = addDays(day, -weekday);
      return { first, last: addDays(first, 6) };
    }
    case "month": {
      const first = `${monthOf(day)}-01`;
      const nextMonth = addDays(first, 31).slice(0, 7);
      return { first, last: addDays(`${nextMonth}-01`, -1) };
    }
    case "year":
      return { first: `${day.slice(0, 4)}-01-01`, last: `${day.slice(0, 4)}-12-31` };
  }
}

/** The months that the days from `first` to `last` are in. */
export function monthsBetween(first: Day, last: Day): Month[] {
  const months: Month[] = [];
  for (let month = monthOf(first); month <= monthOf(last); month = addDays(`${month}-01`, 31).slice(0, 7)) {
    months.push(month);
  }
  return months;
}

/** When `day` begins in the time zone, in ms since the epoch. */
export function startOfDay(day: Day, timeZone: string): number {
  const guess = Date.parse(`${day}T00:00:00Z`);
  // A day begins at most 14 hours before and 12 hours after it begins in UTC.
  let from = guess - 15 * 3_600_000;
  while (dayOf(from, timeZone) < day) from += QUARTER_MS;
  return from;
}
