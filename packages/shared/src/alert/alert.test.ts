import { describe, expect, test } from "vitest";
import { type Alert, alertChanges, type Condition } from "./alert.js";
import { alertView } from "./alert-view.js";

const T = 1_767_225_600_000;
const CLEAR_MS = 60_000;
const SLOW: Condition = {
  kind: "queue_age",
  subject: "organization",
  message: "It waits.",
  value: 400,
  threshold: 300,
};
const DOWN: Condition = { kind: "provider_down", subject: "fal", message: "fal fails.", value: null, threshold: null };

let count = 0;
const changes = (open: Alert[], conditions: Condition[], now: number) =>
  alertChanges(open, conditions, { now, clearMs: CLEAR_MS }, () => `alert_${++count}`);
/** The alerts that are open after the changes. */
function after(open: Alert[], conditions: Condition[], now: number): Alert[] {
  const changed = changes(open, conditions, now).map(({ alert }) => alert);
  const kept = open.filter(({ id }) => changed.every((one) => one.id !== id));
  return [...kept, ...changed.filter(({ endedAt }) => endedAt === null)];
}
const eventsOf = (open: Alert[], conditions: Condition[], now: number) =>
  changes(open, conditions, now).map(({ event, alert }) => [event, alert.kind]);

describe("alertChanges", () => {
  test("opens one alert for each condition", () => {
    expect(eventsOf([], [SLOW, DOWN], T)).toEqual([
      ["alert.opened", "queue_age"],
      ["alert.opened", "provider_down"],
    ]);
    const [opened] = changes([], [SLOW], T);
    expect(opened?.alert).toEqual({ v: 1, id: `alert_${count}`, ...SLOW, since: T, clearSince: null, endedAt: null });
  });

  test("changes nothing while the condition holds as it is", () => {
    expect(changes(after([], [SLOW], T), [SLOW], T + 15_000)).toEqual([]);
  });

  test("keeps the id and the time of an alert whose figures change, and raises no event", () => {
    const [open] = after([], [SLOW], T);
    expect(changes(after([], [], T), [], T)).toEqual([]);
    const [changed] = changes(
      open === undefined ? [] : [open],
      [{ ...SLOW, value: 415, message: "Still." }],
      T + 15_000,
    );
    expect(changed).toEqual({ event: null, alert: { ...open, value: 415, message: "Still." } });
  });

  test("tells two subjects of one kind apart", () => {
    expect(eventsOf(after([], [DOWN], T), [DOWN, { ...DOWN, subject: "runway" }], T)).toEqual([
      ["alert.opened", "provider_down"],
    ]);
  });

  test("closes an alert when its condition has been clear for the whole time, at the time when it cleared", () => {
    let open = after([], [SLOW], T);
    open = after(open, [], T + 15_000);
    expect(changes(open, [], T + 15_000 + CLEAR_MS - 1)).toEqual([]);
    const [closed] = changes(open, [], T + 15_000 + CLEAR_MS);
    expect(closed).toMatchObject({ event: "alert.closed", alert: { endedAt: T + 15_000, since: T } });
  });

  test("a condition that comes back in time stays one alert, and must be clear for the whole time again", () => {
    let open = after([], [SLOW], T);
    open = after(open, [], T + 15_000);
    open = after(open, [SLOW], T + 30_000);
    expect(open).toMatchObject([{ clearSince: null, since: T }]);
    open = after(open, [], T + 45_000);
    expect(eventsOf(open, [], T + 15_000 + CLEAR_MS)).toEqual([]);
    expect(eventsOf(open, [], T + 45_000 + CLEAR_MS)).toEqual([["alert.closed", "queue_age"]]);
  });
});

test("alertView: shows times as text, and nothing that is only for the worker", () => {
  const [alert] = after([], [SLOW], T);
  if (alert === undefined) throw new Error("no alert was opened");
  const view = { id: alert.id, ...SLOW, since: "2026-01-01T00:00:00.000Z", ended_at: null };
  expect(alertView({ ...alert, clearSince: T })).toEqual(view);
  expect(alertView({ ...alert, endedAt: T + 1 }).ended_at).toBe("2026-01-01T00:00:00.001Z");
});
