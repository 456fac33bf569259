/** A request and its time line as rows. */
import type { RequestStatus, TimelineEntry } from "@visgate_ai/client";
import { seconds, usd } from "./text.js";
import { toApi } from "./wire.js";

/** Name and value of what is known; names as the API has them. */
export function statusRows(status: RequestStatus): string[][] {
  const { progress, queuePosition, latencyMs, durationSeconds, outputUrls } = status;
  const rows: [string, string | null][] = [
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
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

/** One change, for programs: status, progress, queue position, output or error. */
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
  const known = Object.entries(toApi(details) as object).filter(([, value]) => value !== null);
  return known.map(([name, value]) => `${name}=${value}`).join(" ");
}

const percent = (share: number | null): string | null => (share === null ? null : `${Math.round(share * 100)} %`);
