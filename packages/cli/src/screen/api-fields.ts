/** Requests under the field names of the API: as JSON, and as rows. */
import type { RequestStatus, TimelineEntry } from "@visgate_ai/client";
import { seconds, usd } from "./text.js";

/** Fields whose keys are data, not field names. */
const MAPS = new Set(["metadata", "params", "by_model", "by_provider"]);

/** From the client's camelCase back to the names that the API and its documentation use. */
export function toApiNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toApiNames);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [snakeCase(name), inner] as const)
      .map(([name, inner]) => [name, MAPS.has(name) ? inner : toApiNames(inner)]),
  );
}

/** From the names of the API to camelCase, as the client does with its answers. */
export function fromApiNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromApiNames);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camelCase(name), MAPS.has(name) ? inner : fromApiNames(inner)]),
  );
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Name and value of each field that has a value. */
export function statusRows(status: RequestStatus): string[][] {
  const { progress, queuePosition, latencyMs, durationSeconds, outputUrls } = status;
  return withValues([
    ["request_id", status.requestId],
    ["status", status.status],
    ["progress", percent(progress)],
    ["queue_position", queuePosition === null ? null : String(queuePosition)],
    ["model", status.model],
    ["duration", durationSeconds === null ? null : `${durationSeconds} s`],
    ...outputUrls.map((url): [string, string] => ["output_url", url]),
    ["error_code", status.errorCode],
    ["error_message", status.errorMessage],
    ["cost", usd(status.cost)],
    ["charge_state", status.chargeState],
    ["cache", status.cacheReason],
    ["simulated", status.simulated ? "yes" : null],
    ["callback_id", status.callbackId],
    ["created_at", status.createdAt],
    ["started_at", status.startedAt],
    ["completed_at", status.completedAt],
    ["took", latencyMs === null ? null : seconds(latencyMs)],
  ]);
}

/** The rows whose value is known. */
export function withValues(rows: readonly (readonly [string, string | null])[]): [string, string][] {
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

/** One change: status, progress, queue position, and the output URL or the error code. */
export function changeRow({ status, progress, queuePosition, outputUrl, errorCode }: RequestStatus): string[] {
  return [
    status,
    percent(progress) ?? "",
    queuePosition === null ? "" : String(queuePosition),
    outputUrl ?? errorCode ?? "",
  ];
}

export function timelineRows(timeline: readonly TimelineEntry[]): string[][] {
  return timeline.map(({ at: _, ms, name, ...details }) => [seconds(ms), name, detailText(details)]);
}

function detailText(details: object): string {
  const known = Object.entries(toApiNames(details) as object).filter(([, value]) => value !== null);
  return known.map(([name, value]) => `${name}=${value}`).join(" ");
}

const percent = (share: number | null): string | null => (share === null ? null : `${Math.round(share * 100)} %`);
