/** What callers see of an alert. */
import type { AlertView } from "../contract/alert.js";
import { isoTime } from "../units.js";
import type { Alert } from "./alert.js";

export function alertView({ id, kind, subject, message, value, threshold, since, endedAt }: Alert): AlertView {
  const ended_at = endedAt === null ? null : isoTime(endedAt);
  return { id, kind, subject, message, value, threshold, since: isoTime(since), ended_at };
}
