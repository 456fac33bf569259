/**
 * fal's list of requests, on its platform API: by endpoint, with their inputs (fal.ai/docs/platform-apis,
 * v1/models/requests/by-endpoint). It does not show the webhook of a request, so a candidate is never certain.
 */
import { z } from "zod";
import type { AdapterOptions, Call, Candidate, LocateResult, LostSubmit } from "../port.js";
import { readPage } from "../sdk-call/call.js";
import {
  type CannotTell,
  cannotTell,
  createdSince,
  earliest,
  isSameInput,
  type Page,
  searchPages,
} from "../sdk-call/list-search.js";
import { okAnswer, type Sent } from "../sdk-call/one-shot.js";

const LIMIT = 100;

const pageBody = z.object({
  items: z.array(z.unknown()),
  next_cursor: z.string().nullish(),
  has_more: z.boolean().nullish(),
});
const listed = z.object({
  request_id: z.string().min(1),
  endpoint_id: z.string(),
  sent_at: z.string(),
  /** Missing when fal does not store it. Then the request cannot be compared. */
  json_input: z.unknown().optional(),
});

const NOWHERE: CannotTell = { kind: "cannot_tell", cause: "no platform URL", isFinal: true, retryAfterMs: null };

export async function locateAtFal(options: AdapterOptions, lost: LostSubmit, call: Call): Promise<LocateResult> {
  const { urls, fetch, now } = options;
  const platformUrl = urls["platform"] ?? null;
  if (platformUrl === null) return NOWHERE;
  return searchPages(async (cursor) => {
    const url = pageUrl(platformUrl, lost, cursor);
    const headers = { authorization: `Key ${call.apiKey}` };
    const sent = await readPage(fetch, (once) => once(url, { headers, signal: call.signal }));
    return pageIn(sent, lost) ?? cannotTell(sent, now());
  });
}

/**
 * It is not documented which time of a request `start` is compared with, but all of them are after the submit was sent.
 * No `end` is sent, so the list includes the newest requests even when fal's clock is ahead.
 */
function pageUrl(platformUrl: string, lost: LostSubmit, cursor: string | null): string {
  const query = new URLSearchParams({
    endpoint_id: lost.endpoint,
    start: new Date(earliest(lost)).toISOString(),
    limit: String(LIMIT),
    expand: "payloads",
    ...(cursor !== null && { cursor }),
  });
  return `${platformUrl}/models/requests/by-endpoint?${query}`;
}

/** Null when the page cannot be understood. */
function pageIn(sent: Sent, lost: LostSubmit): Page | null {
  const { data } = pageBody.safeParse(okAnswer(sent)?.body);
  if (data === undefined || (data.has_more && !data.next_cursor)) return null;
  const next = data.has_more === false ? null : data.next_cursor || null;
  return { candidates: data.items.flatMap((item) => candidateIn(item, lost)), next };
}

function candidateIn(item: unknown, lost: LostSubmit): Candidate[] {
  const { data } = listed.safeParse(item);
  const createdAt = data === undefined ? null : createdSince(lost, data.sent_at);
  if (data === undefined || createdAt === null || data.endpoint_id !== lost.endpoint) return [];
  return isSameInput(lost.body, data.json_input) ? [{ id: data.request_id, createdAt, isCertain: false }] : [];
}
