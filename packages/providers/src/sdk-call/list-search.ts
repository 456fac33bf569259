/** The common part of searching a provider's list for a lost submit: reading pages, comparing inputs, the result. */
import { isDeepStrictEqual } from "node:util";
import type { Candidate, LocateResult, LostSubmit } from "../port.js";
import type { Sent } from "./one-shot.js";
import { unavailable } from "./results.js";

export type CannotTell = Extract<LocateResult, { kind: "cannot_tell" }>;

/** `next`: the cursor of the next page; null when no older entry can be the job. */
export interface Page {
  candidates: Candidate[];
  next: string | null;
}

/** How far the provider's clock may be behind ours. */
const CLOCK_TOLERANCE_MS = 10_000;
/** A page has up to 100 jobs. */
const MAX_PAGES = 20;

/** A job that was created before this time does not belong to the lost submit. */
export const earliest = ({ sentAt }: LostSubmit): number => sentAt - CLOCK_TOLERANCE_MS;

/** The creation time of a listed job, in ms; null when it is too early or not valid. */
export function createdSince(lost: LostSubmit, text: string): number | null {
  const createdAt = Date.parse(text);
  return createdAt >= earliest(lost) ? createdAt : null;
}

/**
 * Whether two inputs are equal as JSON, in any order of keys. With an additional key, for example a seed, they are not.
 * When a provider adds defaults or shortens a data URI, the job is not found; that is better than taking a wrong job.
 */
export function isSameInput(sent: Record<string, unknown>, listed: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(sent)), listed);
}

/**
 * Reads page after page, up to the last one that can have the job or to a certain candidate. When there are more than
 * MAX_PAGES, the result is `cannot_tell`, because the job may be on a page that was not read.
 */
export async function searchPages(read: (cursor: string | null) => Promise<Page | CannotTell>): Promise<LocateResult> {
  const found = new Map<string, Candidate>();
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page: Page | CannotTell = await read(cursor);
    if ("kind" in page) return page;
    for (const candidate of page.candidates) found.set(candidate.id, candidate);
    cursor = page.next;
    if (cursor === null || page.candidates.some(({ isCertain }) => isCertain)) return located([...found.values()]);
  }
  return notReadable("the list is too long");
}

function located(candidates: Candidate[]): LocateResult {
  if (candidates.length === 0) return { kind: "absent" };
  const inOrder = (a: Candidate, b: Candidate) =>
    Number(b.isCertain) - Number(a.isCertain) || a.createdAt - b.createdAt;
  return { kind: "found", candidates: candidates.toSorted(inOrder) };
}

export function notReadable(cause: string): CannotTell {
  return { kind: "cannot_tell", cause, isFinal: false, retryAfterMs: null };
}

/** Statuses below 500 after which a retry may help. */
const TEMPORARY: readonly number[] = [408, 425, 429];

/** The result when a page could not be read. A redirect is not followed, so it is final like a refusal. */
export function cannotTell(sent: Sent, now: number): CannotTell {
  const { cause, retryAfterMs } = unavailable(sent, now);
  const status = sent.kind === "answered" ? sent.answer.status : 0;
  return {
    kind: "cannot_tell",
    cause,
    isFinal: status >= 300 && status < 500 && !TEMPORARY.includes(status),
    retryAfterMs,
  };
}
