/**
 * Alerts of an organization. A condition that holds opens an alert, once. The alert is closed when its condition has
 * been clear for a while, so that a condition that comes and goes is one alert.
 */

export const ALERT_KINDS = ["error_rate", "queue_age", "budget", "provider_down"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** The events of alerts. They are about no request. */
export const ALERT_EVENT_TYPES = ["alert.opened", "alert.closed"] as const;
export type AlertEventType = (typeof ALERT_EVENT_TYPES)[number];

/** What is wrong now. */
export interface Condition {
  kind: AlertKind;
  /** `organization`, the id of a budget, or the name of a provider. With `kind`, it names the condition. */
  subject: string;
  message: string;
  value: number | null;
  threshold: number | null;
}

/** All times are milliseconds since the epoch. */
export interface Alert extends Condition {
  v: 1;
  id: string;
  since: number;
  /** Since when its condition has been clear; null while it holds. */
  clearSince: number | null;
  /** Null while it is open. */
  endedAt: number | null;
}

export const conditionName = ({ kind, subject }: Pick<Condition, "kind" | "subject">): string => `${kind}|${subject}`;

export interface AlertChange {
  /** Null when the change raises no event. */
  event: AlertEventType | null;
  alert: Alert;
}

export interface AlertTimes {
  now: number;
  /** How long a condition must be clear before its alert is closed. */
  clearMs: number;
}

/** What has to be written when these conditions hold. `newId`: an id for a new alert. */
export function alertChanges(
  open: readonly Alert[],
  conditions: readonly Condition[],
  { now, clearMs }: AlertTimes,
  newId: () => string,
): AlertChange[] {
  const known = new Map(open.map((alert) => [conditionName(alert), alert]));
  const held = conditions.map((condition) => {
    const alert = known.get(conditionName(condition));
    known.delete(conditionName(condition));
    return alert === undefined ? opened(condition, now, newId()) : kept(alert, condition);
  });
  return [...held, ...[...known.values()].map((alert) => cleared(alert, now, clearMs))].filter(
    (change) => change !== null,
  );
}

function opened(condition: Condition, now: number, id: string): AlertChange {
  return { event: "alert.opened", alert: { v: 1, id, ...condition, since: now, clearSince: null, endedAt: null } };
}

/** Null when nothing about it has changed. */
function kept(alert: Alert, condition: Condition): AlertChange | null {
  const { message, value, threshold } = condition;
  const isSame = alert.message === message && alert.value === value && alert.threshold === threshold;
  if (isSame && alert.clearSince === null) return null;
  return { event: null, alert: { ...alert, message, value, threshold, clearSince: null } };
}

function cleared(alert: Alert, now: number, clearMs: number): AlertChange | null {
  const clearSince = alert.clearSince ?? now;
  if (now - clearSince >= clearMs)
    return { event: "alert.closed", alert: { ...alert, clearSince, endedAt: clearSince } };
  return alert.clearSince === null ? { event: null, alert: { ...alert, clearSince } } : null;
}
